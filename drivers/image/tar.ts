// Reads tar as it streams by: ustar, GNU long names, PAX (POSIX.1-2017, pax). Names are "latin1" strings: one character a byte, whatever the encoding,
// so that names which are not UTF-8 stay what they are.
import { IMAGE_BOUNDS } from "./bounds.ts";
import { ImageFailed } from "./failure.ts";

export type TarKind = "file" | "directory" | "link" | "symlink" | "character device" | "block device" | "pipe";

export interface TarEntry {
  readonly kind: TarKind;
  readonly name: string;
  /** Of a link or symlink. */
  readonly target: string;
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** How many extended attributes it wants to have. */
  readonly attributes: number;
}

/** Told in the order of the archive: `entry`, then for a file its `data`, then `end`. */
export interface TarSink {
  entry(entry: TarEntry): void;
  data(chunk: Buffer): void;
  end(): void;
}

const BLOCK = 512;
/** Bytes of one extended header. */
const MAX_EXTENDED = IMAGE_BOUNDS.extendedBytes.most;
const KINDS: Readonly<Record<string, TarKind>> = {
  "0": "file",
  "\0": "file",
  "7": "file",
  "1": "link",
  "2": "symlink",
  "3": "character device",
  "4": "block device",
  "5": "directory",
  "6": "pipe",
};

/** A parser that is fed: `push` chunks of any size, then `finish`. Throws ImageFailed for what is not a tar. */
export class TarReader {
  readonly #sink: TarSink;
  /** A header that is not whole yet. */
  readonly #header = Buffer.alloc(BLOCK);
  #have = 0;
  /** Bytes of the present entry, and the padding behind them. */
  #left = 0;
  #padding = 0;
  /** Collects an extended header; undefined while a file's data goes by. */
  #extended: { type: string; parts: Buffer[] } | undefined;
  #inFile = false;
  #global: Record<string, string> = {};
  #next: Record<string, string> = {};
  #ended = false;

  constructor(sink: TarSink) {
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && !this.#ended) {
      if (this.#left > 0) at = this.#pass(chunk, at);
      else if (this.#padding > 0) at = this.#skip(chunk, at);
      else at = this.#gather(chunk, at);
    }
  }

  /** The archive's last block has been seen. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Leaves a file's data out, for those who can seek: how many bytes are not to be pushed. Between headers only. */
  skip(): number {
    if (this.#extended) return 0;
    const bytes = this.#left + this.#padding;
    this.#left = this.#padding = 0;
    this.#entryEnds();
    return bytes;
  }

  /** The padding of the last entry may be missing, and the end mark: umoci leaves both out, and every other reader takes it. */
  finish(): void {
    if (this.#left > 0 || (this.#have > 0 && !this.#ended))
      throw new ImageFailed("a layer's archive ends in the middle of an entry");
  }

  #pass(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#left);
    const part = chunk.subarray(at, end);
    this.#left -= part.length;
    if (this.#extended) this.#extended.parts.push(Buffer.from(part));
    else this.#sink.data(part);
    if (this.#left === 0) this.#entryEnds();
    return end;
  }

  #skip(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#padding);
    this.#padding -= end - at;
    return end;
  }

  #gather(chunk: Buffer, at: number): number {
    if (this.#have === 0 && chunk.length - at >= BLOCK) {
      this.#head(chunk.subarray(at, at + BLOCK));
      return at + BLOCK;
    }
    const end = Math.min(chunk.length, at + BLOCK - this.#have);
    chunk.copy(this.#header, this.#have, at, end);
    this.#have += end - at;
    if (this.#have === BLOCK) {
      this.#have = 0;
      this.#head(this.#header);
    }
    return end;
  }

  #head(block: Buffer): void {
    // A block of zeros ends the archive; what comes behind it is nobody's.
    if (block[0] === 0 && block.every((byte) => byte === 0)) {
      this.#ended = true;
      return;
    }
    checkSum(block);
    const type = String.fromCharCode(block[156]!);
    const size = number(block, 124, 12);
    if (type === "x" || type === "g" || type === "L" || type === "K") return this.#startExtended(type, size);
    this.#start(readEntry(block, type, size, { ...this.#global, ...this.#next }));
  }

  #startExtended(type: string, size: number): void {
    if (size < 0 || size > MAX_EXTENDED)
      throw new ImageFailed(`a layer's archive has an extended header of ${size} bytes`);
    this.#extended = { type, parts: [] };
    this.#measure(size);
  }

  #start(entry: TarEntry): void {
    this.#next = {};
    this.#inFile = true;
    this.#sink.entry(entry);
    this.#measure(entry.kind === "file" ? entry.size : 0);
  }

  #measure(size: number): void {
    this.#left = size;
    this.#padding = (BLOCK - (size % BLOCK)) % BLOCK;
    if (size === 0) this.#entryEnds();
  }

