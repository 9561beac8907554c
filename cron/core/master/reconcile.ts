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
 * and a firing that was stored just before a crash need not wait for the reconciliation of all. Agents that have yet to find the master are not spoken for: for those it is asked again.
 */
export function askForLaunched(state: CronState, nowMs: number, out: CronOut): void {
  const ids: string[] = [];
  for (const id of state.tasks.keys()) {
    if (isUnheard(state, id)) ids.push(id);
    if (ids.length >= MOST_TASKS) break;
  }
  askFor(state, ids, FIRST_WAIT_MS, nowMs, out);
}

/** The same once more, of what there is no word of yet; after waits that double, until all are asked for anyway. */
export function askAgain(state: CronState, atMs: number, nowMs: number, out: CronOut): void {
  const { unheard, isConnected } = state.master;
  if (unheard?.atMs !== atMs || !isConnected) return;
  const ids = unheard.ids.filter((id) => isUnheard(state, id));
  askFor(state, ids, 2 * unheard.waitMs, nowMs, out);
}

function askFor(state: CronState, ids: readonly string[], waitMs: number, nowMs: number, out: CronOut): void {
  state.master.unheard = undefined;
  if (ids.length === 0) return;
  const tasks = ids.map((id) => {
    const { agentId } = runOf(state, state.tasks.get(id)!)!.tasks.at(-1)!;
    return { task_id: { value: id }, agent_id: { value: agentId } };
  });
  out.send({ type: "RECONCILE", reconcile: { tasks } });
  if (waitMs > state.config.reconciliationDelayMs / 2) return;
  const atMs = nowMs + waitMs;
  state.master.unheard = { ids, waitMs, atMs };
  out.wake(atMs, { for: "unheard", atMs });
}

function isUnheard(state: CronState, taskId: string): boolean {
  const ref = state.tasks.get(taskId);
  return ref !== undefined && runOf(state, ref)?.phase === "launched";
}

const FIRST_WAIT_MS = 1_000;
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
