import { limits } from "./limits.ts";
import { WireError } from "./wire-error.ts";

/**
 * The value of a JSON text from a peer, within {@link limits}. Throws a {@link WireError} of kind "syntax" that names the
 * line and what stands where reading stopped, in the words that Mesos uses.
 */
export function parseJson(text: string): unknown {
  checkLimits(text);
  try {
    return JSON.parse(text);
  } catch (error) {
    const isShort = text.length <= LONGEST_DESCRIBED;
    throw new WireError(
      "syntax",
      isShort ? describeError(text) : `syntax error: ${shorten(printable((error as Error).message))}`,
    );
  }
}

/** To say where a longer text breaks off would keep everybody else waiting. */
const LONGEST_DESCRIBED = 1024 * 1024;

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Throws a {@link WireError} of kind "syntax" when the text is beyond {@link limits}. Counts brackets, keys and values without building anything: the parser's memory is spent only after this. */
export function checkLimits(text: string): void {
  const keys: number[] = [0];
  let depth = 0;
  let values = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = endOfString(text, at);
        break;
      case openBrace:
      case openBracket:
        if (++depth > limits.depth) refuse(`nested deeper than ${limits.depth} levels`);
        keys[depth] = 0;
        values++;
        break;
      case closeBrace:
      case closeBracket:
        depth = Math.max(0, depth - 1);
        break;
      case colon:
        if (++keys[depth]! > limits.keysPerObject) refuse(`more than ${limits.keysPerObject} keys in one object`);
        break;
      case comma:
        if (++values > limits.values) refuse(`more than ${limits.values} values`);
        break;
    }
  }
}

function refuse(why: string): never {
  throw new WireError("syntax", why);
}

/** Where the string that begins at `at` has its closing quote; the end of the text when it has none. */
function endOfString(text: string, at: number): number {
  for (let end = at + 1; end < text.length; end++) {
    const unit = text.charCodeAt(end);
    if (unit === quote) return end;
    if (unit === backslash) end++;
  }
  return text.length;
}

/** Only called for texts that JSON.parse refused. */
function describeError(text: string): string {
  const scanner = new Scanner(text);
  if (scanner.value()) {
    return `Parsed JSON included non-whitespace trailing characters: ${shorten(text.slice(scanner.at))}`;
  }
  const line = text.slice(0, scanner.at).split("\n").length;
  const [rest = ""] = text.slice(scanner.at, scanner.at + 2 * shownCharacters).split("\n");
  return `syntax error at line ${line} near: ${shorten(printable(rest))}`;
}

/** A refused body may be megabytes long; its echo is not. */
const shownCharacters = 200;

function shorten(text: string): string {
  return text.length > shownCharacters ? text.slice(0, shownCharacters) : text;
}

function printable(text: string): string {
  return [...text].filter((character) => character >= " ").join("");
}

/** Follows the grammar of JSON up to the first character that does not belong; depth is bounded by checkLimits. */
class Scanner {
  at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  value(): boolean {
    this.#skip(/[ \t\n\r]*/y);
    switch (this.#text[this.at]) {
      case "{":
        return this.#items("}", () => this.#member());
      case "[":
        return this.#items("]", () => this.value());
      case '"':
        return this.#string();
      case "t":
        return this.#word("true");
      case "f":
        return this.#word("false");
      case "n":
        return this.#word("null");
    }
    return this.#skip(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y);
  }

  #items(close: string, item: () => boolean): boolean {
    this.at++;
    if (this.#expect(close)) return true;
    do {
      if (!item()) return false;
    } while (this.#expect(","));
    return this.#expect(close);
  }

  #member(): boolean {
    this.#skip(/[ \t\n\r]*/y);
    return this.#text[this.at] === '"' && this.#string() && this.#expect(":") && this.value();
  }

  #string(): boolean {
    this.at++;
    // In pieces: one expression over a long string would run out of the engine's backtracking memory.
    while (
      this.#skip(/[^"\\\p{Cc}]+/uy) ||
      this.#skip(/\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y) ||
      this.#skip(/[\x7f-\x9f]/y)
    );
    if (this.#text[this.at] !== '"') return false;
    this.at++;
    return true;
  }

  #word(word: string): boolean {
    for (const letter of word) {
      if (this.#text[this.at] !== letter) return false;
      this.at++;
    }
    return true;
  }

  #expect(character: string): boolean {
    this.#skip(/[ \t\n\r]*/y);
    if (this.#text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.at += found.length;
    return found !== "";
  }
}
