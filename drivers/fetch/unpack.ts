import { spawnSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  createReadStream,
  createWriteStream,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  statfsSync,
  symlinkSync,
} from "node:fs";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { look, preparePlace, settle } from "./place.ts";
import { type Ending, mustHaveWorked, startTool, type Tool } from "./tools.ts";

/** What an archive may grow to. */
export interface Bounds {
  readonly members: number;
  readonly bytes: number;
}

/** A million members, and nine tenths of what is free where the sandbox is: the machine has other tasks. */
export function usualBounds(sandbox: string): Bounds {
  const { bsize, bavail } = statfsSync(sandbox);
  return { members: 1_000_000, bytes: bsize * bavail * 0.9 };
}

export type ArchiveKind = "tar" | "zip" | "gz";

/** What is to be done with a file of this name, as Mesos decides it: by the ending. Undefined: it is no archive. */
export function archiveKind(name: string): ArchiveKind | undefined {
  if (/\.(tar|tar\.gz|tgz|tar\.bz2|tbz2|tar\.xz|txz)$/.test(name)) return "tar";
  if (name.endsWith(".zip")) return "zip";
  return /[^/]\.gz$/.test(name) ? "gz" : undefined;
}

/**
 * Unpacks into the sandbox, with the system's own tools: first into a new empty folder, so that no member is ever written through a
 * link, then, when all of it is files, folders and links, from there into the sandbox. Rejects with a sentence whose subject is the
 * archive; then nothing of it stays. `name` is the archive's name in the sandbox; returns how many members there are.
 */
export async function unpack(archive: string, name: string, sandbox: string, bounds: Bounds): Promise<number> {
  const kind = archiveKind(name)!;
  const room = `${sandbox}/.unpack-${process.pid}`;
  mkdirSync(room, { mode: 0o700 });
  try {
    if (kind === "gz") return await gunzip(archive, name, room, sandbox, bounds);
    mkdirSync(`${room}/tree`);
    await (kind === "tar" ? untar(archive, room, bounds) : unzip(archive, room, bounds));
    const members = inspect(`${room}/tree`);
    settle(`${room}/tree`, sandbox);
    return members;
  } finally {
    // The tool goes down without paths, which a hostile tree may make too long, once it may read all of it.
    spawnSync("chmod", ["-R", "u+rwx", room], { stdio: "ignore" });
    spawnSync("rm", ["-rf", room], { stdio: "ignore" });
  }
}

async function gunzip(archive: string, name: string, room: string, sandbox: string, bounds: Bounds): Promise<number> {
  const place = preparePlace(sandbox, name.slice(0, -".gz".length));
  const [plain, packer] = opened("gzip", archive);
  const flow = pipeline(plain, bounded(bounds), createWriteStream(`${room}/plain`, { flags: "wx" }));
  await settled(flow, [packer]);
  renameSync(`${room}/plain`, place);
  return 1;
}

async function untar(archive: string, room: string, bounds: Bounds): Promise<void> {
  const args = ["-x", "-v", "-f", "-", "--no-same-owner", "--no-same-permissions", "-C", `${room}/tree`];
  const tar = startTool("tar", args);
  const name = packerOf(archive);
  const [plain, packer] = name === undefined ? [createReadStream(archive)] : opened(name, archive);
  const flow = pipeline(plain, bounded(bounds), tar.stdin);
  await settled(Promise.all([flow, counted(tar, bounds)]), packer === undefined ? [tar] : [packer, tar]);
}

async function unzip(archive: string, room: string, bounds: Bounds): Promise<void> {
  // A name of its own, as unzip reads patterns in names.
  const link = `${room}/archive.zip`;
  symlinkSync(archive, link);
  await checkZip(link, bounds);
  const zip = startTool("unzip", ["-o", "-d", `${room}/tree`, link]);
  await settled(counted(zip, bounds), [zip]);
}

// The archive's own sums, before anything is written.
async function checkZip(archive: string, bounds: Bounds): Promise<void> {
  const tool = startTool("unzip", ["-Z", "-t", archive]);
  let text = "";
  for await (const chunk of tool.stdout) text += chunk;
  await tool.ended;
  const sums = /^(\d+) files?, (\d+) bytes uncompressed/m.exec(text);
  if (sums === null) return;
  if (Number(sums[1]) > bounds.members) throw tooMany(bounds);
  if (Number(sums[2]) > bounds.bytes) throw tooLarge(bounds);
}

