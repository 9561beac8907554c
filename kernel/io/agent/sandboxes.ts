import { existsSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import {
  chmod,
  chown,
  lchown,
  lstat,
  mkdir,
  readdir,
  readlink,
  rename,
  rmdir,
  statfs,
  symlink,
  unlink,
  writeFile,
} from "node:fs/promises";
import { dirname } from "node:path";
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
 * The last folder belongs to the task's user; those above it to the agent, so that a task cannot put a link in their place.
 * The sandbox of a run is made in one go, because all above it is the agent's; whatever lies in a sandbox, step by step.
 */
async function makeFolder(path: string, owner: User | undefined, mode: number): Promise<void> {
  const parent = dirname(path);
  if (parent.endsWith("/runs")) await mkdir(parent, { recursive: true });
  if (!(await makeOne(path, mode, parent))) return;
  if ((mode & umask) !== 0) await chmod(path, mode);
  if (owner !== undefined) await chown(path, owner.uid, owner.gid);
}

// Whether it was made now. The folder above it may just have been removed as empty: then it is made again.
async function makeOne(path: string, mode: number, parent: string): Promise<boolean> {
  try {
    await mkdir(path, mode);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return isOccupied(path);
    if (code !== "ENOENT" || parent === path) throw error;
    await makeFolder(parent, undefined, 0o755);
    return makeOne(path, mode, parent);
  }
}

// A link is no folder here: whoever put one where the agent is to write would lead it astray.
async function isOccupied(path: string): Promise<false> {
  if ((await lstat(path)).isDirectory()) return false;
  throw new Error(`${path} is in the way: it is not a folder`);
}

async function makeLink({ path, target, makeTarget }: SandboxLink, owner: User | undefined): Promise<void> {
  if (makeTarget) await makeFolder(target, owner, 0o755).then(() => giveFresh(target, owner));
  if (await symlink(target, path).then(() => true, ignore)) return;
  if ((await readLink(path)) === target) return;
  await makeFolder(dirname(path), undefined, 0o755);
  const temporary = `${path}.new`;
  await unlink(temporary).catch(ignore);
  await symlink(target, temporary);
  await rename(temporary, path);
}

// A volume was made by the agent, before it had a user: its first one gets it. One with data keeps its owner.
async function giveFresh(folder: string, owner: User | undefined): Promise<void> {
  if (owner === undefined || (await lstat(folder)).uid !== process.getuid?.()) return;
  const fresh = (await readdir(folder)).every((name) => name === LOST_AND_FOUND || name === TRASH);
  if (fresh) await lchown(folder, owner.uid, owner.gid);
}

async function makeFile(path: string, owner: User | undefined): Promise<void> {
  await writeFile(path, "", { flag: "a" });
  if (owner !== undefined) await lchown(path, owner.uid, owner.gid);
}

function readLink(path: string): Promise<string | undefined> {
  return readlink(path).catch(() => undefined);
}

// Asking for it sets it for a moment, so it is asked for once.
const umask = process.umask();

function ignore(): undefined {}
