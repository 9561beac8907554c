import { allFlags, flagName, type LiveNames, type Row, takesValue } from "./row.ts";

/** What may come next: words that are known here, and the kind of live names that the cluster knows. */
export interface Completion {
  readonly words: readonly string[];
  readonly live?: LiveNames;
}

/** Completes the last of these words, which is the unfinished one (perhaps empty). */
export function complete(line: readonly string[], rows: readonly Row[]): Completion {
  const typed = line.at(-1) ?? "";
  const before = line.slice(0, -1);
  const shown = rows.filter((row) => !row.hidden);
  const row =
    shown.find((each) => before.slice(0, 2).join(" ") === each.path) ?? shown.find((each) => before[0] === each.path);
  const fitting = (words: Iterable<string>): string[] => [...new Set(words)].filter((word) => word.startsWith(typed));
  if (!row) return { words: fitting(nextWords(before, shown)) };
  if (typed.startsWith("-")) return { words: fitting(flagWords(row)) };
  const rest = before.slice(row.path.split(" ").length);
  const pending = allFlags(row).find(
    (flag) => takesValue(flag) && flag.flag.split(/[ ,]+/).includes(rest.at(-1) ?? ""),
  );
  if (pending) return { words: fitting(pending.choices ?? []), ...liveOf(flagName(pending)) };
  const argument = row.args?.[Math.min(positionals(row, rest), row.args.length - 1)];
  const offers = argument?.offers;
  return typeof offers === "string" ? { words: [], live: offers } : { words: fitting(offers ?? []) };
}

function nextWords(before: readonly string[], rows: readonly Row[]): string[] {
  if (before.length === 0) return rows.map((row) => row.path.split(" ")[0]!);
  if (before.length > 1) return [];
  return rows.flatMap((row) => (row.path.startsWith(`${before[0]} `) ? [row.path.split(" ")[1]!] : []));
}

function flagWords(row: Row): string[] {
  return [...allFlags(row).map((flag) => `--${flag.flag.includes("--no-") ? "no-" : ""}${flagName(flag)}`), "--help"];
}

function liveOf(name: string): { live?: LiveNames } {
  return name === "node" || name === "framework" || name === "role" ? { live: name } : {};
}

// Words that are neither flags nor the values of flags.
function positionals(row: Row, rest: readonly string[]): number {
  const valued = new Set(
    allFlags(row)
      .filter(takesValue)
      .flatMap((flag) => flag.flag.split(/[ ,]+/)),
  );
  return rest.filter((word, index) => !word.startsWith("-") && !valued.has(rest[index - 1] ?? "")).length;
}
