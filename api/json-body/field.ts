/** What a JSON value must be. The tables of fields are made of these; `read.ts` reads by them, and the tests walk them. */
export type Kind =
  | TextKind
  | NumberKind
  | { readonly kind: "bool" }
  | { readonly kind: "choice"; readonly values: readonly string[] }
  | { readonly kind: "list"; readonly of: Kind; readonly min: number }
  | { readonly kind: "map"; readonly of: Kind }
  | { readonly kind: "object"; readonly fields: Fields }
  /** The first for texts, the second for all else. */
  | { readonly kind: "textOr"; readonly text: Kind; readonly other: Kind }
  /** Any JSON, of bounded depth. */
  | { readonly kind: "json" }
  /** Any JSON at all: read by somebody else, who looks to the depth. */
  | { readonly kind: "unread" };

export interface TextKind {
  readonly kind: "text";
  readonly min: number;
  readonly max: number;
  readonly pattern?: RegExp;
}

export interface NumberKind {
  readonly kind: "number";
  readonly isWhole: boolean;
  readonly min: number;
  readonly max: number;
}

export interface Field {
  readonly of: Kind;
  /** What it is when it is not given. */
  readonly default?: unknown;
  readonly isRequired?: true;
}

export type Fields = Readonly<Record<string, Field>>;

const MAX_INT = 2 ** 31 - 1;

export const bool: Kind = { kind: "bool" };
export const json: Kind = { kind: "json" };
export const unread: Kind = { kind: "unread" };

export function text(bounds: { min?: number; max?: number; pattern?: RegExp } = {}): TextKind {
  return { kind: "text", min: 0, max: Number.POSITIVE_INFINITY, ...bounds };
}

/** A whole number of 32 bits. */
export function whole(min: number, max: number = MAX_INT): NumberKind {
  return { kind: "number", isWhole: true, min, max };
}

/** A whole number as far as doubles go. */
export function long(min: number): NumberKind {
  return { kind: "number", isWhole: true, min, max: Number.MAX_SAFE_INTEGER };
}

export function real(min: number, max: number = Number.MAX_VALUE): NumberKind {
  return { kind: "number", isWhole: false, min, max };
}

export function choice(...values: string[]): Kind {
  return { kind: "choice", values };
}

export function list(of: Kind, min = 0): Kind {
  return { kind: "list", of, min };
}

export function map(of: Kind): Kind {
  return { kind: "map", of };
}

export function object(fields: Fields): Kind {
  return { kind: "object", fields };
}

export function textOr(first: Kind, other: Kind): Kind {
  return { kind: "textOr", text: first, other };
}

export function required(of: Kind): Field {
  return { of, isRequired: true };
}

export function optional(of: Kind): Field {
  return { of };
}

export function defaulting(of: Kind, value: unknown): Field {
  return { of, default: value };
}
