import { Counters, counter, gauge, type Sample } from "@meseta/lib/core/metrics.ts";
import { dottedName, httpSamples } from "@meseta/lib/io/http/counts.ts";
import { SENT } from "@meseta/sdk/scheduler/sent.ts";
import type { CronEffect } from "../core/out.ts";
import type { CronState } from "../core/state.ts";
import type { Front } from "./front.ts";

/** How often cron did what; counted where decisions become deeds. */
export class Deeds extends Counters {
  constructor() {
    super([...Object.values(SENT), LAUNCHES, NOTIFICATIONS, REQUESTS]);
  }

  count(effect: CronEffect): void {
    if (effect.type === "notify") this.add(NOTIFICATIONS);
    if (effect.type !== "send") return;
    const { type, accept } = effect.call;
    this.add(type && SENT[type]);
    for (const { launch } of accept?.operations ?? []) for (const _ of launch?.task_infos ?? []) this.add(LAUNCHES);
  }

  countRequest(): void {
    this.add(REQUESTS);
  }
}

const LAUNCHES = "tasks.launched.counter";
const NOTIFICATIONS = "notifications.counter";
const REQUESTS = "http.requests.counter";

/** All numbers of cron; few while it loads its records. */
export function samplesOf({ loop, counts, notifier, startMs }: Front): Sample[] {
  const { daemon, deeds, requests } = loop;
  return [
    ...deeds.samples(),
    gauge("uptime.gauge.seconds", (daemon.nowMs() - startMs) / 1000),
    gauge("http.requests.active.gauge", requests.size),
    gauge("events.queued.gauge", daemon.queued),
    counter("events.refused.counter", daemon.overflowed),
    gauge("notifications.waiting.gauge", notifier?.waiting ?? 0),
    counter("notifications.dropped.counter", notifier?.dropped ?? 0),
    ...httpSamples(counts, dottedName),
    gauge("store.works.gauge", daemon.storeFailure === undefined ? 1 : 0),
    gauge("heap.used.gauge.bytes", process.memoryUsage().heapUsed),
    ...daemon.storing.samples("store.commit.ms"),
    ...(daemon.ready ? stateSamples(loop.state) : []),
  ];
}

function stateSamples({ entries, waiting, tasks, kills, past, master }: CronState): Sample[] {
  return [
    gauge("jobs.gauge", entries.size),
    gauge("runs.waiting.gauge", waiting.size),
    gauge("runs.past.gauge", past.size),
    gauge("tasks.active.gauge", tasks.size),
    gauge("tasks.to-kill.gauge", kills.size),
    gauge("mesos.connected.gauge", master.isConnected ? 1 : 0),
  ];
}
