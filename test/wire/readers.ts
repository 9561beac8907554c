import { toJson } from "@meseta/api/mesos/codec/to-json.ts";
import type { AgentState } from "@meseta/kernel/core/agent/state.ts";
import { oldState } from "@meseta/kernel/core/agent/views/legacy.ts";
import { stateView } from "@meseta/kernel/core/agent/views/state.ts";
import type { MasterState } from "@meseta/kernel/core/master/state.ts";
import { agentView } from "@meseta/kernel/core/master/views/agents.ts";
import { viewSchedule } from "@meseta/kernel/core/master/views/maintenance.ts";
import { viewOperations } from "@meseta/kernel/core/master/views/operations.ts";
import { viewQuota, viewWeights } from "@meseta/kernel/core/master/views/settings.ts";

/** What readers see of a master, to be compared as JSON. A request that is refused must not change it. */
export function seenOfMaster(state: MasterState): unknown[] {
  const agents = [...state.agents.values()].map((agent) =>
    toJson("mesos.v1.master.Response.GetAgents.Agent", agentView(state, agent)),
  );
  const frameworks = [...state.frameworks.values()].map(({ info, active, offers, tasks }) => [
    toJson("mesos.v1.FrameworkInfo", info),
    active,
    [...offers],
    [...tasks.values()].map(({ task }) => toJson("mesos.v1.Task", task)),
  ]);
  return [agents, frameworks, viewSchedule(state), viewWeights(state), viewQuota(state), viewOperations(state)];
}

/** What readers see of an agent. */
export function seenOfAgent(state: AgentState): unknown[] {
  return [toJson("mesos.v1.agent.Response", { type: "GET_STATE", get_state: stateView(state) }), oldState(state)];
}
