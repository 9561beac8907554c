import type { Task, TaskState } from "@meseta/api/mesos/generated/mesos.ts";
import type { Agent, Framework, MasterState } from "../state.ts";
import { oldAgent, registeredAgents } from "./agents.ts";
import { viewSummary } from "./frameworks.ts";
import { type Look, list, type Part, type Shape } from "./shape.ts";
import { SUMMARISED } from "./task-states.ts";
import { taskList } from "./tasks.ts";

/** /state-summary: agents and frameworks with how many tasks they have in which state, and who runs where. */
export function stateSummaryParts({ state }: Look): Part[] {
  const counting = new Counting(state);
  const taken = () => counting.take();
  return [
    { name: "hostname", value: state.info.hostname },
    { name: "cluster", value: state.config.cluster },
    {
      name: "slaves",
      lists: list(state.agents, () => registeredAgents(state)),
      shape: oldAgent,
      supplement: () => {
        const count = taken();
        return function* () {
          const { byAgent } = yield* count();
          return ({ id }: Agent) => viewCount(byAgent.get(id), "framework_ids");
        };
      },
    },
    {
      name: "frameworks",
      lists: list(state.frameworks, () => state.frameworks.values()),
      shape: frameworkSummary,
      supplement: () => {
        const count = taken();
        return function* () {
          const { byFramework } = yield* count();
          return ({ id }: Framework) => viewCount(byFramework.get(id), "slave_ids");
        };
      },
    },
  ];
}

const frameworkSummary: Shape<Framework> = {
  name: "framework summary",
  version: ({ version }) => version,
  view: (framework, look) => viewSummary(framework, look),
};

interface Count {
  readonly states: Map<TaskState, number>;
  readonly others: Set<string>;
}

interface Counts {
  readonly byAgent: Map<string, Count>;
  readonly byFramework: Map<string, Count>;
}

const TASKS_A_STEP = 256;

/** Counts the tasks of all frameworks as they were when it was told to, once for agents and frameworks together. */
class Counting {
  readonly #state: MasterState;
  #tasks: { id: string; tasks: object[] }[] | undefined;
  #counts: Counts | undefined;

  constructor(state: MasterState) {
    this.#state = state;
  }

  take(): () => Generator<void, Counts> {
    this.#tasks ??= [...this.#state.frameworks.values()].flatMap(({ id, tasks, unreachableTasks, completedTasks }) =>
      [tasks, unreachableTasks, completedTasks].map((of) => ({ id, tasks: taskList(of).objects() })),
    );
    return () => this.#count();
  }

  *#count(): Generator<void, Counts> {
    if (this.#counts !== undefined) return this.#counts;
    const [byAgent, byFramework] = [new Map<string, Count>(), new Map<string, Count>()];
    let n = 0;
    for (const { id, tasks } of this.#tasks ?? [])
      for (const task of tasks as Task[]) {
        const agentId = task.agent_id.value;
        count(byFramework, id, task.state, agentId);
        count(byAgent, agentId, task.state, id);
        if (++n % TASKS_A_STEP === 0) yield;
      }
    this.#counts = { byAgent, byFramework };
    return this.#counts;
  }
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
