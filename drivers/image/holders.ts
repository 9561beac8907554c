// Who uses which image: `<dir>/holders/<hash of the holder>-<image's digest>`, links whose text is the holder. One system call each, and whole or not there.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
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
    symlinkSync(holder.slice(0, 4000), this.#path(key, digest));
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
