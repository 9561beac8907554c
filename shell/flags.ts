import { Failure } from "./core/failure.ts";
import { allFlags, type Flag, flagName, type Row, takesValue } from "./core/row.ts";
import { readValue } from "./core/values.ts";
import type { Setting } from "./io/settings.ts";

/** The flags of one command line, with the values that were not given there filled in from environment, files, defaults. */
export interface Flags {
  text(name: string): string | undefined;
  /** A number, or MiB of a size, or milliseconds of a duration. */
  number(name: string): number | undefined;
  on(name: string): boolean;
  list(name: string): readonly string[];
  /** All of them with where they came from, for `config explain`. */
  readonly settings: ReadonlyMap<string, Setting>;
}

export type Given = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** Looks a setting up where the command line does not give it: "run.cpus", then "cpus". */
export type LookUp = (row: Row, name: string) => Setting | undefined;

/** Joins what was given with what is set elsewhere; every value is checked here, so that commands need not. */
export function createFlags(row: Row, given: Given, lookUp: LookUp): Flags {
  const settings = new Map<string, Setting>();
  for (const flag of allFlags(row)) {
    const setting = resolve(row, flag, given[flagName(flag)], lookUp);
    if (!setting) continue;
    for (const value of [setting.value].flat()) check(flag, value, setting.from);
    settings.set(flagName(flag), setting);
  }
  const single = (name: string): string | undefined => [settings.get(name)?.value ?? []].flat().at(-1);
  const kinds = new Map(allFlags(row).map((flag) => [flagName(flag), flag.is ?? "amount"]));
  return {
    settings,
    text: single,
    on: (name) => /^(true|yes|on|1)$/i.test(single(name) ?? ""),
    list: (name) => [settings.get(name)?.value ?? []].flat(),
    number(name) {
      const text = single(name);
      const read = text === undefined ? undefined : readValue(kinds.get(name) ?? "amount", text);
      return read && "value" in read ? read.value : undefined;
    },
  };
}

function resolve(row: Row, flag: Flag, given: Given[string], lookUp: LookUp): Setting | undefined {
  if (given !== undefined) return { value: typeof given === "boolean" ? String(given) : given, from: "command line" };
  const elsewhere = flag.here ? undefined : lookUp(row, flagName(flag));
  if (elsewhere) return elsewhere;
  if (flag.default !== undefined) return { value: flag.default, from: "default" };
  return flag.flag.includes("--no-") ? { value: "true", from: "default" } : undefined;
}

function check(flag: Flag, text: string, from: string): void {
  const fits = !flag.choices || flag.choices.includes(text);
  const read = flag.is && takesValue(flag) ? readValue(flag.is, text) : undefined;
  if (fits && !(read && "wanted" in read)) return;
  const wanted = read && "wanted" in read ? read.wanted : `one of ${flag.choices!.join(", ")}`;
  if (from !== "command line")
    throw new Failure("bad-setting", { name: flagName(flag), why: `"${text}" of ${from} is not ${wanted}` });
  throw new Failure("usage", { message: `--${flagName(flag)} ${text} is not understood`, why: `it takes ${wanted}` });
}
