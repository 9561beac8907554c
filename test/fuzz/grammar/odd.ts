import type { Random } from "@meseta/lib/core/random.ts";

/** A piece of JSON as it is to be written, whether it is JSON or not. */
export class Raw {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.below(items.length)]!;
}

/** Once in `times`. */
export function once(random: Random, times: number): boolean {
  return random.below(times) === 0;
}

export const ODD_TEXTS: readonly string[] = [
  ...["", " ", ".", "..", "/", "//", "*", "-", "a/b", "../../etc/passwd", "..\\..\\x", "/etc/passwd", "%2e%2e%2f", "~"],
  ...[
    "a\u0000b",
    "\r\nX: y",
    "\u2028",
    "\u202e",
    "\ufeffx",
    "\ud83d\ude00",
    "\ud800",
    "\udfffx",
    "é",
    "ｆ",
    "İ",
    "\u0301",
  ],
  ...["__proto__", "constructor", "toString", "hasOwnProperty", "null", "undefined", "NaN", "true", "0", "-1", "1e999"],
  ...["$(id)", "`id`", "; rm x", "$HOME", "<script>", "%s%n", "{{x}}", "(a+)+$", "[", "(", "\\", "a".repeat(255)],
  ...[
    "x".repeat(300),
    "é".repeat(2_000),
    "a.b.c.d",
    "1.2.3.4:70000",
    "[::1]:0",
    "http://[",
    "file:///etc/shadow",
    "R/x/P",
  ],
];

export const ODD_NUMBERS: readonly number[] = [
  ...[0, -0, 1, -1, 0.5, 0.1, 0.001, 0.0004, 1e-9, 5e-324, 1e15, 1e16, 1e21, 1e308, -1e308, 2 ** 31, 2 ** 31 - 1],
  ...[-(2 ** 31), 2 ** 32, 2 ** 32 - 1, 2 ** 53, -(2 ** 53), 2 ** 63, 2 ** 64, 65_535, 65_536, 70_000],
  ...[
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.MAX_VALUE,
    1e-320,
    253_402_300_800,
    8.64e15 + 1,
  ],
];

/** Tokens that no printer writes. */
export const RAW_TOKENS: readonly string[] = [
  ...[
    "NaN",
    "Infinity",
    "-Infinity",
    "-",
    "+1",
    "01",
    "1.",
    ".5",
    "1e",
    "1e999",
    "-1e999",
    "1e-999",
    "0x10",
    "-0",
    "-0.0",
  ],
  ...[
    "18446744073709551616",
    "9".repeat(400),
    `1${"0".repeat(309)}`,
    `0.${"0".repeat(400)}1`,
    "1E400",
    "123456789012345678901234567890",
  ],
  ...[
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\\u0000"',
    '"\\x"',
    '"\t"',
    '"',
    "'a'",
    "nul",
    "True",
    "undefined",
    "",
    ",",
    "/**/1",
    "\ufeff1",
  ],
  ...[
    "{",
    "[",
    "}",
    "]",
    "{}",
    "[]",
    "[null]",
    '{"a":1,"a":2}',
    '{"__proto__":{"x":1}}',
    '{"":1}',
    "{a:1}",
    "[1,]",
    '{"a":1,}',
  ],
];

/** Any value at all, of a type that is likely to be another one. */
export function anyValue(random: Random, depth = 3): unknown {
  switch (random.below(depth > 0 ? 11 : 7)) {
    case 0:
      return null;
    case 1:
      return once(random, 2);
    case 2:
    case 3:
      return pick(random, ODD_NUMBERS);
    case 4:
    case 5:
      return pick(random, ODD_TEXTS);
    case 6:
      return new Raw(pick(random, RAW_TOKENS));
    case 7:
      return Array.from({ length: random.below(4) }, () => anyValue(random, depth - 1));
    case 8:
      return Object.fromEntries(keys(random).map((key) => [key, anyValue(random, depth - 1)]));
    case 9:
      return new Raw(deep(random));
    default:
      return [];
  }
}

function keys(random: Random): string[] {
  return Array.from({ length: random.below(4) }, () => pick(random, ["a", "value", "id", "type", ...ODD_TEXTS]));
}

/** Levels in one another: a few, just around the bound, or thousands; closed or not. */
function deep(random: Random): string {
  const levels = pick(random, [8, 30, 31, 32, 33, 62, 63, 64, 65, 66, 200, 3_000]);
  const [open, close] = pick(random, [
    ["[", "]"],
    ['{"a":', "}"],
    ['{"value":', "}"],
    ['[{"parent":', "}]"],
  ] as const);
  return open.repeat(levels) + pick(random, ["1", "{}", ""]) + (once(random, 8) ? "" : close.repeat(levels));
}
