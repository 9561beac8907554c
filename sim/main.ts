// `npm run sim`: histories by seed. See README.md, "Try it".
import { readFileSync, writeFileSync } from "node:fs";
import { readOptions, refuseOptions } from "@meseta/lib/io/options.ts";
import { drawHistory, type History } from "./history.ts";
import { drawJobs, playJobs } from "./jobs.ts";
import { addBecame, addEntry, ledgerText } from "./ledger.ts";
import { type Choice, hasJobs, type Played } from "./played.ts";
import { playAll } from "./pool.ts";
import { type Play, playHistory } from "./seed.ts";
import { shrink } from "./shrink.ts";
import { TENANT_NAMES, type TenantName } from "./tenants/all.ts";
import { addPlayed, noTotals, totalsText } from "./totals.ts";

const values = readOptions(
  "sim",
  "Lives through histories of a simulated datacenter, each drawn by its seed, and checks after every step that no promise is broken.",
  {
    seeds: { type: "string", value: "N", default: "1000", about: "how many histories" },
    from: { type: "string", value: "N", default: "1", about: "the first seed" },
    jobs: { type: "string", value: "N", default: "1", about: "in so many processes" },
    ledger: { type: "string", value: "FILE", about: "counts them up in this file" },
    totals: { type: "boolean", about: "prints what the ledger has counted" },
    seed: { type: "string", value: "N", about: "only this one, with its faults" },
    log: {
      type: "string",
      value: "FILE",
      bare: "-",
      about: "each step of it into the file; without one, or as -, prints them",
    },
    shrink: { type: "boolean", about: "makes a history that fails smaller, and writes it down" },
    replay: { type: "string", value: "FILE", about: "plays a history that was written down" },
    became: { type: "string", value: "TEXT", about: "notes in the ledger what became of the violation of --seed" },
    init: { type: "boolean", about: "the same as --with init" },
    cron: { type: "boolean", about: "with a cron in each, and with a history of Jepsen's jobs" },
    masters: { type: "string", value: "N", about: "with so many masters in histories of Jepsen's jobs" },
    with: {
      type: "string",
      value: "NAME",
      multiple: true,
      choices: TENANT_NAMES,
      about: "with this framework of the house in each",
    },
  },
);

const LEDGER = "sim/ledger.jsonl";
const choice: Choice = { tenants: namedTenants(), jobs: values.cron, masters: mastersOf() };

if (values.seed === undefined && (values.shrink || values.became !== undefined))
  refuseOptions("sim", `--${values.shrink ? "shrink" : "became"} is about one history: say which by --seed N`);
if (values.totals) console.log(ledgerText(values.ledger ?? LEDGER));
else if (values.became !== undefined) addBecame(values.ledger ?? LEDGER, numberOf("seed"), values.became);
else if (values.replay !== undefined) await playEach([readHistory(values.replay)]);
else if (values.seed === undefined) await playMany();
else if (values.shrink) for (const history of historiesOf(numberOf("seed"))) await makeSmaller(history);
else await playEach(historiesOf(numberOf("seed")));

/** What the seed stands for: one history, or two. */
function historiesOf(seed: number): History[] {
  return [drawHistory(seed, choice.tenants), ...(hasJobs(seed, choice) ? [drawJobs(seed, choice.masters)] : [])];
}

/** With their faults told, or with every step. */
async function playEach(histories: readonly History[]): Promise<void> {
  const to = values.log === undefined ? undefined : logTo(values.log);
  const tell = to === undefined ? console.log : () => {};
  for (const history of histories) {
    if (history.isOfJobs) tell("the history of jobs:");
    await told(() => playOf(history, { tell, log: to?.write }));
  }
  to?.end();
}

function playOf(history: History, play: Omit<Play, "tenants"> = {}): Promise<object> {
  return history.isOfJobs ? playJobs(history, play) : playHistory(history, play);
}

async function told(play: () => Promise<object>): Promise<void> {
  try {
    const outcome = await play();
    if (values.log !== "-") console.log(outcome);
  } catch (error) {
    console.error(`✗ ${(error as Error).message}`);
    process.exitCode = 1;
  }
}

