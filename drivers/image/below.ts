// Works below one folder and nowhere else, whatever links lie there. Names are "latin1" strings (one character a byte).

import { closeSync, constants, lstatSync, mkdirSync, openSync, rmdirSync, type Stats, unlinkSync } from "node:fs";
import { IMAGE_BOUNDS } from "./bounds.ts";
import { ImageFailed } from "./failure.ts";

const OPEN_FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const MAX_DEPTH = IMAGE_BOUNDS.depth.most;
const MAX_PATH = 4096;
const MAX_PART = 255;
/** More than two paths' worth, so that the folders of a link's both ends are open together. */
const MAX_OPEN = 2 * MAX_DEPTH + 8;

/**
 * Node has no openat. But "/proc/self/fd/N/name" is the same: the kernel goes to the folder that N holds, and only `name`
 * is looked up. So each folder is opened from its parent's descriptor, with O_NOFOLLOW, and no path is ever walked by the kernel.
 */
export class Below {
  readonly #root: number;
  /** Open folders by path, the least lately used first. */
  readonly #open = new Map<string, number>();

  constructor(root: string) {
    this.#root = openSync(root, OPEN_FOLDER);
  }

  /** The path of `name` for one system call that does not follow its last part: valid until other folders are opened. */
  at(path: string): Buffer {
    const slash = path.lastIndexOf("/");
    return leaf(this.folder(slash < 0 ? "" : path.slice(0, slash), true), path.slice(slash + 1));
  }

  /** The same for something that must be there already, with its folders. Throws ImageFailed otherwise. */
  find(path: string): Buffer {
    const slash = path.lastIndexOf("/");
    return leaf(this.folder(slash < 0 ? "" : path.slice(0, slash), false), path.slice(slash + 1));
  }

  /** A descriptor of the folder; "" is the root. With `make`, missing ones are made as 0755 of root. */
  folder(path: string, make: boolean): number {
    if (path === "") return this.#root;
    const open = this.#open.get(path);
    if (open !== undefined) {
      this.#open.delete(path);
      this.#open.set(path, open);
      return open;
    }
    const slash = path.lastIndexOf("/");
    const parent = this.folder(slash < 0 ? "" : path.slice(0, slash), make);
    return this.#keep(path, enter(leaf(parent, path.slice(slash + 1)), path, make));
  }

  /** What lies there, not following a link; undefined when nothing does. */
  look(path: string): Stats | undefined {
    return lstatSync(this.at(path), { throwIfNoEntry: false });
  }

  /** Removes what lies there. A folder must be empty. */
  remove(path: string, found: Stats): void {
    if (!found.isDirectory()) return unlinkSync(this.at(path));
    const open = this.#open.get(path);
    if (open !== undefined) closeSync(open);
    this.#open.delete(path);
    rmdirSync(this.at(path));
  }

  close(): void {
    for (const fd of this.#open.values()) closeSync(fd);
    this.#open.clear();
    closeSync(this.#root);
  }

  #keep(path: string, fd: number): number {
    this.#open.set(path, fd);
    if (this.#open.size > MAX_OPEN) {
      const [oldest, oldestFd] = this.#open.entries().next().value!;
      this.#open.delete(oldest);
      closeSync(oldestFd);
    }
    return fd;
  }
}

/**
 * The path below the root that an archive's name means: "" is the root itself. A name from the root on is one below it, as
 * everywhere else; ".." is refused, and so is what is longer than the bounds. Throws ImageFailed.
 */
export function pathBelow(name: string): string {
  if (name.length > MAX_PATH) throw new ImageFailed(`a name in a layer is longer than ${MAX_PATH} bytes`);
  if (name.includes("\0")) throw new ImageFailed(`the name ${shown(name)} in a layer has a NUL in it`);
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw new ImageFailed(`the name ${shown(name)} in a layer leads out of the layer`);
  if (parts.length > MAX_DEPTH) throw new ImageFailed(`a name in a layer is more than ${MAX_DEPTH} folders deep`);
  if (parts.some((part) => part.length > MAX_PART))
    throw new ImageFailed(`a name in a layer has a part longer than ${MAX_PART} bytes`);
  return parts.join("/");
}

/** A name of the archive as people may see it. */
export function shown(name: string): string {
  return JSON.stringify(Buffer.from(name.slice(0, 200), "latin1").toString("utf8"));
}

function enter(at: Buffer, path: string, make: boolean): number {
  try {
    return openSync(at, OPEN_FOLDER);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOTDIR" || code === "ELOOP")
      throw new ImageFailed(`a layer wants to go through ${shown(path)}, which is a link or a file`);
    if (code !== "ENOENT") throw error;
    if (!make) throw new ImageFailed(`a layer speaks of ${shown(path)}, which is not in it`);
  }
  mkdirSync(at, 0o755);
  return openSync(at, OPEN_FOLDER);
}

const leaf = (fd: number, name: string): Buffer => Buffer.from(`/proc/self/fd/${fd}/${name}`, "latin1");
