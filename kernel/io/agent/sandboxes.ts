import { constants, existsSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  readlink,
  rename,
  rmdir,
  statfs,
  symlink,
  unlink,
} from "node:fs/promises";
import { basename, dirname } from "node:path";
import { giveFresh, inFolder } from "@meseta/lib/io/held-folder.ts";
import type { DestroyedVolume, Sandbox, Sandboxes, SandboxLink } from "../../core/agent/outside.ts";
import { removeTree } from "./tree.ts";
import type { User, Users } from "./users.ts";

/** The files of tasks, below the agent's work directory. */
export class SandboxFiles implements Sandboxes {
  readonly #workDir: string;
  readonly #users: Users;

  constructor(workDir: string, users: Users) {
    this.#workDir = workDir;
    this.#users = users;
    mkdirSync(workDir, { recursive: true });
  }

  async prepare({ directory, user, links, files }: Sandbox): Promise<void> {
    const owner = user === undefined ? undefined : this.#owner(user);
    await makeFolder(directory, owner, 0o750);
    for (const link of links) await makeLink(link, owner);
    for (const file of files) await makeFile(file, owner);
  }

  /** With the empty folders that the last run of an executor, or of a framework, leaves behind. */
  async remove(path: string): Promise<void> {
    await removeTree(path);
    const folder = dirname(path);
    if (!folder.endsWith("/runs")) return;
    if ((await readLink(`${folder}/latest`)) === path) await unlink(`${folder}/latest`).catch(ignore);
    for (let empty = folder; empty !== `${this.#workDir}/slaves` && empty.length > 1; empty = dirname(empty))
      if (!(await rmdir(empty).then(() => true, ignore))) return;
  }

  async makeVolume(path: string): Promise<void> {
    await makeFolder(path, undefined, 0o755);
  }

  moveVolume(volume: DestroyedVolume): void {
    const place = this.#trash(volume);
    if (existsSync(place) || !existsSync(volume.path)) return;
    mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
    if (volume.mount) moveFiles(volume.path, place);
    else renameSync(volume.path, place);
  }

  async emptyTrash(volume: DestroyedVolume): Promise<void> {
    const place = this.#trash(volume);
    await removeTree(place);
    if (volume.mount) await rmdir(dirname(place)).catch(ignore);
  }

  /** What an earlier life moved aside and did not remove. */
  async emptyOldTrash(except: ReadonlySet<string>): Promise<void> {
    const names = await readdir(`${this.#workDir}/trash`).catch(() => []);
    for (const name of names) if (!except.has(name)) await removeTree(`${this.#workDir}/trash/${name}`);
  }

  async diskUsage(): Promise<number> {
    const { blocks, bavail } = await statfs(this.#workDir);
    return blocks === 0 ? 0 : 1 - bavail / blocks;
  }

  // On the same file system as the volume, so that moving is renaming.
  #trash({ path, mount, trash }: DestroyedVolume): string {
    if (mount) return `${path}/${TRASH}/${trash}`;
    const inside = path.startsWith(`${this.#workDir}/`);
    return `${inside ? `${this.#workDir}/trash` : `${dirname(path)}/${TRASH}`}/${trash}`;
  }

  #owner(user: string): User {
    const owner = this.#users.find(user);
    if (owner === undefined) throw new Error(`there is no user '${user}' on this machine`);
    return owner;
  }
}

const TRASH = ".trash";
/** The file system's own folder, not the volume's. */
const LOST_AND_FOUND = "lost+found";

// All or nothing, as the name of the trash tells that it was done: what a dead agent moved already waits under another.
function moveFiles(from: string, to: string): void {
  const partial = `${to}.partial`;
  mkdirSync(partial, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(from))
    if (name !== TRASH && name !== LOST_AND_FOUND) renameSync(`${from}/${name}`, `${partial}/${name}`);
  renameSync(partial, to);
}

