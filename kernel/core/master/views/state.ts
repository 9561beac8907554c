import { agentsParts, isActive, oldAgent, oldAgentsParts } from "./agents.ts";
import { executorsParts } from "./executors.ts";
import { frameworksParts, oldFrameworksParts } from "./frameworks.ts";
import { seconds } from "./instants.ts";
import { viewLeader, viewVersion } from "./master.ts";
import type { Look, Part } from "./shape.ts";
import { tasksParts } from "./tasks.ts";

/** GET_STATE, and the first event of an operator's stream. */
export function stateParts({ state }: Look): Part[] {
  return [
    { name: "get_tasks", parts: tasksParts(state) },
    { name: "get_executors", parts: executorsParts(state) },
    { name: "get_frameworks", parts: frameworksParts(state) },
    { name: "get_agents", parts: agentsParts(state) },
  ];
}

/** /state. */
export function oldStateParts(look: Look): Part[] {
  return [
    ...values(viewAbout(look)),
    ...oldAgentsParts(look.state, oldAgent),
    ...oldFrameworksParts(look),
    ...values({ orphan_tasks: [], unregistered_frameworks: [] }),
  ];
}

/** An object's fields as parts. */
export function values(object: object): Part[] {
  return Object.entries(object).map(([name, value]) => ({ name, value }));
}

function viewAbout({ state }: Look): object {
  const { info, config } = state;
  const { version, build_date, build_time, build_user } = viewVersion(state);
  return {
    ...{ version, build_date, build_time, build_user },
    start_time: seconds(state.startMs),
    elected_time: seconds(state.startMs),
    id: info.id,
    pid: info.pid,
    hostname: info.hostname,
    capabilities: (info.capabilities ?? []).map(({ type }) => type),
    ...countAgents(state.agents.values()),
    unreachable_slaves: state.unreachableAgents.size,
    domain: info.domain,
    leader: info.pid,
    leader_info: viewLeader(state),
    cluster: config.cluster,
    log_dir: config.flags["log_dir"],
    external_log_file: config.flags["external_log_file"],
    flags: config.flags,
  };
}

function countAgents(agents: Iterable<Parameters<typeof isActive>[0]>): object {
  let activated_slaves = 0;
  let deactivated_slaves = 0;
  for (const agent of agents) {
    if (agent.connection === "recovered") continue;
    if (isActive(agent)) activated_slaves++;
    else deactivated_slaves++;
  }
  return { activated_slaves, deactivated_slaves };
}
