import type { Call } from "@meseta/api/mesos/generated/scheduler.ts";
import type { Cron } from "@meseta/cron/core/cron.ts";
import { CronOut } from "@meseta/cron/core/out.ts";
import { expect, it } from "vitest";
import { AskingChecker } from "./cron-asking.ts";

const OFFER = {
  id: { value: "o1" },
  framework_id: { value: "f" },
  agent_id: { value: "s1" },
  hostname: "a1",
  resources: [
    { name: "cpus", type: "SCALAR" as const, scalar: { value: 2 } },
    { name: "mem", type: "SCALAR" as const, scalar: { value: 512 } },
  ],
};

/** A cron that was offered two processors and has given them back, and a run that waits for so many. */
function refused(cpus: number): { checker: AskingChecker; say: (call: Partial<Call>) => void; look: () => void } {
  const run = { cpus, mem: 32, disk: 0, constraints: [] };
  const entry = { job: { id: "job", run }, runs: new Map([["r1", { id: "r1", phase: "waiting" }]]) };
  const core = {
    state: { entries: new Map([["job", entry]]), waiting: { size: 1, has: () => true } },
  } as unknown as Cron;
  const checker = new AskingChecker();
  const say = (call: Partial<Call>): void => {
    const out = new CronOut();
    out.send(call as Call);
    checker.applied({ type: "wake", wake: { for: "start" } }, out);
  };
  checker.applied({ type: "heard", event: { type: "OFFERS", offers: { offers: [OFFER] } } }, new CronOut());
  say({ type: "DECLINE", decline: { offer_ids: [OFFER.id] } });
  let nowMs = 0;
  return { checker, say, look: () => checker.look(core, (nowMs += 20_000), 0) };
}

it("a run that would fit on what cron gave back must not wait while cron does not ask again", () => {
  const { look } = refused(1);
  look();
  look();
  expect(look).toThrow("run r1 of job waits, and offers are not asked for, though one of a1 was given back");
});

it("a run that fits on nothing that was given back may wait, and one for which cron has asked, or has another connection", () => {
  const [tooLarge, asked, anew] = [refused(3), refused(1), refused(1)];
  asked.say({ type: "REVIVE" });
  anew.checker.applied({ type: "disconnected" }, new CronOut());
  for (const { look } of [tooLarge, asked, anew]) for (let time = 0; time < 4; time++) look();
});
