import type { Random } from "@meseta/lib/core/random.ts";
import { ODD_TEXTS, pick, RAW_TOKENS } from "./odd.ts";

const TOKENS = [...RAW_TOKENS, ...ODD_TEXTS].map((text) => Buffer.from(text));
const NUMBERS: readonly (readonly number[])[] = [
  ...[[0x80], [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xef, 0xbb, 0xbf], [0]],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
];

/** The bytes with one to three things done to them: cut, turned over, doubled, moved, or with something put in between. */
export function bend(bytes: Uint8Array, random: Random): Uint8Array {
  let bent = bytes;
  for (let left = 1 + random.below(3); left > 0; left--) bent = bendOnce(bent, random);
  return bent;
}

function bendOnce(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length + 1);
  const end = Math.min(bytes.length, at + 1 + random.below(16));
  const [before, part, after] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)];
  switch (random.below(8)) {
    case 0:
      return before;
    case 1:
      return joined(before, after);
    case 2:
      return joined(before, part, part, after);
    case 3:
      return joined(before, pick(random, TOKENS), after);
    case 4:
      return joined(before, Uint8Array.from(pick(random, NUMBERS)), part, after);
    case 5:
      return joined(after, part, before);
    case 6:
      return joined(before, part, ...Array.from({ length: pick(random, [2, 10, 70]) }, () => part), after);
    default: {
      const turned = Uint8Array.from(bytes);
      if (at < bytes.length) turned[at] = turned[at]! ^ (1 << random.below(8));
      return turned;
    }
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}
