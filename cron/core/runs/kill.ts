import type { CronOut } from "../out.ts";
import type { CronState, Kill } from "../state.ts";
import { askClock } from "../wakes.ts";

/** Asks for the end of a task, again and again until `killEnded`. To ask twice is to ask at once again. `graceMs`: how long it may take; absent: as its definition says. */
export function killTask(
  state: CronState,
  taskId: string,
  { agentId, graceMs }: Omit<Kill, "nextMs">,
  nowMs: number,
  out: CronOut,
): void {
  // Last in the order: all wait equally long, so the first are those to be asked for first.
  state.kills.delete(taskId);
  const nextMs = nowMs + state.config.killRetryMs;
  state.kills.set(taskId, { agentId, graceMs, nextMs });
  send(taskId, { agentId, graceMs }, out);
  askClock(state, nextMs, out);
}

/** The task has ended, or is lost. */
export function killEnded({ kills }: CronState, taskId: string): void {
  kills.delete(taskId);
}

/** Time has passed: those that did not end are asked for again. */
export function sendKills(state: CronState, nowMs: number, out: CronOut): void {
  for (const [taskId, kill] of state.kills) {
    if (kill.nextMs > nowMs) return;
    killTask(state, taskId, kill, nowMs, out);
  }
}

/** Nothing that was sent before may have arrived: all are asked for again. */
export function sendAllKills(state: CronState, nowMs: number, out: CronOut): void {
  for (const [taskId, kill] of [...state.kills]) killTask(state, taskId, kill, nowMs, out);
}

/** When the first one is to be asked for again; undefined while there is none. */
export function nextKillMs({ kills }: CronState): number | undefined {
  return kills.values().next().value?.nextMs;
}

function send(taskId: string, { agentId, graceMs }: Omit<Kill, "nextMs">, out: CronOut): void {
  const agent_id = agentId === undefined ? undefined : { value: agentId };
  const kill_policy = graceMs === undefined ? undefined : { grace_period: { nanoseconds: graceMs * 1e6 } };
  const kill = { task_id: { value: taskId }, ...(agent_id && { agent_id }), ...(kill_policy && { kill_policy }) };
  out.send({ type: "KILL", kill });
}
