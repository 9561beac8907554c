import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { sum } from "@meseta/api/mesos/resources/bag.ts";
import { executorResources } from "../limits.ts";
import type { AgentState, Executor } from "../state.ts";

/** What an executor shows that it uses: its own, which for a command executor is Mesos' overhead, and that of its tasks. */
export function shownResources(executor: Executor): Resource[] {
  const own = executor.kind === "command" ? (executor.info.resources ?? []) : [];
  return sum([own, executorResources(executor)]);
}

/** What all executors show that they use. */
export function usedResources(state: AgentState): Resource[] {
  return sum([...state.executors.values()].filter(({ state }) => state !== "terminated").map(shownResources));
}
