import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  unlinkSync,
} from "node:fs";
import { readdir, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { Sandbox, Sandboxes, SandboxLink } from "../../core/agent/outside.ts";
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

  prepare({ directory, user, links }: Sandbox): void {
    const owner = user === undefined ? undefined : this.#owner(user);
    this.#makeFolder(directory, owner, 0o750);
    for (const link of links) this.#link(link, owner);
  }

  remove(path: string): Promise<void> {
    return removeTree(path);
  }

  makeVolume(path: string): void {
    this.#makeFolder(path, undefined, 0o755);
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

  /** What an earlier life moved aside and did not remove; called when nothing is being moved. */
  async emptyOldTrash(except: ReadonlySet<string>): Promise<void> {
    const names = await readdir(`${this.#workDir}/trash`).catch(() => []);
    for (const name of names) if (!except.has(name)) await removeTree(`${this.#workDir}/trash/${name}`);
  }

  async diskUsage(): Promise<number> {
    const { blocks, bavail } = await statfs(this.#workDir);
    return blocks === 0 ? 0 : 1 - bavail / blocks;
  }

  readonly #trashPlaces = new Set<string>();

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

  // The last folder belongs to the task's user; those above it to the agent, so that a task cannot put a link in their place.
  #makeFolder(path: string, owner: User | undefined, mode: number): void {
    if (isFolder(path)) return;
    this.#makeParents(path);
    mkdirSync(path, { mode });
    chmodSync(path, mode);
    if (owner !== undefined) chownSync(path, owner.uid, owner.gid);
  }

  #makeParents(path: string): void {
    const parent = dirname(path);
    if (isFolder(parent) || parent === path) return;
    this.#makeParents(parent);
    mkdirSync(parent, { mode: 0o755 });
  }

  #link({ path, target, makeTarget }: SandboxLink, owner: User | undefined): void {
    if (makeTarget) this.#makeFolder(target, owner, 0o755);
    if (readLink(path) === target) return;
    this.#makeParents(path);
    const temporary = `${path}.new`;
    if (readLink(temporary) !== undefined) unlinkSync(temporary);
    symlinkSync(target, temporary);
    renameSync(temporary, path);
  }
}

// A link is no folder here: whoever put one where the agent is to write would lead it astray.
function isFolder(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return false;
  if (found.isDirectory()) return true;
  throw new Error(`${path} is in the way: it is not a folder`);
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
