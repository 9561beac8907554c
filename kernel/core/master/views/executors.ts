import type { ResponseGetExecutorsExecutor } from "@meseta/api/mesos/generated/master.ts";
import type { CommandInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { flattenResources } from "@meseta/api/mesos/resources/flatten.ts";
import type { MasterState } from "../state.ts";
import { type FrameworkExecutor, list, type Part, type Shape } from "./shape.ts";
import { viewLabels } from "./tasks.ts";

/** GET_EXECUTORS. */
export function executorsParts(state: MasterState): Part[] {
  return [{ name: "executors", lists: list(state.agents, () => allExecutors(state)), shape: v1Executor }];
}

const v1Executor: Shape<FrameworkExecutor> = {
  name: "executor",
  type: "mesos.v1.master.Response.GetExecutors.Executor",
  version: "once",
  view: ({ agentId, executor }): ResponseGetExecutorsExecutor => ({
    executor_info: executor,
    agent_id: { value: agentId },
  }),
};

/** An executor as /state and /frameworks show it. */
export function viewOldExecutor({ agentId, executor }: FrameworkExecutor): object {
  const { executor_id, name, framework_id, command, resources = [], labels, type } = executor;
  return {
    executor_id: executor_id.value,
    name: name ?? "",
    framework_id: framework_id?.value ?? "",
    command: viewCommand(command),
    resources: flattenResources(resources),
    role: resources.length === 0 ? undefined : (resources[0]?.allocation_info?.role ?? ""),
    labels: viewLabels(labels),
    type,
    slave_id: agentId,
  };
}

function viewCommand(command: CommandInfo | undefined): object {
  return {
    shell: command?.shell,
    value: command?.value,
    argv: command?.arguments ?? [],
    environment: command?.environment,
    uris: (command?.uris ?? []).map(({ value, executable }) => ({ value, executable: executable ?? false })),
  };
}

function* allExecutors(state: MasterState): Generator<FrameworkExecutor> {
  for (const agent of state.agents.values())
    for (const executors of agent.executors.values())
      for (const executor of executors.values()) yield { agentId: agent.id, executor };
}
