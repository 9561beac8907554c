import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import type { Agent, MasterState } from "@meseta/kernel/core/master/state.ts";
import { Violation } from "./violation.ts";

/**
 * What the master believes of those who are not there, after every step: nothing is offered to them or of them, what dies with an agent's process is lost with its link, who was removed does not
 * come back under its id, and an agent that has nothing left to drain is drained.
 */
export function checkAbsent(state: MasterState): void {
  for (const { offer } of state.offers.values()) {
    const [frameworkId, agentId] = [offer.framework_id.value, offer.agent_id.value];
    if (state.frameworks.get(frameworkId)?.connection !== "connected")
      throw new Violation(`I2: offer ${offer.id.value} is held for ${frameworkId}, which is not connected`);
    if (state.agents.get(agentId)?.connection !== "connected")
      throw new Violation(`I2: offer ${offer.id.value} is of ${agentId}, which is not connected`);
  }
  for (const id of [...state.removedAgents.keys(), ...state.goneAgents.keys()])
    if (state.agents.has(id)) throw new Violation(`I3: agent ${id} was removed with its tasks, and is here again`);
  for (const agent of state.agents.values()) {
    if (agent.connection === "disconnected") checkLost(state, agent);
    if (agent.connection !== "recovered") checkDrained(agent);
  }
}

/** Tasks of frameworks that do not checkpoint end with the process of their agent. */
function checkLost({ frameworks }: MasterState, { id, tasks, executors }: Agent): void {
  const isKept = (frameworkId: string): boolean => frameworks.get(frameworkId)?.info.checkpoint === true;
  for (const { task } of tasks)
    if (!isTerminal(task.state) && !isKept(task.framework_id.value))
      throw new Violation(`I7: agent ${id} is disconnected, and ${task.task_id.value} is ${task.state}, not lost`);
  for (const frameworkId of executors.keys())
    if (!isKept(frameworkId))
      throw new Violation(`I7: agent ${id} is disconnected, and still has an executor of ${frameworkId}`);
}

function checkDrained({ id, drain, tasks, operations }: Agent): void {
  if (drain?.info.state === "DRAINING" && tasks.size === 0 && operations.size === 0)
    throw new Violation(`rest: agent ${id} has nothing left to drain, and drains`);
}

/** I5: frameworks that were told that they are removed are so for each leader that follows. `former`: their ids. */
export function checkRemoved({ frameworks, removedFrameworks }: MasterState, former: Iterable<string>): void {
  for (const id of former) {
    if (frameworks.has(id)) throw new Violation(`I5: framework ${id} was told that it is removed, and is here again`);
    if (!removedFrameworks.has(id))
      throw new Violation(`I5: framework ${id} was told that it is removed, and the master does not know it`);
  }
}
