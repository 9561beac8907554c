import { nearest } from "./nearest.ts";

/**
 * Fields of a definition that were left aside and were probably meant as others: what came back has no such field, but one of nearly that name that was not
 * given. Marathon's API takes whatever it does not know in silence.
 */
export function misspelt(given: Readonly<Record<string, unknown>>, taken: Readonly<Record<string, unknown>>): string[] {
  const missing = Object.keys(taken).filter((key) => !Object.hasOwn(given, key));
  return Object.keys(given)
    .filter((key) => !Object.hasOwn(taken, key))
    .flatMap((key) => {
      const meant = nearest(key, missing);
      return meant === undefined ? [] : [`"${key}" was left aside: did you mean "${meant}"?`];
    });
}
