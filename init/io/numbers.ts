import { Counters, counter, gauge, type Sample } from "@meseta/lib/core/metrics.ts";
import { dottedName, httpSamples } from "@meseta/lib/io/http/counts.ts";
import { SENT } from "@meseta/sdk/scheduler/sent.ts";
import type { InitEffect } from "../core/out.ts";
import type { InitState } from "../core/state.ts";
import type { Front } from "./front.ts";

/** How often init did what; counted where decisions become deeds. Names: Marathon's. */
export class Deeds extends Counters {
  constructor() {
    super([
      ...Object.values(SENT),
      ...Object.values(PUBLISHED),
      "http.requests.counter",
      "http.requests.refused.counter",
    ]);
  }

  count(effect: InitEffect): void {
    if (effect.type === "send") this.add(effect.call.type && SENT[effect.call.type]);
    else if (effect.type === "publish") this.add(PUBLISHED[effect.notice.eventType]);
  }
}

const PUBLISHED: Readonly<Record<string, string>> = {
  deployment_success: "deployments.counter",
  deployment_failed: "deployments.dismissed.counter",
  status_update_event: "tasks.status-updates.counter",
  unhealthy_instance_kill_event: "tasks.unhealthy-kills.counter",
};

/** Asked for more often than this, the same numbers are given: they are found by going through all instances. */
const FRESH_MS = 500;

const known = new WeakMap<Front, { samples: Sample[]; atMs: number }>();

/** All numbers of init; few while it loads its records. */
export function samplesOf(front: Front): Sample[] {
  const nowMs = performance.now();
  const last = known.get(front);
  if (last !== undefined && nowMs - last.atMs < FRESH_MS) return last.samples;
  const samples = [...ownSamples(front), ...(front.loop.daemon.ready ? stateSamples(front.loop.state) : [])];
  known.set(front, { samples, atMs: nowMs });
  return samples;
}

function ownSamples({ loop, counts, startMs }: Front): Sample[] {
  return [
    ...loop.deeds.samples(),
    gauge("uptime.gauge.seconds", (loop.daemon.nowMs() - startMs) / 1000),
    gauge("http.event-streams.active.gauge", loop.readers.size),
    gauge("http.requests.active.gauge", loop.requests.size),
    gauge("events.queued.gauge", loop.daemon.queued),
    counter("events.refused.counter", loop.daemon.overflowed),
    ...httpSamples([counts], dottedName),
    gauge("store.works.gauge", loop.daemon.storeFailure === undefined ? 1 : 0),
    gauge("heap.used.gauge.bytes", process.memoryUsage().heapUsed),
    ...loop.daemon.storing.samples("store.commit.ms"),
  ];
}

function stateSamples(state: InitState): Sample[] {
  return [
    gauge("apps.active.gauge", state.tree.apps.size),
    gauge("pods.active.gauge", state.tree.pods.size),
    gauge("groups.active.gauge", state.tree.groups.size),
    gauge("deployments.active.gauge", state.deployments.all.length),
    gauge("mesos.connected.gauge", state.master.isConnected ? 1 : 0),
    gauge(
      "instances.launch-queue.gauge",
      [...state.queue.entries].reduce((n, { instances }) => n + instances.size, 0),
    ),
    ...[...conditionsOf(state)].map(([condition, count]) => gauge(`instances.${condition}.gauge`, count)),
  ];
}

function conditionsOf(state: InitState): Map<string, number> {
  const counts = new Map<string, number>([
    ["provisioned", 0],
    ["staged", 0],
    ["running", 0],
    ["killing", 0],
  ]);
  for (const { instances } of state.services.values())
    for (const { condition } of instances.values()) {
      const name = condition === "Staging" ? "staged" : condition.toLowerCase();
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  return counts;
}
