import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import type { Cluster } from "./cluster.ts";
import { drawHistory, type History } from "./history.ts";
import { playHistory, runSeed } from "./seed.ts";
import { kindOf, shrink, type Try } from "./shrink.ts";

// A loaded machine takes its time.
const PATIENCE = { timeout: 600_000 };

it("a seed gives the same history every time, byte for byte", PATIENCE, async () => {
  const digests = [await digestOf(7), await digestOf(7)];
  expect(digests[1]).toEqual(digests[0]);
});

it("what is told of a history's steps changes nothing of it", PATIENCE, async () => {
  const [quiet, told] = [await runSeed(4), await runSeed(4, { log: () => {} })];
  expect(told).toEqual(quiet);
});

it(
  "a history that breaks a promise is made smaller, and breaks the same one when it is played again from what was written down",
  PATIENCE,
  async () => {
    const history = await firstThatBreaks(play);
    const smallest = (await shrink(history, play))!;
    expect(history.faults.length).toBeGreaterThan(10);
    expect(smallest.history.faults.length).toBeLessThanOrEqual(2);
    const again: History = JSON.parse(JSON.stringify(smallest.history));
    expect(await play(again)).toBe(smallest.message);
    expect(smallest.message).toContain("I5: quota of");
  },
);

it("a history that breaks nothing is not made smaller", async () => {
  expect(await shrink(drawHistory(4), async () => undefined)).toBeUndefined();
});

it("of many faults that one is found without which nothing breaks", async () => {
  const history = drawHistory(4);
  const guilty = history.faults[7]!;
  const play: Try = async ({ faults }) => (faults.includes(guilty) ? "seed 4, at 12.5 s: it broke at 12" : undefined);
  const smallest = await shrink(history, play);
  expect(smallest!.history).toMatchObject({ faults: [guilty], agents: 1, wishes: [], keepers: [], hasOperator: false });
});

it("two violations are of one kind when they differ in numbers and ids only", () => {
  const kinds = [
    "seed 4, at 1.5 s: I3: task f1-3 is started 2 times",
    "seed 77, at 12 s: I3: task f2-14 is started 3 times",
  ];
  expect(new Set(kinds.map(kindOf)).size).toBe(1);
  expect(kindOf("seed 4, at 1.5 s: I3: task f1-3 is lost")).not.toBe(kindOf(kinds[0]!));
});

async function digestOf(seed: number): Promise<{ lines: number; digest: string }> {
  const hash = createHash("sha256");
  let lines = 0;
  const log = (line: string): void => {
    lines++;
    hash.update(`${line}\n`);
  };
  await runSeed(seed, { log });
  return { lines, digest: hash.digest("hex") };
}

const play: Try = (history) =>
  playHistory(history, { prepare: forgetQuota }).then(
    () => undefined,
    (error: Error) => error.message,
  );

/** Its masters do not store quota. */
function forgetQuota({ master }: Cluster): void {
  master.spoil = (core) => {
    const right = core.apply.bind(core);
    core.apply = (event, nowMs, out) => {
      right(event, nowMs, out);
      for (const key of out.puts.keys()) if (key.startsWith("quota/")) out.puts.delete(key);
    };
    return core;
  };
}

// Of those that do not take long.
async function firstThatBreaks(play: Try): Promise<History> {
  for (let seed = 1; ; seed++) {
    const history = drawHistory(seed, []);
    if (history.masters !== undefined || history.agents > 3) continue;
    if ((await play(history)) !== undefined) return history;
  }
}
