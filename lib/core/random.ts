/** A seeded generator: the only source of randomness in a core, so that a log of events replays bit for bit. */
export interface Random {
  /** A float in [0, 1). */
  next(): number;
  /** An integer in [0, bound); `bound` is at least 1. */
  below(bound: number): number;
  /** A version 4 UUID in its usual text form. */
  uuid(): string;
  /** Sixteen random bytes in base64, the wire's form of a status update's uuid. */
  uuidBytes(): string;
  /** Shuffles the first `length` items in place (Fisher-Yates). */
  shuffle<T>(items: T[] | Int32Array | Uint32Array, length?: number): void;
}

/** sfc32 (Doty-Humphrey, PractRand): small, fast, passes the usual test batteries; seeded by splitmix32. */
export function createRandom(seed: number): Random {
  let [a, b, c, d] = splitmix(seed);
  const next32 = (): number => {
    const sum = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) next32();
  const below = (bound: number): number => Math.floor((next32() / 0x1_0000_0000) * bound);
  return {
    next: () => next32() / 0x1_0000_0000,
    below,
    uuid: () => formatUuid(next32(), next32(), next32(), next32()),
    uuidBytes: () => base64(next32(), next32(), next32(), next32()),
    shuffle(items, length = items.length) {
      for (let i = length - 1; i > 0; i--) {
        const j = below(i + 1);
        const swap = items[i]!;
        items[i] = items[j]!;
        items[j] = swap;
      }
    },
  };
}

function splitmix(seed: number): [number, number, number, number] {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let z = state ^ (state >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return z ^ (z >>> 15);
  };
  return [next(), next(), next(), next()];
}

const hex = (word: number): string => word.toString(16).padStart(8, "0");

function formatUuid(a: number, b: number, c: number, d: number): string {
  const second = hex(((b & 0xffff0fff) | 0x4000) >>> 0);
  const third = hex(((c & 0x3fffffff) | 0x80000000) >>> 0);
  return `${hex(a)}-${second.slice(0, 4)}-${second.slice(4)}-${third.slice(0, 4)}-${third.slice(4)}${hex(d)}`;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// 128 bits are 21 full sextets and one of two bits, then the padding.
function base64(...words: [number, number, number, number]): string {
  let text = "";
  let bits = 0;
  let held = 0;
  for (const word of words) {
    for (let shift = 24; shift >= 0; shift -= 8) {
      held = (held << 8) | ((word >>> shift) & 0xff);
      bits += 8;
      while (bits >= 6) {
        bits -= 6;
        text += ALPHABET[(held >>> bits) & 63];
      }
      held &= (1 << bits) - 1;
    }
  }
  return `${text}${ALPHABET[(held << (6 - bits)) & 63]}==`;
}
