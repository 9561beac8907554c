// `npm run kills -- [--part master|init|cron|torn|agent|all] [--kills N] [--store sqlite|etcd] [--load MS] [--images N] [--seed N]`: kill -9 at random moments, and what is
// left afterwards. What is random beside the seed is the machine.

import { EtcdCluster } from "@meseta/drivers/store/etcd/etcd.rig.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { readOptions } from "@meseta/lib/io/options.ts";
import { playAgent } from "./agent/play.ts";
import { type Kills, type Outcome, play } from "./play.ts";
import type { Subject } from "./subject.ts";
import { cronSubject } from "./subjects/cron.ts";
import { initSubject } from "./subjects/init.ts";
import { masterSubject } from "./subjects/master.ts";
import { tearImages } from "./torn.ts";

const PARTS: Readonly<Record<string, () => Promise<void>>> = {
  master: () => killPart(masterSubject),
  init: () => killPart(initSubject),
  cron: () => killPart(cronSubject),
  torn,
  agent,
};

const values = readOptions(
  "kills",
  "kill -9 of real processes at random moments under load, and what they acknowledged is compared with what is left. Takes minutes; needs etcd for --store etcd.",
  {
    part: {
      type: "string",
      value: "NAME",
      default: "all",
      choices: [...Object.keys(PARTS), "all"],
      about: "master, init, cron, torn, agent or all",
    },
    kills: { type: "string", value: "N", default: "20", about: "how often" },
    store: { type: "string", value: "NAME", default: "sqlite", choices: ["sqlite", "etcd"], about: "sqlite or etcd" },
    load: { type: "string", value: "N", default: "1500", about: "milliseconds of load before a kill, at most" },
    images: { type: "string", value: "N", default: "500", about: "of part torn: how many images of a store" },
    seed: { type: "string", value: "N", default: `${Date.now() % 1_000_000}`, about: "of what is drawn" },
  },
);
const random = createRandom(Number(values.seed));
const named = values.part.split(",");
const parts = named.includes("all") ? Object.keys(PARTS) : named;
for (const part of parts) await PARTS[part]!();

async function killPart(subject: Subject): Promise<void> {
  const kills = { kills: Number(values.kills), loadMs: Number(values.load), random, tell };
  if (values.store !== "etcd") return report(`${subject.part} on SQLite`, await play(subject, kills));
  await using etcd = await EtcdCluster.start(1);
  const onEtcd: Kills = {
    ...kills,
    store: `etcd://${etcd.hosts[0]}/kills`,
    // Now and then the store dies with the part.
    alsoDies: async () => {
      if (random.below(4) > 0) return;
      await etcd.killMember(0);
      etcd.startMember(0);
    },
  };
  report(`${subject.part} on etcd`, await play(subject, onEtcd));
}

function tell(kill: number, problems: readonly string[]): void {
  for (const problem of problems) console.log(`✗ kill ${kill}: ${problem}`);
}

function report(name: string, outcome: Outcome): void {
  const { kills, whileStarting, acknowledged, unanswered, loadedMs, problems } = outcome;
  const rate = Math.round((acknowledged / loadedMs) * 1000);
  console.log(
    `${name}: ${kills} kills (${whileStarting} while it started), ${acknowledged} acknowledged writes (${rate} a second of load), ` +
      `${unanswered.done + unanswered.notDone} unanswered (${unanswered.done} were done); ${problems.length} problems; start-up ${spread(outcome.startMs)}`,
  );
  for (const problem of problems) console.log(`  ✗ ${problem}`);
  if (acknowledged === 0) console.log("  ✗ nothing was acknowledged, so this shows nothing: is the machine too busy?");
  if (problems.length > 0 || acknowledged === 0) process.exitCode = 1;
}

async function agent(): Promise<void> {
  const { kills, tasks, ends, decoys, startMs, problems } = await playAgent({
    kills: Number(values.kills),
    tasks: 200,
    containers: process.getuid?.() === 0 ? 20 : 0,
    decoys: 20,
    random,
    tell: console.log,
  });
  const ended = [...ends].map(([state, count]) => `${count} ${state}`).join(", ");
  console.log(
    `agent: ${kills} kills, ${tasks} tasks (${ended}), ${decoys.alive} of ${decoys.all} decoys alive; ${problems.length} problems; start-up ${spread(startMs)}`,
  );
  for (const problem of problems) console.log(`  ✗ ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
}

async function torn(): Promise<void> {
  const { images, places, problems } = await tearImages(Number(values.images), random);
  console.log(`torn writes: ${images} images, cut at ${places} calls of the kernel; ${problems.length} problems`);
  for (const problem of problems) console.log(`  ✗ ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
}

/** "p50 400 ms, p99 700 ms, most 900 ms" */
function spread(ms: readonly number[]): string {
  const sorted = ms.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    `${Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0)} ms`;
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, most ${at(1)}`;
}
