// The form of a command as data. The tables in shell/table hold nothing else, so that help, completion and the reference
// page need no command's code.
export interface Row<Module = unknown> {
  /** The words that name it: "node list", or "run". */
  readonly path: string;
  /** One line, as a heading says it: no full stop. */
  readonly about: string;
  /** What else one should know, in full sentences. */
  readonly more?: string;
  readonly kind: Kind;
  readonly args?: readonly Argument[];
  readonly flags?: readonly Flag[];
  readonly examples: readonly Example[];
  /** Whose API it talks to; the kernel's unless said. */
  readonly to?: "init" | "cron";
  /** Where its code is; absent for what boot/ does itself. */
  readonly load?: () => Promise<Module>;
  /** Shown in no list. */
  readonly hidden?: boolean;
  /** The words after the first argument belong to the task, whatever they look like. */
  readonly passThrough?: boolean;
}

/**
 * `read` prints objects and takes the output flags; `write` changes something; `destructive` asks first, and takes `--yes`;
 * `stream` prints until stopped; `local` needs no cluster; `boot` is a part of the system itself.
 */
export type Kind = "read" | "write" | "destructive" | "stream" | "local" | "boot";

export interface Argument {
  readonly name: string;
  readonly about: string;
  readonly optional?: boolean;
  /** Takes all words that are left. */
  readonly many?: boolean;
  /** What completion offers: names of live objects, or these words. */
  readonly offers?: LiveNames | readonly string[];
}

export type LiveNames = "node" | "task" | "framework" | "role" | "volume" | "file" | "job" | ServiceNames;

/** Names that init knows. */
export type ServiceNames = "app" | "pod" | "group" | "deployment";

export interface Flag {
  /** As in "-f, --follow" or "--cpus <number>"; a value in <> is text unless `is` says more. */
  readonly flag: string;
  readonly about: string;
  readonly is?: ValueKind;
  readonly choices?: readonly string[];
  readonly default?: string;
  /** May be given more than once. */
  readonly repeat?: boolean;
  /** Only on the command line: never taken from the environment or a configuration file. */
  readonly here?: boolean;
}

/** `amount` is a number from 0; `count` a whole number from 1; `size` MiB, or with a unit; `span` a duration. */
export type ValueKind = "amount" | "count" | "size" | "span" | "port" | "pair" | "json";

export interface Example {
  readonly line: string;
  readonly does: string;
}

export const masterFlag: Flag = {
  flag: "--master <urls>",
  about: "masters to talk to: URLs, separated by commas",
  default: "http://127.0.0.1:5050",
};

export const initFlag: Flag = {
  flag: "--init <urls>",
  about: "inits to talk to: URLs, separated by commas",
  default: "http://127.0.0.1:8080",
};

export const cronFlag: Flag = {
  flag: "--cron <urls>",
  about: "crons to talk to, at Metronome's API: URLs, separated by commas",
  default: "http://127.0.0.1:9000",
};

const ADDRESSES = { kernel: masterFlag, init: initFlag, cron: cronFlag } as const;

export const outputFlags: readonly Flag[] = [
  { flag: "-o, --output <form>", about: "table, wide, json, yaml, name or a template '{{…}}'", default: "table" },
  { flag: "--json", about: "the same as -o json" },
  { flag: "-w, --watch", about: "stay, and print each change", here: true },
  { flag: "--filter <key=value>", about: "only rows with this value (* fits anything)", repeat: true, here: true },
  { flag: "--sort <column>", about: "order by this column; -column for descending", here: true },
  { flag: "--no-header", about: "leave out the headings" },
  { flag: "-q, --quiet", about: "only names, one a line" },
];

const yesFlag: Flag = { flag: "-y, --yes", about: "do not ask", here: true };

/** All flags of a command in the order of its help: its own, those of its kind, and where the cluster is. */
export function allFlags(row: Row): readonly Flag[] {
  const own = row.flags ?? [];
  const address = ADDRESSES[row.to ?? "kernel"];
  switch (row.kind) {
    case "read":
      return [...own, ...outputFlags, address];
    case "destructive":
      return [...own, yesFlag, address];
    case "write":
    case "stream":
      return [...own, address];
    case "local":
    case "boot":
      return own;
  }
}

/** "follow" of "-f, --follow", "cpus" of "--cpus <number>", "header" of "--no-header". */
export function flagName(flag: Flag): string {
  return /--(?:no-)?([a-z][a-z0-9-]*)/.exec(flag.flag)![1]!;
}

export function takesValue(flag: Flag): boolean {
  return flag.flag.includes("<");
}
