import { closeSync, openSync, readSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";

/** What SQLite found, with the byte of the file at which the page begins that it names. */
export function withByte(db: DatabaseSync, found: string): string {
  const page = /\bpage (\d+)/i.exec(found)?.[1];
  return page === undefined ? found : `${found} (byte ${(Number(page) - 1) * pageSize(db)})`;
}

/**
 * The byte of the file at which a record is, by its row; undefined when the tree of pages does not lead there. Only of what is in the file, and not in the log. Source:
 * sqlite.org/fileformat2.html.
 */
export function byteOfRecord(db: DatabaseSync, path: string, rowid: number): number | undefined {
  const { rootpage } = db.prepare("SELECT rootpage FROM sqlite_master WHERE name = 'record'").get() as {
    rootpage: number;
  };
  const file = openSync(path, "r");
  try {
    return new Tree(file, pageSize(db)).find(rootpage, rowid);
  } catch {
    return undefined;
  } finally {
    closeSync(file);
  }
}

function pageSize(db: DatabaseSync): number {
  return (db.prepare("PRAGMA page_size").get() as { page_size: number }).page_size;
}

const INTERIOR = 5;
const LEAF = 13;
const MAX_DEPTH = 20;

/** A table's pages in the file. */
class Tree {
  readonly #file: number;
  readonly #pageSize: number;

  constructor(file: number, pageSize: number) {
    this.#file = file;
    this.#pageSize = pageSize;
  }

  find(number: number, rowid: number, depth = 0): number | undefined {
    const page = Buffer.alloc(this.#pageSize);
    const begin = (number - 1) * this.#pageSize;
    readSync(this.#file, page, 0, page.length, begin);
    const kind = page[0];
    if (depth > MAX_DEPTH || (kind !== INTERIOR && kind !== LEAF)) return undefined;
    const header = kind === INTERIOR ? 12 : 8;
    for (let cell = 0; cell < page.readUInt16BE(3); cell++) {
      const at = page.readUInt16BE(header + 2 * cell);
      if (kind === INTERIOR) {
        if (varint(page, at + 4).value >= rowid) return this.find(page.readUInt32BE(at), rowid, depth + 1);
      } else if (varint(page, varint(page, at).end).value === rowid) return begin + at;
    }
    return kind === INTERIOR ? this.find(page.readUInt32BE(8), rowid, depth + 1) : undefined;
  }
}

function varint(bytes: Buffer, from: number): { value: number; end: number } {
  let value = 0;
  for (let at = from; at < from + 8; at++) {
    value = value * 128 + (bytes[at]! & 127);
    if (bytes[at]! < 128) return { value, end: at + 1 };
  }
  return { value: value * 256 + bytes[from + 8]!, end: from + 9 };
}
