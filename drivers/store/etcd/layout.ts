import { endOf } from "../prefix.ts";

/** The keys of one store, all in one folder. */
export class Layout {
  /** Who may write: `<epoch> <name of that opening>`. */
  readonly epoch: string;
  /** What was written last: `<number of commits> <name of that commit>`. */
  readonly head: string;
  /** Who has the store open, as JSON; it goes with its owner's lease. For people and tools; safety is the epoch's. */
  readonly owner: string;
  /** What the other keys mean, where that is not what they have always meant; a release that does not know it lets the store be. */
  readonly form: string;
  readonly #records: string;
  readonly #pieces: string;

  constructor(folder: string) {
    this.epoch = `/${folder}/epoch`;
    this.head = `/${folder}/head`;
    this.owner = `/${folder}/owner`;
    this.form = `/${folder}/form`;
    this.#records = `/${folder}/record/`;
    this.#pieces = `/${folder}/piece/`;
  }

  record(key: string): string {
    return this.#records + key;
  }

  keyOf(record: string): string {
    return record.slice(this.#records.length);
  }

  records(prefix: string): { key: string; end: string } {
    return span(this.#records + prefix);
  }

  piece(name: string, at: number): string {
    return `${this.#pieces}${name}/${String(at).padStart(6, "0")}`;
  }

  pieces(name: string): { key: string; end: string } {
    return span(`${this.#pieces}${name}/`);
  }

  allPieces(): { key: string; end: string } {
    return span(this.#pieces);
  }

  nameOf(piece: string): string {
    return piece.slice(this.#pieces.length, piece.lastIndexOf("/"));
  }
}

// It ends for sure: it begins with a slash.
function span(prefix: string): { key: string; end: string } {
  return { key: prefix, end: endOf(prefix)! };
}
