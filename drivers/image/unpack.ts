// Lays one layer's archive out in a folder, in the form that overlayfs wants. What an archive could do to the machine is refused here; see README.md.

import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  createReadStream,
  fchmodSync,
  fchownSync,
  futimesSync,
  lchownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import type { Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { Below, pathBelow, shown } from "./below.ts";
import { IMAGE_BOUNDS } from "./bounds.ts";
import { checkDisk } from "./disk.ts";
import { ImageFailed } from "./failure.ts";
import { Marks } from "./marks.ts";
import { type TarEntry, TarReader, type TarSink } from "./tar.ts";

/** How much an image may become; shared by its layers. */
export interface Budget {
  /** Unpacked bytes, entries and all. */
  bytesLeft: number;
  entriesLeft: number;
  /** The part of the disk, 0 to 1, that stays free. */
  readonly keepFree: number;
}

export interface Unpacked {
  /** "sha256:…" of the uncompressed archive. */
  readonly diffId: string;
  readonly bytes: number;
  /** Entries that lost a setuid or setgid bit, and extended attributes (file capabilities among them) that were left away. */
  readonly dropped: { readonly setid: number; readonly attributes: number };
}

/** Bytes that unpack to so many times their size are a bomb, beyond what small archives of zeros come to. */
const MAX_RATIO = IMAGE_BOUNDS.ratio.most;
const RATIO_FROM_BYTES = 100 * 1024 * 1024;
const LOOK_AT_DISK_EVERY = 64 * 1024 * 1024;
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const MAX_ID = 0xffff_fffe;

/**
 * Unpacks `archive` (tar, plain or compressed by gzip or zstd) of `compressedBytes` into the empty folder `root`. Owners
 * need root. Throws ImageFailed with the reason, and then `root` is half full: the caller removes it.
 */
export async function unpackLayer(
  archive: string,
  compressedBytes: number,
  root: string,
  budget: Budget,
): Promise<Unpacked> {
  const layer = new Layer(root, budget);
  const reader = new TarReader(layer);
  const hash = createHash("sha256");
  let bytes = 0;
  let lookedAt = 0;
  try {
    for await (const chunk of plainTar(archive)) {
      bytes += chunk.length;
      budget.bytesLeft -= chunk.length;
      checkBomb(bytes, compressedBytes, budget);
      if (bytes - lookedAt >= LOOK_AT_DISK_EVERY) {
        lookedAt = bytes;
        checkDisk(root, budget.keepFree);
      }
      hash.update(chunk);
      reader.push(chunk);
    }
    reader.finish();
    layer.finish();
  } catch (error) {
    throw explained(error);
  } finally {
    layer.close();
  }
  return { diffId: `sha256:${hash.digest("hex")}`, bytes, dropped: layer.dropped };
}

class Layer implements TarSink {
  readonly dropped = { setid: 0, attributes: 0 };
  readonly #below: Below;
  readonly #marks: Marks;
  readonly #budget: Budget;
  /** Times of folders, set last: whatever is made in them changes them. */
  readonly #times = new Map<string, number>();
  #file: { fd: number; entry: TarEntry } | undefined;

  constructor(root: string, budget: Budget) {
    this.#below = new Below(root);
    this.#marks = new Marks(root);
    this.#budget = budget;
  }

  entry(entry: TarEntry): void {
    if (--this.#budget.entriesLeft < 0) throw new ImageFailed("the image has more entries than are taken");
    const path = pathBelow(entry.name);
    if (this.#marks.take(path)) return;
    this.dropped.attributes += entry.attributes;
    if (entry.mode & 0o6000 && entry.kind !== "symlink" && entry.kind !== "link") this.dropped.setid++;
    if (entry.uid < 0 || entry.gid < 0 || entry.uid > MAX_ID || entry.gid > MAX_ID)
      throw new ImageFailed(`${shown(path)} in a layer has an owner that cannot be`);
    this.#make(entry, path);
  }

  data(chunk: Buffer): void {
    if (!this.#file) return;
    for (let at = 0; at < chunk.length; ) at += writeSync(this.#file.fd, chunk, at);
  }

  end(): void {
    if (!this.#file) return;
    const { fd, entry } = this.#file;
    this.#file = undefined;
    futimesSync(fd, entry.mtime, entry.mtime);
    closeSync(fd);
  }

  finish(): void {
    this.#marks.apply(this.#below);
    for (const [path, mtime] of this.#times)
      lutimesSync(path === "" ? this.#below.at(".") : this.#below.find(path), mtime, mtime);
  }

  close(): void {
    if (this.#file) closeSync(this.#file.fd);
    this.#below.close();
  }

  #make(entry: TarEntry, path: string): void {
    switch (entry.kind) {
      case "directory":
        return this.#directory(entry, path);
      case "file":
        return this.#open(entry, this.#cleared(path));
      case "symlink":
        return this.#symlink(entry, this.#cleared(path));
      case "link":
        return this.#link(entry, path);
      case "character device":
      case "block device":
      case "pipe":
        throw new ImageFailed(
          `a layer has a ${entry.kind}, ${shown(path)}; images with devices or pipes in them are not run`,
        );
    }
  }

  #directory(entry: TarEntry, path: string): void {
    const found = path === "" ? undefined : this.#below.look(path);
    if (found !== undefined && !found.isDirectory()) this.#below.remove(path, found);
    if (path !== "" && !found?.isDirectory()) mkdirSync(this.#below.at(path), 0o755);
    const fd = this.#below.folder(path, false);
    fchownSync(fd, entry.uid, entry.gid);
    fchmodSync(fd, plain(entry.mode));
    this.#times.set(path, entry.mtime);
  }

  #open(entry: TarEntry, at: Buffer): void {
    const fd = openSync(at, CREATE, 0o600);
    this.#file = { fd, entry };
    if (entry.uid !== 0 || entry.gid !== 0) fchownSync(fd, entry.uid, entry.gid);
    fchmodSync(fd, plain(entry.mode));
  }

  #symlink(entry: TarEntry, at: Buffer): void {
    if (entry.target === "" || entry.target.includes("\0") || entry.target.length > 4095)
      throw new ImageFailed(`the link ${shown(entry.name)} in a layer leads nowhere`);
    symlinkSync(Buffer.from(entry.target, "latin1"), at);
    lchownSync(at, entry.uid, entry.gid);
    lutimesSync(at, entry.mtime, entry.mtime);
  }

  // Where a link leads is only looked at when somebody goes there; a hard link is the file itself, so it must be this layer's.
  #link(entry: TarEntry, path: string): void {
    const target = pathBelow(entry.target);
    const found = target === "" || target === path ? undefined : this.#below.look(target);
    if (found === undefined || !(found.isFile() || found.isSymbolicLink()))
      throw new ImageFailed(
        `${shown(path)} in a layer is a hard link to ${shown(entry.target)}, which is no file of that layer`,
      );
    const at = this.#cleared(path);
    linkSync(this.#below.find(target), at);
  }

  /** Room for something new: of two entries of one name the later counts. */
  #cleared(path: string): Buffer {
    if (path === "") throw new ImageFailed("the root of a layer is not a folder");
    const found = this.#below.look(path);
    if (found !== undefined) this.#below.remove(path, found);
    return this.#below.at(path);
  }
}

// What compression it is shows in the first bytes; what the registry calls it may be wrong.
function plainTar(archive: string): AsyncIterable<Buffer> {
  const fd = openSync(archive, constants.O_RDONLY | constants.O_NOFOLLOW);
  const start = Buffer.alloc(4);
  readSync(fd, start, 0, 4, 0);
  const raw = createReadStream("", { fd, start: 0, highWaterMark: 256 * 1024 });
  if (start.readUInt16BE(0) === 0x1f8b) return piped(raw, createGunzip({ chunkSize: 256 * 1024 }));
  if (start.readUInt32LE(0) === 0xfd2fb528) return piped(raw, createZstdDecompress({ chunkSize: 256 * 1024 }));
  return raw as AsyncIterable<Buffer>;
}

function piped(raw: Readable, through: NodeJS.ReadWriteStream & Readable): AsyncIterable<Buffer> {
  raw.on("error", (error) => through.destroy(error));
  through.on("close", () => raw.destroy());
  return raw.pipe(through) as unknown as AsyncIterable<Buffer>;
}

function checkBomb(bytes: number, compressed: number, budget: Budget): void {
  if (budget.bytesLeft < 0) throw new ImageFailed("the image unpacks to more bytes than are taken");
  if (bytes > RATIO_FROM_BYTES && bytes > compressed * MAX_RATIO)
    throw new ImageFailed(`a layer unpacks to more than ${MAX_RATIO} times its size, as bombs do`);
}

function explained(error: unknown): unknown {
  if (error instanceof ImageFailed) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (/^(Z_|ERR_ZLIB|ZSTD_|ERR_.*ZSTD)/.test(code ?? ""))
    return new ImageFailed(`a layer's archive is damaged: ${message}`, { cause: error });
  if (code === "ENOTEMPTY")
    return new ImageFailed("a layer replaces one of its own folders by something else", { cause: error });
  if (code === "ENOSPC")
    return new ImageFailed("the disk is full: no room for the image; remove images or give it more room", {
      cause: error,
    });
  if (code === "EPERM") return new ImageFailed(`images need an agent that runs as root: ${message}`, { cause: error });
  return new ImageFailed(`a layer cannot be unpacked: ${message}`, { cause: error });
}

/** Without setuid and setgid: a container has no_new_privs, under which they mean nothing. */
const plain = (mode: number): number => mode & 0o1777;
