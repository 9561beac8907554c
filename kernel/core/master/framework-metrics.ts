import type { TaskState } from "@meseta/api/mesos/generated/mesos.ts";
import { counter, gauge, type Sample } from "@meseta/lib/core/metrics.ts";
import type { Framework } from "./state.ts";
import { statesOf } from "./views/task-states.ts";

/** The numbers of one framework, below `master/frameworks/<name>/<id>/`; all its names are there from the start. */
export function frameworkSamples(framework: Framework): Sample[] {
  const { info, id, counters } = framework;
  const base = `master/frameworks/${encodeURIComponent(info.name)}/${id}`;
  const labels = { framework: info.name, framework_id: id };
  const count = (name: string, value: number) =>
    counter(`${base}/${name}`, value, { name: `master/framework/${name}`, labels });
  const measure = (name: string, value: number, more: Record<string, string> = {}, family = name) =>
    gauge(`${base}/${name}`, value, { name: `master/framework/${family}`, labels: { ...labels, ...more } });
  return [
    measure("subscribed", framework.connection === "connected" ? 1 : 0),
    ...COUNTERS.filter((name) => !counters.has(name)).map((name) => count(name, 0)),
    ...[...counters].map(([name, value]) => count(name, value)),
    ...TOTALS.filter((name) => !counters.has(name)).map((name) => count(name, totalOf(counters, `${name}/`))),
    ...ACTIVE.map((state) => measure(`tasks/active/${state.toLowerCase()}`, statesOf(framework).get(state) ?? 0)),
    ...[...framework.roles].map((role) =>
      measure(`roles/${role}/suppressed`, framework.suppressed.has(role) ? 1 : 0, { role }, "role/suppressed"),
    ),
  ];
}

const CALLS = ["accept", "accept_inverse_offers", "acknowledge", "acknowledge_operation_status", "decline"].concat([
  ...["decline_inverse_offers", "kill", "message", "reconcile", "reconcile_operations", "request", "revive"],
  ...["shutdown", "subscribe", "suppress", "teardown", "update_framework"],
]);
const EVENTS = ["error", "failure", "heartbeat", "inverse_offers", "message", "offers", "rescind"].concat([
  ...["rescind_inverse_offer", "subscribed", "update", "update_operation_status"],
]);
const OPERATIONS = ["create", "create_disk", "destroy", "destroy_disk", "grow_volume", "launch"].concat([
  ...["launch_group", "reserve", "shrink_volume", "unreserve"],
]);
const ENDS = ["dropped", "error", "failed", "finished", "gone", "gone_by_operator", "killed", "lost"];
const OFFERS = ["sent", "accepted", "declined", "rescinded"];

const TOTALS = ["calls", "events", "operations"];
const COUNTERS: readonly string[] = [
  ...CALLS.map((name) => `calls/${name}`),
  ...EVENTS.map((name) => `events/${name}`),
  ...OPERATIONS.map((name) => `operations/${name}`),
  ...ENDS.map((name) => `tasks/terminal/task_${name}`),
  ...OFFERS.map((name) => `offers/${name}`),
];

function totalOf(counters: ReadonlyMap<string, number>, prefix: string): number {
  let total = 0;
  for (const [name, value] of counters) if (name.startsWith(prefix)) total += value;
  return total;
}

const ACTIVE: readonly TaskState[] = [
  "TASK_KILLING",
  "TASK_RUNNING",
  "TASK_STAGING",
  "TASK_STARTING",
  "TASK_UNKNOWN",
  "TASK_UNREACHABLE",
];
