import { Buffer } from "node:buffer";
import type { CallAnswer } from "@meseta/lib/core/ports/transport.ts";
import { LOOP_BOUNDS } from "../../core/bounds.ts";

/** More than that a head, or one whole answer, does not have: what is read here are answers to calls. */
const MOST_HEAD_BYTES = LOOP_BOUNDS.answerHeadBytes.most;
const MOST_BYTES = LOOP_BOUNDS.answerBytes.most;

const NOTHING = new Uint8Array(0);

/** Takes the answers of one HTTP/1.1 connection apart, as they come one behind the other. Source: RFC 9112. */
export class Answers {
  #rest: Buffer = Buffer.alloc(0);
  /** The server says that it closes the connection behind this one: there is none after it. */
  isLast = false;

  /** The answers that are whole with these bytes. Throws when they are no answers, or too large. */
  push(bytes: Uint8Array): CallAnswer[] {
    this.#rest = this.#rest.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#rest, bytes]);
    const whole: CallAnswer[] = [];
    for (let next = this.#next(); next !== undefined && !this.isLast; next = this.#next()) {
      this.#rest = this.#rest.subarray(next.end);
      this.isLast = isLast(next.headers);
      // What comes before the answer proper, such as 100 Continue.
      if (next.status >= 200) whole.push({ status: next.status, headers: next.headers, body: next.body });
      if (this.isLast) break;
    }
    if (this.#rest.length > MOST_BYTES) throw new Error(`the answer is larger than ${MOST_BYTES} bytes`);
    return whole;
  }

  #next(): (CallAnswer & { readonly end: number }) | undefined {
    const headEnd = this.#rest.indexOf("\r\n\r\n");
    if (headEnd > MOST_HEAD_BYTES || (headEnd < 0 && this.#rest.length > MOST_HEAD_BYTES))
      throw new Error("the answer's head is too large");
    if (headEnd < 0) return undefined;
    const [first, ...lines] = this.#rest.toString("latin1", 0, headEnd).split("\r\n");
    const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first!)?.[1]);
    if (Number.isNaN(status)) throw new Error("this is no answer of HTTP/1.1");
    const headers = headersOf(lines);
    const body = bodyOf(this.#rest, headEnd + 4, status, headers);
    return body && { status, headers, ...body };
  }
}

function isLast(headers: Readonly<Record<string, string>>): boolean {
  return /\bclose\b/i.test(headers["connection"] ?? "");
}

function headersOf(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon < 1) throw new Error("the answer has a header without a name");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = Object.hasOwn(headers, name) ? `${headers[name]}, ${value}` : value;
  }
  return headers;
}

interface Body {
  readonly body: Uint8Array;
  /** Where the next answer begins. */
  readonly end: number;
}

/** The body of which the first byte is at `from`; undefined while some of it is yet to come. */
function bodyOf(
  bytes: Buffer,
  from: number,
  status: number,
  headers: Readonly<Record<string, string>>,
): Body | undefined {
  if (status < 200 || status === 204 || status === 304) return { body: NOTHING, end: from };
  if (/^chunked$/i.test(headers["transfer-encoding"] ?? "")) return chunkedBody(bytes, from);
  const length = headers["content-length"] ?? "";
  // One that lasts until the connection ends leaves no room for others.
  if (!/^\d{1,9}$/.test(length) || headers["transfer-encoding"] !== undefined)
    throw new Error("the answer does not say where it ends");
  const end = from + Number(length);
  if (Number(length) > MOST_BYTES) throw new Error(`the answer is larger than ${MOST_BYTES} bytes`);
  return end > bytes.length ? undefined : { body: new Uint8Array(bytes.subarray(from, end)), end };
}

function chunkedBody(bytes: Buffer, from: number): Body | undefined {
  const chunks: Uint8Array[] = [];
  for (let at = from; ; ) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const size = /^([\da-f]{1,7})[ \t]*(?:;|$)/i.exec(bytes.toString("latin1", at, lineEnd))?.[1];
    if (size === undefined) throw new Error("a chunk of the answer does not say how long it is");
    at = lineEnd + 2 + Number.parseInt(size, 16);
    if (Number.parseInt(size, 16) === 0) return trailed(bytes, lineEnd, chunks);
    if (at + 2 > bytes.length) return undefined;
    if (bytes.toString("latin1", at, at + 2) !== "\r\n")
      throw new Error("a chunk of the answer is longer than it says");
    chunks.push(bytes.subarray(lineEnd + 2, at));
    at += 2;
  }
}

/** Behind the last chunk come headers, which nobody wants, and an empty line. */
function trailed(bytes: Buffer, lastLineEnd: number, chunks: readonly Uint8Array[]): Body | undefined {
  const end = bytes.indexOf("\r\n\r\n", lastLineEnd);
  return end < 0 ? undefined : { body: new Uint8Array(Buffer.concat(chunks)), end: end + 4 };
}
