// `npm run chaos -- [--for 5m] [--seed N] [--faults kill,pause,partition,disk] [--dir DIR] [--report FILE]`: a whole cluster as processes in network namespaces of this machine,
// under load, while parts are killed, paused and cut off from one another, and disks fill; then the checkers on all that was seen. `--check DIR` checks a run again.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseDurationMs } from "@meseta/lib/core/duration.ts";
import { readOptions, refuseOptions } from "@meseta/lib/io/options.ts";
import { check, type Verdict } from "./check.ts";
import { removeDisks } from "./disks.ts";
import { HISTORY_FILE } from "./history.ts";
import { abandonedRuns, atPlace, makeNetwork, removeNetwork } from "./network.ts";
import { CLIENTS } from "./parts.ts";
import { FAULT_KINDS, type FaultKind } from "./plan.ts";
import { playRun } from "./run.ts";

/** The process within the network is told by this which run it is. */
const RUN = "MESETA_CHAOS_RUN";
const PROGRAMS = ["/usr/bin/etcd", "/usr/sbin/iptables-restore", "/usr/bin/nsenter", "/usr/bin/setpriv", "/sbin/ip"];

const values = readOptions(
  "chaos",
  "A whole cluster in network namespaces of this machine, under load, while parts are killed, stopped and cut off from one another and disks fill; then the verdict on all that was seen. Needs root and etcd.",
  {
    for: { type: "string", value: "TIME", default: "5mins", about: "how long: 5mins, 1hrs" },
    seed: { type: "string", value: "N", about: "of what is drawn (by chance)" },
    faults: {
      type: "string",
      value: "NAMES",
      default: FAULT_KINDS.join(","),
      about: "of which kinds, separated by commas",
    },
    dir: { type: "string", value: "DIR", about: "where all of it is written down" },
    report: { type: "string", value: "FILE", about: "the verdict as JSON" },
    check: { type: "string", value: "DIR", about: "gives the verdict on an earlier run again" },
  },
);
process.exitCode = await main();

async function main(): Promise<number> {
  if (values.check !== undefined) return checkAgain(resolve(values.check));
  const run = process.env[RUN];
  return run === undefined ? guard() : play(Number(run));
}

function checkAgain(dir: string): number {
  if (!existsSync(join(dir, HISTORY_FILE)))
    refuseOptions("chaos", `--check ${dir}: no run has written its history there`);
  return tell(check(dir), dir);
}

/** Makes the network, lets the run happen within it, and takes everything away, however the run ended. */
async function guard(): Promise<number> {
  const problem = problemOf();
  if (problem !== undefined) {
    console.error(problem);
    return 2;
  }
  for (const run of abandonedRuns()) remove(run);
  const run = process.pid;
  const dir = resolve(values.dir ?? mkdtempSync(join(tmpdir(), "meseta-chaos-")));
  const seed = values.seed ?? String(Date.now() % 1_000_000);
  mkdirSync(dir, { recursive: true });
  const interrupted = new Promise<"interrupted">((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve("interrupted"));
  });
  try {
    makeNetwork(run);
    const words = ["--for", values.for, "--seed", seed, "--faults", values.faults, "--dir", dir];
    const report = values.report === undefined ? [] : ["--report", resolve(values.report)];
    const itself = [process.execPath, import.meta.filename, ...words, ...report];
    const within = atPlace(run, CLIENTS.name, ["setpriv", "--pdeathsig", "KILL", ...itself]);
    return await ended(run, within, interrupted);
  } finally {
    remove(run);
  }
}

