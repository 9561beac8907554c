// The verified bytes of images, by digest: `<dir>/blobs/sha256/<hex>`. What is there is whole and right; what is on its way ends in ".part".
import { createHash, type Hash } from "node:crypto";
import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { checkDisk } from "./disk.ts";
import { ImageFailed } from "./failure.ts";
import type { Descriptor } from "./manifest.ts";
import { type Pause, persistently } from "./retry.ts";
import type { Source } from "./source.ts";

export interface DownloadOptions {
  readonly keepFree: number;
  readonly pause: Pause;
  /** Others want this blob: it is left as far as it is, by throwing the signal's reason. */
  readonly others: AbortSignal;
  /** Told of every piece. */
  readonly arrived: (bytes: number) => void;
}

export class Blobs {
  readonly #folder: string;

  constructor(dir: string) {
    this.#folder = join(dir, "blobs", "sha256");
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
  }

  path(digest: string): string {
    return join(this.#folder, digest.slice("sha256:".length));
  }

  has(digest: string): boolean {
    return existsSync(this.path(digest));
  }

  /** The bytes of a small blob; undefined when it is not here, or no longer what it was. */
  read(digest: string): Buffer | undefined {
    if (!this.has(digest)) return undefined;
    const bytes = readFileSync(this.path(digest));
    return digestOf(bytes) === digest ? bytes : undefined;
  }

  write(digest: string, bytes: Uint8Array): void {
    const temporary = `${this.path(digest)}.${process.pid}.new`;
    const fd = openSync(temporary, "w", 0o600);
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, this.path(digest));
  }

  remove(digest: string): void {
    rmSync(this.path(digest), { force: true });
  }

  /** Removes all others, and what was on its way. */
  keep(digests: ReadonlySet<string>): void {
    for (const name of readdirSync(this.#folder))
      if (!digests.has(`sha256:${name}`)) rmSync(join(this.#folder, name), { force: true });
  }

  /** The whole blob on the disk, verified, going on where an earlier attempt was cut. One at a time for a blob. Rejects with ImageFailed. */
  async download(blob: Descriptor, source: Source, options: DownloadOptions): Promise<string> {
    // What an earlier life had whole may have suffered from a power cut: it is looked at once more.
    if (this.has(blob.digest)) renameSync(this.path(blob.digest), `${this.path(blob.digest)}.part`);
    checkDisk(this.#folder, options.keepFree, blob.size);
    const part = new Part(`${this.path(blob.digest)}.part`, blob);
    try {
      if (!(await this.#fill(part, source, options))) throw part.wrong();
      renameSync(part.path, this.path(blob.digest));
    } finally {
      part.close();
    }
    return this.path(blob.digest);
  }

  // When what an earlier life had left was not good, it is asked for anew, once.
  async #fill(part: Part, source: Source, options: DownloadOptions): Promise<boolean> {
    const inherited = part.length > 0;
    options.arrived(part.length);
    options.others.addEventListener("abort", () => options.arrived(-part.length), { once: true });
    await this.#receive(part, source, options);
    if (part.isRight()) return true;
    options.arrived(-part.length);
    part.restart();
    if (!inherited) return false;
    await this.#receive(part, source, options);
    return part.isRight();
  }

  async #receive(part: Part, source: Source, options: DownloadOptions): Promise<void> {
    let before = part.length;
    const attempt = async (): Promise<void> => {
      before = part.length;
      if (part.length === part.blob.size && before > 0) return;
      const content = await source.blob(part.blob, part.length);
      if (content.from !== part.length) {
        options.arrived(-part.length);
        part.restart();
      }
      for await (const bytes of until(options.others, content.bytes)) {
        part.add(bytes);
        options.arrived(bytes.length);
      }
      if (part.length < part.blob.size)
        throw new ImageFailed(`the blob ${part.blob.digest} ended too early`, { passing: true });
    };
    await persistently(attempt, options.pause, () => part.length > before);
  }
}

/** What comes until the signal aborts; then throws its reason, also while nothing comes. */
async function* until<T>(signal: AbortSignal, items: AsyncIterable<T>): AsyncGenerator<T> {
  signal.throwIfAborted();
  const all = items[Symbol.asyncIterator]();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  aborted.catch(() => {});
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    for (;;) {
      const next = await Promise.race([all.next(), aborted]);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener("abort", abort);
    // It may be waiting for the next piece; nobody waits for it.
    all.return?.().catch(() => {});
  }
}

export const digestOf = (bytes: Uint8Array): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** A blob on its way: a file, and the hash of what it holds. */
class Part {
  readonly path: string;
  readonly blob: Descriptor;
  length = 0;
  readonly #fd: number;
  #hash: Hash = createHash("sha256");

  constructor(path: string, blob: Descriptor) {
    this.path = path;
    this.blob = blob;
    this.#fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
    this.#readBack();
  }

  add(bytes: Buffer): void {
    if (this.length + bytes.length > this.blob.size)
      throw new ImageFailed(
        `the blob ${this.blob.digest} has more than the ${this.blob.size} bytes that the manifest says`,
      );
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at, bytes.length - at, this.length + at);
    this.length += bytes.length;
    this.#hash.update(bytes);
  }

  isRight(): boolean {
    return this.length === this.blob.size && this.blob.digest === `sha256:${this.#hash.copy().digest("hex")}`;
  }

  wrong(): ImageFailed {
    return new ImageFailed(
      `what came for the blob ${this.blob.digest} has another digest; the registry, or somebody before it, is lying or damaged`,
    );
  }

  restart(): void {
    this.length = 0;
    this.#hash = createHash("sha256");
    ftruncateSync(this.#fd, 0);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #readBack(): void {
    const buffer = Buffer.allocUnsafe(1024 * 1024);
    for (let read: number; (read = readSync(this.#fd, buffer, 0, buffer.length, this.length)) > 0; ) {
      if (this.length + read > this.blob.size) return this.restart();
      this.#hash.update(buffer.subarray(0, read));
      this.length += read;
    }
  }
}
