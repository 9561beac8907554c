// A tar on this machine as a set of files that can be read from anywhere.

import { constants, createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { pathBelow } from "./below.ts";
import { IMAGE_BOUNDS } from "./bounds.ts";
import { ImageFailed } from "./failure.ts";
import type { Files } from "./layout.ts";
import { type TarEntry, TarReader } from "./tar.ts";

interface Place {
  readonly kind: TarEntry["kind"];
  readonly target: string;
  readonly at: number;
  readonly size: number;
}

const MAX_ENTRIES = IMAGE_BOUNDS.archiveEntries.most;
const READ_BYTES = 256 * 1024;

export class Archive implements Files {
  readonly #file: string;
  readonly #handle: FileHandle;
  readonly #places: ReadonlyMap<string, Place>;

  /** Reads where everything is. Rejects with ImageFailed when it is no tar, or a compressed one. */
  static async open(file: string): Promise<Archive> {
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch((error) =>
      Promise.reject(new ImageFailed(`${file} cannot be read: ${error.message}`)),
    );
    try {
      if (!(await handle.stat()).isFile()) throw new ImageFailed(`${file} is no file`);
      return new Archive(file, handle, await survey(file, handle));
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  private constructor(file: string, handle: FileHandle, places: ReadonlyMap<string, Place>) {
    [this.#file, this.#handle, this.#places] = [file, handle, places];
  }

  has(name: string): boolean {
    return this.#places.has(pathBelow(name));
  }

  size(name: string): number {
    return this.#place(name).size;
  }

  async read(name: string, limit: number): Promise<Buffer> {
    const { at, size } = this.#place(name);
    if (size > limit) throw new ImageFailed(`${name} in ${this.#file} has more than ${limit} bytes`);
    const bytes = Buffer.alloc(size);
    await this.#handle.read(bytes, 0, size, at);
    return bytes;
  }

  stream(name: string, from: number): AsyncIterable<Buffer> {
    const { at, size } = this.#place(name);
    if (from >= size) return empty();
    return createReadStream(this.#file, {
      start: at + from,
      end: at + size - 1,
      highWaterMark: READ_BYTES,
    }) as AsyncIterable<Buffer>;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  // Archives of older Dockers name a layer that they have twice by a link to the first.
  #place(name: string): Place {
    const path = pathBelow(name);
    const place = this.#places.get(path);
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    const found = place?.kind === "symlink" ? this.#places.get(resolved(folder, place.target)) : place;
    if (found?.kind !== "file")
      throw new ImageFailed(`${this.#file} has no file ${JSON.stringify(name.slice(0, 200))}`);
    return found;
  }
}

// Header by header: what lies between them is not read.
async function survey(file: string, handle: FileHandle): Promise<Map<string, Place>> {
  const places = new Map<string, Place>();
  const block = Buffer.alloc(512);
  let at = 0;
  const reader = new TarReader({
    entry({ kind, name, target, size }) {
      if (places.size === MAX_ENTRIES) throw new ImageFailed(`${file} has more than ${MAX_ENTRIES} entries`);
      places.set(pathBelow(name), { kind, target, at, size });
    },
    data() {},
    end() {},
  });
  while (!reader.ended) {
    const { bytesRead } = await handle.read(block, 0, 512, at);
    if (at === 0) checkPlain(file, block);
    if (bytesRead < 512) break;
    at += 512;
    reader.push(block);
    at += reader.skip();
  }
  reader.finish();
  if (places.size === 0) throw new ImageFailed(`${file} is no archive of an image`);
  return places;
}

function checkPlain(file: string, start: Buffer): void {
  if (start.readUInt16BE(0) === 0x1f8b || start.readUInt32LE(0) === 0xfd2fb528)
    throw new ImageFailed(`${file} is compressed; unpack it first, with gunzip or unzstd`);
}

function resolved(folder: string, target: string): string {
  const parts: string[] = [];
  for (const part of `${target.startsWith("/") ? "" : folder}${target}`.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}

async function* empty(): AsyncGenerator<Buffer> {}
