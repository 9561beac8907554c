import type { CallReconcileTask } from "@meseta/api/mesos/generated/scheduler.ts";
import { CRON_BOUNDS } from "../bounds.ts";
import type { CronOut } from "../out.ts";
import { runOf } from "../runs/change.ts";
import type { CronState, RunRef } from "../state.ts";
import { askReconciliation } from "../wakes.ts";

/**
 * Asks for the state of all our tasks, some thousands with each event, and then for all tasks that the master knows of us, so that what was lost on the way
 * comes to light on both sides.
 */
export function reconcile(state: CronState, atMs: number, nowMs: number, out: CronOut): void {
  if (atMs !== state.reconciliationAtMs) return;
  state.reconciliationAtMs = Number.POSITIVE_INFINITY;
  const { master, config } = state;
  master.isJustConnected = undefined;
  master.unasked ??= state.tasks.entries();
  const isDone = askSome(state, master.unasked, nowMs, out);
  if (isDone && master.isConnected) out.send({ type: "RECONCILE", reconcile: {} });
  if (isDone) master.unasked = undefined;
  askReconciliation(state, isDone ? nowMs + config.reconciliationIntervalMs : nowMs + PAUSE_MS, out);
}

/**
 * Asks for what was launched and has given no word yet. With a new connection nothing that was sent by an older one is taken any more, so what the master does not know now was never launched,
 * and a firing that was stored just before a crash need not wait for the reconciliation of all. Agents that have yet to find the master are not spoken for.
 */
export function askForLaunched(state: CronState, out: CronOut): void {
  const tasks: CallReconcileTask[] = [];
  for (const [id, ref] of state.tasks) {
    const run = runOf(state, ref);
    if (run?.phase !== "launched") continue;
    tasks.push({ task_id: { value: id }, agent_id: { value: run.tasks.at(-1)!.agentId } });
    if (tasks.length >= MOST_TASKS) break;
  }
  if (tasks.length > 0) out.send({ type: "RECONCILE", reconcile: { tasks } });
}

const MOST_TASKS = CRON_BOUNDS.reconciledTasks.most;
const PAUSE_MS = 20;

function askSome(
  state: CronState,
  unasked: Iterator<readonly [id: string, ref: RunRef]>,
  nowMs: number,
  out: CronOut,
): boolean {
  const tasks: CallReconcileTask[] = [];
  const beforeMs = nowMs - state.config.reconciliationDelayMs;
  let next = unasked.next();
  for (; next.done !== true; next = unasked.next()) {
    const [id, ref] = next.value;
    const task = runOf(state, ref)?.tasks.at(-1);
    // The master may not have heard yet of what was just sent, and would say that there is no such task.
    if (task !== undefined && task.launchedMs <= beforeMs)
      tasks.push({ task_id: { value: id }, agent_id: { value: task.agentId } });
    if (tasks.length >= MOST_TASKS) break;
  }
  if (tasks.length > 0 && state.master.isConnected) out.send({ type: "RECONCILE", reconcile: { tasks } });
  return next.done === true;
}
