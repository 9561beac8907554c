import { chownSync, writeFileSync } from "node:fs";
import type { MemoryFolder } from "@meseta/lib/io/memory-folder.ts";

/**
 * Secrets on their way into containers: files on a tmpfs that only root can enter, there until their container has started and has them
 * mounted. They are never on a disk, in a command line or in a record.
 */
export class Secrets {
  readonly #memory: MemoryFolder;

  constructor(memory: MemoryFolder) {
    this.#memory = memory;
  }

  /** Writes one (base64), readable by this uid of the machine alone; its path. */
  put(id: string, at: number, content: string, uid: number, gid: number): string {
    this.#memory.make("secrets", id);
    const path = this.#memory.path("secrets", id, String(at));
    writeFileSync(path, Buffer.from(content, "base64"), { mode: 0o400, flag: "wx" });
    chownSync(path, uid, gid);
    return path;
  }

  /** The container has them, or will never have: the files go, and what is mounted stays readable inside. */
  remove(id: string): void {
    this.#memory.remove("secrets", id);
  }

  /** Removes those of all containers but these. */
  sweep(known: ReadonlySet<string>): void {
    for (const id of this.#memory.names("secrets")) if (!known.has(id)) this.remove(id);
  }
}
