import { constants, type FSWatcher, watch } from "node:fs";
import { type FileHandle, open, readlink } from "node:fs/promises";
import { AGENT_BOUNDS } from "../../core/agent/bounds.ts";

const MOST_BYTES = AGENT_BOUNDS.outputBytes.most;

/** Reads a file as it grows; one that was cut by rotation is read from its new beginning. */
export class Tail {
  readonly #path: string;
  readonly #onChange: () => void;
  #file: FileHandle | undefined;
  #watcher: FSWatcher | undefined;
  #offset = 0;

  /** `onChange` is called when the file was written to, as far as the kernel tells. */
  constructor(path: string, onChange: () => void) {
    this.#path = path;
    this.#onChange = onChange;
  }

  /** Whether changes are told: the file is there, and the kernel had a watch to spare. */
  get watched(): boolean {
    return this.#watcher !== undefined;
  }

  /** Leaves out what is there now. */
  async skip(): Promise<void> {
    this.#offset = await this.#size();
  }

  /** What comes next, at most 64 KiB of it; undefined when there is nothing new. */
  async next(): Promise<Uint8Array | undefined> {
    const size = await this.#size();
    if (size < this.#offset) this.#offset = 0;
    if (size === this.#offset) return undefined;
    const { buffer, bytesRead } = await this.#file!.read(
      Buffer.alloc(Math.min(MOST_BYTES, size - this.#offset)),
      0,
      undefined,
      this.#offset,
    );
    this.#offset += bytesRead;
    return bytesRead === 0 ? undefined : buffer.subarray(0, bytesRead);
  }

  async close(): Promise<void> {
    this.#watcher?.close();
    await this.#file?.close();
  }

  async #size(): Promise<number> {
    if (this.#file === undefined) {
      this.#file = await openItself(this.#path);
      this.#watcher = this.#file && watchItself(this.#file, this.#onChange);
    }
    return this.#file === undefined ? 0 : (await this.#file.stat()).size;
  }
}

// The task may have put a link in the file's place, or in that of a folder above it.
async function openItself(path: string): Promise<FileHandle | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => undefined,
  );
  if (file === undefined || (await readlink(`/proc/self/fd/${file.fd}`)) === path) return file;
  await file.close();
  return undefined;
}

// The open file rather than its path, which may lead elsewhere by now.
function watchItself(file: FileHandle, onChange: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(`/proc/self/fd/${file.fd}`, { persistent: false }, onChange);
    return watcher.on("error", () => watcher.close());
  } catch {
    // A machine has only so many watches (fs.inotify.max_user_watches).
    return undefined;
  }
}
