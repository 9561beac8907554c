// Reads the values of flags and arguments, and says in words what is wrong with them.

import { parseMebibytes } from "./amounts.ts";
import type { ValueKind } from "./row.ts";
import { parseSpan } from "./since.ts";

/** The value of a text of that kind: numbers, MiB for `size`, milliseconds for `span`; or what it should have been. */
export function readValue(kind: ValueKind, text: string): { readonly value: number } | { readonly wanted: string } {
  const value = readers[kind](text);
  return value === undefined || !Number.isFinite(value) ? { wanted: WANTED[kind] } : { value };
}

const WANTED: Readonly<Record<ValueKind, string>> = {
  amount: "a number from 0, as in 0.5",
  count: "a whole number from 1",
  size: "a size, as in 512 (MiB) or 4g",
  span: "a duration, as in 30s, 5m or 1h30m",
  port: "a port from 1 to 65535",
  pair: "a pair, as in name=value",
  json: "JSON",
};

const readers: Readonly<Record<ValueKind, (text: string) => number | undefined>> = {
  amount: (text) => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined),
  count: (text) => (/^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined),
  size: parseMebibytes,
  span: parseSpan,
  port: (text) => (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535 ? Number(text) : undefined),
  pair: (text) => (text.indexOf("=") > 0 ? 0 : undefined),
  json: (text) => {
    try {
      JSON.parse(text);
      return 0;
    } catch {
      return undefined;
    }
  },
};

/** Name and value of "name=value"; the value may hold further signs of equality. */
export function splitPair(text: string): [string, string] {
  const at = text.indexOf("=");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
