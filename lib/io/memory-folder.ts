import { createHash } from "node:crypto";
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  statfsSync,
  symlinkSync,
} from "node:fs";
import { dirname, join } from "node:path";

const TMPFS_MAGIC = 0x01021994;
const places = ["/run", "/dev/shm"];
const prefix = "meseta-agent-";
/** A link to the folder on the disk that this one belongs to. */
const mark = "of";

/** Why nobody here can keep anything in memory alone, as an order to people; undefined when it can be. */
export function memoryProblem(): string | undefined {
  return placeIn(places) === undefined
    ? "mount a tmpfs on /run or on /dev/shm: what is secret is never on a disk"
    : undefined;
}

/**
 * A folder on a tmpfs that belongs to a folder on the disk, and that nobody but its user and root can enter: for what is secret, and for what
 * ends with the machine. It is there while something is in it. Beside each other, those of many folders do not meet.
 */
export class MemoryFolder {
  readonly dir: string;
  readonly #of: string;

  /** Throws what `memoryProblem` says. `within` is another list of places, for tests. */
  constructor(of: string, within: readonly string[] = places) {
    const place = placeIn(within);
    if (place === undefined) throw new Error(memoryProblem());
    this.#of = of;
    this.dir = join(place, prefix + createHash("sha256").update(of).digest("hex").slice(0, 12));
  }

  path(...names: string[]): string {
    return join(this.dir, ...names);
  }

  /** Makes a folder, of mode 0700, and answers its path. Throws when somebody else has made the outermost. */
  make(...names: string[]): string {
    try {
      mkdirSync(this.dir, { mode: 0o700 });
      symlinkSync(this.#of, this.path(mark));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      if (!isOurs(this.dir)) throw new Error(`${this.dir} is in the way: it is somebody else's`);
    }
    mkdirSync(this.path(...names), { recursive: true, mode: 0o700 });
    return this.path(...names);
  }

  /** The names in one of its folders; none when that is not there. */
  names(...names: string[]): string[] {
    return existsSync(this.path(...names)) ? readdirSync(this.path(...names)) : [];
  }

  /** Removes a file or folder with all that is in it, and what is empty then; also when somebody else has removed it already. */
  remove(...names: string[]): void {
    const path = this.path(...names);
    if (!existsSync(this.dir)) return;
    rmSync(path, { recursive: true, force: true });
    for (let above = dirname(path); above !== this.dir; above = dirname(above)) if (!isRemoved(above)) return;
    this.#tidy();
  }

  /** Removes those of folders that are on no disk any more. */
  sweepOthers(): void {
    const place = join(this.dir, "..");
    for (const name of readdirSync(place)) {
      const dir = join(place, name);
      if (name.startsWith(prefix) && dir !== this.dir && isOurs(dir) && isForsaken(dir))
        rmSync(dir, { recursive: true, force: true });
    }
  }

  // All at once, so that nothing is made in between.
  #tidy(): void {
    if (this.names().some((name) => name !== mark)) return;
    rmSync(this.path(mark), { force: true });
    rmdirSync(this.dir);
  }
}

function placeIn(within: readonly string[]): string | undefined {
  return within.find((path) => existsSync(path) && statfsSync(path).type === TMPFS_MAGIC && isWritable(path));
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function isOurs(dir: string): boolean {
  const stats = lstatSync(dir, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && stats.uid === process.getuid?.() && (stats.mode & 0o077) === 0;
}

function isForsaken(dir: string): boolean {
  try {
    return !existsSync(readlinkSync(join(dir, mark)));
  } catch {
    return false;
  }
}

function isRemoved(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}
