import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Below, shown } from "./below.ts";
import { ImageFailed } from "./failure.ts";

const program = fileURLToPath(new URL("marks.pl", import.meta.url));
const PREFIX = ".wh.";
const OPAQUE = ".wh..wh..opq";

/**
 * What a layer takes away from those below it. In archives these are files named ".wh.<name>", and ".wh..wh..opq" for all of a
 * folder (image-spec, layer.md); for overlayfs they are devices 0:0 and an attribute of the folder. Made when all else is there, because a
 * layer may take a name away and have it anew.
 */
export class Marks {
  readonly #root: string;
  readonly #gone = new Set<string>();
  readonly #opaque = new Set<string>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Whether the entry was such a mark, which is then noted, and is no file of the layer. */
  take(path: string): boolean {
    const slash = path.lastIndexOf("/");
    const [folder, name] = [path.slice(0, slash + 1), path.slice(slash + 1)];
    if (path.split("/").some((part) => part.startsWith(".wh..wh.") && part !== OPAQUE)) return true; // aufs' own books
    if (!name.startsWith(PREFIX)) return false;
    if (name === OPAQUE) this.#opaque.add(folder.slice(0, -1));
    else this.#gone.add(folder + named(path, name.slice(PREFIX.length)));
    return true;
  }

  apply(below: Below): void {
    const orders: string[] = [];
    for (const path of this.#gone) {
      const found = below.look(path);
      if (found === undefined) orders.push("w", path);
      else if (found.isDirectory()) this.#opaque.add(path);
    }
    for (const path of this.#opaque) {
      below.folder(path, true);
      orders.push("o", path);
    }
    if (orders.length > 0) carryOut(this.#root, orders);
  }
}

function named(path: string, name: string): string {
  if (name === "" || name === "." || name === "..")
    throw new ImageFailed(`the mark ${shown(path)} in a layer takes away no name`);
  return name;
}

// Node can neither make devices nor set attributes.
function carryOut(root: string, orders: readonly string[]): void {
  const input = Buffer.from(orders.map((one) => `${one}\0`).join(""), "latin1");
  const { status, stderr, error } = spawnSync("/usr/bin/perl", [program, root], { input, encoding: "utf8", env: {} });
  if (error) throw new ImageFailed(`a layer's deletions need perl (Debian's perl-base): ${error.message}`);
  if (status !== 0) throw new ImageFailed(`a layer's deletions could not be made: ${stderr.trim().slice(0, 300)}`);
}