function logTo(path: string): { write(line: string): void; end(): void } {
  if (path === "-") return { write: (line) => process.stdout.write(`${line}\n`), end: () => {} };
  const lines: string[] = [];
  return {
    write: (line) => lines.push(line),
    end: () => writeFileSync(path, lines.map((line) => `${line}\n`).join("")),
  };
}

/** The smallest history that breaks the same promise, as JSON for `--replay`. */
async function makeSmaller(history: History): Promise<void> {
  const play = async (smaller: History): Promise<string | undefined> => {
    const message = await playOf(smaller).then(
      () => undefined,
      (error: Error) => error.message,
    );
    progress(
      `${smaller.faults.length} faults, ${smaller.agents} agents: ${message === undefined ? "holds" : "breaks"}`,
    );
    return message;
  };
  const smallest = await shrink(history, play);
  progress("");
  if (smallest === undefined)
    return console.error(`the history ${history.isOfJobs ? "of jobs " : ""}of seed ${history.seed} breaks no promise`);
  const { tries, message } = smallest;
  console.error(
    `✗ ${message}\n  ${history.faults.length} faults became ${smallest.history.faults.length}, in ${tries} tries`,
  );
  console.log(historyText(smallest.history));
}

async function playMany(): Promise<void> {
  const [from, count] = [numberOf("from"), numberOf("seeds")];
  const totals = noTotals();
  const startMs = performance.now();
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  let seeds = 0;
  const done = (seed: number, played: readonly Played[]): void => {
    seeds++;
    for (const each of played) {
      addPlayed(totals, each);
      if (each.violation !== undefined) violated(seed, each.violation);
    }
    const perSecond = ((seeds * 1000) / (performance.now() - startMs)).toFixed(1);
    progress(`${seeds} of ${count} seeds, ${perSecond} a second, ${totals.violations.length} violations`);
  };
  const wants = (seed: number): boolean => seed < from + count;
  await playAll({ from, wants, choice, done, signal: stop.signal }, numberOf("jobs"));
  progress("");
  if (stop.signal.aborted) console.log(`ended after ${seeds} of ${count} seeds`);
  console.log(totalsText(totals, performance.now() - startMs));
  if (values.ledger !== undefined && seeds > 0)
    addEntry(values.ledger, totals, { from, seeds, options: optionsText() });
  process.exitCode = totals.violations.length > 0 ? 1 : 0;
}

function violated(seed: number, message: string): void {
  progress("");
  console.error(`✗ ${message}\n  again: npm run sim -- --seed ${seed}${optionsText()}`);
}

/** One line that is written over and over, on a terminal. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

function optionsText(): string {
  const names = (values.with ?? []).map((name) => ` --with ${name}`).join("");
  const masters = values.masters === undefined ? "" : ` --masters ${values.masters}`;
  return `${names}${values.init ? " --init" : ""}${values.cron ? " --cron" : ""}${masters}`;
}

function readHistory(path: string): History {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    return refuseOptions("sim", `--replay ${path}: ${(error as Error).message}`);
  }
}

/** With each fault on a line of its own. */
function historyText({ faults, ...history }: History): string {
  const lines = faults.map((fault) => `    ${JSON.stringify(fault)}`).join(",\n");
  return JSON.stringify({ ...history, faults: "FAULTS" }, undefined, 2).replace('"FAULTS"', `[\n${lines}\n  ]`);
}

/** Undefined when nobody is named: then each seed says itself. */
function namedTenants(): readonly TenantName[] | undefined {
  const short = (["init", "cron"] as const).filter((name) => values[name]);
  const names = [...(values.with ?? []).flatMap((some) => some.split(",")), ...short];
  return names.length === 0 ? undefined : (names as readonly TenantName[]);
}

function mastersOf(): number | undefined {
  return values.masters === undefined ? undefined : numberOf("masters");
}

function numberOf(name: "seed" | "seeds" | "from" | "jobs" | "masters"): number {
  return Number(values[name]);
}
