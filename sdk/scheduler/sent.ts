import type { Call } from "@meseta/api/mesos/generated/scheduler.ts";

/** The counters of a framework's calls to the master, by the call's type. Source: Marathon's names of metrics. */
export const SENT: Readonly<Partial<Record<NonNullable<Call["type"]>, string>>> = {
  ACCEPT: "mesos.calls.accept.counter",
  DECLINE: "mesos.calls.decline.counter",
  REVIVE: "mesos.calls.revive.counter",
  SUPPRESS: "mesos.calls.suppress.counter",
  KILL: "mesos.calls.kill.counter",
  ACKNOWLEDGE: "mesos.calls.acknowledge.counter",
  RECONCILE: "mesos.calls.reconcile.counter",
};
