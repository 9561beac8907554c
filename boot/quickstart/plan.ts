import type { Offer, TaskInfo, TaskState } from "@meseta/api/mesos/generated/mesos.ts";
import { flattenResources } from "@meseta/api/mesos/resources/flatten.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";

/** One thing that the quickstart wants to run. */
export interface Wanted {
  name: string;
  kind: "web" | "job";
  cpus: number;
  memMiB: number;
}

/** What became of it; `taskId` changes when it is launched again. */
export interface Running extends Wanted {
  taskId: string | undefined;
  state: TaskState | undefined;
  port: number | undefined;
  agentId: string | undefined;
  message: string | undefined;
  /** The master has told its state in this life of the quickstart. */
  confirmed: boolean;
}

/** Three web servers and a batch of twelve short jobs. */
export function wantedTasks(): Running[] {
  const web = [1, 2, 3].map((n): Wanted => ({ name: `web-${n}`, kind: "web", cpus: 0.1, memMiB: 64 }));
  const jobs = Array.from(
    { length: 12 },
    (_, i): Wanted => ({ name: `job-${i + 1}`, kind: "job", cpus: 0.1, memMiB: 32 }),
  );
  return [...web, ...jobs].map((wanted) => ({
    ...wanted,
    taskId: undefined,
    state: undefined,
    port: undefined,
    agentId: undefined,
    message: undefined,
    confirmed: false,
  }));
}

/** Over, or nobody knows of it any more. */
function isOver(state: TaskState): boolean {
  return isTerminal(state) || state === "TASK_UNKNOWN";
}

/** Whether a task of a former start may still run in the place of this one. */
export function isAlive(former: Running, wanted: Running): boolean {
  return (
    former.name === wanted.name && former.taskId !== undefined && former.state !== undefined && !isOver(former.state)
  );
}

/** Whether it still has to be launched: nothing runs for it, and it is a server or a job that has not finished. */
export function isDue(task: Running): boolean {
  if (task.taskId === undefined || task.state === undefined) return task.taskId === undefined;
  return isOver(task.state) && (task.kind === "web" || task.state !== "TASK_FINISHED");
}

/** The due tasks that fit into an offer. At most one web server an agent while others have none, so that they spread. */
export function choose(tasks: readonly Running[], offer: Offer): { task: Running; port: number | undefined }[] {
  const free = flattenResources(offer.resources ?? []);
  const ports = firstPorts(offer);
  const chosen: { task: Running; port: number | undefined }[] = [];
  let { cpus = 0, mem = 0 } = free as { cpus?: number; mem?: number };
  let webHere = tasks.filter(
    ({ kind, agentId, state }) =>
      kind === "web" && agentId === offer.agent_id.value && state !== undefined && !isOver(state),
  ).length;
  for (const task of tasks.filter(isDue)) {
    if (task.cpus > cpus + 1e-9 || task.memMiB > mem) continue;
    if (task.kind === "web" && (webHere > 0 || ports.length === 0)) continue;
    cpus -= task.cpus;
    mem -= task.memMiB;
    if (task.kind === "web") webHere++;
    chosen.push({ task, port: task.kind === "web" ? ports.shift() : undefined });
  }
  return chosen;
}

/** The task as it is launched: a Node web server that answers on its port, or a short shell job. */
export function taskInfo(
  task: Running,
  taskId: string,
  port: number | undefined,
  offer: Offer,
  folder: string,
): TaskInfo {
  const resources = [scalar("cpus", task.cpus), scalar("mem", task.memMiB)];
  if (port !== undefined)
    resources.push({
      name: "ports",
      type: "RANGES" as const,
      ranges: { range: [{ begin: port, end: port }] },
    } as never);
  return {
    name: task.name,
    task_id: { value: taskId },
    agent_id: offer.agent_id,
    resources,
    command: port === undefined ? jobCommand(task, folder) : webCommand(taskId, port, folder),
    ...(port !== undefined && {
      discovery: {
        visibility: "CLUSTER" as const,
        name: task.name,
        ports: { ports: [{ number: port, protocol: "tcp" }] },
      },
    }),
  };
}

const scalar = (name: string, value: number) => ({ name, type: "SCALAR" as const, scalar: { value } });

function webCommand(taskId: string, port: number, folder: string): TaskInfo["command"] {
  const variables = [
    { name: "PORT", value: String(port) },
    { name: "MESOS_TASK_ID", value: taskId },
  ];
  return {
    shell: false,
    value: process.execPath,
    arguments: ["node", `${folder}/web.mjs`],
    environment: { variables },
  };
}

function jobCommand(task: Running, folder: string): TaskInfo["command"] {
  const share = task.name.replace("job-", "");
  return { shell: true, value: `sleep 0.${share.length}; exec '${folder}/word-count.sh' ${share}` };
}

function firstPorts(offer: Offer): number[] {
  const ranges = (offer.resources ?? [])
    .filter(({ name }) => name === "ports")
    .flatMap(({ ranges }) => ranges?.range ?? []);
  return ranges.flatMap(({ begin, end }) => Array.from({ length: Math.min(8, end - begin + 1) }, (_, i) => begin + i));
}
