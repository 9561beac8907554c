import type { IncomingMessage } from "node:http";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { BodyChunks } from "./chunks.ts";

function body() {
  const stream = new PassThrough();
  return { stream, chunks: new BodyChunks(stream as unknown as IncomingMessage) };
}

async function all(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of chunks) text += Buffer.from(chunk).toString();
  return text;
}

test("chunks come in their order, and the body's end is theirs", async () => {
  const { stream, chunks } = body();
  for (const text of ["a", "b", "c"]) stream.write(text);
  stream.end("d");
  expect(await all(chunks)).toBe("abcd");
});

test("one chunk waits at most: the peer is not asked for more before it is read", async () => {
  const { stream, chunks } = body();
  const reader = chunks[Symbol.asyncIterator]();
  const first = reader.next();
  stream.write("a");
  stream.write("b");
  expect(String((await first).value)).toBe("a");
  expect(stream.isPaused()).toBe(true);
  expect(stream.readableLength).toBe(1);
  expect(String((await reader.next()).value)).toBe("b");
});

test("who is told that nobody reads on lets the rest pass", async () => {
  const { stream, chunks } = body();
  const waiting = all(chunks);
  chunks.release();
  expect(await waiting).toBe("");
  stream.resume();
  const ended = new Promise((resolve) => stream.once("end", resolve));
  stream.end("much more");
  await ended;
});

test("a body that breaks off throws", async () => {
  const { stream, chunks } = body();
  const reading = all(chunks);
  stream.write("a");
  stream.destroy();
  await expect(reading).rejects.toThrow("went away in the middle");
});
