import { createRandom } from "@meseta/lib/core/random.ts";
import { TARGETS } from "../targets/all.ts";
import { VirtualTime } from "../virtual-time.ts";
import { ATTACKS, type Attack } from "./attacks.ts";
import { type Daemon, Daemons, PARTS, type PartName } from "./daemons.ts";
import { Watcher } from "./watcher.ts";

export interface Options {
  readonly names: readonly string[];
  readonly forMs: number;
  readonly seed: number;
  stop(): boolean;
}

/**
 * Attacks real processes over loopback, each part in turn, and tells what a second client saw meanwhile; and the same of a bare server of Node, which shows what of it is the machine's and the attacker's doing. The exit
 * code: 1 when something is wrong.
 */
export async function live({ names, forMs, seed, stop }: Options): Promise<number> {
  const parts = PARTS.filter((name) => names.length === 0 || names.includes("all") || names.includes(name));
  const eachMs = forMs / parts.length / (ATTACKS.length + 1) / 2;
  console.log(`seed ${seed}: ${parts.join(", ")}; a second client's times in ms, memory in MiB`);
  let wrong = 0;
  await using daemons = new Daemons();
  for (const name of parts) {
    if (stop()) break;
    const daemon = await daemons.start(name);
    wrong += await attackPart(daemon, await daemons.startBare(daemon), eachMs, seed, stop);
  }
  console.log(wrong === 0 ? "nothing is wrong" : `✗ ${wrong} things are wrong`);
  return wrong > 0 ? 1 : 0;
}

async function attackPart(daemon: Daemon, bare: Daemon, eachMs: number, seed: number, stop: () => boolean) {
  // Its paths are known once there was one.
  (await targetOf(daemon.name).open(new VirtualTime())).close();
  const [own, other] = [new Victim(daemon), new Victim(bare)];
  for (const one of [own, other])
    console.log(`${one === own ? daemon.name : "  bare"}: before it ${await one.rest(eachMs)}`);
  let wrong = 0;
  for (const attack of ATTACKS) {
    if (stop() || !daemon.isAlive) break;
    const { counts, list, seen } = await own.under(attack, eachMs, seed, stop);
    const control = await other.under(attack, eachMs, seed, stop);
    console.log(`  ${attack.name.padEnd(7)} ${counts}; ${seen}`);
    console.log(`  ${"bare".padStart(9)} ${control.seen}`);
    for (const problem of list) console.log(`  ✗ ${problem}`);
    wrong += list.length;
  }
  for (const one of [own, other]) await one.stop();
  const isWell = daemon.isAlive && (await daemon.answers());
  console.log(
    isWell
      ? `  after it: it answers; memory ${daemon.memoryMiB}`
      : `  ✗ ${daemon.name} ${daemon.isAlive ? "does not answer" : "has ended"}`,
  );
  return wrong + (isWell ? 0 : 1);
}

/** A process that is attacked, and the second client who reads of it. */
class Victim {
  readonly #daemon: Daemon;
  readonly #watcher: Watcher;
  #restP99 = 0;

  constructor(daemon: Daemon) {
    this.#daemon = daemon;
    this.#watcher = new Watcher(daemon);
  }

  /** What is seen while nobody attacks. */
  async rest(ms: number): Promise<string> {
    await this.#watcher.take();
    await pause(ms);
    const { p50, p99, longest, peakMiB } = await this.#watcher.take();
    this.#restP99 = p99;
    return `p50 ${p50}, p99 ${p99}, longest ${longest}; memory ${peakMiB}`;
  }

  async under(attack: Attack, ms: number, seed: number, stop: () => boolean) {
    await this.#watcher.take();
    const { counts, list } = await attacked(this.#daemon, attack, ms, seed, stop);
    await pause(200);
    const { p50, p99, longest, peakMiB, failures } = await this.#watcher.take();
    if (failures > 0 && this.#daemon.isAlive) list.push(`the second client was refused ${failures} times`);
    const ratio = (p99 / this.#restP99).toFixed(1);
    return { counts, list, seen: `p50 ${p50}, p99 ${p99} (${ratio} ×), longest ${longest}; memory up to ${peakMiB}` };
  }

  stop(): Promise<void> {
    return this.#watcher.stop();
  }
}

async function attacked(daemon: Daemon, attack: Attack, ms: number, seed: number, stop: () => boolean) {
  const statuses = new Map<number, number>();
  const list = new Set<string>();
  const endMs = performance.now() + ms;
  await attack.run(daemon, {
    random: createRandom(seed),
    target: targetOf(daemon.name),
    isOver: () => stop() || !daemon.isAlive || performance.now() > endMs,
    answered: (status, text, isDocumented = false) => {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status >= 500 && ![501, 503, 505].includes(status) && !isDocumented)
        list.add(`${status}: ${text.slice(0, 200)}`);
    },
  });
  const counts = [...statuses]
    .sort(([a], [b]) => a - b)
    .map(([status, times]) => `${WORDS[status] ?? status} ${times}`);
  return { counts: counts.join(", "), list: [...list].slice(0, 5) };
}

const WORDS: Readonly<Record<number, string>> = { 0: "cut off", 1: "left waiting" };

function targetOf(name: PartName) {
  return TARGETS.find((one) => one.name === name)!;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
