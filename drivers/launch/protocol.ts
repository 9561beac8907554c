// The lines that go over the launcher's socket, as told at the top of launcher.pl. Pure: text in, text out.

const startMs = 60_000;

/** What the launcher needs to start one container. `rlimits` are numbers of setrlimit(2); values are decimal texts, as some exceed 2^53. */
export interface SpawnOrder {
  readonly id: string;
  readonly file: string;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly user?: string | undefined;
  /** A `user` that is root, by whatever name, is refused. */
  readonly notRoot?: boolean | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly rotateAtBytes: number;
  readonly keepFiles: number;
  readonly rlimits: readonly { readonly number: number; readonly soft: string; readonly hard: string }[];
  /** A start that takes longer hangs, and is given up: killed whole, and told as failed. Absent: 60 s. */
  readonly startMs?: number | undefined;
  readonly cgroups?: CgroupOrder | undefined;
  /** Present, even when empty: the process has a mount namespace of its own, in which these are carried out in order; their targets exist. */
  readonly mounts?: readonly MountOrder[] | undefined;
  /** Done after the mounts, in their namespace: orders of arrange.pl, each a verb and its fields. */
  readonly arrange?: readonly (readonly string[])[] | undefined;
  /** The command is an OCI runtime that detaches: the process that it leaves behind is the container, and is told instead of it. */
  readonly runtime?: RuntimeOrder | undefined;
  /** Opened by root for reading, without waiting for a writer when it is a FIFO; absent: /dev/null. */
  readonly stdin?: string | undefined;
  /** stdin names a terminal, which becomes that of the session, and stdout and stderr too; `rotateAtBytes` does not count. */
  readonly terminal?: boolean | undefined;
  /** "uid:gid" to whom root gives stdout and stderr; absent: they are opened by the process's own user. */
  readonly outputOwner?: string | undefined;
}

/** mount(2), where `type`, `source` and `data` may be empty, or a lazy umount2(2), for which a target that is no mount is no error. */
export type MountOrder =
  | {
      readonly kind: "mount";
      readonly type: string;
      readonly source: string;
      readonly target: string;
      readonly flags: number;
      /** Less than a page of 4096 bytes. */
      readonly data: string;
    }
  | { readonly kind: "unmount"; readonly target: string };

/** Where a runtime writes the pid of what it leaves behind, and what went wrong (lines of JSON with a `msg`, or plain ones). */
export interface RuntimeOrder {
  readonly pidFile: string;
  readonly log?: string | undefined;
}

/** The cgroup part of a spawn: folders to make, values to write, cgroup.procs files to join, and what to look at in the end. */
export interface CgroupOrder {
  readonly mkdir: readonly string[];
  readonly write: readonly (readonly [path: string, value: string])[];
  readonly join: readonly string[];
  /** For cgroup v2: which devices may be used, as a program in hexadecimal digits, and the folder of the container alone. */
  readonly devices?: { readonly folder: string; readonly program: string };
  /** The folder that holds this container and no other: whoever is in it dies with the container. */
  readonly kill: string;
  readonly oom?: string;
  readonly peak?: string;
  /** Other containers are counted in the `oom` file too. */
  readonly shared: boolean;
}

export interface LauncherExit {
  readonly number: number;
  readonly id: string;
  readonly pid: number;
  readonly startTimeTicks: number;
  /** As from waitpid(2), or "lost" when nobody saw the end. */
  readonly waitStatus: number | "lost";
  readonly memoryKills: number;
  readonly peakBytes: number;
  readonly why: string;
}

export type LauncherMessage =
  | { readonly type: "hello"; readonly version: number; readonly bootId: string; readonly pid: number }
  | { readonly type: "started" | "task"; readonly id: string; readonly pid: number; readonly startTimeTicks: number }
  | {
      readonly type: "failed";
      readonly id: string;
      readonly stage: string;
      readonly errno: number;
      readonly text: string;
    }
  | ({ readonly type: "exit" } & LauncherExit)
  | { readonly type: "listed"; readonly count: number }
  | { readonly type: "pong"; readonly tag: string }
  | { readonly type: "made"; readonly path: string; readonly errno: number; readonly text: string }
  | { readonly type: "disk" | "error"; readonly text: string };

/** One message as a line, with its newline. */
export function line(verb: string, ...fields: readonly (string | number)[]): string {
  let text = verb;
  for (const field of fields) text += "\t" + escaped(String(field));
  return text + "\n";
}

