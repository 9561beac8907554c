import { expect, it } from "vitest";
import { NoticeLog } from "./notices.ts";

const numbers = (log: NoticeLog) => Array.from({ length: log.end - log.first }, (_, i) => log.at(log.first + i).number);

it("so many are kept, and those that follow an id are found by it", () => {
  const log = new NoticeLog("life", 3);
  for (let i = 0; i < 6; i++) log.add({ eventType: "a", i }, 0);
  expect(numbers(log)).toEqual([3, 4, 5]);
  expect([log.after("life-5"), log.after("life-99"), log.after("other-5"), log.after(undefined)]).toEqual([
    6,
    6,
    undefined,
    undefined,
  ]);
});

it("large ones are kept for less long, the newest always", () => {
  const log = new NoticeLog("life", 100, 10_000);
  for (let i = 0; i < 20; i++) log.add({ eventType: "api_post_event", appDefinition: { cmd: "x".repeat(1000) } }, 0);
  expect([numbers(log).length <= 8, numbers(log).at(-1)]).toEqual([true, 19]);
  log.add({ eventType: "status_update_event", message: "x".repeat(100_000) }, 0);
  expect([numbers(log), log.at(20).notice.eventType]).toEqual([[20], "status_update_event"]);
  log.add({ eventType: "a" }, 0);
  expect(numbers(log)).toEqual([21]);
});
