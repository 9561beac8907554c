// One run, within the network that was made for it: a cluster under load, trouble, rest, and the verdict.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { createRandom } from "@meseta/lib/core/random.ts";
import { check, type Verdict } from "./check.ts";
import { mountDisk } from "./disks.ts";
import { History, TASKS_FILE } from "./history.ts";
import { deploy } from "./load/deployers.ts";
import { Framework } from "./load/framework.ts";
import { schedule } from "./load/jobs.ts";
import { operate } from "./load/operators.ts";
import { readAll } from "./load/readers.ts";
import { PARTS } from "./parts.ts";
import { planOf, type Wish } from "./plan.ts";
import { PartProcess } from "./process.ts";
import { Look, until, WHOLE_BY_MS, watchTimers } from "./rest.ts";
import { Trouble } from "./trouble.ts";

export interface RunOptions extends Wish {
  /** The run's own number, by which its namespaces are called. */
  readonly run: number;
  readonly dir: string;
  readonly signal: AbortSignal;
  tell(line: string): void;
}

const START_MS = 120_000;
/** After all has healed, so that jobs of a time without faults are there as well. */
const CALM_MS = 25_000;

/** Resolves to the verdict; rejects when it was broken off, or the cluster did not start. */
export async function playRun(options: RunOptions): Promise<Verdict> {
  const { run, dir, signal, seed, forMs, kinds } = options;
  // Of an earlier run in this folder nothing is looked at.
  for (const left of ["logs", TASKS_FILE]) rmSync(join(dir, left), { recursive: true, force: true });
  mkdirSync(join(dir, "logs"), { recursive: true });
  const history = new History(dir);
  history.note({ type: "run", seed, forMs, kinds });
  const parts = PARTS.map((part) => new PartProcess(run, part, history));
  const look = new Look(run);
  try {
    for (const { part } of parts) mountDisk(run, dir, part);
    for (const part of parts) part.start();
    const { missing, tookMs } = await until(() => look.parts(), START_MS, signal);
    signal.throwIfAborted();
    if (missing.length > 0) throw new Error(`the cluster does not start: ${missing.join("; ")}`);
    options.tell(`the cluster serves after ${(tookMs / 1000).toFixed(1)} s`);
    await live(options, history, parts, look);
    signal.throwIfAborted();
  } finally {
    for (const part of parts) part.end();
    look.close();
    history.close();
  }
  return check(dir);
}

async function live(options: RunOptions, history: History, parts: readonly PartProcess[], look: Look): Promise<void> {
  const { run, signal, tell, seed } = options;
  const random = createRandom(seed + 1);
  const [loads, readings] = [new AbortController(), new AbortController()];
  for (const each of [loads, readings]) signal.addEventListener("abort", () => each.abort());
  const framework = new Framework(history, random);
  watchTimers(history, readings.signal);
  const reading = readAll(history, readings.signal);
  const loading = [operate, (...to: To) => deploy(to[0], random, to[1]), (...to: To) => schedule(to[0], random, to[1])];
  const all = loading.map((load) => load(history, loads.signal));
  history.note({ type: "trouble" });
  const plan = planOf(options);
  writeFileSync(join(options.dir, "plan.json"), JSON.stringify(plan, undefined, 1));
  await new Trouble(run, history, parts, tell).live(plan, signal);
  if (!signal.aborted) {
    history.note({ type: "healed" });
    tell("all has healed");
    loads.abort();
    framework.rest();
    await Promise.all(all);
    await rest(options, history, look, framework);
  }
  readings.abort();
  await Promise.all([reading, framework.close()]);
  if (signal.aborted) return;
  const { tookMs, missing } = await until(() => look.emptied(), WHOLE_BY_MS, signal);
  history.note({ type: "empty", tookMs, left: missing });
  tell(`empty after ${(tookMs / 1000).toFixed(1)} s`);
}

type To = [History, AbortSignal];

async function rest({ signal, tell }: RunOptions, history: History, look: Look, framework: Framework): Promise<void> {
  const { tookMs, missing } = await until(() => look.whole(framework), WHOLE_BY_MS, signal);
  history.note({ type: "whole", tookMs, missing });
  tell(`whole after ${(tookMs / 1000).toFixed(1)} s${missing.length > 0 ? `, but ${missing.join("; ")}` : ""}`);
  await wait(CALM_MS, undefined, { signal }).catch(() => {});
  if (signal.aborted) return;
  history.note({ type: "services", services: await look.services() });
  history.note({ type: "read-runs" });
}
