import { quantities } from "@meseta/api/mesos/resources/quantities.ts";
import { nonRevocable, revocable } from "@meseta/api/mesos/resources/select.ts";
import { counter, gauge, type Sample } from "@meseta/lib/core/metrics.ts";
import { maxAgeMs } from "./gc.ts";
import { tasksHeld } from "./launch.ts";
import type { AgentState } from "./state.ts";
import { usedResources } from "./views/used.ts";

/** Every number about the agent that Mesos names; what only the hands know they add. Source: Mesos' src/slave/metrics.cpp. */
export function agentSamples(state: AgentState, nowMs: number): Sample[] {
  return [
    gauge("slave/uptime_secs", (nowMs - state.startMs) / 1000),
    gauge("slave/registered", state.link.status === "subscribed" ? 1 : 0),
    gauge("slave/frameworks_active", state.frameworks.size),
    gauge("slave/executor_directory_max_allowed_age_secs", maxAgeMs({ state }) / 1000),
    gauge("gc/path_removals_pending", state.garbage.size),
    ...boundSamples(state),
    ...executorSamples(state),
    ...taskSamples(state),
    ...resourceSamples(state),
    ...COUNTERS.map((name) => counter(name, state.counters.get(name) ?? 0)),
  ];
}

/** How far what has a bound is from it, where Mesos has no number for that. */
function boundSamples(state: AgentState): Sample[] {
  let most = 0;
  for (const { pending } of state.updates.values()) most = Math.max(most, pending.length);
  return [
    gauge("meseta/tasks", tasksHeld(state)),
    gauge("meseta/tasks_with_pending_updates", state.updates.size),
    gauge("meseta/most_pending_updates_of_a_task", most),
  ];
}

const COUNTERS = [
  "meseta/tasks_refused",
  "meseta/updates_refused",
  "slave/recovery_errors",
  "slave/container_launch_errors",
  "slave/executors_preempted",
  "slave/tasks_finished",
  "slave/tasks_failed",
  "slave/tasks_killed",
  "slave/tasks_lost",
  "slave/tasks_gone",
  "slave/valid_status_updates",
  "slave/invalid_status_updates",
  "slave/valid_framework_messages",
  "slave/invalid_framework_messages",
  "gc/path_removals_succeeded",
  "gc/path_removals_failed",
  "containerizer/fetcher/task_fetches_succeeded",
  "containerizer/fetcher/task_fetches_failed",
  "containerizer/mesos/container_destroy_errors",
];

function executorSamples({ executors, frameworks, completedFrameworks }: AgentState): Sample[] {
  const states = { registering: 0, running: 0, terminating: 0, terminated: 0 };
  for (const executor of executors.values()) states[executor.state]++;
  for (const { completed } of frameworks.values()) states.terminated += completed.length;
  for (const framework of completedFrameworks.values()) states.terminated += framework.executors.length;
  return Object.entries(states).map(([name, value]) => gauge(`slave/executors_${name}`, value));
}

function taskSamples({ executors }: AgentState): Sample[] {
  const states = new Map([
    ["staging", 0],
    ["starting", 0],
    ["running", 0],
    ["killing", 0],
  ]);
  for (const executor of executors.values()) {
    for (const task of executor.tasks.values()) {
      const name = task.state.slice("TASK_".length).toLowerCase();
      if (states.has(name)) states.set(name, states.get(name)! + 1);
    }
  }
  return [...states].map(([name, value]) => gauge(`slave/tasks_${name}`, value));
}

function resourceSamples(state: AgentState): Sample[] {
  const used = usedResources(state);
  return [
    ...kindSamples("", quantities(nonRevocable(state.total)), quantities(nonRevocable(used))),
    ...kindSamples("revocable_", quantities(revocable(state.total)), quantities(revocable(used))),
  ];
}

function kindSamples(kind: string, total: ReadonlyMap<string, number>, used: ReadonlyMap<string, number>): Sample[] {
  return ["cpus", "gpus", "mem", "disk"].flatMap((name) => {
    const [all, taken] = [(total.get(name) ?? 0) / 1000, (used.get(name) ?? 0) / 1000];
    return [
      gauge(`slave/${name}_${kind}total`, all),
      gauge(`slave/${name}_${kind}used`, taken),
      gauge(`slave/${name}_${kind}percent`, all === 0 ? 0 : taken / all),
    ];
  });
}
