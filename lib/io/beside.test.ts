import { expect, test } from "vitest";
import { Beside, BesideFailed } from "./beside.ts";

type Question = "length" | "throw" | "end";
const make = () => new Beside<Question, { length: number }>(new URL("./beside.rig.ts", import.meta.url));

test("questions are answered in another thread, whose memory the bytes are then", async () => {
  const block = new Uint8Array(10);
  expect(await make().ask("length", [block, new Uint8Array(5)])).toEqual({ length: 15 });
  expect(block.length).toBe(0);
});

test("bytes that share their memory with others are copied", async () => {
  const pool = new Uint8Array(10);
  expect(await make().ask("length", [pool.subarray(2, 5)])).toEqual({ length: 3 });
  expect(pool.length).toBe(10);
});

test("a question that fails, or ends the thread, fails alone: those that wait are answered", async () => {
  const beside = make();
  const asked = (["length", "throw", "end", "length"] as const).map((question) =>
    beside.ask(question, [new Uint8Array(3)]),
  );
  const answers = await Promise.allSettled(asked);
  expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
  await expect(asked[1]).rejects.toThrow(new BesideFailed("it cannot be told"));
});
