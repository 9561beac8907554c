import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { writeFileDurably } from "@meseta/lib/io/files.ts";
import { Failure } from "@meseta/shell/core/failure.ts";

/** The ports of the parts of one `up`, by part: `master`, `agent-1`, … Kept in its directory and used again. */
export type ChosenPorts = Record<string, number>;

/** A part, with the port it would like. */
export interface Wish {
  part: string;
  port: number;
}

/**
 * Chooses a port for each part. A port that was chosen at an earlier start is used again, and it is an error when it
 * is taken; a new part gets the port it wishes, or the next one that is free. Ports are kept for parts that are away for a time, but for masters
 * that are no more: the command line takes all whose ports are there for masters.
 */
export async function choosePorts(dir: string, ip: string, wishes: readonly Wish[]): Promise<ChosenPorts> {
  const file = join(dir, "ports.json");
  const known: ChosenPorts = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  const chosen: ChosenPorts = {};
  for (const { part, port } of wishes)
    chosen[part] =
      known[part] === undefined ? await nextFree(ip, port, taken(known, chosen)) : await again(ip, part, known[part]);
  const kept = Object.entries(known).filter(([part]) => !part.startsWith("master-"));
  writeFileDurably(file, `${JSON.stringify({ ...Object.fromEntries(kept), ...chosen }, null, 2)}\n`);
  return chosen;
}

const taken = (...sets: ChosenPorts[]): Set<number> => new Set(sets.flatMap((set) => Object.values(set)));

const MAX_TRIES = 200;

async function nextFree(ip: string, wish: number, mine: ReadonlySet<number>): Promise<number> {
  for (let port = wish; port < wish + MAX_TRIES && port < 65_536; port++)
    if (!mine.has(port) && (await isFree(ip, port))) return port;
  throw new Error(`no free port from ${wish} to ${wish + MAX_TRIES - 1}`);
}

async function again(ip: string, part: string, port: number): Promise<number> {
  if (await isFree(ip, port)) return port;
  throw new Failure("port-taken", {
    port,
    why: `${holderOf(port) ?? "another process"} listens on it; ${part} of this directory has used it before, and clients know it`,
    again: "stop that process, or use another --dir",
  });
}

function isFree(ip: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ host: ip, port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** Who listens on a TCP port of this machine, as "pid 12 (name)"; undefined when /proc does not tell. */
export function holderOf(port: number): string | undefined {
  const inode = listeningInode(port);
  if (inode === undefined) return undefined;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name)))
    if (hasSocket(pid, inode)) return `pid ${pid} (${readFileSync(`/proc/${pid}/comm`, "utf8").trim()})`;
  return undefined;
}

const LISTEN = "0A";

function listeningInode(port: number): string | undefined {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"].filter(existsSync))
    for (const line of readFileSync(table, "utf8").split("\n").slice(1)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state === LISTEN && local?.endsWith(suffix)) return inode;
    }
  return undefined;
}

function hasSocket(pid: string, inode: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`);
  } catch {
    return false; // The process has ended, or belongs to somebody else.
  }
}
