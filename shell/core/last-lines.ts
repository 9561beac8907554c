/**
 * Where the last `lines` lines of these bytes begin; a line feed at the very end closes the last line. Undefined when the
 * bytes, which are the end of something longer, do not hold so many whole lines.
 */
export function startOfLastLines(bytes: Uint8Array, lines: number): number | undefined {
  let missing = lines;
  for (let at = bytes.length - 2; at >= 0; at--) {
    if (bytes[at] === LINE_FEED && --missing === 0) return at + 1;
  }
  return undefined;
}

const LINE_FEED = 10;
