import { expect, test } from "vitest";
import { EventQueue } from "./event-queue.ts";

test("events come in order, whether the reader or the writer is first", async () => {
  const queue = new EventQueue<number>();
  queue.push(1);
  const events = queue[Symbol.asyncIterator]();
  expect((await events.next()).value).toBe(1);
  const next = events.next();
  queue.push(2);
  queue.push(3);
  queue.end();
  queue.push(4);
  expect((await next).value).toBe(2);
  expect((await events.next()).value).toBe(3);
  expect((await events.next()).done).toBe(true);
});

test("an error reaches the reader after the events before it", async () => {
  const queue = new EventQueue<number>();
  queue.push(1);
  queue.end(new Error("torn"));
  const events = queue[Symbol.asyncIterator]();
  expect((await events.next()).value).toBe(1);
  await expect(events.next()).rejects.toThrow("torn");
});

test("a reader that falls too far behind is told so, and memory stays bounded", async () => {
  const queue = new EventQueue<number>(2);
  for (let i = 0; i < 5; i++) queue.push(i);
  await expect(queue[Symbol.asyncIterator]().next()).rejects.toThrow("behind");
});
