// Who uses which image: `<dir>/holders/<hash of the holder>-<image's digest>`, empty files. Each is one more name of the file `none`, because a
// new name costs a fiftieth of what a new file does, and containers are waited for. It is there as a whole or not at all.
import { createHash } from "node:crypto";
import { linkSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export class Holders {
  readonly #folder: string;
  /** Digests by the hash of the holder. */
  readonly #held = new Map<string, Set<string>>();

  constructor(dir: string) {
    this.#folder = join(dir, "holders");
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(this.#folder)) {
      const [holder, digest] = name.split("-");
      if (holder !== undefined && digest !== undefined) this.#of(holder).add(`sha256:${digest}`);
    }
  }

  hold(holder: string, digest: string): void {
    const key = keyOf(holder);
    const held = this.#of(key);
    if (held.has(digest)) return;
    this.#write(this.#path(key, digest));
    held.add(digest);
  }

  release(holder: string): void {
    this.#release(keyOf(holder));
  }

  /** Those that are none of these are gone. */
  keep(holders: ReadonlySet<string>): void {
    const keys = new Set([...holders].map(keyOf));
    for (const key of [...this.#held.keys()]) if (!keys.has(key)) this.#release(key);
  }

  held(): Set<string> {
    return new Set([...this.#held.values()].flatMap((digests) => [...digests]));
  }

  #release(key: string): void {
    for (const digest of this.#held.get(key) ?? []) rmSync(this.#path(key, digest), { force: true });
    this.#held.delete(key);
  }

  // A file system bounds the names of one file (ext4: 65,000): then it is another file from here on.
  #write(path: string): void {
    const none = join(this.#folder, "none");
    try {
      linkSync(none, path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EEXIST") return;
      if (code !== "EMLINK" && code !== "ENOENT") throw error;
      rmSync(none, { force: true });
      writeFileSync(none, "", { mode: 0o600 });
      linkSync(none, path);
    }
  }

  #of(key: string): Set<string> {
    const held = this.#held.get(key) ?? new Set<string>();
    this.#held.set(key, held);
    return held;
  }

  #path(key: string, digest: string): string {
    return join(this.#folder, `${key}-${digest.slice("sha256:".length)}`);
  }
}

const keyOf = (holder: string): string => createHash("sha256").update(holder).digest("hex");
