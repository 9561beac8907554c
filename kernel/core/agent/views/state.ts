import type {
  ResponseGetAgent,
  ResponseGetExecutors,
  ResponseGetFrameworks,
  ResponseGetOperations,
  ResponseGetState,
} from "@meseta/api/mesos/generated/agent.ts";
import type { AgentState } from "../state.ts";
import { agentInfo } from "./agent-info.ts";
import { tasksView } from "./tasks.ts";

/** GET_STATE. */
export function stateView(state: AgentState): ResponseGetState {
  return { get_tasks: tasksView(state), get_executors: executorsView(state), get_frameworks: frameworksView(state) };
}

/** GET_EXECUTORS: one all of whose tasks have ended is completed, though its updates may still be on their way. */
export function executorsView(state: AgentState): ResponseGetExecutors {
  const completed = [...state.frameworks.values(), ...state.completedFrameworks.values()].flatMap((framework) =>
    "completed" in framework ? framework.completed : framework.executors,
  );
  return {
    executors: [...state.executors.values()].map(({ info }) => ({ executor_info: info })),
    completed_executors: completed.map(({ info }) => ({ executor_info: info })),
  };
}

/** GET_FRAMEWORKS. */
export function frameworksView(state: AgentState): ResponseGetFrameworks {
  return {
    frameworks: [...state.frameworks.values()].map(({ info }) => ({ framework_info: info })),
    completed_frameworks: [...state.completedFrameworks.values()].map(({ info }) => ({ framework_info: info })),
  };
}

/** GET_AGENT. */
export function agentView(state: AgentState): ResponseGetAgent {
  const view: ResponseGetAgent = { agent_info: agentInfo(state) };
  if (state.drain === undefined) return view;
  const estimated_drain_start_time = { nanoseconds: state.drain.startMs * 1e6 };
  return { ...view, drain_config: state.drain.config, estimated_drain_start_time };
}

/** GET_OPERATIONS: those whose end is not acknowledged. */
export function operationsView(state: AgentState): ResponseGetOperations {
  const operations = [...state.operations.values()].map(({ operation }) => operation);
  return operations.length === 0 ? {} : { operations };
}
