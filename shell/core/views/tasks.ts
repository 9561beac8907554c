import type { ResponseGetTasks } from "@meseta/api/mesos/generated/master.ts";
import type { Task, TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import { decimal, mebibytes } from "../amounts.ts";
import { type Details, type Listing, part } from "../listing.ts";
import { lastPart, type Named } from "../name.ts";
import { amount, listResources, ports } from "../quantity.ts";
import { iso, since } from "../since.ts";
import { shown, showTask } from "../state.ts";

/** Names for the ids in a task, from the cluster's other lists. */
export interface Neighbours {
  /** A node's name by agent id. */
  readonly node: (agentId: string) => string;
  /** A framework's name by its id. */
  readonly framework: (frameworkId: string) => string;
}

export function tasksOf(answer: ResponseGetTasks, withEnded: boolean): Task[] {
  const now = [...(answer.tasks ?? []), ...(answer.unreachable_tasks ?? [])];
  return withEnded ? [...now, ...(answer.completed_tasks ?? [])] : now;
}

/** Tasks by their ids; one id may stand for tasks of several frameworks or runs, the live one first. */
export function namedTasks(tasks: readonly Task[]): Named<Task>[] {
  return tasks.map((item) => ({ item, id: item.task_id.value }));
}

function lastStatus(task: Task): TaskStatus | undefined {
  return task.statuses?.at(-1);
}

/** Milliseconds of the first status, which is when the task began. */
function startedMs(task: Task): number | undefined {
  const seconds = task.statuses?.[0]?.timestamp;
  return seconds === undefined ? undefined : seconds * 1000;
}

function lookOf(task: Task) {
  return showTask(task.state, lastStatus(task)?.healthy);
}

export function taskListing(tasks: readonly Task[], near: Neighbours, nowMs: number): Listing<Task> {
  return {
    items: tasks,
    name: (task) => task.task_id.value,
    none: "No tasks. Run something: meseta run 'echo hello'",
    columns: [
      { title: "TASK", text: (task) => task.task_id.value },
      { title: "STATE", text: (task) => shown(lookOf(task)), tone: (task) => lookOf(task).tone },
      { title: "NODE", text: (task) => near.node(task.agent_id.value) },
      { title: "FRAMEWORK", text: (task) => near.framework(task.framework_id.value) },
      {
        title: "CPUS",
        right: true,
        text: (task) => decimal(amount(task.resources, "cpus")),
        key: (task) => amount(task.resources, "cpus"),
      },
      {
        title: "MEM",
        right: true,
        text: (task) => mebibytes(amount(task.resources, "mem")),
        key: (task) => amount(task.resources, "mem"),
      },
      { title: "PORTS", text: (task) => ports(task.resources), wide: true },
      { title: "USER", text: (task) => task.user ?? "", wide: true },
      { title: "EXECUTOR", text: (task) => task.executor_id?.value ?? "", wide: true },
      { title: "REASON", text: (task) => reasonText(lastStatus(task)), wide: true },
      { title: "MESSAGE", text: (task) => lastStatus(task)?.message ?? "", wide: true },
      {
        title: "AGE",
        right: true,
        text: (task) => since(startedMs(task), nowMs),
        key: (task) => -(startedMs(task) ?? 0),
      },
    ],
  };
}

/** "container limitation memory" of REASON_CONTAINER_LIMITATION_MEMORY. */
function reasonText(status: TaskStatus | undefined): string {
  return (status?.reason ?? "").replace("REASON_", "").toLowerCase().replaceAll("_", " ");
}

/** Reason and message in one, as in "agent draining: Command terminated with signal Terminated". */
export function whyText(status: TaskStatus | undefined): string {
  const reason = reasonText(status);
  // The message's first words say what the reason says.
  const message = (status?.message ?? "").replace(
    reason === "container launch failed" ? /^Failed to launch container: / : "",
    "",
  );
  if (reason === "" || message.toLowerCase().startsWith(reason)) return message;
  return message === "" ? reason : `${reason}: ${message}`;
}

function statusListing(statuses: readonly TaskStatus[]): Listing<TaskStatus> {
  return {
    items: statuses,
    name: (status) => status.state,
    none: "",
    columns: [
      { title: "TIME", text: (status) => (status.timestamp ? iso(Math.round(status.timestamp * 1000)) : "-") },
      {
        title: "STATE",
        text: (status) => shown(showTask(status.state, status.healthy)),
        tone: (status) => showTask(status.state, status.healthy).tone,
      },
      { title: "FROM", text: (status) => (status.source ?? "").replace("SOURCE_", "").toLowerCase() },
      { title: "REASON", text: reasonText },
      { title: "MESSAGE", text: (status) => status.message ?? "" },
    ],
  };
}

/** All about one task; `sandbox` is the path that `files` takes. */
export function taskDetails(task: Task, near: Neighbours, sandbox: string | undefined): Details {
  const status = lastStatus(task);
  const address = status?.container_status?.network_infos?.[0]?.ip_addresses?.[0]?.ip_address;
  return {
    item: task,
    name: task.task_id.value,
    lines: [
      ["Task", task.task_id.value, "strong"],
      ["Name", task.name],
      ["State", shown(lookOf(task)), lookOf(task).tone],
      ["Why", whyText(status)],
      ["Node", near.node(task.agent_id.value)],
      ["Agent", task.agent_id.value],
      ["Framework", `${near.framework(task.framework_id.value)} (${lastPart(task.framework_id.value)})`],
      ["Executor", task.executor_id?.value],
      ["User", task.user],
      ["Resources", listResources(task.resources)],
      ["Limits", limitsText(task)],
      ["Role", task.resources?.find((resource) => resource.allocation_info)?.allocation_info?.role],
      ["Address", address],
      ["Process", status?.container_status?.executor_pid?.toString()],
      ["Container", status?.container_status?.container_id?.value],
      ["Labels", (task.labels?.labels ?? []).map(({ key, value }) => `${key}=${value ?? ""}`).join(", ")],
      ["Sandbox", sandbox],
    ],
    parts: [part("History", statusListing(task.statuses ?? []))],
  };
}

function limitsText(task: Task): string {
  return Object.entries(task.limits ?? {})
    .map(([name, { value }]) => `${name}:${value}`)
    .join(";");
}
