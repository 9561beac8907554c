// `npm run fuzz -- [--for 60s] [--seed N] [--target NAME[,NAME…]] [--jobs N] [--scenes N]`: hostile requests to the production code of each API,
// in this process; `--live`: to real processes, with a second client who watches; `--input FILE`: what was found, again. Ctrl-C reports and ends.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseDurationMs } from "@meseta/lib/core/duration.ts";
import { readOptions, refuseOptions } from "@meseta/lib/io/options.ts";
import { readFound } from "./found.ts";
import { fuzz } from "./in-process.ts";
import { ATTACKS } from "./live/attacks.ts";
import { PARTS } from "./live/daemons.ts";
import { live } from "./live/live.ts";
import { catchCrashes } from "./play.ts";
import { linesOf, type Report, together, untriedIn } from "./report.ts";
import { replay } from "./run.ts";
import { TARGETS, targetsNamed } from "./targets/all.ts";
import { VirtualTime } from "./virtual-time.ts";

const values = readOptions("fuzz", "Hostile requests to the production code of each API. Ctrl-C reports and ends.", {
  for: { type: "string", value: "TIME", default: "60s", about: "how long: 60s, 10m, 1h" },
  seed: { type: "string", value: "N", about: "of what is drawn (by chance)" },
  target: {
    type: "string",
    value: "NAME",
    multiple: true,
    choices: [...TARGETS.map(({ name }) => name), "all"],
    about: "only these, separated by commas",
  },
  jobs: { type: "string", value: "N", default: "1", about: "in so many processes" },
  scenes: { type: "string", value: "N", about: "how many scenes, instead of how long" },
  input: { type: "string", value: "FILE", multiple: true, about: "plays what was found again" },
  live: { type: "boolean", about: "to real processes, with a second client who watches" },
  attack: {
    type: "string",
    value: "NAME",
    multiple: true,
    choices: ATTACKS.map(({ name }) => name),
    about: "with --live: only these, separated by commas",
  },
  "same-priority": {
    type: "boolean",
    about: "with --live: who is attacked does not go before the attacker, who takes of the same processors",
  },
});

let isOver = false;
process.on("SIGINT", () => {
  isOver = true;
});

const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed);
const names = listOf(values.target);
const forMs = durationOf(values.for);

if (values.live && names.length > 0 && ![...PARTS, "all"].some((part) => names.includes(part)))
  refuseOptions("fuzz", `--live is of processes: there are ${PARTS.join(", ")}`);
if (values.live)
  process.exit(
    await live({
      names,
      attacks: listOf(values.attack),
      forMs,
      seed,
      isSamePriority: values["same-priority"] === true,
      stop: () => isOver,
    }),
  );
else if (values.input !== undefined) process.exit(await again(values.input));
else if (Number(values.jobs) > 1) process.exit(tell(await inJobs(Number(values.jobs))));
else process.exit(tell(await here()));

function listOf(given: readonly string[] = []): string[] {
  return given.flatMap((one) => one.split(","));
}

function durationOf(text: string): number {
  const ms = parseDurationMs(
    text
      .replace(/(\d)s$/, "$1secs")
      .replace(/(\d)m$/, "$1mins")
      .replace(/(\d)h$/, "$1hrs"),
  );
  return ms ?? refuseOptions("fuzz", `--for ${text} is not a time such as 60s, 10m or 1h`);
}

async function here(): Promise<Report> {
  const targets = targetsNamed(names);
  const time = new VirtualTime();
  catchCrashes();
  time.install();
  const isChild = process.send !== undefined;
  if (!isChild) console.log(`seed ${seed}: ${targets.map(({ name }) => name).join(", ")}`);
  const budget = {
    seed,
    ms: values.scenes === undefined ? forMs : undefined,
    scenes: values.scenes === undefined ? undefined : Number(values.scenes),
    found: ({ target, problem }: { target: string; problem: string }) => console.error(`✗ ${target}: ${problem}`),
  };
  const report = await fuzz(targets, budget, time, () => isOver);
  if (isChild) await new Promise((resolve) => process.send!(report, resolve));
  return report;
}

/** Each job is a process with a seed of its own. */
async function inJobs(count: number): Promise<Report> {
  console.log(`seeds ${seed} to ${seed + count - 1}`);
  const reports = Array.from({ length: count }, (_, at) => job(seed + at));
  return together((await Promise.all(reports)).filter((one) => one !== undefined));
}

function job(own: number): Promise<Report | undefined> {
  const args = ["--for", values.for, "--seed", String(own), ...names.flatMap((name) => ["--target", name])];
  const child = fork(fileURLToPath(import.meta.url), [
    ...args,
    ...(values.scenes === undefined ? [] : ["--scenes", values.scenes]),
  ]);
  return new Promise((resolve) => {
    let report: Report | undefined;
    child.on("message", (message) => (report = message as Report));
    child.once("exit", (code) => {
      if (report === undefined) console.error(`✗ the job with seed ${own} ended with ${code} and told nothing`);
      resolve(report);
    });
  });
}

function tell(report: Report): number {
  if (process.send === undefined) for (const line of linesOf(report)) console.log(line);
  return report.findings.length > 0 || untriedIn(report).length > 0 ? 1 : 0;
}

async function again(files: readonly string[]): Promise<number> {
  // Before time is the players': nothing that is thrown after that ends the process.
  const inputs = files.map((file) => ({ file, ...inputIn(file) }));
  const time = new VirtualTime();
  catchCrashes();
  time.install();
  let bad = 0;
  for (const { file, target, steps } of inputs) {
    const problem = await replay(target, steps, time);
    if (problem !== undefined) bad++;
    console.log(problem === undefined ? `✓ ${file}: nothing is wrong` : `✗ ${file}: ${problem}`);
  }
  return bad > 0 ? 1 : 0;
}

function inputIn(file: string) {
  try {
    const { target: name, steps } = readFound(file);
    return { target: targetsNamed([name])[0]!, steps };
  } catch (error) {
    return refuseOptions("fuzz", `--input ${file}: ${(error as Error).message}`);
  }
}
