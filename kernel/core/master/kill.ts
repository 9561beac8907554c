import type { CallKill } from "@meseta/api/mesos/generated/scheduler.ts";
import { count } from "./counters.ts";
import type { MasterOut } from "./out.ts";
import { reconcileTask } from "./reconcile.ts";
import type { Framework, MasterState } from "./state.ts";
import { tellAgent } from "./tell.ts";

/**
 * KILL: remembered and sent, again with each call and when the agent comes back. A task that the master does not hold is answered
 * as in a reconciliation; a wrong agent is dropped.
 */
export function kill(state: MasterState, framework: Framework, call: CallKill, nowMs: number, out: MasterOut): void {
  count(state, "messages_kill_task");
  const { task_id, agent_id, kill_policy } = call;
  const entry = framework.tasks.get(task_id.value);
  if (entry === undefined) return reconcileTask(state, framework, { task_id, agent_id }, nowMs, out);
  const agentId = entry.task.agent_id.value;
  if (agent_id !== undefined && agent_id.value !== agentId) {
    return out.log("warn", "A KILL was dropped: its task is on another agent", {
      framework: framework.id,
      task: task_id.value,
      agent: agentId,
    });
  }
  entry.kill = { policy: kill_policy };
  const agent = state.agents.get(agentId)!;
  tellAgent(agent, { type: "KILL", kill: { framework_id: { value: framework.id }, task_id, kill_policy } }, out);
}
