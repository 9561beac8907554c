import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { HTTP_BOUNDS } from "./bounds.ts";
import { inTurn } from "./turns.ts";

const MOST = HTTP_BOUNDS.requestsPerTurn.most;
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("of the requests that come at once on a connection some begin in each turn, in their order, and those of others in between", async () => {
  // What other tests began in this turn counts.
  await turn();
  const [greedy, modest] = [{} as Socket, {} as Socket];
  const begun: string[] = [];
  for (let i = 0; i < 150; i++) inTurn(greedy, () => begun.push(`g${i}`));
  inTurn(modest, () => begun.push("m"));
  expect(begun.length).toBe(MOST + 1);
  expect(begun.at(-1)).toBe("m");
  await turn();
  inTurn(greedy, () => begun.push("late"));
  while (!begun.includes("late")) await turn();
  const all = [...Array.from({ length: 150 }, (_, i) => `g${i}`), "late"];
  expect(begun.filter((one) => one !== "m")).toEqual(all);
});

test("of the requests that come at once on many connections no more begin in a turn, but the first of each, and all are served by turns", async () => {
  await turn();
  const greedy = Array.from({ length: 100 }, () => ({}) as Socket);
  const begun = new Map<Socket, number>();
  const count = () => [...begun.values()].reduce((sum, one) => sum + one, 0);
  for (const socket of greedy)
    for (let i = 0; i < 50; i++) inTurn(socket, () => begun.set(socket, (begun.get(socket) ?? 0) + 1));
  let before = count();
  expect(before).toBeLessThan(greedy.length + MOST);
  while (before < 100 * 50) {
    await turn();
    let isServed = false;
    inTurn({} as Socket, () => (isServed = true));
    expect(isServed).toBe(true);
    expect(count() - before).toBeLessThanOrEqual(MOST);
    before = count();
    const each = [...begun.values()];
    expect(Math.max(...each) - Math.min(...each)).toBeLessThanOrEqual(2 * MOST);
  }
});

test("what waits on a connection that is gone takes no more than a turn", async () => {
  await turn();
  const [gone, other] = [{ destroyed: false }, {} as Socket];
  const begun: string[] = [];
  for (let i = 0; i < 1000; i++) inTurn(gone as Socket, () => begun.push("gone"));
  for (let i = 0; i < 10; i++) inTurn(other, () => begun.push("other"));
  gone.destroyed = true;
  for (let turns = 0; turns < 3; turns++) await turn();
  expect(begun.length).toBe(1010);
});

test("who sends one request after the other never waits for a turn", async () => {
  const socket = {} as Socket;
  let begun = 0;
  for (let i = 0; i < 200; i++) {
    inTurn(socket, () => begun++);
    expect(begun).toBe(i + 1);
    await turn();
  }
});
