import { nearest } from "@meseta/lib/core/nearest.ts";
import type { Row } from "./row.ts";

/** What a command line is about, decided by its first words alone. */
export type Route<Module> =
  | { readonly type: "command"; readonly row: Row<Module>; readonly rest: readonly string[] }
  /** The first page of help, or that of a noun: "node". */
  | { readonly type: "overview"; readonly noun: string | undefined }
  | { readonly type: "unknown"; readonly words: string; readonly suggestion: string | undefined };

/** Finds the command with the longest path that the line begins with. `--master URL` may stand before it. */
export function route<Module>(argv: readonly string[], rows: readonly Row<Module>[]): Route<Module> {
  const [early, words] = takeEarlyFlags(argv);
  const [first, second] = words;
  if (first === undefined || isHelp(first)) return { type: "overview", noun: undefined };
  if (first === "--version" || first === "-V") return command(rows, "version", words.slice(1))!;
  const found =
    (second && command(rows, `${first} ${second}`, [...early, ...words.slice(2)])) ||
    command(rows, first, [...early, ...words.slice(1)]);
  if (found) return found;
  const verbs = rows.flatMap((row) => (row.path.startsWith(`${first} `) ? [row.path.slice(first.length + 1)] : []));
  if (verbs.length === 0) return { type: "unknown", words: first, suggestion: nearest(first, firstWords(rows)) };
  if (second === undefined || isHelp(second)) return { type: "overview", noun: first };
  const verb = nearest(second, verbs);
  return { type: "unknown", words: `${first} ${second}`, suggestion: verb && `${first} ${verb}` };
}

function command<Module>(
  rows: readonly Row<Module>[],
  path: string,
  rest: readonly string[],
): Route<Module> | undefined {
  const row = rows.find((each) => each.path === path);
  return row && { type: "command", row, rest };
}

function firstWords(rows: readonly Row[]): Set<string> {
  return new Set(rows.filter((row) => !row.hidden).map((row) => row.path.split(" ")[0]!));
}

function isHelp(word: string): boolean {
  return word === "--help" || word === "-h";
}

function takeEarlyFlags(argv: readonly string[]): [string[], readonly string[]] {
  if (argv[0] === "--master" && argv.length > 1) return [argv.slice(0, 2), argv.slice(2)];
  return argv[0]?.startsWith("--master=") ? [[argv[0]], argv.slice(1)] : [[], argv];
}