/** The line that starts a container. */
export function spawnLine(order: SpawnOrder): string {
  const fields = [order.id, `file=${order.file}`];
  for (const argument of order.argv) fields.push(`arg=${argument}`);
  for (const name in order.environment) fields.push(`env=${name}=${order.environment[name]}`);
  fields.push(`cwd=${order.workingDirectory}`, `out=${order.stdout}`, `err=${order.stderr}`);
  if (order.user !== undefined) fields.push(`user=${order.user}`);
  if (order.notRoot) fields.push("notroot=1");
  fields.push(`max=${order.rotateAtBytes}`, `keep=${order.keepFiles}`);
  fields.push(`bound=${Math.ceil((order.startMs ?? startMs) / 1000)}`);
  for (const limit of order.rlimits) fields.push(`rlimit=${limit.number}:${limit.soft}:${limit.hard}`);
  if (order.cgroups) addCgroups(fields, order.cgroups);
  if (order.mounts) addMounts(fields, order.mounts);
  for (const one of order.arrange ?? []) fields.push(`arrange=${one.join("\0")}`);
  if (order.runtime) fields.push(`pidfile=${order.runtime.pidFile}`);
  if (order.runtime?.log !== undefined) fields.push(`log=${order.runtime.log}`);
  if (order.stdin !== undefined) fields.push(`stdin=${order.stdin}`);
  if (order.terminal) fields.push("terminal=1");
  if (order.outputOwner !== undefined) fields.push(`owner=${order.outputOwner}`);
  return line("spawn", ...fields);
}

function addCgroups(fields: string[], cgroups: CgroupOrder): void {
  for (const folder of cgroups.mkdir) fields.push(`mkdir=${folder}`);
  for (const [path, value] of cgroups.write) fields.push(`write=${path} ${value}`);
  for (const file of cgroups.join) fields.push(`join=${file}`);
  if (cgroups.devices) fields.push(`devices=${cgroups.devices.folder} ${cgroups.devices.program}`);
  fields.push(`kill=${cgroups.kill}`);
  if (cgroups.shared) fields.push("shared=1");
  if (cgroups.oom !== undefined) fields.push(`oom=${cgroups.oom}`);
  if (cgroups.peak !== undefined) fields.push(`peak=${cgroups.peak}`);
}

// A NUL parts the parts of a mount, as no path can hold one.
function addMounts(fields: string[], mounts: readonly MountOrder[]): void {
  fields.push("mounts=1");
  for (const mount of mounts) {
    const parts =
      mount.kind === "mount" ? [mount.type, mount.source, mount.target, mount.flags, mount.data] : [mount.target];
    fields.push(`mount=${[mount.kind, ...parts].join("\0")}`);
  }
}

/** One line without its newline as a message; undefined when this side does not know it. */
export function parseLine(text: string): LauncherMessage | undefined {
  const fields = text.split("\t").map(unescaped);
  const [type, a = "", b = "", c = "", d = ""] = fields;
  switch (type) {
    case "hello":
      return { type, version: Number(a), bootId: b, pid: Number(c) };
    case "started":
    case "task":
      return { type, id: a, pid: Number(b), startTimeTicks: Number(c) };
    case "failed":
      return { type, id: a, stage: b, errno: Number(c), text: d };
    case "exit":
      return { type, ...exitOf(fields) };
    case "listed":
      return { type, count: Number(a) };
    case "pong":
      return { type, tag: a };
    case "made":
      return { type, path: a, errno: Number(b), text: c };
    case "disk":
    case "error":
      return { type, text: a };
    default:
      return undefined;
  }
}

function exitOf(fields: readonly string[]): LauncherExit {
  const [, number, id = "", pid, start, status, kills, peak, why = ""] = fields;
  const waitStatus = status === "lost" ? "lost" : Number(status);
  return {
    number: Number(number),
    id,
    pid: Number(pid),
    startTimeTicks: Number(start),
    waitStatus,
    memoryKills: Number(kills),
    peakBytes: Number(peak),
    why,
  };
}

// A NUL cannot be part of an argument or a path, so it travels like any other byte and the launcher refuses it by name.
const special = /[%\t\n\r\0]/g;

function escaped(text: string): string {
  return text.replace(special, (one) => "%" + one.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0"));
}

function unescaped(text: string): string {
  return text.includes("%")
    ? text.replace(/%([0-9A-Fa-f]{2})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
    : text;
}
