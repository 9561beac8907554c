import { crc32 } from "node:zlib";

/**
 * How a record stands in etcd: eight hex digits that check key and text, then `=` and the text, or `#`, how many pieces it has, and under which
 * name they are kept, when it is too large for one value.
 */
export type Stored = { readonly text: string } | { readonly pieces: number; readonly name: string };

export function storedRecord(key: string, text: string): string {
  return `${checksum(key, text)}=${text}`;
}

export function storedPointer(key: string, text: string, pieces: number, name: string): string {
  return `${checksum(key, text)}#${pieces} ${name}`;
}

/** Undefined when it is none of the two. */
export function readStored(value: string): Stored | undefined {
  if (value[8] === "=") return { text: value.slice(9) };
  const [, pieces, name] = /^.{8}#(\d{1,6}) (\S+)$/.exec(value) ?? [];
  return pieces === undefined ? undefined : { pieces: Number(pieces), name: name! };
}

/** Whether this is what was stored under that key. */
export function fits(key: string, text: string, value: string): boolean {
  return value.slice(0, 8) === checksum(key, text);
}

/** Cuts a text into pieces of at most `units` UTF-16 units and one, none of which ends within a character. */
export function cut(text: string, units: number): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; ) {
    const end = isHighHalf(text.charCodeAt(at + units - 1)) ? at + units + 1 : at + units;
    pieces.push(text.slice(at, end));
    at = end;
  }
  return pieces;
}

function isHighHalf(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

function checksum(key: string, text: string): string {
  return crc32(text, crc32(key)).toString(16).padStart(8, "0");
}