/** Resolves to the exit code of the process within the network. Ctrl-C reaches it as well; a signal to this process alone is passed on. */
async function ended(run: number, [program, ...words]: readonly string[], interrupted: Promise<unknown>) {
  const child = spawn(program!, words, { stdio: "inherit", env: { ...process.env, [RUN]: String(run) } });
  const exit = new Promise<number>((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
  void interrupted.then(() => child.kill("SIGINT"));
  return exit;
}

function remove(run: number): void {
  removeNetwork(run);
  removeDisks(run);
}

async function play(run: number): Promise<number> {
  const interrupted = new AbortController();
  process.on("SIGINT", () => interrupted.abort());
  const dir = values.dir!;
  const options = {
    run,
    dir,
    seed: Number(values.seed),
    forMs: parseDurationMs(longForm(values.for))!,
    kinds: kindsIn(values.faults),
  };
  console.log(
    `seed ${options.seed}, ${values.for} of ${options.kinds.join(", ")}; everything is written down in ${dir}`,
  );
  try {
    const verdict = await playRun({ ...options, signal: interrupted.signal, tell: (line) => console.log(line) });
    if (values.report !== undefined) writeFileSync(values.report, JSON.stringify(verdict, undefined, 2));
    return tell(verdict, dir);
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    console.error("broken off");
    return 130;
  }
}

function tell(verdict: Verdict, dir: string): number {
  const { problems, seconds, faults, writes, reads, leaderships, framework, jobs, services, instances } = verdict;
  const told = Object.entries(faults).map(([kind, count]) => `${count} ${kind}`);
  console.log(
    `${seconds} s, faults: ${told.join(", ") || "none"}; ${leaderships} masters led, one after the other; ${verdict.takeovers} takeovers of stores`,
  );
  console.log(
    `writes: ${writes.acknowledged} acknowledged, ${writes.refused} refused, ${writes.unknown} without an answer, of which ${writes.surfaced} were seen to be done; ${reads} reads`,
  );
  console.log(
    `tasks: ${verdict.tasksStarted} started; the framework's: ${framework.launched} launched, ${framework.updates} updates, ${JSON.stringify(framework.ends)}`,
  );
  console.log(
    `services at rest: ${services} with ${instances} instances; whole after ${verdict.wholeMs} ms, empty after ${verdict.emptyMs} ms`,
  );
  console.log(
    `jobs: ${jobs.jobs} with ${jobs.windows} windows, ${jobs.met} met; ${jobs.demanded} without a fault near them, late by ${jobs.lateness.half} ms in the median and ${jobs.lateness.most} ms at most; ${jobs.runs} runs, ${jobs.incomplete} without an end; a bare timer was late by ${jobs.timerMs} ms at most`,
  );
  for (const problem of problems.slice(0, 50)) console.log(`✗ ${problem}`);
  console.log(problems.length === 0 ? "nothing is wrong" : `${problems.length} violations; see ${dir}`);
  return problems.length === 0 ? 0 : 1;
}

/** Why it cannot be done here; undefined when it can. */
function problemOf(): string | undefined {
  if (parseDurationMs(longForm(values.for)) === undefined)
    return `--for: "${values.for}" is not a duration such as 90s or 5m`;
  const unknown = values.faults.split(",").find((kind) => !FAULT_KINDS.includes(kind as FaultKind));
  if (unknown !== undefined) return `--faults: there is no "${unknown}", only ${FAULT_KINDS.join(", ")}`;
  if (process.getuid?.() !== 0) return "Network namespaces and small disks are made by root only: run this as root.";
  const missing = PROGRAMS.filter((program) => !existsSync(program));
  if (missing.length > 0)
    return `Missing: ${missing.join(", ")}. On Debian: apt-get install etcd-server iptables iproute2 util-linux`;
  const probe = spawnSync("unshare", ["--net", "true"]);
  return probe.status === 0 ? undefined : "This machine makes no network namespaces.";
}

function kindsIn(list: string): FaultKind[] {
  return list.split(",") as FaultKind[];
}

/** 5m and 90s as people write them. */
function longForm(text: string): string {
  return text.replace(
    /^(\d+(?:\.\d+)?)(h|m|s)$/,
    (_, count, unit) => `${count}${{ h: "hrs", m: "mins", s: "secs" }[unit as "h"]}`,
  );
}
