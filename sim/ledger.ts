import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { counted } from "@meseta/lib/core/words.ts";
import { addTotals, noTotals, type Totals, totalsText } from "./totals.ts";

/** One run of many seeds, as the ledger keeps it: a line of JSON. */
interface Entry extends Totals {
  /** When it ended. */
  readonly at: string;
  /** The commit of the simulator, and of all that it simulates; `+` when files had been changed since. */
  readonly commit: string;
  readonly from: number;
  readonly seeds: number;
  /** What else was asked for, as it was given. */
  readonly options: string;
}

/** What became of a violation, told later. */
interface Became {
  readonly seed: number;
  readonly became: string;
}

/**
 * Adds a run to the ledger at `path`. It is one line, written by one call to a file that is open for appending, so that lines of several runs never mix and a
 * run that is killed leaves a whole line or none.
 */
export function addEntry(
  path: string,
  totals: Totals,
  { from, seeds, options }: Pick<Entry, "from" | "seeds" | "options">,
): void {
  append(path, { at: new Date().toISOString(), commit: commitName(), from, seeds, options, ...totals } satisfies Entry);
}

/** Says what became of the violation that was found with this seed. */
export function addBecame(path: string, seed: number, became: string): void {
  append(path, { seed, became } satisfies Became);
}

/** What all runs in the ledger came to, and what became of each violation. A line that cannot be read is named. */
export function ledgerText(path: string): string {
  if (!existsSync(path)) return `there is no ledger at ${path}`;
  const totals = noTotals();
  const commits = new Set<string>();
  const became = new Map<number, string>();
  for (const [index, line] of readFileSync(path, "utf8").split("\n").entries()) {
    if (line === "") continue;
    const entry = parsed(line, `${path}:${index + 1}`);
    if ("became" in entry) became.set(entry.seed, entry.became);
    else {
      addTotals(totals, entry);
      commits.add(entry.commit);
    }
  }
  const found = totals.violations.map(
    ({ seed, message }) => `✗ ${message}\n  ${became.get(seed) ?? "nobody has said what became of it"}`,
  );
  return [counted(commits.size, "version"), totalsText(totals), ...found].join("\n");
}

function append(path: string, line: object): void {
  appendFileSync(path, `${JSON.stringify(line)}\n`);
}

function parsed(line: string, where: string): Entry | Became {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new Error(`${where} is no line of a ledger: ${(error as Error).message}`);
  }
}

function commitName(): string {
  const git = (...words: string[]): string =>
    execFileSync("git", words, {
      cwd: import.meta.dirname,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  try {
    return `${git("rev-parse", "--short=10", "HEAD")}${git("status", "--porcelain", "--untracked-files=no") === "" ? "" : "+"}`;
  } catch {
    return "unknown";
  }
}
