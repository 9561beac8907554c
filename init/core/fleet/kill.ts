import type { TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import { isPod } from "../definition/spec.ts";
import { isTerminal } from "../instance/condition.ts";
import type { Instance } from "../instance/instance.ts";
import type { KillCall } from "../instance/kills.ts";
import type { InitOut } from "../out.ts";
import type { InitState } from "../state.ts";
import { askClock } from "../wakes.ts";
import { definitionOf } from "./lookup.ts";

/** Asks for the end of all that lives of the instance, again and again until it is over. Its goal says what happens then. */
export function killInstance(state: InitState, instance: Instance, nowMs: number, out: InitOut): void {
  const taskIds = Object.entries(instance.tasks).flatMap(([id, { condition }]) => (isTerminal(condition) ? [] : [id]));
  if (taskIds.length === 0) return;
  const killing = {
    instanceId: instance.id,
    taskIds,
    agent_id: instance.host?.agent_id,
    graceMs: graceMsOf(state, instance),
  };
  sendKills(state, state.kills.ask(killing, nowMs), out);
}

/**
 * The same of one task of no instance that is known: its master may die with the kill on the way, and its agent come back to the next one without a word of it. Whenever it is told of again it
 * is asked for at once.
 */
export function killStray(
  state: InitState,
  { task_id, agent_id }: Pick<TaskStatus, "task_id" | "agent_id">,
  nowMs: number,
  out: InitOut,
): void {
  const kills = state.kills.ask({ instanceId: task_id.value, taskIds: [task_id.value], agent_id }, nowMs);
  const again = [{ task_id, ...(agent_id && { agent_id }) }];
  sendKills(state, kills.length > 0 ? kills : again, out);
}

/** Sends them, and comes back when the next ones are due. */
export function sendKills(state: InitState, kills: readonly KillCall[], out: InitOut): void {
  for (const kill of kills) out.send({ type: "KILL", kill });
  const { wakeAtMs } = state.kills;
  if (wakeAtMs !== undefined) askClock(state, wakeAtMs, out);
}

// The containers of a pod have times of their own, which their tasks carry.
function graceMsOf(state: InitState, instance: Instance): number | undefined {
  const spec = definitionOf(state, instance);
  if (spec === undefined || isPod(spec)) return undefined;
  return spec.taskKillGracePeriodSeconds === undefined ? undefined : spec.taskKillGracePeriodSeconds * 1000;
}
