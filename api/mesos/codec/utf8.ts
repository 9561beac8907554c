/** The text of UTF-8 bytes; what is not UTF-8 becomes U+FFFD, as in every JSON reader. */
export function decodeUtf8(bytes: Uint8Array): string {
  return readUtf8(bytes, 0, bytes.length);
}

/** Node and browsers have faster ways; the language alone (a core's world) has none. */
type Decoder = { decode(bytes: Uint8Array): string };
type Encoder = { encode(text: string): Uint8Array<ArrayBuffer> };
const platform = globalThis as {
  TextDecoder?: new (label: string, options: { ignoreBOM: boolean }) => Decoder;
  TextEncoder?: new () => Encoder;
  Buffer?: { prototype: { latin1Slice(start: number, end: number): string } };
};
const decoder = platform.TextDecoder && new platform.TextDecoder("utf-8", { ignoreBOM: true });
const encoder = platform.TextEncoder && new platform.TextEncoder();
const asciiSlice = platform.Buffer?.prototype.latin1Slice;
const longBytes = 64;

/**
 * Short texts that were read lately, each at a place that its bytes name. The same ids and names come again and again: a text that is known
 * costs no memory, and Maps find it at once, because its hash is known and it is the very same object.
 */
const recent: string[] = Array.from({ length: 4096 }, () => "");

/** Like {@link decodeUtf8}, for `bytes[start..end)`. */
export function readUtf8(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > longBytes) return readLong(bytes, start, end);
  let hash = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte >= 0x80) return readAny(bytes, start, end);
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  const place = (hash ^ (hash >>> 12)) & (recent.length - 1);
  const known = recent[place]!;
  if (isText(known, bytes, start, end)) return known;
  return (recent[place] = asciiSlice?.call(bytes, start, end) ?? readAny(bytes, start, end));
}

function isText(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}

function readLong(bytes: Uint8Array, start: number, end: number): string {
  return decoder === undefined ? readAny(bytes, start, end) : decoder.decode(bytes.subarray(start, end));
}

function readAny(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; ) {
    const byte = bytes[at]!;
    if (byte < 0x80) {
      text += String.fromCharCode(byte);
      at++;
    } else {
      const length = sequenceLength(bytes, at, end);
      text += length === 0 ? "\ufffd" : String.fromCodePoint(codePoint(bytes, at, length));
      at += length || 1;
    }
  }
  return text;
}

/** Bytes of the sequence at `at`, or 0 when it is cut off, overlong, a surrogate or beyond U+10FFFF. */
function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at]!;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || at + length > end) return 0;
  for (let i = 1; i < length; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return 0;
  const point = codePoint(bytes, at, length);
  const smallest = length === 4 ? 0x10000 : length === 3 ? 0x800 : 0x80;
  return point < smallest || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff) ? 0 : length;
}

function codePoint(bytes: Uint8Array, at: number, length: number): number {
  let point = bytes[at]! & (0xff >> (length + 1));
  for (let i = 1; i < length; i++) point = (point << 6) | (bytes[at + i]! & 0x3f);
  return point;
}

/** Bytes needed for `text` in UTF-8, at most. */
export function utf8Bound(text: string): number {
  return text.length * 3;
}

/** Writes `text` at `at` and returns where it ends; the caller has made room. A lone surrogate becomes U+FFFD. */
export function writeUtf8(bytes: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes[at++] = unit;
    else {
      const point = text.codePointAt(i)!;
      at = writePoint(bytes, at, point >= 0xd800 && point <= 0xdfff ? 0xfffd : point);
      if (point > 0xffff) i++;
    }
  }
  return at;
}

function writePoint(bytes: Uint8Array, at: number, point: number): number {
  if (point < 0x800) bytes[at++] = 0xc0 | (point >> 6);
  else {
    if (point < 0x10000) bytes[at++] = 0xe0 | (point >> 12);
    else {
      bytes[at++] = 0xf0 | (point >> 18);
      bytes[at++] = 0x80 | ((point >> 12) & 0x3f);
    }
    bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
  }
  bytes[at++] = 0x80 | (point & 0x3f);
  return at;
}

/** The UTF-8 bytes of a text. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  if (encoder !== undefined) return encoder.encode(text);
  const bytes = new Uint8Array(utf8Bound(text));
  return bytes.slice(0, writeUtf8(bytes, 0, text));
}
