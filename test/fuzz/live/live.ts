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

/** Attacks real processes over loopback, each part in turn, and tells what a second client saw meanwhile. The exit code: 1 when something is wrong. */
export async function live({ names, forMs, seed, stop }: Options): Promise<number> {
  const parts = PARTS.filter((name) => names.length === 0 || names.includes("all") || names.includes(name));
  const eachMs = forMs / parts.length / (ATTACKS.length + 1);
  console.log(`seed ${seed}: ${parts.join(", ")}; a second client's times in ms, memory in MiB`);
  let wrong = 0;
  await using daemons = new Daemons();
  for (const name of parts) if (!stop()) wrong += await attackPart(await daemons.start(name), eachMs, seed, stop);
  console.log(wrong === 0 ? "nothing is wrong" : `✗ ${wrong} things are wrong`);
  return wrong > 0 ? 1 : 0;
}

async function attackPart(daemon: Daemon, eachMs: number, seed: number, stop: () => boolean): Promise<number> {
  // Its paths are known once there was one.
  (await targetOf(daemon.name).open(new VirtualTime())).close();
  const watcher = new Watcher(daemon);
  await pause(eachMs);
  const before = await watcher.take();
  console.log(
    `${daemon.name}: before it p50 ${before.p50}, p99 ${before.p99}, longest ${before.longest}; memory ${before.peakMiB}`,
  );
  let wrong = 0;
  for (const attack of ATTACKS) {
    if (stop() || !daemon.isAlive) break;
    const problems = await attacked(daemon, attack, eachMs, seed, stop);
    await pause(200);
    const seen = await watcher.take();
    const times = `p50 ${seen.p50}, p99 ${seen.p99} (${(seen.p99 / before.p99).toFixed(1)} ×), longest ${seen.longest}`;
    console.log(`  ${attack.name.padEnd(7)} ${problems.counts}; ${times}; memory up to ${seen.peakMiB}`);
    for (const problem of problems.list) console.log(`  ✗ ${problem}`);
    wrong += problems.list.length + (seen.failures > 0 && daemon.isAlive ? 1 : 0);
    if (seen.failures > 0) console.log(`  ✗ the second client was refused ${seen.failures} times`);
  }
  await watcher.stop();
  const isWell = daemon.isAlive && (await daemon.answers());
  console.log(
    isWell
      ? `  after it: it answers; memory ${daemon.memoryMiB}`
      : `  ✗ ${daemon.name} ${daemon.isAlive ? "does not answer" : "has ended"}`,
  );
  return wrong + (isWell ? 0 : 1);
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
