import { expect, test } from "vitest";
import { anApp, aPod } from "../plan/specs.rig.ts";
import { Rig } from "./state.rig.ts";

const V = "2026-01-05T10:00:00.000Z";
const BIG = anApp("/big", { mem: 4096 });
const queue = (rig: Rig, embed: string[] = []) =>
  rig.json({ kind: "queue", embed }) as { queue: Record<string, unknown>[] };

test("an empty queue is an empty list", () => {
  expect(new Rig([BIG]).read({ kind: "queue", embed: [] }).text).toBe(`{"queue":[]}`);
});

test("what waits is shown with its definition, its delay and the funnel of the offers it saw", () => {
  const rig = new Rig([BIG]);
  rig.queued(BIG);
  rig.queued(BIG);
  rig.offer("cpus:8;mem:1024;ports:[31000-31001]", "S1");
  rig.offer("cpus:0.5;mem:8192", "S2");
  const [item] = queue(rig).queue;
  expect(item).toMatchObject({
    app: { id: "/big", mem: 4096 },
    count: 2,
    since: V,
    delay: { timeLeftSeconds: 0, overdue: true },
  });
  expect(item).not.toHaveProperty("lastUnusedOffers");
  const rows = [
    ["UnfulfilledRole", 0, 2],
    ["UnfulfilledConstraint", 0, 2],
    ["NoCorrespondingReservationFound", 0, 2],
    ["AgentMaintenance", 0, 2],
    ["InsufficientCpus", 1, 2],
    ["InsufficientMemory", 1, 1],
    ["InsufficientDisk", 0, 0],
    ["InsufficientGpus", 0, 0],
    ["InsufficientPorts", 0, 0],
    ["DeclinedScarceResources", 0, 0],
  ].map(([reason, declined, processed]) => ({ reason, declined, processed }));
  expect(item!["processedOffersSummary"]).toEqual({
    processedOffersCount: 2,
    unusedOffersCount: 2,
    lastUnusedOfferAt: V,
    rejectSummaryLastOffers: rows,
    rejectSummaryLaunchAttempt: rows,
  });
});

test("the last unused offers are shown to who asks for them", () => {
  const rig = new Rig([BIG]);
  rig.queued(BIG);
  const attributes = [
    { name: "rack", type: "TEXT" as const, text: { value: "r1" } },
    { name: "slots", type: "SCALAR" as const, scalar: { value: 4 } },
  ];
  rig.offer("cpus:8;mem:1024;ports:[31000-31001]", "S1", { attributes });
  expect(queue(rig, ["lastUnusedOffers"]).queue[0]!["lastUnusedOffers"]).toEqual([
    {
      offer: {
        id: "offer-S1",
        hostname: "host-S1",
        agentId: "S1",
        resources: [
          { name: "cpus", role: "*", scalar: 8 },
          { name: "mem", role: "*", scalar: 1024 },
          { name: "ports", role: "*", ranges: [{ begin: 31000, end: 31001 }] },
        ],
        attributes: [
          { name: "rack", text: "r1" },
          { name: "slots", scalar: 4 },
        ],
      },
      reason: ["InsufficientMemory"],
      timestamp: V,
    },
  ]);
});

test("a delay counts down in whole seconds, and pods stand under their own name", () => {
  const pod = aPod("/pod");
  const rig = new Rig([pod]);
  rig.queued(pod);
  const policy = { firstMs: 10_000, factor: 2, longestMs: 60_000 };
  rig.state.backoff.apply("/pod", V, "raise", policy, rig.nowMs);
  rig.nowMs += 2500;
  expect(queue(rig).queue).toMatchObject([{ pod: { id: "/pod" }, delay: { timeLeftSeconds: 8, overdue: false } }]);
});
