import { limits } from "./limits.ts";
import { WireError } from "./wire-error.ts";

/** What is known while one JSON value is read: how deep, and whether a required field was absent. */
export class Shape {
  missing = false;
  #depth = 0;

  enter(): void {
    if (++this.#depth > limits.depth) throw new WireError("shape", `nested deeper than ${limits.depth} levels`);
  }

  leave(): void {
    this.#depth--;
  }
}

/** One reader for each kind of field: the value as our objects hold it, or a {@link WireError} that names the field. */
export const ofJson = {
  string: (value: unknown, field: string): string => (typeof value === "string" ? value : unexpected(value, field)),
  bool: (value: unknown, field: string): boolean =>
    typeof value === "boolean"
      ? value
      : typeof value === "string"
        ? quotedBoolean(value, field)
        : unexpected(value, field),
  bytes: (value: unknown, field: string): string =>
    typeof value === "string" ? base64(value, field) : unexpected(value, field),
  double: (value: unknown, field: string): number => number(value, field) + 0, // -0 becomes 0
  float: (value: unknown, field: string): number => Math.fround(number(value, field)) + 0,
  int32: (value: unknown, field: string): number => integer(value, field, -(2 ** 31), 2 ** 31 - 1),
  uint32: (value: unknown, field: string): number => integer(value, field, 0, 2 ** 32 - 1),
  // 2^63 and 2^64 are what the largest integers become as numbers.
  int64: (value: unknown, field: string): number => integer(value, field, -(2 ** 63), 2 ** 63),
  uint64: (value: unknown, field: string): number => integer(value, field, 0, 2 ** 64),
  enum: enumName,
  object: (value: unknown, field: string): object =>
    typeof value === "object" && value !== null && !Array.isArray(value) ? value : unexpected(value, field),
};

function unexpected(value: unknown, field: string): never {
  const kind = Array.isArray(value) ? "array" : typeof value;
  throw new WireError("shape", `Not expecting a JSON ${kind} for field '${field}'`);
}

function enumName(value: unknown, field: string, numbers: Record<string, number>, required: boolean) {
  if (typeof value !== "string") return unexpected(value, field);
  if (numbers[value] !== undefined) return value;
  if (required) throw new WireError("shape", `Failed to find enum for '${shorten(value)}'`);
  return undefined;
}

function quotedBoolean(text: string, field: string): boolean {
  if (text === "true" || text === "false") return text === "true";
  throw new WireError("shape", `Failed to parse '${shorten(text)}' as a JSON boolean for field '${field}'`);
}

/** Ids of a few bytes come again and again. */
const shortCharacters = 64;
const canonical = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/][AQgw]==|[A-Za-z\d+/]{2}[AEIMQUYcgkosw048]=)?$/;

/** The same bytes always get the same text, so that ids can be compared as strings. */
function base64(text: string, field: string): string {
  if (text.length <= shortCharacters && canonical.test(text)) return text;
  try {
    return Uint8Array.fromBase64(text).toBase64();
  } catch {
    throw new WireError("shape", `Failed to base64 decode bytes field '${field}'`);
  }
}

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function number(value: unknown, field: string): number {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return unexpected(value, field);
  if (value === "Infinity") return Number.POSITIVE_INFINITY;
  if (value === "-Infinity") return Number.NEGATIVE_INFINITY;
  if (jsonNumber.test(value)) return Number(value);
  throw new WireError("shape", `Failed to parse '${shorten(value)}' as a JSON number for field '${field}'`);
}

function integer(value: unknown, field: string, smallest: number, largest: number): number {
  const whole = Math.trunc(number(value, field)) + 0;
  if (whole >= smallest && whole <= largest) return whole;
  throw new WireError("shape", `The number ${whole} is out of range for field '${field}'`);
}

function shorten(text: string): string {
  return text.length > 100 ? text.slice(0, 100) : text;
}