/**
 * The last folder belongs to the task's user; those above it to the agent. The sandbox of a run is made in one go, because all above it is
 * the agent's. Whatever lies below a sandbox is made step by step in folders that are held, because the task around it may put links
 * in the way.
 */
async function makeFolder(path: string, owner: User | undefined, mode: number): Promise<void> {
  const parent = dirname(path);
  const make = (here: string) => makeIn(here, path, owner, mode);
  if (RUNS.test(parent)) {
    await mkdir(parent, { recursive: true });
    return make(parent);
  }
  try {
    await inFolder(parent, make);
  } catch (error) {
    // The folder above it is not there yet, or was just removed as empty.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || parent === path) throw inTheWay(error, parent);
    await makeFolder(parent, undefined, 0o755);
    await makeFolder(path, owner, mode);
  }
}

/** Below the work directory, and in no sandbox: nobody but the agent can change anything on the way there. */
const RUNS = /^(?:(?!\/slaves\/).)*\/slaves\/[^/]+\/frameworks\/[^/]+\/executors\/[^/]+\/runs$/;

async function makeIn(here: string, path: string, owner: User | undefined, mode: number): Promise<void> {
  const place = `${here}/${basename(path)}`;
  const isNew = await mkdir(place, mode).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
      return false;
    },
  );
  const folder = await openFolder(place, path);
  try {
    if (!isNew || (await folder.stat()).uid !== process.getuid?.()) return;
    if ((mode & umask) !== 0) await folder.chmod(mode);
    if (owner !== undefined) await folder.chown(owner.uid, owner.gid);
  } finally {
    await folder.close();
  }
}

// A link is no folder here: whoever put one where the agent is to write would lead it astray.
async function openFolder(place: string, path: string): Promise<FileHandle> {
  return open(place, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW).catch((error: Error) => {
    throw inTheWay(error, path);
  });
}

function inTheWay(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOTDIR" || code === "ELOOP" ? new Error(`${path} is in the way: it is not a folder`) : error;
}

async function makeLink({ path, target, makeTarget }: SandboxLink, owner: User | undefined): Promise<void> {
  if (makeTarget) await makeVolume(target, owner);
  const link = (here: string) => linkIn(`${here}/${basename(path)}`, target);
  const parent = dirname(path);
  if (RUNS.test(parent)) return mkdir(parent, { recursive: true }).then(() => link(parent));
  await makeFolder(parent, undefined, 0o755);
  await inFolder(parent, link);
}

let moved = 0;

async function linkIn(path: string, target: string): Promise<void> {
  if (await symlink(target, path).then(() => true, ignore)) return;
  if ((await readLink(path)) === target) return;
  // The containers of a pod start together, and each moves the same link.
  const temporary = `${path}.${++moved}.new`;
  await unlink(temporary).catch(ignore);
  await symlink(target, temporary);
  await rename(temporary, path);
}

// A volume was made by the agent, before it had a user: its first one gets it. One with data keeps its owner.
async function makeVolume(path: string, owner: User | undefined): Promise<void> {
  await makeFolder(path, owner, 0o755);
  try {
    if (owner !== undefined) giveFresh(path, owner.uid, owner.gid, [TRASH]);
  } catch (error) {
    throw inTheWay(error, path);
  }
}

const FILE = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

// What was fetched may have put a link, a pipe, or a second name of another's file there.
async function makeFile(path: string, owner: User | undefined): Promise<void> {
  await inFolder(dirname(path), async (here) => {
    const file = await open(`${here}/${basename(path)}`, FILE, 0o644).catch(() => undefined);
    const found = await file?.stat();
    if (found?.isFile() && found.nlink === 1 && owner !== undefined) await file!.chown(owner.uid, owner.gid);
    await file?.close();
    if (!found?.isFile() || found.nlink !== 1) throw new Error(`${path} is in the way: it is not a file of its own`);
  });
}

function readLink(path: string): Promise<string | undefined> {
  return readlink(path).catch(() => undefined);
}

// Asking for it sets it for a moment, so it is asked for once.
const umask = process.umask();

function ignore(): undefined {}
