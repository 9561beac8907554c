import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { MemoryFolder } from "@meseta/lib/io/memory-folder.ts";

/** What has to be known of a container as long as it runs, also by a later life of the agent. */
export interface ContainerRecord {
  /** The container in which this one runs, itself inside no other. */
  readonly inside?: string;
  /** It shares its pid namespace with those of this group. */
  readonly pidGroup?: string | undefined;
  readonly devices: readonly string[];
  /** The machine's ids of its first process. */
  readonly owner: string;
}

/**
 * The folders of all containers. Each has one on the disk, with its root, its writable layer and what is known of it; and one in memory, its
 * bundle, with all that its environment stands in, as that may be secret. Nothing else is in there.
 */
export class Folders {
  readonly dir: string;
  readonly #memory: MemoryFolder;

  constructor(dir: string, memory: MemoryFolder) {
    this.dir = dir;
    this.#memory = memory;
    mkdirSync(dir, { recursive: true, mode: 0o711 });
  }

  /** A file or folder of a container. */
  path(id: string, ...names: string[]): string {
    return join(this.dir, id, ...names);
  }

  /** A file of a container's bundle, or the bundle. */
  bundle(id: string, ...names: string[]): string {
    return this.#memory.path("containers", id, ...names);
  }

  /** Makes empty folders for the container, where nobody but root can enter. */
  make(id: string): void {
    rmSync(this.path(id), { recursive: true, force: true });
    mkdirSync(this.path(id), { mode: 0o700 });
    this.#memory.remove("containers", id);
    this.#memory.make("containers", id);
  }

  /** The runtime has read it. */
  removeFromBundle(id: string, ...names: string[]): void {
    for (const name of names) rmSync(this.bundle(id, name), { force: true });
  }

  has(id: string): boolean {
    return lstatSync(this.path(id), { throwIfNoEntry: false }) !== undefined;
  }

  record(id: string): ContainerRecord | undefined {
    try {
      return JSON.parse(readFileSync(this.path(id, "kind.json"), "utf8"));
    } catch {
      return undefined;
    }
  }

  write(id: string, record: ContainerRecord): void {
    writeFileSync(this.path(id, "kind.json"), JSON.stringify(record));
  }

  /** Removes all of a container, following no link. Its mounts were only ever seen in its own namespace. */
  async remove(id: string): Promise<void> {
    this.#memory.remove("containers", id);
    await rm(this.path(id), { recursive: true, force: true, maxRetries: 3 });
  }

  /** At once: a container that is begun meanwhile would be taken for one that nobody knows. */
  all(): string[] {
    return [...new Set([...readdirSync(this.dir), ...this.#memory.names("containers")])];
  }
}
