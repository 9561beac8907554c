import { setTimeout as sleep } from "node:timers/promises";
import type { ResponseGetContainersContainer } from "@meseta/api/mesos/generated/agent.ts";
import type { ResourceStatistics, Task } from "@meseta/api/mesos/generated/mesos.ts";
import { containerOf } from "../core/task-container.ts";
import { tasksOf } from "../core/views/tasks.ts";
import { type Usage, usageListing, usageOf } from "../core/views/usage.ts";
import type { Invocation } from "../invocation.ts";
import type { Cluster } from "../io/cluster.ts";
import { listCommand } from "../io/print.ts";
import { runningTask } from "../io/running-task.ts";

/** Between the two looks without which nobody knows how busy a processor is. */
const FIRST_LOOKS_MS = 400;
const WATCH_EVERY_MS = 2000;

export function run(invocation: Invocation): Promise<number> {
  let before: Map<string, ResourceStatistics> | undefined;
  return listCommand(
    invocation,
    async (cluster) => {
      const tasks = await tasksFor(cluster, invocation);
      before ??= await firstLook(cluster, tasks);
      const [near, found] = await Promise.all([cluster.neighbours(), look(cluster, tasks)]);
      const usages = found.map(({ task, container }) => usageOf(task, container, before!.get(keyOf(task))));
      before = statisticsOf(found);
      return usageListing(usages satisfies Usage[], near);
    },
    WATCH_EVERY_MS,
  );
}

async function tasksFor(cluster: Cluster, invocation: Invocation): Promise<readonly Task[]> {
  if (invocation.args["task"] !== undefined)
    return [(await runningTask(cluster, invocation, "tell the usage of")).task];
  return tasksOf(await cluster.master.getTasks(), false).filter(({ state }) => state === "TASK_RUNNING");
}

async function firstLook(cluster: Cluster, tasks: readonly Task[]): Promise<Map<string, ResourceStatistics>> {
  const found = statisticsOf(await look(cluster, tasks));
  await sleep(FIRST_LOOKS_MS);
  return found;
}

interface Found {
  readonly task: Task;
  readonly container: ResponseGetContainersContainer;
}

function statisticsOf(found: readonly Found[]): Map<string, ResourceStatistics> {
  return new Map(
    found.flatMap(({ task, container: { resource_statistics } }) =>
      resource_statistics === undefined ? [] : [[keyOf(task), resource_statistics] as const],
    ),
  );
}

function keyOf({ framework_id, task_id }: Task): string {
  return `${framework_id.value}/${task_id.value}`;
}

/** Each agent is asked once for all of its tasks; one that does not answer takes only its own out of the list. */
async function look(cluster: Cluster, tasks: readonly Task[]): Promise<Found[]> {
  const byAgent = Map.groupBy(tasks, ({ agent_id }) => agent_id.value);
  const found = [...byAgent.values()].map(async (own) => {
    const agent = await cluster.agentOf(own[0]!);
    const containers = await agent?.getContainers({ show_nested: true }).catch(() => []);
    const byId = new Map(containers?.map((container) => [container.container_id.value, container]));
    return own.flatMap((task) => {
      const container = byId.get(containerOf(task)?.value ?? "");
      return container === undefined ? [] : [{ task, container }];
    });
  });
  return (await Promise.all(found)).flat();
}
