import type { Resource, TaskState } from "@meseta/api/mesos/generated/mesos.ts";
import { milliOf } from "@meseta/api/mesos/resources/value.ts";
import { counter, gauge, type Sample } from "@meseta/lib/core/metrics.ts";
import type { AllocatorMetrics } from "../allocator/allocator.ts";
import { frameworkSamples } from "./framework-metrics.ts";
import type { MasterState } from "./state.ts";
import { isActive } from "./views/agents.ts";
import { usedOn } from "./views/held.ts";
import { statesOf } from "./views/task-states.ts";

/**
 * Every number about the master that Mesos names, found by going through the state once. `master/…` and `allocator/…`; what only the
 * hands know (queues, the store, the machine) they add. Source: Mesos' src/master/metrics.cpp and docs/monitoring.md.
 */
export function masterSamples(state: MasterState, nowMs: number): Sample[] {
  return [
    gauge("master/uptime_secs", (nowMs - state.startMs) / 1000),
    gauge("master/elected", 1),
    gauge("master/outstanding_offers", state.offers.size),
    gauge("master/operator_event_stream_subscribers", state.subscribers.size),
    ...boundSamples(state),
    ...agentSamples(state),
    ...taskAndResourceSamples(state),
    ...counterSamples(state),
    ...frameworkCountSamples(state),
    ...[...state.frameworks.values()].flatMap(frameworkSamples),
    ...allocatorSamples(state.allocator.metrics()),
  ];
}

/** How far what has a bound is from it, where Mesos has no number for that. */
function boundSamples({ frameworks, agents, givenUp }: MasterState): Sample[] {
  let mostTasks = 0;
  for (const { tasks } of frameworks.values()) mostTasks = Math.max(mostTasks, tasks.size);
  return [
    gauge("meseta/frameworks", frameworks.size),
    gauge("meseta/agents", agents.size),
    gauge(
      "meseta/agents_recovered",
      countOf(agents.values(), ({ connection }) => connection === "recovered"),
    ),
    gauge(
      "meseta/frameworks_recovered",
      countOf(frameworks.values(), ({ connection }) => connection === "recovered"),
    ),
    gauge("meseta/most_tasks_of_a_framework", mostTasks),
    gauge("meseta/agents_given_up", givenUp.size),
  ];
}

function countOf<T>(all: Iterable<T>, is: (one: T) => boolean): number {
  let count = 0;
  for (const one of all) if (is(one)) count++;
  return count;
}

function agentSamples({ agents, unreachableAgents }: MasterState): Sample[] {
  const registered = [...agents.values()].filter(({ connection }) => connection !== "recovered");
  const active = registered.filter(isActive).length;
  const connected = registered.filter(({ connection }) => connection === "connected").length;
  return [
    gauge("master/slaves_active", active),
    gauge("master/slaves_inactive", registered.length - active),
    gauge("master/slaves_connected", connected),
    gauge("master/slaves_disconnected", registered.length - connected),
    gauge("master/slaves_unreachable", unreachableAgents.size),
  ];
}

function frameworkCountSamples({ frameworks }: MasterState): Sample[] {
  const all = [...frameworks.values()];
  const active = all.filter((framework) => framework.active).length;
  const connected = all.filter(({ connection }) => connection === "connected").length;
  return [
    gauge("master/frameworks_active", active),
    gauge("master/frameworks_inactive", all.length - active),
    gauge("master/frameworks_connected", connected),
    gauge("master/frameworks_disconnected", all.length - connected),
  ];
}

function taskAndResourceSamples(state: MasterState): Sample[] {
  const states = new Map<TaskState, number>();
  for (const framework of state.frameworks.values())
    for (const [name, n] of statesOf(framework)) states.set(name, (states.get(name) ?? 0) + n);
  const [total, used] = [new Amounts(), new Amounts()];
  for (const agent of state.agents.values()) {
    if (agent.connection === "recovered") continue;
    total.add(agent.total);
    used.add(usedOn(agent).list());
  }
  return [
    ...ACTIVE_STATES.map((name) => gauge(`master/tasks_${name}`, states.get(stateNamed(name)) ?? 0)),
    ...RESOURCES.flatMap((name) => shareSamples(name, total, used)),
  ];
}

const RESOURCES = [
  "cpus",
  "gpus",
  "mem",
  "disk",
  "cpus_revocable",
  "gpus_revocable",
  "mem_revocable",
  "disk_revocable",
];
const ACTIVE_STATES = ["staging", "starting", "running", "killing", "unreachable"] as const;

function stateNamed(name: (typeof ACTIVE_STATES)[number]): TaskState {
  return `TASK_${name.toUpperCase() as Uppercase<typeof name>}`;
}

function shareSamples(name: string, total: Amounts, used: Amounts): Sample[] {
  const [whole, part] = [total.of(name), used.of(name)];
  return [
    gauge(`master/${name}_total`, whole),
    gauge(`master/${name}_used`, part),
    gauge(`master/${name}_percent`, whole === 0 ? 0 : part / whole),
  ];
}

/** Adds up scalars by name, the revocable apart. */
class Amounts {
  readonly #milli = new Map<string, number>();

  add(resources: readonly Resource[] | undefined): void {
    if (resources === undefined) return;
    for (const resource of resources) {
      if (resource.type !== "SCALAR") continue;
      const name = resource.revocable === undefined ? resource.name : `${resource.name}_revocable`;
      this.#milli.set(name, (this.#milli.get(name) ?? 0) + milliOf(resource));
    }
  }

