import { join } from "node:path";

/** So long a person waits without a word; then they are told for whom, and again when that has changed. */
const WORD_MS = 5_000;

/** Whom a start waits for, said when that takes long. */
export class Waits {
  readonly #logs: string;
  readonly #say: (line: string) => void;
  readonly #sources: (() => Iterable<string>)[] = [];
  #said = "";

  /** `logs`: the folder where the part NAME has NAME.log. */
  constructor(logs: string, say: (line: string) => void) {
    this.#logs = logs;
    this.#say = say;
  }

  /** `missing` gives the names of parts that are waited for at that moment. */
  watch(missing: () => Iterable<string>): void {
    this.#sources.push(missing);
  }

  /** Speaks until this work is done. */
  async during<T>(work: Promise<T>, everyMs = WORD_MS): Promise<T> {
    const timer = setInterval(() => this.#look(), everyMs);
    try {
      return await work;
    } finally {
      clearInterval(timer);
    }
  }

  #look(): void {
    const names = [...new Set(this.#sources.flatMap((missing) => [...missing()]))];
    const who = names.join(", ");
    if (names.length > 0 && who !== this.#said)
      this.#say(`Still waiting for ${who}; what it says: less ${join(this.#logs, `${names[0]}.log`)}`);
    this.#said = who;
  }
}
