import { expect, it } from "vitest";
import { marks, planLines } from "./deployments.ts";

it("a plan says its steps, where instances would land, and what would wait and why", () => {
  expect(
    planLines({
      steps: [
        { actions: [{ action: "StartApplication", app: "/web" }] },
        {
          actions: [
            { action: "ScaleApplication", app: "/web" },
            { action: "RestartPod", pod: "/db" },
          ],
        },
      ],
      placement: [
        {
          id: "/web",
          launches: 5,
          places: [
            { agentId: "0f8fad5b-d9cb-469f-a165-70867728950e-S0", host: "ada", count: 2 },
            { agentId: "0f8fad5b-d9cb-469f-a165-70867728950e-S1", host: "bob", count: 1 },
          ],
          unplaced: 2,
          reasons: { InsufficientMemory: 1, UnfulfilledConstraint: 2 },
        },
        { id: "/db", launches: 1, places: [], unplaced: 1, reasons: {} },
        { id: "/idle", launches: 0, places: [], unplaced: 0, reasons: {} },
      ],
    }),
  ).toEqual([
    "2 steps, one after the other:",
    "  1  start /web",
    "  2  scale /web, restart /db",
    "Where they would land, if nothing else changes:",
    "  /web  2 on ada (S0), 1 on bob (S1)",
    "        2 of 5 would wait: too little memory on 1 agent, a constraint on 2 agents",
    "  /db  nowhere",
    "       1 of 1 would wait: no agent was offered",
  ]);
  expect(planLines({ steps: [] })).toEqual(["Nothing would change."]);
});

it("few instances are shown as marks, many as numbers", () => {
  expect(marks({ wanted: 4, good: 2, underWay: 1 })).toBe("●●◐○ 2 of 4");
  expect(marks({ wanted: 400, good: 2, underWay: 1 })).toBe("2 of 400");
  expect(marks({ wanted: 0, good: 0, underWay: 0 })).toBe("0 of 0");
});
