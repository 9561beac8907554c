import { createRandom } from "@meseta/lib/core/random.ts";
import { TARGETS } from "../targets/all.ts";
import type { Attack } from "./attacks.ts";
import type { Daemon, PartName } from "./daemons.ts";
import { type Watched, Watcher } from "./watcher.ts";

/** A process that is attacked, and the second client who reads of it. */
export class Victim {
  readonly daemon: Daemon;
  readonly #watcher: Watcher;
  #restP99 = 0;

  constructor(daemon: Daemon, isRealTime: boolean) {
    this.daemon = daemon;
    this.#watcher = new Watcher(daemon, isRealTime);
  }

  /** What is seen while nobody attacks. */
  async rest(ms: number): Promise<string> {
    // What runs for the first time is slow.
    await pause(ms / 2);
    await this.#watcher.take();
    await pause(ms);
    const watched = await this.#watcher.take();
    this.#restP99 = watched.p99;
    return `p50 ${watched.p50}, p99 ${watched.p99}, longest ${watched.longest}; memory ${watched.peakMiB}; waited ${percent(watched.waited)}`;
  }

  async under(attack: Attack, ms: number, seed: number, stop: () => boolean) {
    await this.#watcher.take();
    const { counts, list } = await attacked(this.daemon, attack, ms, seed, stop);
    await pause(200);
    const watched = await this.#watcher.take();
    if (watched.failures > 0 && this.daemon.isAlive)
      list.push(`the second client was refused ${watched.failures} times`);
    return { counts, list, seen: this.#words(watched) };
  }

  #words({ p50, p99, longest, peakMiB, readMiB, busy, waited }: Watched): string {
    const ratio = (p99 / this.#restP99).toFixed(1);
    const times = `p50 ${p50}, p99 ${p99} (${ratio} ×), longest ${longest}`;
    return `${times}; memory up to ${peakMiB}; read ${readMiB.toFixed(1)}, busy ${busy.toFixed(2)}, waited ${percent(waited)}`;
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

export function targetOf(name: PartName) {
  return TARGETS.find((one) => one.name === name)!;
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
