import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { type Opened, StoreDamaged, StoreNewer } from "@meseta/lib/core/ports/store.ts";
import { Failure } from "@meseta/shell/core/failure.ts";
import { digestOf, type Records } from "./digest.ts";

/** What the first line of a backup says of it. */
export interface Heading extends Opened {
  readonly format: "meseta-store";
  readonly form: typeof FORM;
  /** When it was written, by ISO 8601. */
  readonly made: string;
  readonly from: string;
}

export interface Archive {
  readonly heading: Heading;
  readonly records: Records;
  readonly digest: string;
}

/**
 * Writes a backup: a line about it and one for each record, `["key","value"]`, each behind its CRC-32, and at last
 * how many there are with the checksum of all.
 * Under its name there is a whole one or none, also after a power cut. Only its owner may read it.
 */
export function writeArchive(file: string, heading: Omit<Heading, "format" | "form">, records: Records): void {
  const temporary = `${file}.new`;
  const out = openSync(temporary, "w", 0o600);
  try {
    for (const text of pieces(heading, records)) writeAll(out, Buffer.from(text));
    fsyncSync(out);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(out);
  }
  renameSync(temporary, file);
  const folder = openSync(dirname(file), "r");
  fsyncSync(folder);
  closeSync(folder);
}

/** What each file of SQLite begins with. */
const SQLITE = "SQLite format 3";

/** Reads a backup. Throws StoreDamaged, with the byte, where a line is not as it was written or one is missing. */
export function readArchive(file: string): Archive {
  const bytes = readFileSync(file);
  let at = 0;
  const damaged = (what: string): StoreDamaged =>
    new StoreDamaged(`${file} is damaged: ${what} at byte ${at}. Take another backup.`);
  const line = (): string => {
    const end = bytes.indexOf(10, at);
    if (end < 0) throw damaged("it ends before its last line,");
    return bytes.toString("utf8", at, end);
  };
  const next = (text: string) => (at += Buffer.byteLength(text) + 1);
  if (bytes.toString("latin1", 0, SQLITE.length) === SQLITE)
    throw new Failure("bad-file", { file, why: `it is a store and no backup: meseta store copy sqlite:${file} …` });
  if (!isOurs(bytes))
    throw new Failure("bad-file", { file, why: "it is no backup: each line of one begins with its checksum" });
  const first = line();
  if (first !== behindCrc(first.slice(9))) throw damaged("its first line fails its checksum");
  const heading = JSON.parse(first.slice(9)) as Heading;
  if (heading.form !== FORM)
    throw new StoreNewer(
      `${file} is a backup of form ${heading.form}, made by a newer release; this one knows forms up to ${FORM}. Use that release`,
    );
  next(first);
  const records: [string, string][] = [];
  for (;;) {
    const text = line();
    if (text.startsWith("{")) {
      const digest = digestOf(records);
      if (text !== lastLine(records.length, digest)) throw damaged("the checksum of all records does not fit");
      next(text);
      if (at !== bytes.length) throw damaged("there is more behind the last line,");
      return { heading, records, digest };
    }
    if (text !== behindCrc(text.slice(9))) throw damaged("a record fails its checksum");
    records.push(JSON.parse(text.slice(9)));
    next(text);
  }
}

// Also where its beginning is damaged, or only the first bytes are left.
function isOurs(bytes: Buffer): boolean {
  const begin = bytes.toString("latin1", 0, PIECE_UNITS);
  return begin.length < 9 || /^[0-9a-f]{8} /m.test(begin) || begin.includes("meseta-store");
}

/** Whether a file begins like a backup, whole or not. */
export function isArchive(file: string): boolean {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return false;
  const begin = Buffer.alloc(9 + BEGINNING.length);
  const descriptor = openSync(file, "r");
  readSync(descriptor, begin);
  closeSync(descriptor);
  return begin.subarray(9).toString() === BEGINNING;
}

const FORM = 1;
const BEGINNING = '{"format":"meseta-store"';
const PIECE_UNITS = 1 << 20;

function* pieces(heading: Omit<Heading, "format" | "form">, records: Records): Generator<string> {
  let piece = checked({ format: "meseta-store", form: FORM, ...heading });
  for (const record of records) {
    piece += checked(record);
    if (piece.length < PIECE_UNITS) continue;
    yield piece;
    piece = "";
  }
  yield `${piece}${lastLine(records.length, digestOf(records))}\n`;
}

function lastLine(records: number, sha256: string): string {
  return JSON.stringify({ records, sha256 });
}

// One write may take a part of it, when the disk is nearly full.
function writeAll(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

function checked(value: unknown): string {
  return `${behindCrc(JSON.stringify(value))}\n`;
}

function behindCrc(text: string): string {
  return `${crc32(text).toString(16).padStart(8, "0")} ${text}`;
}
