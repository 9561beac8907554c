/**
 * The first text behind all that begin with `prefix`, in the order of their UTF-8 bytes; undefined when none is, for then nothing ends
 * what begins like this.
 */
export function endOf(prefix: string): string | undefined {
  const points = [...prefix];
  while (points.at(-1) === LAST) points.pop();
  const last = points.pop()?.codePointAt(0);
  if (last === undefined) return undefined;
  // The halves of pairs are no characters of their own.
  return points.join("") + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1);
}

const LAST = "\u{10FFFF}";
