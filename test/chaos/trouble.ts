// Carries out a plan of faults on a cluster that runs, and writes down and tells each as it begins and ends.
import { setTimeout as wait } from "node:timers/promises";
import { diskOf, emptyDisk, fillDisk } from "./disks.ts";
import { type History, now } from "./history.ts";
import { leadingOf } from "./leading.ts";
import { type Cut, Cuts } from "./network.ts";
import { PARTS, type PartKind, PLACES } from "./parts.ts";
import { type Fault, type PartitionBlow, tellBlow } from "./plan.ts";
import type { PartProcess } from "./process.ts";

/** How a fault is taken back. */
type Heal = () => void | Promise<void>;

export class Trouble {
  readonly #history: History;
  readonly #parts: ReadonlyMap<string, PartProcess>;
  readonly #cuts: Cuts;
  readonly #tell: (line: string) => void;
  /** Partitions that are in effect, by the number of their fault. */
  readonly #present = new Map<number, readonly Cut[]>();

  constructor(run: number, history: History, parts: readonly PartProcess[], tell: (line: string) => void) {
    this.#history = history;
    this.#parts = new Map(parts.map((one) => [one.part.name, one]));
    this.#cuts = new Cuts(run);
    this.#tell = tell;
  }

  /** Resolves when the last fault has healed; with `signal` all heal at once. */
  async live(plan: readonly Fault[], signal: AbortSignal): Promise<void> {
    const zero = now();
    const faults = plan.map(async (fault) => {
      if (await passed(fault.atMs - (now() - zero), signal)) await this.#strike(fault, zero, signal);
    });
    await Promise.all(faults);
    await this.#cuts.become([]);
  }

  async #strike(fault: Fault, zero: number, signal: AbortSignal): Promise<void> {
    const { hit, heal } = await this.#begin(fault);
    const told = `${tellBlow(fault.blow)}${hit.length === 1 ? ` (${hit})` : ""}`;
    const lasts = fault.forMs > 0 ? ` for ${(fault.forMs / 1000).toFixed(1)} s` : "";
    this.#tell(`${((now() - zero) / 1000).toFixed(1)} s: ${told}${lasts}`);
    this.#history.note({ type: "fault", phase: "begins", fault, hit });
    await passed(fault.forMs, signal);
    await heal();
    this.#history.note({ type: "fault", phase: "ends", fault, hit });
  }

  async #begin(fault: Fault): Promise<{ hit: string[]; heal: Heal }> {
    const { blow } = fault;
    if (blow.kind === "partition") {
      const hit = await Promise.all(blow.side.map(nameOf));
      return { hit, heal: await this.#cut(fault.number, blow, hit) };
    }
    const name = await nameOf(blow.victim);
    return { hit: [name], heal: await this.#hurt(blow.kind, this.#parts.get(name)!) };
  }

  async #hurt(kind: "kill" | "pause" | "disk", victim: PartProcess): Promise<Heal> {
    if (kind === "kill") victim.signal("SIGKILL");
    if (kind === "pause") return victim.pause() ?? (() => {});
    if (kind !== "disk") return () => {};
    const disk = diskOf(this.#history.dir, victim.part);
    await fillDisk(disk);
    return () => emptyDisk(disk);
  }

  async #cut(number: number, blow: PartitionBlow, side: readonly string[]): Promise<Heal> {
    const cuts = cutsOf(blow, side);
    let isOn = true;
    const become = () => {
      if (isOn) this.#present.set(number, cuts);
      else this.#present.delete(number);
      return this.#cuts.become([...this.#present.values()].flat());
    };
    await become();
    const flap = () => {
      isOn = !isOn;
      become().catch(() => {});
    };
    const timer = blow.everyMs === undefined ? undefined : setInterval(flap, blow.everyMs);
    return async () => {
      clearInterval(timer);
      isOn = false;
      await become();
    };
  }
}

/** Who does not hear whom, in a partition of `side` from all others. */
export function cutsOf({ deaf, percent }: Pick<PartitionBlow, "deaf" | "percent">, side: readonly string[]): Cut[] {
  const others = PLACES.map(({ name }) => name).filter((name) => !side.includes(name));
  return side.flatMap((one) =>
    others.flatMap((other) => [
      ...(deaf === "others" ? [] : [{ from: other, to: one, percent }]),
      ...(deaf === "side" ? [] : [{ from: one, to: other, percent }]),
    ]),
  );
}

/** The part that is meant: where nobody leads, the first of the kind. */
async function nameOf(victim: string): Promise<string> {
  const kind = /^leading-(.*)$/.exec(victim)?.[1] as PartKind | undefined;
  if (kind === undefined) return victim;
  return (await leadingOf(kind)) ?? PARTS.find((part) => part.kind === kind)!.name;
}

/** False when it was broken off. */
async function passed(ms: number, signal: AbortSignal): Promise<boolean> {
  return wait(Math.max(0, ms), true, { signal }).catch(() => false);
}
