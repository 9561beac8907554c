import type { IncomingMessage } from "node:http";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { paced, slowness } from "./paced.ts";

const least = { bytes: 100, windowMs: 1000 };

beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }));
afterEach(() => void vi.useRealTimers());

/** A body, and how many bytes of it were read; `ended` tells how the reading ended. */
function reading(rate = least) {
  const body = new PassThrough();
  const came = { bytes: 0 };
  const read = async () => {
    const slow = (bytes: number) => new Error(`it ${slowness(bytes, rate)}`);
    for await (const part of paced(body as unknown as IncomingMessage, rate, slow)) came.bytes += part.length;
    return "whole";
  };
  const ended = read();
  ended.catch(() => {});
  const send = async (bytes: number) => {
    const before = came.bytes;
    body.write(Buffer.alloc(bytes));
    while (came.bytes < before + bytes) await new Promise((resolve) => setImmediate(resolve));
  };
  return { body, ended, send };
}

test("a body that brings enough in each window is read to its end", async () => {
  const { body, ended, send } = reading();
  for (let window = 0; window < 5; window++) {
    await send(60);
    await send(40);
    vi.advanceTimersByTime(1000);
  }
  body.end();
  expect(await ended).toBe("whole");
});

test("one that drips is given up after its first window, with what came and what was wanted", async () => {
  const { ended, send } = reading();
  await send(1);
  vi.advanceTimersByTime(1000);
  await expect(ended).rejects.toThrow(
    "it sent 1 byte in 1 s, and at least 100 are wanted; have it from a faster server",
  );
});

test("what came in an earlier window does not make up for a later one", async () => {
  const { ended, send } = reading();
  await send(5000);
  vi.advanceTimersByTime(1000);
  await send(99);
  vi.advanceTimersByTime(1000);
  await expect(ended).rejects.toThrow("it sent 99 bytes in 1 s");
});

test("a short body may end before its first window does", async () => {
  const { body, ended, send } = reading();
  await send(3);
  body.end();
  expect(await ended).toBe("whole");
  vi.advanceTimersByTime(5000);
});

test("with no least rate nothing is too slow", async () => {
  const { body, ended, send } = reading({ bytes: 0, windowMs: 1000 });
  vi.advanceTimersByTime(100_000);
  await send(1);
  body.end();
  expect(await ended).toBe("whole");
});
