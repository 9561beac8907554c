import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, open, readdir, readlink, realpath } from "node:fs/promises";
import { basename } from "node:path";
import type { FileInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { AGENT_BOUNDS } from "../../core/agent/bounds.ts";
import { placesOf, type SandboxPlace } from "../../core/agent/views/places.ts";
import type { AgentLoop } from "./loop.ts";
import type { Users } from "./users.ts";

/** One reading gives at most 16 pages. */
const MOST_BYTES = AGENT_BOUNDS.fileBytes.most;

// To look before opening: opening a device does something, and a link may lead to one (a watchdog restarts the machine).
const O_PATH = 0o10000000;

/** Why a file is not shown: it is not there (or not below anything that is shown), or it is not of the kind that was asked for. */
export type FileProblem = { status: 404 | 400; text: string };

/**
 * The files that the agent shows: its log, and the sandboxes of executors, under their real paths and under
 * `/frameworks/<f>/executors/<e>/runs/latest`. A path is looked up, opened, and then the opened file's own path must lie in
 * the sandbox or in a volume of it: neither dots nor links nor a swap in between lead anywhere else.
 */
export class AgentFiles {
  readonly #loop: AgentLoop;
  readonly #logFile: string | undefined;
  readonly #users: Users;

  constructor(loop: AgentLoop, logFile: string | undefined, users: Users) {
    this.#loop = loop;
    this.#logFile = logFile;
    this.#users = users;
  }

  /** What is shown, and where it lies. */
  async shown(): Promise<Record<string, string>> {
    const shown: [string, string][] = this.#logFile === undefined ? [] : [["/slave/log", this.#logFile]];
    for (const { names, directory } of await this.#loop.read(placesOf))
      for (const name of names) shown.push([name, directory]);
    return Object.fromEntries(shown.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** What lies in a folder, in order of name; a file has nothing in it. Paths are told under the name that was asked for. */
  async list(path: string): Promise<FileInfo[] | FileProblem> {
    const found = await this.#open(path);
    if ("status" in found) return found;
    try {
      if (!(await found.handle.stat()).isDirectory()) return [];
      const folder = `/proc/self/fd/${found.handle.fd}`;
      const names = (await readdir(folder)).sort();
      const infos = await Promise.all(
        names.map((name) => this.#info(`${folder}/${name}`, `${trimmed(path)}/${name}`, found.place)),
      );
      return infos.filter((info) => info !== undefined);
    } finally {
      await found.handle.close();
    }
  }

  /** At most 64 KiB from `offset` on; an offset of -1 tells the size alone. */
  async read(
    path: string,
    offset: number,
    length: number | undefined,
  ): Promise<{ size: number; data: Uint8Array } | FileProblem> {
    const found = await this.#open(path);
    if ("status" in found) return found;
    try {
      const details = await found.handle.stat();
      if (!details.isFile()) return { status: 400, text: `'${path}' is not a file.\n` };
      const bytes = offset < 0 ? 0 : Math.max(0, Math.min(length ?? MOST_BYTES, MOST_BYTES, details.size - offset));
      const { buffer, bytesRead } = await found.handle.read(Buffer.alloc(bytes), 0, bytes, Math.max(0, offset));
      return { size: details.size, data: buffer.subarray(0, bytesRead) };
    } finally {
      await found.handle.close();
    }
  }

  /** The whole file in pieces, as long as it is now. */
  async download(
    path: string,
  ): Promise<{ name: string; size: number; pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array> } | FileProblem> {
    const found = await this.#open(path);
    if ("status" in found) return found;
    const details = await found.handle.stat();
    if (!details.isFile()) {
      await found.handle.close();
      return { status: 400, text: "Cannot download a directory.\n" };
    }
    if (details.size === 0) {
      await found.handle.close();
      return { name: basename(path), size: 0, pieces: [] };
    }
    const pieces = found.handle.createReadStream({ start: 0, end: details.size - 1, highWaterMark: MOST_BYTES });
    return { name: basename(path), size: details.size, pieces };
  }

  async #open(path: string): Promise<{ handle: FileHandle; place?: SandboxPlace } | FileProblem> {
    const absent: FileProblem = { status: 404, text: "" };
    if (path.includes("\0")) return absent;
    if (path === "/slave/log") return this.#logFile === undefined ? absent : openPlain(this.#logFile, absent);
    const places = await this.#loop.read(placesOf);
    const wanted = resolveIn(places, trimmed(path));
    if (wanted === undefined) return absent;
    const held = await openAs(wanted.path, O_PATH, absent);
    if ("status" in held) return held;
    const isShown = await isWithin(held.handle, wanted.place);
    const details = await held.handle.stat();
    if (isShown && !details.isFile() && !details.isDirectory()) return held;
    const opened = isShown ? await openPlain(`/proc/self/fd/${held.handle.fd}`, absent) : absent;
    await held.handle.close();
    return { ...opened, place: wanted.place };
  }

  async #info(file: string, path: string, place: SandboxPlace | undefined): Promise<FileInfo | undefined> {
    const details = await detailsOf(file, place);
    if (details === undefined) return undefined;
    return {
      path,
      nlink: details.nlink,
      size: details.size,
      mtime: { nanoseconds: Math.floor(details.mtimeMs / 1000) * 1e9 },
      mode: details.mode,
      uid: this.#users.nameOf(details.uid),
      gid: this.#users.groupNameOf(details.gid),
    };
  }
}

// A link to something that is shown is told as what it leads to; of one that leads elsewhere nothing is told but itself.
async function detailsOf(file: string, place: SandboxPlace | undefined): Promise<Stats | undefined> {
  const own = await lstat(file).catch(() => undefined);
  if (own?.isSymbolicLink() !== true || place === undefined) return own;
  const target = await open(file, O_PATH).catch(() => undefined);
  if (target === undefined) return own;
  try {
    return (await isWithin(target, place)) ? await target.stat() : own;
  } finally {
    await target.close();
  }
}

function trimmed(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, "") : path;
}

// Which sandbox a path is in, and the real path that it means there.
function resolveIn(places: readonly SandboxPlace[], path: string): { place: SandboxPlace; path: string } | undefined {
  for (const place of places)
    for (const name of place.names)
      if (path === name || path.startsWith(`${name}/`))
        return { place, path: place.directory + path.slice(name.length) };
  return undefined;
}

// Neither a pipe nor a terminal may hold the agent up.
function openPlain(path: string, absent: FileProblem): Promise<{ handle: FileHandle } | FileProblem> {
  return openAs(path, constants.O_RDONLY | constants.O_NONBLOCK, absent);
}

async function openAs(path: string, flags: number, absent: FileProblem): Promise<{ handle: FileHandle } | FileProblem> {
  try {
    return { handle: await open(path, flags) };
  } catch {
    return absent;
  }
}

async function isWithin(handle: FileHandle, { directory, volumes }: SandboxPlace): Promise<boolean> {
  const real = await readlink(`/proc/self/fd/${handle.fd}`);
  for (const root of [directory, ...volumes]) {
    const realRoot = await realpath(root).catch(() => undefined);
    if (realRoot !== undefined && (real === realRoot || real.startsWith(`${realRoot}/`))) return true;
  }
  return false;
}
