import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { nearest } from "@meseta/lib/core/nearest.ts";
import { Failure } from "@meseta/shell/core/failure.ts";
import { parseSettings } from "@meseta/shell/core/yaml.ts";
import { settingsFiles } from "@meseta/shell/io/settings.ts";

/** One flag of a daemon's command. */
export interface Flag {
  /** What stands behind it: `N`, `DIR`, `URL`; absent for a switch. */
  value?: string;
  /** Shown in --help as the default; the code that reads the flag applies it. */
  default?: string;
  help: string;
  /** Not shown in --help: only our own supervisor uses it. */
  hidden?: true;
}

export interface DaemonCommand {
  name: string;
  summary: string;
  example: string;
  flags: Readonly<Record<string, Flag>>;
}

/** What was set, and where: flag > MESETA_… > ./meseta.yaml > ~/.config/meseta/config.yaml. Switches are "true". */
export type Settings = Readonly<Record<string, string | undefined>>;

/** Reads the settings of a command from all four places; refuses unknown flags, and values where a switch takes none. */
export function readSettings(command: DaemonCommand, argv: readonly string[], env: NodeJS.ProcessEnv): Settings {
  const settings: Record<string, string | undefined> = {};
  for (const [name, flag] of Object.entries(command.flags)) {
    const file = fromFiles(command, name, env);
    const fromEnv = env[`MESETA_${name.replaceAll("-", "_").toUpperCase()}`];
    const value = fromEnv ?? file ?? flag.default;
    if (value !== undefined) settings[name] = value;
  }
  return { ...settings, ...fromCommandLine(command, argv) };
}

/** A setting's value that cannot be: wherever it came from, this says what it should have been. */
export function badSetting(name: string, value: string, wanted: string): Failure {
  return new Failure("bad-setting", { name, why: `"${value}" is not ${wanted}` });
}

/** The text of `meseta COMMAND --help`. */
export function helpOf(command: DaemonCommand): string {
  const rows = Object.entries(command.flags).filter(([, flag]) => !flag.hidden);
  const names = rows.map(([name, flag]) => `  --${name}${flag.value === undefined ? "" : ` ${flag.value}`}`);
  const width = Math.max(...names.map((name) => name.length)) + 2;
  const lines = rows.map(
    ([, flag], i) =>
      `${names[i]!.padEnd(width)}${flag.help}${flag.default === undefined ? "" : ` (default ${flag.default})`}`,
  );
  return [
    `Usage: meseta ${command.name} [flags]`,
    "",
    command.summary,
    "",
    "Flags:",
    ...lines,
    "",
    "Each flag can also be set as MESETA_NAME in the environment, or as `name: value` in ./meseta.yaml or",
    "~/.config/meseta/config.yaml (there also below the command's own name).",
    "",
    "Example:",
    `  ${command.example}`,
    "",
  ].join("\n");
}

function fromCommandLine(command: DaemonCommand, argv: readonly string[]): Settings {
  const options = Object.fromEntries(
    Object.entries(command.flags).map(([name, flag]) => [
      name,
      { type: flag.value === undefined ? ("boolean" as const) : ("string" as const) },
    ]),
  );
  try {
    const { values } = parseArgs({ args: [...argv], options, strict: true, allowPositionals: false });
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
  } catch (error) {
    throw usageFailure(command, (error as Error).message);
  }
}

function usageFailure(command: DaemonCommand, message: string): Failure {
  const help = `meseta ${command.name} --help`;
  const usage = `usage: meseta ${command.name} [flags]`;
  const unknown = /^Unknown option '(-[^']*)'/.exec(message)?.[1];
  if (unknown === undefined) return new Failure("usage", { message: usageProblem(message), why: usage, help });
  const known = Object.entries(command.flags).filter(([, { hidden }]) => !hidden);
  const meant = nearest(
    unknown,
    known.map(([name]) => `--${name}`),
  );
  const why = meant === undefined ? usage : `did you mean ${meant}?`;
  return new Failure("usage", { message: `there is no flag ${unknown} here`, why, help });
}

// Node says it in several sentences and lines, of which the last ones tell what to write.
function usageProblem(message: string): string {
  const dashed = /^Option '(?:-\w, )?(--[\w-]+).*argument is ambiguous/.exec(message)?.[1];
  if (dashed !== undefined) return `${dashed} has no value; one that begins with a dash is written ${dashed}=-…`;
  return message.split(/\. |\n/)[0]!;
}

function fromFiles(command: DaemonCommand, name: string, env: NodeJS.ProcessEnv): string | undefined {
  for (const file of settingsFiles(env)) {
    const values = configuration(file);
    const value = values.get(`${command.name}.${name}`) ?? values.get(name);
    if (value !== undefined) return value;
  }
  return undefined;
}

function configuration(file: string): ReadonlyMap<string, string> {
  if (!existsSync(file)) return new Map();
  const parsed = parseSettings(readFileSync(file, "utf8"));
  if ("error" in parsed) throw new Failure("bad-file", { file, why: parsed.error });
  return parsed.values;
}
