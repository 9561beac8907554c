import type { RunRecord } from "@meseta/api/metronome/history.ts";
import { expect, it } from "vitest";
import { tickHeading } from "./tick-heading.ts";

const NOW_MS = Date.parse("2026-01-05T10:00:00Z");

function run(status: RunRecord["status"], secondsAgo: number): RunRecord {
  const createdAt = new Date(NOW_MS - secondsAgo * 1000).toISOString();
  return { id: "r", jobId: "j", status, cause: "schedule", dueAt: createdAt, createdAt, completedAt: null, tasks: [] };
}

it("a job's line has its last runs, the newest at the right, and says how many failed", () => {
  const runs = [run("ACTIVE", 2), run("SUCCESS", 7), run("FAILED", 12)];
  expect(tickHeading("j", runs, NOW_MS)).toBe("j  ✗○●  last run 2s ago, 1 of 3 failed");
  expect(tickHeading("j", [], NOW_MS)).toBe("j  waits for its first run");
});
