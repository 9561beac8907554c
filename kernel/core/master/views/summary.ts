import type { TaskState } from "@meseta/api/mesos/generated/mesos.ts";
import type { Framework, MasterTask } from "../state.ts";
import { viewOldAgent } from "./agents.ts";
import { viewSummary } from "./frameworks.ts";
import type { Look } from "./shape.ts";
import { SUMMARISED } from "./task-states.ts";

/** /state-summary: agents and frameworks with how many tasks they have in which state, and who runs where. */
export function viewStateSummary(look: Look): object {
  const { state } = look;
  const { byAgent, byFramework } = countTasks(state.frameworks.values());
  return {
    hostname: state.info.hostname,
    cluster: state.config.cluster,
    slaves: [...state.agents.values()]
      .filter(({ connection }) => connection !== "recovered")
      .map((agent) => ({ ...viewOldAgent(agent, look), ...viewCount(byAgent.get(agent.id), "framework_ids") })),
    frameworks: [...state.frameworks.values()].map((framework) => ({
      ...viewSummary(framework, look),
      ...viewCount(byFramework.get(framework.id), "slave_ids"),
    })),
  };
}

interface Count {
  readonly states: Map<TaskState, number>;
  readonly others: Set<string>;
}

function countTasks(frameworks: Iterable<Framework>) {
  const byAgent = new Map<string, Count>();
  const byFramework = new Map<string, Count>();
  for (const framework of frameworks)
    for (const { task } of tasksOf(framework)) {
      const agentId = task.agent_id.value;
      count(byFramework, framework.id, task.state, agentId);
      count(byAgent, agentId, task.state, framework.id);
    }
  return { byAgent, byFramework };
}

function* tasksOf(framework: Framework): Generator<MasterTask> {
  yield* framework.tasks.values();
  yield* framework.unreachableTasks.values();
  yield* framework.completedTasks;
}

function count(counts: Map<string, Count>, id: string, state: TaskState, other: string): void {
  let of = counts.get(id);
  if (of === undefined) counts.set(id, (of = { states: new Map(), others: new Set() }));
  of.states.set(state, (of.states.get(state) ?? 0) + 1);
  of.others.add(other);
}

function viewCount(count: Count | undefined, others: "framework_ids" | "slave_ids"): object {
  const states = SUMMARISED.map((state) => [state, count?.states.get(state) ?? 0]);
  return { ...Object.fromEntries(states), [others]: [...(count?.others ?? [])] };
}
