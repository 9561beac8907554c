import { connect } from "node:net";
import { expect, test } from "vitest";
import { inTurn } from "./turn.ts";

const name = `\0meseta-test-turn-${process.pid}`;

test("one works at a time, and the next begins when it has ended, well or not", async () => {
  const said: string[] = [];
  const work = (who: string) => async () => {
    said.push(`${who} begins`);
    // Whoever does not wait for its turn has the time to begin.
    for (let n = 0; n < 50; n++) await new Promise((resolve) => setImmediate(resolve));
    said.push(`${who} ends`);
    if (who === "second") throw new Error("no port is free");
    return who;
  };
  const all = await Promise.allSettled(["first", "second", "third"].map((who) => inTurn(work(who), name)));
  expect(all.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(said.filter((_, at) => at % 2 === 1)).toEqual(
    said.filter((_, at) => at % 2 === 0).map((one) => one.replace("begins", "ends")),
  );
});

test("who has waited too long goes on without", async () => {
  const over = Promise.withResolvers<void>();
  const held = inTurn(() => over.promise, name);
  await new Promise((resolve, reject) => connect(name).once("connect", resolve).once("error", reject));
  expect(await inTurn(async () => "done", name, 1)).toBe("done");
  over.resolve();
  await held;
});
