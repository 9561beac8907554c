import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import type { FetchUser, Validators } from "./order.ts";

/** A file in the cache. */
export interface Entry extends Validators {
  readonly key: string;
  readonly path: string;
  readonly bytes: number;
}

interface Held extends Entry {
  users: number;
  /** Nobody gets it any more: it goes with its last user. */
  dropped: boolean;
}

/**
 * Files that were fetched before, each for one user. What is used least recently goes when there is no room; what is being used
 * stays. The folder can be entered by all and listed by nobody, and its files are the agent's, readable by their user alone.
 */
export class FetchCache {
  readonly maxBytes: number;
  readonly #dir: string;
  /** Least recently used first. */
  readonly #entries = new Map<string, Held>();
  #usedBytes = 0;

  /** Begins empty: what an earlier life left is removed. */
  constructor(dir: string, maxBytes: number) {
    this.#dir = dir;
    this.maxBytes = maxBytes;
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir, { recursive: true, mode: 0o711 });
  }

  /** Of all files that are there, and those that are on their way. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  look(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  /** The entry stays until `release`. */
  hold(entry: Entry): Entry {
    const held = entry as Held;
    held.users++;
    if (this.#entries.delete(held.key)) this.#entries.set(held.key, held);
    return held;
  }

  release(entry: Entry): void {
    const held = entry as Held;
    held.users--;
    if (held.dropped && held.users === 0) this.#remove(held);
  }

  /** Nobody gets it any more. */
  drop(entry: Entry): void {
    const held = entry as Held;
    if (this.#entries.get(held.key) === held) this.#entries.delete(held.key);
    held.dropped = true;
    if (held.users === 0) this.#remove(held);
  }

  /**
   * Room for a file, and the file, empty and the user's, which `fill` writes. What it becomes then is the agent's, and held once.
   * Undefined, with nothing removed for it, when it does not fit beside what is in use. Rejects as `fill` does.
   */
  async add(
    key: string,
    bytes: number,
    user: FetchUser | undefined,
    fill: (path: string) => Promise<Validators>,
  ): Promise<Entry | undefined> {
    if (!this.#makeRoom(bytes)) return undefined;
    this.#usedBytes += bytes;
    const path = `${this.#dir}/${randomUUID()}`;
    try {
      await make(path, user);
      const validators = await fill(path);
      await seal(path, bytes, user);
      const entry: Held = { ...validators, key, path, bytes, users: 1, dropped: false };
      const older = this.#entries.get(key);
      if (older !== undefined) this.drop(older);
      this.#entries.set(key, entry);
      return entry;
    } catch (error) {
      this.#usedBytes -= bytes;
      await rm(path, { force: true });
      throw error;
    }
  }

  #makeRoom(bytes: number): boolean {
    const idle = [...this.#entries.values()].filter(({ users }) => users === 0);
    let free = this.maxBytes - this.#usedBytes;
    const going = idle.filter((entry) => free < bytes && (free += entry.bytes) > 0);
    if (free < bytes) return false;
    for (const entry of going) this.drop(entry);
    return true;
  }

  #remove(entry: Held): void {
    this.#usedBytes -= entry.bytes;
    // What cannot be removed now is removed at the next start.
    rm(entry.path, { force: true }).catch(() => {});
  }
}

async function make(path: string, user: FetchUser | undefined): Promise<void> {
  await using file = await open(path, "wx", 0o600);
  if (user !== undefined) await file.chown(user.uid, user.gid);
}

// From now on no task can change what later ones get.
async function seal(path: string, bytes: number, user: FetchUser | undefined): Promise<void> {
  await using file = await open(path, "r");
  if ((await file.stat()).size !== bytes) throw new Error("what was stored has another length than what was sent");
  if (user !== undefined) await file.chown(process.getuid!(), user.gid);
  await file.chmod(0o440);
}
