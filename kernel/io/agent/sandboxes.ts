import { existsSync, mkdirSync, renameSync } from "node:fs";
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
import type { Sandbox, Sandboxes, SandboxLink } from "../../core/agent/outside.ts";
import { removeTree } from "./tree.ts";
import type { User, Users } from "./users.ts";

/** The files of tasks, below the agent's work directory. */
export class SandboxFiles implements Sandboxes {
  readonly #workDir: string;
  readonly #users: Users;
  readonly #trashPlaces = new Set<string>();

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

  moveVolume(path: string, trash: string): void {
    const place = this.#trash(trash, path);
    if (existsSync(place) || !existsSync(path)) return;
    mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
    renameSync(path, place);
  }

  async emptyTrash(trash: string): Promise<void> {
    for (const place of this.#trashPlaces) await removeTree(`${place}/${trash}`);
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
  #trash(trash: string, path: string): string {
    const inside = path.startsWith(`${this.#workDir}/`);
    const folder = inside ? `${this.#workDir}/trash` : `${dirname(path)}/.trash`;
    this.#trashPlaces.add(folder);
    return `${folder}/${trash}`;
  }

  #owner(user: string): User {
    const owner = this.#users.find(user);
    if (owner === undefined) throw new Error(`there is no user '${user}' on this machine`);
    return owner;
  }
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
  if (makeTarget) await makeFolder(target, owner, 0o755);
  if (await symlink(target, path).then(() => true, ignore)) return;
  if ((await readLink(path)) === target) return;
  await makeFolder(dirname(path), undefined, 0o755);
  const temporary = `${path}.new`;
  await unlink(temporary).catch(ignore);
  await symlink(target, temporary);
  await rename(temporary, path);
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
