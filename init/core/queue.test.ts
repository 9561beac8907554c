import type { Offer, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { readResources } from "@meseta/api/mesos/resources/read.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { describe, expect, it } from "vitest";
import { attemptSummary, lastOffersSummary } from "./place/counters.ts";
import { REASONS } from "./place/reason.ts";
import { reservationLabels } from "./place/reservation.ts";
import { Tallies } from "./place/tally.ts";
import type { Seeker } from "./place.ts";
import { LaunchQueue, MOST_UNUSED } from "./queue.ts";

const LIMITS = { mostInstances: 100, settings: { gpus: "unrestricted" } } as const;

const offer = (resources: string, agent = "a1"): Offer => ({
  id: { value: "o" },
  framework_id: { value: "f" },
  agent_id: { value: agent },
  hostname: agent,
  resources: readResources(resources) as Resource[],
});

const seeker = (mem: number, more: Partial<Seeker> = {}): Seeker => ({
  wish: {
    role: "*",
    constraints: [],
    instances: 1,
    parts: [{ cpus: 1, mem, disk: 0, gpus: 0 }],
    ports: [],
    volumes: [],
  },
  placed: new Tallies([]),
  ...more,
});

/** `/small` needs 10 MiB an instance, `/large` 1000. */
const VIEW = {
  seekerOf: (id: string) => (id === "gone" ? undefined : seeker(id.startsWith("large") ? 1000 : 10)),
  delayOf: (): undefined => undefined,
};

const take = (queue: LaunchQueue, there: Offer, view: Parameters<LaunchQueue["take"]>[1] = VIEW, nowMs = 5) =>
  queue.take(there, view, LIMITS, createRandom(1), nowMs).map(({ instanceId }) => instanceId);

function queueOf(...ids: string[]): LaunchQueue {
  const queue = new LaunchQueue();
  for (const id of ids) queue.add(`/${id.split("-")[0]}`, id, 0);
  return queue;
}

describe("the launch queue", () => {
  it("gives each offer to who came first, as much as fits, and then to the next", () => {
    const queue = queueOf("small-1", "small-2", "large-1", "small-3");
    expect(take(queue, offer("cpus:2;mem:2000"))).toEqual(["small-1", "small-2"]);
    expect(take(queue, offer("cpus:9;mem:2000"))).toEqual(["small-3", "large-1"]);
    expect(queue.isEmpty).toBe(true);
  });

  it("goes on with the others when one finds no place, and forgets who is not known", () => {
    expect(take(queueOf("large-1", "small-1"), offer("cpus:2;mem:20"))).toEqual(["small-1"]);
    expect(take(queueOf("gone", "small-1"), offer("cpus:2;mem:20"))).toEqual(["small-1"]);
  });

  it("passes by who must still wait", () => {
    const queue = queueOf("small-1", "large-1");
    const view = { ...VIEW, delayOf: (spec: string) => (spec === "/small" ? { sinceMs: 0, lengthMs: 9 } : undefined) };
    expect(take(queue, offer("cpus:2;mem:2000"), view)).toEqual(["large-1"]);
    expect(queue.nextLaunchMs(view, 5)).toBe(9);
    expect(take(queue, offer("cpus:2;mem:2000"), view, 9)).toEqual(["small-1"]);
  });

  it("passes over those for whom there is clearly too little when thousands wait, and still serves who fits behind them", () => {
    const queue = new LaunchQueue();
    for (let i = 0; i < 1000; i++) queue.add(`/large${i}`, `large-${i}`, 0);
    queue.add("/small", "small-1", 0);
    const asked: string[] = [];
    const view = {
      ...VIEW,
      seekerOf: (id: string) => {
        asked.push(id);
        return VIEW.seekerOf(id);
      },
      needOf: (spec: string) => ({ cpusMilli: 1000, memMilli: spec === "/small" ? 10_000 : 1_000_000 }),
    };
    expect(take(queue, offer("cpus:2;mem:20"), view)).toEqual(["small-1"]);
    expect(asked.length).toBeLessThan(100);
  });

  it("counts why offers were left, each row of the funnel from the one before", () => {
    const queue = queueOf("large-1");
    take(queue, offer("cpus:0.5;mem:2000", "a1"));
    take(queue, offer("cpus:9;mem:20", "a2"));
    take(queue, offer("cpus:9;mem:20", "a1"));
    const { counters, unused } = queue.entryOf("/large")!;
    expect([counters.processed, counters.unused, counters.lastUnusedAtMs, counters.lastUsedAtMs]).toEqual([
      3,
      3,
      5,
      undefined,
    ]);
    const row = (reason: string, declined: number, processed: number) => ({ reason, declined, processed });
    expect(attemptSummary(counters).slice(4, 7)).toEqual([
      row("InsufficientCpus", 1, 3),
      row("InsufficientMemory", 2, 2),
      row("InsufficientDisk", 0, 0),
    ]);
    expect(lastOffersSummary(counters).slice(4, 6)).toEqual([
      row("InsufficientCpus", 0, 2),
      row("InsufficientMemory", 2, 2),
    ]);
    expect(attemptSummary(counters).map(({ reason }) => reason)).toEqual([...REASONS]);
    expect(unused.map(({ offer: left, reason }) => [left.hostname, reason]).at(-1)).toEqual([
      "a1",
      "InsufficientMemory",
    ]);
  });

  it("keeps only the last of the offers that were left", () => {
    const queue = queueOf("large-1");
    for (let i = 0; i < MOST_UNUSED + 5; i++) take(queue, offer("cpus:1;mem:1", `a${i}`));
    expect(
      queue
        .entryOf("/large")!
        .unused.map(({ offer: left }) => left.hostname)
        .at(0),
    ).toBe("a5");
    expect(queue.entryOf("/large")!.unused).toHaveLength(MOST_UNUSED);
  });

  it("an instance whose volume is elsewhere does not hold up its brothers", () => {
    const kept = { labels: reservationLabels("f", "small-1"), volumeIds: ["v"], isMade: true };
    const view = {
      ...VIEW,
      seekerOf: (id: string) => (id === "small-1" ? seeker(10, { reservation: kept }) : seeker(10)),
    };
    const queue = queueOf("small-1", "small-2");
    expect(take(queue, offer("cpus:9;mem:2000"), view)).toEqual(["small-2"]);
    expect([...queue.entryOf("/small")!.instances]).toEqual(["small-1"]);
  });
});
