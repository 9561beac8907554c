import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, readSync, type Stats } from "node:fs";
import { join } from "node:path";

const linksMax = 40;

/** What lies at a path inside. */
export interface Found {
  /** Where it lies on this machine: for a folder that several layers have, its topmost. */
  readonly host: string;
  readonly stats: Stats;
  /** Its path inside, without links. */
  readonly inside: string;
}

/** Something of this machine that is seen at another place inside. */
export interface Bound {
  readonly inside: string;
  readonly host: string;
}

/**
 * The root file system of a container as it will be seen inside, before anything is mounted: layers (topmost first) and what is bound over
 * them. Links are followed as they would be inside: none of them leads out.
 */
export class RootView {
  readonly #layers: readonly string[];
  readonly #bounds: ReadonlyMap<string, string>;

  constructor(layers: readonly string[], bounds: readonly Bound[] = []) {
    this.#layers = layers;
    this.#bounds = new Map(bounds.map((one) => [one.inside, one.host]));
  }

  /**
   * Where this path leads inside, as far as it exists: `found` is what is there, undefined when it is not (`inside` is then where it
   * would be). Throws on more than 40 links.
   */
  resolve(path: string): { readonly inside: string; readonly found: Found | undefined } {
    let open = partsOf(path).reverse();
    let [trail, links] = [[{ inside: "/", folders: this.#layers }] as Step[], 0];
    while (open.length > 0) {
      const name = open.pop()!;
      if (name === "..") {
        if (trail.length > 1) trail.pop();
        continue;
      }
      const at = trail.at(-1)!;
      const inside = join(at.inside, name);
      const next = this.#look(at, name, inside);
      if (next.file?.isSymbolicLink()) {
        if (++links > linksMax) throw new Error(`too many links on the way to ${path}`);
        const target = readlinkSync(next.host!);
        if (target.startsWith("/")) trail = trail.slice(0, 1);
        open = [...open, ...partsOf(target).reverse()];
        continue;
      }
      trail.push({ inside, ...next });
    }
    return this.#end(trail.at(-1)!);
  }

  /** The text of a file inside, at most 1 MiB of it; undefined when there is no plain file. */
  read(path: string): string | undefined {
    const { found } = this.resolve(path);
    if (!found?.stats.isFile()) return undefined;
    const file = openSync(found.host, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      if (!fstatSync(file).isFile()) return undefined;
      const bytes = Buffer.alloc(1024 * 1024);
      return bytes.subarray(0, readSync(file, bytes)).toString();
    } finally {
      closeSync(file);
    }
  }

  #end(last: Step): { inside: string; found: Found | undefined } {
    const host = last.file ? last.host! : last.folders[0];
    const stats = host === undefined ? undefined : (last.file ?? statsOf(host));
    return {
      inside: last.inside,
      found: host !== undefined && stats ? { host, stats, inside: last.inside } : undefined,
    };
  }

  // A folder of an upper layer is merged with those below; anything else hides them, and a device 0:0 says that nothing is there.
  #look(at: Step, name: string, inside: string): Omit<Step, "inside"> {
    const bound = this.#bounds.get(inside);
    if (bound !== undefined) {
      const stats = statsOf(bound);
      return stats?.isDirectory()
        ? { folders: [bound] }
        : stats
          ? { folders: [], file: stats, host: bound }
          : { folders: [] };
    }
    const folders: string[] = [];
    for (const folder of at.folders) {
      const host = join(folder, name);
      const stats = statsOf(host);
      if (!stats) continue;
      if (stats.isDirectory()) folders.push(host);
      else if (folders.length > 0 || (stats.isCharacterDevice() && stats.rdev === 0)) break;
      else return { folders: [], file: stats, host };
    }
    return { folders };
  }
}

interface Step {
  readonly inside: string;
  /** Folders that are merged here; none when nothing is there, or a file. */
  readonly folders: readonly string[];
  readonly file?: Stats;
  readonly host?: string;
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

function statsOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}