  #entryEnds(): void {
    const extended = this.#extended;
    if (extended) {
      this.#extended = undefined;
      this.#take(extended.type, Buffer.concat(extended.parts).toString("latin1"));
    } else if (this.#inFile) {
      this.#inFile = false;
      this.#sink.end();
    }
  }

  #take(type: string, text: string): void {
    if (type === "x") Object.assign(this.#next, parsePax(text));
    else if (type === "g") Object.assign(this.#global, parsePax(text));
    else this.#next[type === "L" ? "path" : "linkpath"] = text.split("\0")[0]!;
  }
}

function readEntry(block: Buffer, type: string, size: number, pax: Record<string, string>): TarEntry {
  if (type === "S" || Object.keys(pax).some((key) => key.startsWith("GNU.sparse.")))
    throw new ImageFailed("a layer's archive has a sparse file, which images may not have");
  const kind = KINDS[type];
  if (kind === undefined) throw new ImageFailed(`a layer's archive has an entry of type ${JSON.stringify(type)}`);
  const name = pax["path"] ?? ustarName(block);
  const length = decimal(pax["size"]) ?? size;
  if (length < 0) throw damaged();
  return {
    // Archives of before POSIX tell a directory by its slash alone.
    kind: kind === "file" && name.endsWith("/") ? "directory" : kind,
    name,
    target: pax["linkpath"] ?? text(block, 157, 100),
    size: length,
    mode: number(block, 100, 8) & 0o7777,
    uid: decimal(pax["uid"]) ?? number(block, 108, 8),
    gid: decimal(pax["gid"]) ?? number(block, 116, 8),
    mtime: seconds(pax["mtime"]) ?? number(block, 136, 12),
    attributes: Object.keys(pax).filter((key) =>
      /^(SCHILY\.xattr|LIBARCHIVE\.xattr|RHT\.security|SCHILY\.acl)\./.test(key),
    ).length,
  };
}

function ustarName(block: Buffer): string {
  const name = text(block, 0, 100);
  // GNU's archives say "ustar " and have times where POSIX has the prefix.
  const prefix = block.toString("latin1", 257, 263) === "ustar\0" ? text(block, 345, 155) : "";
  return prefix === "" ? name : `${prefix}/${name}`;
}

function text(block: Buffer, at: number, length: number): string {
  const end = block.indexOf(0, at);
  return block.toString("latin1", at, end < 0 || end > at + length ? at + length : end);
}

// Octal digits, or, with the first bit set, GNU's big-endian binary.
function number(block: Buffer, at: number, length: number): number {
  if (block[at]! & 0x80) return binary(block, at, length);
  const digits = block
    .toString("latin1", at, at + length)
    .replace(/[\0 ]+$/, "")
    .trimStart();
  if (!/^[0-7]*$/.test(digits)) throw damaged();
  return digits === "" ? 0 : Number.parseInt(digits, 8);
}

function binary(block: Buffer, at: number, length: number): number {
  let value = block[at]! & 0x40 ? -1 : 0;
  if (value === 0) value = block[at]! & 0x3f;
  for (let index = at + 1; index < at + length; index++) value = value * 256 + block[index]!;
  if (!Number.isSafeInteger(value)) throw damaged();
  return value;
}

function checkSum(block: Buffer): void {
  let [unsigned, signed] = [256, 256];
  for (let index = 0; index < BLOCK; index++) {
    if (index >= 148 && index < 156) continue;
    unsigned += block[index]!;
    signed += block.readInt8(index);
  }
  const said = number(block, 148, 8);
  if (said !== unsigned && said !== signed) throw damaged();
}

// "LENGTH KEY=VALUE\n", where the length counts itself and all of the record.
function parsePax(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (let at = 0; at < text.length; ) {
    const space = text.indexOf(" ", at);
    const length = Number(text.slice(at, space));
    const equals = text.indexOf("=", space);
    if (
      !Number.isInteger(length) ||
      length <= 0 ||
      equals < 0 ||
      text[at + length - 1] !== "\n" ||
      equals >= at + length
    )
      throw damaged();
    found[text.slice(space + 1, equals)] = text.slice(equals + 1, at + length - 1);
    at += length;
  }
  return found;
}

function decimal(value: string | undefined): number | undefined {
  if (value === undefined || value === "") return undefined;
  if (!/^[0-9]{1,15}$/.test(value)) throw damaged();
  return Number(value);
}

function seconds(value: string | undefined): number | undefined {
  if (value === undefined || value === "") return undefined;
  if (!/^-?[0-9]{1,15}(\.[0-9]*)?$/.test(value)) throw damaged();
  return Number(value);
}

const damaged = (): ImageFailed => new ImageFailed("a layer's archive is damaged, or not a tar");