/** Waits for all; of several failures the one that explains the others is told: a bound, then hostility, then the tools' own words. */
async function settled(flow: Promise<unknown>, tools: readonly Tool[]): Promise<void> {
  const broken = flow.then(
    () => undefined,
    (error: NodeJS.ErrnoException) => {
      // A tool that has read all that it wants may leave the rest; how it ended tells whether that was so.
      if (error.code === "EPIPE" || error.code === "ERR_STREAM_PREMATURE_CLOSE") return undefined;
      for (const tool of tools) tool.stop();
      return error;
    },
  );
  const endings = await Promise.all(tools.map((tool) => tool.ended));
  const failure = await broken;
  if (failure instanceof OutOfBounds) throw failure;
  for (const ending of endings) refuseTraversal(ending);
  if (failure !== undefined) throw failure;
  for (const ending of endings)
    if (ending.status !== "SIGPIPE") mustHaveWorked(ending, ending.name === "unzip" ? 1 : 0);
}

// Both tools take such names apart and keep them inside; but whoever wrote them means no good.
function refuseTraversal({ complaints }: Ending): void {
  if (/Removing leading `[^']*\.\.[^']*' from|contains '\.\.'/.test(complaints)) throw new Error(LEADS_OUT);
}

const LEADS_OUT = "it has members that lead out of it";

class OutOfBounds extends Error {}

function tooLarge({ bytes }: Bounds): Error {
  return new OutOfBounds(`unpacked it is larger than the ${Math.floor(bytes / 2 ** 20)} MiB that are left for it`);
}

function tooMany({ members }: Bounds): Error {
  return new OutOfBounds(`it has more than ${members} members`);
}

function bounded(bounds: Bounds): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Uint8Array, _, done) {
      bytes += chunk.length;
      done(bytes > bounds.bytes ? tooLarge(bounds) : null, chunk);
    },
  });
}

// Both tools print a line for each member; unzip also what it makes of names that lead out.
async function counted({ stdout }: Tool, bounds: Bounds): Promise<void> {
  let lines = 0;
  let last = "";
  for await (const chunk of stdout as AsyncIterable<Buffer>) {
    const text = last + chunk.toString("latin1");
    if (text.includes('skipped "../" path component')) throw new OutOfBounds(LEADS_OUT);
    lines += chunk.filter((byte) => byte === 10).length;
    if (lines > bounds.members + 10) throw tooMany(bounds);
    last = text.slice(-64);
  }
}

function opened(packer: string, archive: string): [Readable, Tool] {
  const input = openSync(archive, "r");
  const tool = startTool(packer, packer === "xz" ? ["-dc", "--memlimit-decompress=512MiB"] : ["-dc"], input);
  closeSync(input);
  return [tool.stdout, tool];
}

// By what it is, as the endings are often wrong.
function packerOf(archive: string): string | undefined {
  const first = Buffer.alloc(6);
  const file = openSync(archive, "r");
  readSync(file, first, 0, 6, 0);
  closeSync(file);
  const start = first.toString("hex");
  if (start.startsWith("1f8b")) return "gzip";
  if (start.startsWith("425a68")) return "bzip2";
  return start === "fd377a585a00" ? "xz" : undefined;
}

/** Counts what is there, takes setuid bits away, and throws at what is neither file, folder nor link. */
function inspect(folder: string): number {
  let members = 0;
  for (const name of readdirSync(folder)) {
    const path = `${folder}/${name}`;
    const found = look(path)!;
    members++;
    if (found.isSymbolicLink()) continue;
    if (!found.isFile() && !found.isDirectory())
      throw new Error(`its member '${name}' is neither file, folder nor link`);
    const mode = (found.mode & 0o777) | (found.isDirectory() ? 0o700 : 0);
    if (mode !== (found.mode & 0o7777)) chmodSync(path, mode);
    if (found.isDirectory()) members += inspect(path);
  }
  return members;
}
