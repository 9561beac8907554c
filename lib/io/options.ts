import { parseArgs } from "node:util";

/** One option of a command of the repository: as Node's parseArgs has it, and for people. */
export interface Option {
  readonly type: "string" | "boolean";
  readonly multiple?: boolean;
  readonly default?: string;
  /** What it means without a value. */
  readonly bare?: string;
  /** All values that there are; several may be given with commas between them. */
  readonly choices?: readonly string[];
  /** What stands for its value in the help; "N" says that it is a whole number from 0. */
  readonly value?: string;
  readonly about: string;
}

type Options = Readonly<Record<string, Option>>;
type Values<T extends Options> = ReturnType<typeof parseArgs<{ options: T }>>["values"];

/**
 * Reads the options of an `npm run` command from the command line. `--help` prints what it is about and ends the process with 0; what it does not know, or
 * what is no number, is told and ends it with 2.
 */
export function readOptions<const T extends Options>(command: string, about: string, options: T): Values<T> {
  const read = optionsIn(process.argv.slice(2), options);
  if ("values" in read) return read.values;
  if (read.problem !== undefined) refuseOptions(command, read.problem);
  process.stdout.write(helpOf(command, about, options));
  process.exit(0);
}

/** Says what is wrong with the options of an `npm run` command, and ends the process with 2. */
export function refuseOptions(command: string, problem: string): never {
  process.stderr.write(`✗ ${problem}\n  try   npm run ${command} -- --help\n`);
  process.exit(2);
}

/** The values; or what is wrong with the words; or nothing is, and help is wanted. */
export function optionsIn<const T extends Options>(
  words: readonly string[],
  options: T,
): { readonly values: Values<T> } | { readonly problem: string | undefined } {
  try {
    const parsed = parseArgs({ args: filled(words, options), options: { ...options, help: { type: "boolean" } } });
    const values: Readonly<Record<string, unknown>> = parsed.values;
    if (values["help"] === true) return { problem: undefined };
    for (const [name, option] of Object.entries(options))
      for (const text of [values[name] ?? []].flat()) {
        const problem = problemOf(String(text), option);
        if (problem !== undefined) return { problem: `--${name} ${text}${problem}` };
      }
    return { values: values as Values<T> };
  } catch (error) {
    return { problem: (error as Error).message.split(". ")[0]! };
  }
}

function problemOf(text: string, { value, choices }: Option): string | undefined {
  if (value === "N" && !/^\d+$/.test(text)) return " is not a whole number";
  if (choices === undefined || text.split(",").every((one) => choices.includes(one))) return undefined;
  return `: there are ${choices.join(", ")}`;
}

// parseArgs knows no option that may go without a value.
function filled(words: readonly string[], options: Options): string[] {
  return words.flatMap((word, at) => {
    const bare = word.startsWith("--") ? options[word.slice(2)]?.bare : undefined;
    const next = words[at + 1];
    return bare !== undefined && (next === undefined || next.startsWith("--")) ? [word, bare] : [word];
  });
}

/** The help: what it is about, then a line an option. */
export function helpOf(command: string, about: string, options: Options): string {
  const rows = Object.entries(options).map(
    ([name, option]) => [`--${name}${option.value ? ` ${option.value}` : ""}`, option] as const,
  );
  const width = Math.max("--help".length, ...rows.map(([flag]) => flag.length));
  const lines = rows.map(
    ([flag, { about, default: usual, multiple }]) =>
      `  ${flag.padEnd(width)}   ${about}${usual ? ` (default ${usual})` : ""}${multiple ? "; may be given more than once" : ""}`,
  );
  return `Usage: npm run ${command} -- [options]\n\n${about}\n\n${lines.join("\n")}\n  ${"--help".padEnd(width)}   this\n`;
}
