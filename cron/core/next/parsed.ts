/** What a text was read as, or a sentence that says what is wrong with it and what to write instead. */
export type Parsed<T> = { readonly value: T } | { readonly error: string };

/** Thrown inside a parser at the first thing that is wrong, and caught where the parser is entered: grammars go deep, and only their door has a caller. */
export class Unreadable extends Error {}

/** Runs a parser. */
export function parsing<T>(parse: () => T): Parsed<T> {
  try {
    return { value: parse() };
  } catch (error) {
    if (error instanceof Unreadable) return { error: error.message };
    throw error;
  }
}
