import { FORMAT_KEY, GONE, NEXT, type StoredFormat } from "@meseta/lib/core/format.ts";
import type { Change } from "@meseta/lib/core/ports/store.ts";
import type { Disk } from "../world/disk.ts";
import { formatOfText, markOf } from "../world/release.ts";
import { Violation } from "./violation.ts";

const FIRST: StoredFormat = { format: 1, release: "1" };

/**
 * I5 where releases follow one another: what is in one store is of one format at each moment, whatever is killed while it is brought up, and the format never
 * goes back. By what is durable, commit for commit.
 */
export class FormatChecker {
  readonly #place: string;
  #format = FIRST;

  constructor(place: string) {
    this.#place = place;
  }

  committed({ puts }: Change): void {
    const said = puts.get(FORMAT_KEY);
    if (said !== undefined) this.#becomes(JSON.parse(said) as StoredFormat);
    for (const [key, text] of puts) if (!this.#fits(key, text)) this.#fail(`${key} of format ${formatOfText(text)}`);
  }

  /** Somebody has put other files there: they may be older. */
  replaced({ records: { records } }: Disk): void {
    const said = records.get(FORMAT_KEY);
    this.#format = said === undefined ? FIRST : (JSON.parse(said) as StoredFormat);
  }

  /** All has healed, and `release` serves what is stored. */
  checkRest({ records: { records } }: Disk, release: number): void {
    const { format, isUnderWay } = this.#format;
    if (isUnderWay) throw new Violation(`rest: the records of ${this.#place} are still being brought up`);
    if (format !== release)
      throw new Violation(`rest: release ${release} serves ${this.#place}, whose records are of format ${format}`);
    for (const [key, text] of records) if (!this.#fits(key, text)) this.#fail(`${key} of format ${formatOfText(text)}`);
    const left = [...records.keys()].find((key) => key.startsWith(NEXT) || key.startsWith(GONE));
    if (left !== undefined) throw new Violation(`rest: ${this.#place} still has ${left}`);
    for (let other = 2; other <= format; other++)
      if (records.has(markOf(other)) !== (other === format))
        throw new Violation(
          `I5: of format ${format} ${markOf(other)} ${other === format ? "is lost" : "is left over"}`,
        );
  }

  #becomes(next: StoredFormat): void {
    if (next.format < this.#format.format) this.#fail(`format ${next.format}`);
    this.#format = next;
  }

  // What is laid beside the records does not count yet.
  #fits(key: string, text: string): boolean {
    if (key === FORMAT_KEY || key.startsWith(GONE)) return true;
    const format = formatOfText(text);
    return key.startsWith(NEXT) ? format > this.#format.format : format === this.#format.format;
  }

  #fail(what: string): never {
    throw new Violation(`I5: ${this.#place} holds format ${this.#format.format}, and is given ${what}`);
  }
}
