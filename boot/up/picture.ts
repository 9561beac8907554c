import type { Event, ResponseGetAgentsAgent } from "@meseta/api/mesos/generated/master.ts";
import type { Task, TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import { flattenResources } from "@meseta/api/mesos/resources/flatten.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import { hostAndPort } from "@meseta/lib/core/address.ts";
import { shown, taskLooks } from "@meseta/shell/core/state.ts";
import { layOut } from "@meseta/shell/core/table.ts";

/** What the live view shows of a cluster; fed by the master's event stream. */
export interface Picture {
  readonly agents: Map<string, ResponseGetAgentsAgent>;
  /** By framework and task id; tasks that ended longest ago are dropped beyond MAX_TASKS. */
  readonly tasks: Map<string, Task>;
}

const MAX_TASKS = 1_000;

export function createPicture(): Picture {
  return { agents: new Map(), tasks: new Map() };
}

/** Takes one event in; returns a line for people when it is worth one, for terminals that are not redrawn. */
export function see(picture: Picture, event: Event): string | undefined {
  switch (event.type) {
    case "SUBSCRIBED":
      return void begin(picture, event);
    case "AGENT_ADDED": {
      const { agent } = event.agent_added!;
      picture.agents.set(agent.agent_info.id!.value, agent);
      return `agent ${agent.agent_info.hostname}:${agent.agent_info.port} registered`;
    }
    case "AGENT_REMOVED": {
      const id = event.agent_removed!.agent_id.value;
      const gone = picture.agents.get(id);
      picture.agents.delete(id);
      return `agent ${gone === undefined ? id : `${gone.agent_info.hostname}:${gone.agent_info.port}`} removed`;
    }
    case "TASK_ADDED":
      return void keep(picture, event.task_added!.task);
    case "TASK_UPDATED": {
      const { framework_id, status, state } = event.task_updated!;
      const task = picture.tasks.get(`${framework_id.value} ${status.task_id.value}`);
      if (task !== undefined) keep(picture, { ...task, state, statuses: [status] });
      return `task ${status.task_id.value} ${wordOf(status)}${status.message ? `: ${status.message}` : ""}`;
    }
    default:
      return undefined;
  }
}

// A check that has found something is told as another status of the same state.
function wordOf({ state, healthy }: TaskStatus): string {
  const { word } = taskLooks[state];
  if (state !== "TASK_RUNNING" || healthy === undefined) return word;
  return `${word}, ${healthy ? "healthy" : "unhealthy"}`;
}

function begin(picture: Picture, event: Event): void {
  const state = event.subscribed?.get_state;
  picture.agents.clear();
  picture.tasks.clear();
  for (const agent of state?.get_agents?.agents ?? []) picture.agents.set(agent.agent_info.id!.value, agent);
  for (const task of [...(state?.get_tasks?.completed_tasks ?? []), ...(state?.get_tasks?.tasks ?? [])])
    keep(picture, task);
}

function keep(picture: Picture, task: Task): void {
  const key = `${task.framework_id.value} ${task.task_id.value}`;
  picture.tasks.delete(key);
  picture.tasks.set(key, task);
  if (picture.tasks.size > MAX_TASKS) picture.tasks.delete(picture.tasks.keys().next().value!);
}

/** The picture as lines: a table of nodes, one of tasks (those that live first, then the newest that ended). */
export function draw(picture: Picture, width: number, height: number): string[] {
  const nodes = [...picture.agents.values()].sort((a, b) => (a.agent_info.port ?? 0) - (b.agent_info.port ?? 0));
  const tasks = [...picture.tasks.values()].reverse();
  const living = tasks.filter(({ state }) => !isTerminal(state)).sort((a, b) => (a.name < b.name ? -1 : 1));
  const over = tasks.filter(({ state }) => isTerminal(state));
  const room = Math.max(3, height - nodes.length - 5);
  const shownTasks = [...living, ...over].slice(0, room);
  const names = new Map(
    nodes.map(({ agent_info }) => [agent_info.id!.value, `${agent_info.hostname}:${agent_info.port}`]),
  );
  const lines = layOut(
    NODE_HEADINGS,
    nodes.map((node) => nodeRow(node, living)),
    { header: true, width },
  );
  lines.push(
    "",
    ...layOut(
      TASK_HEADINGS,
      shownTasks.map((task) => taskRow(task, names)),
      { header: true, width },
    ),
  );
  const hidden = tasks.length - shownTasks.length;
  if (hidden > 0) lines.push(`… and ${hidden} more: meseta task list`);
  return lines;
}

const NODE_HEADINGS = [
  { title: "NODE" },
  { title: "STATE" },
  { title: "CPUS", right: true },
  { title: "MEM", right: true },
  { title: "TASKS", right: true },
];
const TASK_HEADINGS = [{ title: "TASK" }, { title: "STATE" }, { title: "NODE" }, { title: "WHERE, OR WHY" }];

function nodeRow({ agent_info, active, total_resources }: ResponseGetAgentsAgent, living: readonly Task[]): string[] {
  const mine = living.filter(({ agent_id }) => agent_id.value === agent_info.id!.value);
  const total = flattenResources(total_resources ?? []) as Record<string, number>;
  const used = { cpus: 0, mem: 0 };
  for (const { resources } of mine) {
    const flat = flattenResources(resources ?? []) as Record<string, number>;
    used.cpus += flat["cpus"] ?? 0;
    used.mem += flat["mem"] ?? 0;
  }
  const gib = (mib: number): string => (mib / 1024).toFixed(1);
  return [
    `${agent_info.hostname}:${agent_info.port}`,
    active === false ? "○ away" : "● active",
    `${used.cpus.toFixed(1)}/${(total["cpus"] ?? 0).toFixed(1)}`,
    `${gib(used.mem)}/${gib(total["mem"] ?? 0)} GiB`,
    String(mine.length),
  ];
}

function taskRow(task: Task, names: ReadonlyMap<string, string>): string[] {
  const { task_id, agent_id, state } = task;
  return [shortId(task_id.value), shown(taskLooks[state]), names.get(agent_id.value) ?? "", whereOrWhy(task)];
}

/** The ids of init's instances hold whole uuids; a beginning of one is as good a name for commands. */
function shortId(id: string): string {
  return /^.*?\.instance-[0-9a-f]{8}/.exec(id)?.[0] ?? id;
}

/** Where a task that runs can be reached; why one ended that did not simply finish. */
function whereOrWhy({ state, discovery, statuses }: Task): string {
  if (state === "TASK_FINISHED") return "";
  if (isTerminal(state)) return statuses?.at(-1)?.message ?? "";
  const port = discovery?.ports?.ports?.[0]?.number;
  if (state !== "TASK_RUNNING") return "";
  // In a network of its own a task is reached at its address there.
  const own = statuses?.at(-1)?.container_status?.network_infos?.[0]?.ip_addresses?.[0]?.ip_address;
  return port === undefined ? "" : `http://${hostAndPort(own ?? "127.0.0.1", port)}`;
}
