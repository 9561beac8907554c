import fc from "fast-check";
import { expect, test } from "vitest";
import { endOf } from "./prefix.ts";

const bytes = (text: string) => Buffer.from(text);

test("a text lies before the end of a prefix and not before the prefix exactly when it begins with it", () => {
  const text = fc.string({
    unit: fc.constantFrom("a", "b", "/", "\u{D7FF}", "\u{E000}", "\u{FFFF}", "😀", "\u{10FFFF}"),
  });
  fc.assert(
    fc.property(text, text, (prefix, other) => {
      const end = endOf(prefix);
      for (const one of [other, prefix + other]) {
        const inside =
          Buffer.compare(bytes(one), bytes(prefix)) >= 0 &&
          (end === undefined || Buffer.compare(bytes(one), bytes(end)) < 0);
        expect(inside).toBe(one.startsWith(prefix));
      }
    }),
  );
});

test("everything begins with nothing", () => {
  expect(endOf("")).toBeUndefined();
  expect(endOf("\u{10FFFF}")).toBeUndefined();
});
