import { expect, test } from "vitest";
import { room } from "./room.ts";

test("no two pieces of memory share a byte, and all of them begin as zeros", () => {
  const pieces = Array.from({ length: 3_000 }, (_, i) => room((i * 7) % 1_500));
  for (const [i, piece] of pieces.entries()) {
    expect([piece.length, piece.every((byte) => byte === 0)]).toEqual([(i * 7) % 1_500, true]);
    piece.fill(255);
  }
  for (const piece of pieces) piece.fill(0);
  pieces[1]!.fill(1);
  expect(pieces.filter((piece) => piece.includes(1))).toEqual([pieces[1]]);
});