  of(name: string): number {
    return (this.#milli.get(name) ?? 0) / 1000;
  }
}

function counterSamples({ counters }: MasterState): Sample[] {
  const always = [...COUNTERS, ...OWN_COUNTERS].filter((name) => !counters.has(name)).map((name) => counter(name, 0));
  return [...always, ...[...counters].map(([name, value]) => counter(name, value)), ...totalOperations(counters)];
}

function totalOperations(counters: ReadonlyMap<string, number>): Sample[] {
  const sum = (prefix: string) =>
    OPERATION_STATES.reduce((n, state) => n + (counters.get(`${prefix}/${state}`) ?? 0), 0);
  const prefixes = ["master/operations", ...OPERATIONS.map((type) => `master/operations/${type}`)];
  return prefixes.map((prefix) => counter(`${prefix}/total`, sum(prefix)));
}

const OPERATIONS = [
  "create",
  "create_disk",
  "destroy",
  "destroy_disk",
  "grow_volume",
  "reserve",
  "shrink_volume",
  "unreserve",
];
const OPERATION_STATES = [
  "dropped",
  "error",
  "failed",
  "finished",
  "gone_by_operator",
  "pending",
  "recovering",
  "unreachable",
];

// Shown as 0 before they are first raised, because dashboards ask for them by name.
const COUNTERS: readonly string[] = [
  ...["executor_to_framework_messages", "framework_to_executor_messages", "operation_status_update_acknowledgements"]
    .concat(["operation_status_updates", "status_update_acknowledgements", "status_updates"])
    .flatMap((name) => [`valid_${name}`, `invalid_${name}`]),
  ...["authenticate", "deactivate_framework", "decline_offers", "executor_to_framework", "exited_executor"]
    .concat(["framework_to_executor", "kill_task", "launch_tasks", "operation_status_update"])
    .concat(["operation_status_update_acknowledgement", "reconcile_operations", "reconcile_tasks"])
    .concat(["register_framework", "register_slave", "reregister_framework", "reregister_slave", "resource_request"])
    .concat(["revive_offers", "status_update", "status_update_acknowledgement", "suppress_offers"])
    .concat(["unregister_framework", "unregister_slave", "update_slave"])
    .map((name) => `messages_${name}`),
  ...["dropped", "error", "failed", "finished", "gone", "gone_by_operator", "killed", "lost"].map(
    (name) => `tasks_${name}`,
  ),
  ...[
    "registrations",
    "removals",
    "removals/reason_registered",
    "removals/reason_unhealthy",
    "removals/reason_unregistered",
  ]
    .concat(["reregistrations", "shutdowns_canceled", "shutdowns_completed", "shutdowns_scheduled"])
    .concat(["unreachable_canceled", "unreachable_completed", "unreachable_scheduled"])
    .map((name) => `slave_${name}`),
  ...["dropped_messages", "http_cache_hits", "recovery_slave_removals"],
  ...["", ...OPERATIONS.map((type) => `${type}/`)].flatMap((type) =>
    OPERATION_STATES.map((state) => `operations/${type}${state}`),
  ),
].map((name) => `master/${name}`);

/** The same of what Mesos has no name for. */
const OWN_COUNTERS: readonly string[] = [
  "meseta/frameworks_refused",
  "meseta/agents_refused",
  "meseta/tasks_refused",
  "meseta/operator_streams_closed",
];

function allocatorSamples({ allocationRuns, resources, roles, quotas }: AllocatorMetrics): Sample[] {
  return [
    counter("allocator/mesos/allocation_runs", allocationRuns),
    ...Object.entries(resources).flatMap(([resource, { total, offeredOrAllocated }]) => [
      labelled("resources", { resource }, "total", total),
      labelled("resources", { resource }, "offered_or_allocated", offeredOrAllocated),
    ]),
    ...Object.entries(roles).flatMap(([role, { dominantShare, activeFilters }]) => [
      labelled("roles", { role }, "shares/dominant", dominantShare),
      gauge(`allocator/mesos/offer_filters/roles/${role}/active`, activeFilters, {
        name: "allocator/mesos/offer_filters/active",
        labels: { role },
      }),
    ]),
    ...Object.entries(quotas).flatMap(([role, byResource]) =>
      Object.entries(byResource).flatMap(([resource, amounts]) => quotaSamples(role, resource, amounts)),
    ),
  ];
}

type QuotaAmounts = AllocatorMetrics["quotas"][string][string];

function quotaSamples(role: string, resource: string, amounts: QuotaAmounts): Sample[] {
  const { guarantee, limit, consumed, offeredOrAllocated } = amounts;
  const named = { guarantee, limit, consumed, offered_or_allocated: offeredOrAllocated };
  return Object.entries(named).flatMap(([name, value]) =>
    value === undefined
      ? []
      : gauge(`allocator/mesos/quota/roles/${role}/resources/${resource}/${name}`, value, {
          name: `allocator/mesos/quota/${name}`,
          labels: { role, resource },
        }),
  );
}

function labelled(kind: string, labels: Record<string, string>, name: string, value: number): Sample {
  const flat = `allocator/mesos/${kind}/${Object.values(labels).join("/")}/${name}`;
  return gauge(flat, value, { name: `allocator/mesos/${kind}/${name}`, labels });
}
