import fc from "fast-check";
import { expect, test } from "vitest";
import { writeBase64 } from "./base64.ts";

test("short texts are read as the platform reads them", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 48 }), (bytes) => {
      const room = new Uint8Array(100);
      const length = writeBase64(room, 7, Buffer.from(bytes).toString("base64"));
      expect([...room.subarray(7, 7 + length)]).toEqual([...bytes]);
    }),
  );
});

test("what is long, cut off or not base64 is left to the platform", () => {
  for (const text of ["A", "AAA", "AA=A", "A===", "AAA ", "AA-_", "A\u00e9==", "A".repeat(68), "AA==AAAA"])
    expect(writeBase64(new Uint8Array(100), 0, text)).toBe(-1);
});
