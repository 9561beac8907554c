import type { CallReconcileTask } from "@meseta/api/mesos/generated/scheduler.ts";
import { INIT_BOUNDS } from "../bounds.ts";
import { isTerminal } from "../instance/condition.ts";
import type { Instance } from "../instance/instance.ts";
import { forgetReleases } from "../offers/release.ts";
import type { InitOut } from "../out.ts";
import type { InitState } from "../state.ts";
import { askReconciliation } from "../wakes.ts";

/**
 * Asks for the state of all our tasks, some thousands with each event, and then for all tasks that the master knows of us, so that what was lost on the way
 * comes to light on both sides.
 */
export function reconcile(state: InitState, atMs: number, nowMs: number, out: InitOut): void {
  if (atMs !== state.reconciliationAtMs) return;
  state.reconciliationAtMs = Number.POSITIVE_INFINITY;
  state.unasked ??= begin(state, nowMs, out);
  const isDone = askSome(state, state.unasked, nowMs, out);
  if (isDone && state.master.isConnected) out.send({ type: "RECONCILE", reconcile: {} });
  if (isDone) state.unasked = undefined;
  askReconciliation(state, isDone ? nowMs + state.config.reconciliationIntervalMs : nowMs + PAUSE_MS, out);
}

const MOST_TASKS = INIT_BOUNDS.reconciledTasks.most;
const PAUSE_MS = 20;

function begin(state: InitState, nowMs: number, out: InitOut): Iterator<Instance> {
  state.backoff.tidy(nowMs);
  forgetReleases(state, nowMs, out);
  const { connectedAtMs = Number.POSITIVE_INFINITY } = state.master;
  state.master.connectedAtMs = undefined;
  return instancesOf(state, connectedAtMs, nowMs);
}

// The first time after a connection all those may be left out of whom the master has told on it: hundreds of thousands may just have been launched.
function* instancesOf({ services }: InitState, toldFromMs: number, nowMs: number): Generator<Instance, undefined> {
  for (const { instances } of services.values())
    for (const instance of instances.values()) {
      const wasTold = instance.condition !== "Provisioned" && instance.sinceMs > toldFromMs;
      // A clock that was set back tells nothing.
      if (!wasTold || instance.sinceMs > nowMs) yield instance;
    }
}

function askSome(state: InitState, instances: Iterator<Instance>, nowMs: number, out: InitOut): boolean {
  const tasks: CallReconcileTask[] = [];
  const beforeMs = nowMs - state.config.reconciliationDelayMs;
  let next = instances.next();
  for (; next.done !== true && tasks.length < MOST_TASKS; next = instances.next()) add(tasks, next.value, beforeMs);
  if (next.done !== true) add(tasks, next.value, beforeMs);
  if (tasks.length > 0 && state.master.isConnected) out.send({ type: "RECONCILE", reconcile: { tasks } });
  return next.done === true;
}

// The master may not have heard yet of what was just sent, and would say that there is no such task.
function add(tasks: CallReconcileTask[], instance: Instance, beforeMs: number): void {
  if (instance.condition === "Scheduled") return;
  if (instance.condition === "Provisioned" && instance.sinceMs > beforeMs) return;
  const agent_id = instance.host?.agent_id;
  for (const [id, { condition }] of Object.entries(instance.tasks))
    if (!isTerminal(condition)) tasks.push({ task_id: { value: id }, ...(agent_id && { agent_id }) });
}
