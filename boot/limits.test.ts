import { CRON_BOUNDS } from "@meseta/cron/core/bounds.ts";
import { INIT_BOUNDS } from "@meseta/init/core/bounds.ts";
import { AGENT_BOUNDS } from "@meseta/kernel/core/agent/bounds.ts";
import { MASTER_BOUNDS } from "@meseta/kernel/core/master/bounds.ts";
import { limitsOf } from "@meseta/lib/core/bound.ts";
import { LOOP_BOUNDS } from "@meseta/lib/core/bounds.ts";
import { HTTP_BOUNDS } from "@meseta/lib/io/http/bounds.ts";
import { expect, test } from "vitest";
import { limitsIn, namedIn } from "./limits.ts";

const of = (limits: string | undefined) => limitsIn({ limits }, MASTER_BOUNDS);

test("what is said of bounds by name is read in their units, and the others keep their defaults", () => {
  const given = of(" head-size=32KB, task-size=1MB,idle-time=5mins,events-queued=7,");
  expect(limitsOf(HTTP_BOUNDS, given)).toMatchObject({ headerBytes: 32_768, idleTimeoutMs: 300_000, headerCount: 100 });
  expect(limitsOf(MASTER_BOUNDS, given)).toMatchObject({ taskBytes: 1_048_576, frameworkBytes: 4_194_304 });
  expect(limitsOf(LOOP_BOUNDS, given)).toEqual({ queuedEvents: 7 });
  expect(of(undefined).size).toBe(0);
});

test("what cannot be is refused with what there is", () => {
  const wrong: readonly [string, RegExp][] = [
    ["head-sise=1MB", /there is no limit "head-sise": did you mean head-size\?/],
    ["updates-per-task=5", /there is no limit "updates-per-task"/],
    ["quite-another", /there are .*head-size, head-time/],
    ["head-size", /"head-size=" is not an amount such as 64MB/],
    ["head-size=10B", /from 1KB to 1TB/],
    ["head-size=1KB=2KB", /is not an amount/],
    ["headers=0", /"headers=0" is not a whole number/],
    ["headers=1.5", /is not a whole number/],
    ["idle-time=30days", /from 100ms to 24days/],
    ["headers=5,headers=6", /said twice/],
  ];
  for (const [text, why] of wrong) {
    expect(() => of(text), text).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ why: expect.stringMatching(why) }) }),
    );
  }
});

test("no part has two bounds of one name", () => {
  for (const own of [MASTER_BOUNDS, AGENT_BOUNDS, INIT_BOUNDS, CRON_BOUNDS]) {
    const tables = [own, HTTP_BOUNDS, LOOP_BOUNDS].flatMap((table) => Object.values(limitsOf(table)));
    expect(namedIn(own).size).toBe(tables.length);
  }
});
