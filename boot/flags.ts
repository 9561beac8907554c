import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

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

/** The command line, the environment or the configuration file says something that cannot be. Exit code 2. */
export class UsageError extends Error {
  override name = "UsageError";
  readonly remedy: string;
  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

/** What was set, and where: flag > MESETA_… > ./meseta.yaml > ~/.config/meseta/config.yaml. Switches are "true". */
export type Settings = Readonly<Record<string, string | undefined>>;

/** Reads the settings of a command from all four places; refuses unknown flags, and values where a switch takes none. */
export function readSettings(command: DaemonCommand, argv: readonly string[], env: NodeJS.ProcessEnv): Settings {
  const settings: Record<string, string | undefined> = {};
  for (const [name, flag] of Object.entries(command.flags)) {
    const file = fromFiles(command, name);
    const fromEnv = env[`MESETA_${name.replaceAll("-", "_").toUpperCase()}`];
    const value = fromEnv ?? file ?? flag.default;
    if (value !== undefined) settings[name] = value;
  }
  return { ...settings, ...fromCommandLine(command, argv) };
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
    throw new UsageError((error as Error).message.split(". ")[0]!, `meseta ${command.name} --help`);
  }
}

function fromFiles(command: DaemonCommand, name: string): string | undefined {
  for (const file of configFiles()) {
    const values = configuration(file);
    const value = values.get(`${command.name}.${name}`) ?? values.get(name);
    if (value !== undefined) return value;
  }
  return undefined;
}

const configFiles = (): string[] => [
  "meseta.yaml",
  join(process.env["XDG_CONFIG_HOME"] ?? join(homedir(), ".config"), "meseta", "config.yaml"),
];

const parsed = new Map<string, Map<string, string>>();

function configuration(file: string): Map<string, string> {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  const values = existsSync(file) ? parseConfiguration(readFileSync(file, "utf8"), file) : new Map<string, string>();
  parsed.set(file, values);
  return values;
}

/** The small part of YAML that settings need: `name: value`, one level of nesting, comments, quotes. */
export function parseConfiguration(text: string, file: string): Map<string, string> {
  const values = new Map<string, string>();
  let section = "";
  for (const [number, line] of text.split("\n").entries()) {
    if (/^\s*(#.*)?$/.test(line)) continue;
    const match = /^(\s*)([A-Za-z][\w-]*):(?:\s+(.*?))?\s*$/.exec(line);
    if (match === null) throw new UsageError(`${file}, line ${number + 1}: not \`name: value\``, `edit ${file}`);
    const [, indent, name, value] = match;
    const plain = unquote(value ?? "");
    if (indent === "") section = "";
    if (plain === "") section = `${name}.`;
    else values.set(`${indent === "" ? "" : section}${name!.replaceAll("_", "-")}`, plain);
  }
  return values;
}

function unquote(value: string): string {
  const quoted = /^"(.*)"(?:\s+#.*)?$|^'(.*)'(?:\s+#.*)?$/.exec(value);
  return quoted ? (quoted[1] ?? quoted[2])! : value.replace(/\s+#.*$/, "");
}
