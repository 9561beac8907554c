import type { IncomingMessage } from "node:http";
import { silentLog } from "@meseta/lib/core/ports/log.ts";
import { expect, test } from "vitest";
import { textAnswer } from "./answer.ts";
import { HTTP_BOUNDS } from "./bounds.ts";
import { brought, passed } from "./intake.ts";
import { serve } from "./server.ts";

const MOST = HTTP_BOUNDS.bodyBytesPerTurn.most;
const CHUNK = 64 * 1024;
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A body that brings chunks as Node reads them: of each connection up to 32 in a turn, unless it is stopped. */
class Fast {
  bytes = 0;
  isStopped = false;
  onResume: () => void = () => {};

  isPaused(): boolean {
    return this.isStopped;
  }

  pause(): void {
    this.isStopped = true;
  }

  resume(): void {
    this.isStopped = false;
    this.onResume();
  }

  bring(take: typeof brought): void {
    for (let i = 0; i < 32 && !this.isStopped; i++) {
      this.bytes += CHUNK;
      take(this as unknown as IncomingMessage, CHUNK);
    }
  }
}

test("what fast senders bring in a turn is bounded, and all of them go on by turns", async () => {
  // What other tests took of this turn counts.
  await turn();
  const all = Array.from({ length: 20 }, () => new Fast());
  const bytes = () => all.reduce((sum, one) => sum + one.bytes, 0);
  let before = 0;
  for (let turns = 0; turns < 100; turns++) {
    for (const one of all) one.bring(brought);
    // The first turn has a chunk of each before it can be stopped.
    expect(bytes() - before).toBeLessThanOrEqual(MOST + (turns === 0 ? all.length : 1) * CHUNK);
    before = bytes();
    await turn();
  }
  expect(bytes()).toBeGreaterThan(50 * MOST);
  for (const one of all) expect(one.bytes).toBeGreaterThan(bytes() / all.length / 2);
});

test("what is refused passes, a little at once and much only in time", async () => {
  const [before, little, much] = [new Fast(), new Fast(), new Fast()];
  // What other tests let pass counts as well: when this one goes on it is all paid.
  const isPaid = new Promise<void>((resolve) => (before.onResume = resolve));
  passed(before as unknown as IncomingMessage, MOST);
  await isPaid;
  little.bytes += CHUNK;
  passed(little as unknown as IncomingMessage, CHUNK);
  expect(little.isStopped).toBe(false);
  const goesOn = new Promise<void>((resolve) => (much.onResume = resolve));
  much.bring(passed);
  expect(much.isStopped).toBe(true);
  expect(much.bytes).toBeLessThan(32 * CHUNK);
  await goesOn;
});

test("bodies that had to wait arrive whole, and one that is refused meanwhile is told so", async () => {
  const digits = Buffer.from("0123456789".repeat((6 * MOST) / 10));
  await using server = await serve({
    host: "127.0.0.1",
    port: 0,
    handler: ({ body }) => textAnswer(200, digits.equals(body) ? "whole" : `${body.length} other bytes`),
    bounds: { bodyBytes: digits.length },
    log: silentLog,
  });
  const post = (body: Buffer) =>
    fetch(server.url, { method: "POST", body: new Uint8Array(body) }).then(async (answer) => [
      answer.status,
      await answer.text(),
    ]);
  const [refused, ...others] = await Promise.all(
    [Buffer.concat([digits, digits.subarray(0, MOST)]), digits, digits, digits].map(post),
  );
  expect(refused![0]).toBe(413);
  expect(others).toEqual([1, 2, 3].map(() => [200, "whole"]));
});
