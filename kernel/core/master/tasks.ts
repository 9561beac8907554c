import type { Resource, Task, TaskInfo, TaskState, TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import { MASTER_BOUNDS } from "./bounds.ts";
import { countTaskEnd } from "./counters.ts";
import { drainIfEmpty } from "./drain.ts";
import { charge, release } from "./held.ts";
import { complete } from "./history.ts";
import type { MasterOut } from "./out.ts";
import { publishTaskAdded, publishTaskUpdated } from "./publish.ts";
import { shareParts, shareStatus } from "./share.ts";
import type { Agent, Framework, MasterState, MasterTask } from "./state.ts";
import { holdsResources } from "./statuses.ts";

/** Beyond it the oldest go. An honest executor needs a handful. */
const MAX_STATUSES_A_TASK = MASTER_BOUNDS.statuses.most;

/** The master's view of a task that is being launched. */
export function newTask(framework: Framework, info: TaskInfo, resources: Resource[], executorId?: string): Task {
  const task: Task = {
    name: info.name,
    task_id: info.task_id,
    framework_id: { value: framework.id },
    agent_id: info.agent_id,
    state: "TASK_STAGING",
    resources,
  };
  const executor = executorId ?? info.executor?.executor_id.value;
  if (executor !== undefined) task.executor_id = { value: executor };
  const user = info.command?.user ?? info.executor?.command?.user;
  if (user !== undefined) task.user = user;
  if (info.limits !== undefined && Object.keys(info.limits).length > 0) task.limits = info.limits;
  if (info.labels !== undefined) task.labels = info.labels;
  if (info.discovery !== undefined) task.discovery = info.discovery;
  if (info.container !== undefined) task.container = info.container;
  if (info.health_check !== undefined) task.health_check = info.health_check;
  if (info.kill_policy !== undefined) task.kill_policy = info.kill_policy;
  return task;
}

/** From now on the master holds the task. Its resources were charged before. */
export function addTask(
  state: MasterState,
  framework: Framework,
  agent: Agent,
  task: Task,
  out: MasterOut,
): MasterTask {
  const shared = shareParts(task, framework, agent);
  const entry: MasterTask = { task: shared, kill: undefined, awaitsAcknowledgement: false, version: 0 };
  framework.tasks.set(task.task_id.value, entry);
  agent.tasks.add(entry);
  touch(state, entry, framework, agent);
  publishTaskAdded(state, entry, out);
  return entry;
}

/**
 * Takes in a status of the task. `latest` is what the agent knows beyond it: updates wait for acknowledgements, but resources are
 * free as soon as the task is over. A state that is final stays. Returns false when it was known already.
 */
export function updateTask(
  state: MasterState,
  framework: Framework,
  entry: MasterTask,
  status: TaskStatus,
  latest: TaskState | undefined,
  out: MasterOut,
): boolean {
  const before = entry.task;
  const reached = isTerminal(before.state) ? before.state : (latest ?? status.state);
  if (isRepeated(before, status, reached)) return false;
  const isNews = reached !== before.state || status.state !== before.statuses?.at(-1)?.state || isCheck(status);
  entry.task = withStatus(before, status, reached);
  touch(state, entry, framework, state.agents.get(before.agent_id.value));
  const [held, holds] = [holdsResources(before.state), holdsResources(reached)];
  if (held && !holds) release(state, framework.id, before.agent_id.value, before.resources);
  if (!held && holds) charge(state, framework.id, before.agent_id.value, before.resources);
  if (!isTerminal(before.state) && isTerminal(reached)) countTaskEnd(state, framework, { ...status, state: reached });
  if (isNews) publishTaskUpdated(state, entry, status, out);
  return true;
}

/** The task's terminal update was acknowledged, or nobody is left to do it: it becomes history. */
export function removeTask(state: MasterState, entry: MasterTask, nowMs: number, out: MasterOut): void {
  const framework = detachTask(state, entry);
  if (framework !== undefined) complete(state, framework, [entry], nowMs, out);
  const agent = state.agents.get(entry.task.agent_id.value);
  if (agent !== undefined) drainIfEmpty(state, agent, nowMs, out);
}

/** Takes the task out of the lists of its framework and agent, its resources released. Where it goes is up to the caller. */
export function detachTask(state: MasterState, entry: MasterTask): Framework | undefined {
  const { task } = entry;
  const [frameworkId, agentId] = [task.framework_id.value, task.agent_id.value];
  if (holdsResources(task.state)) release(state, frameworkId, agentId, task.resources);
  const framework = state.frameworks.get(frameworkId);
  const agent = state.agents.get(agentId);
  framework?.tasks.delete(task.task_id.value);
  agent?.tasks.delete(entry);
  touch(state, entry, framework, agent);
  return framework;
}

function touch(
  state: MasterState,
  entry: MasterTask,
  framework: Framework | undefined,
  agent: Agent | undefined,
): void {
  entry.version = ++state.version;
  if (framework !== undefined) framework.version = state.version;
  if (agent !== undefined) agent.viewVersion = state.version;
}

function isRepeated(task: Task, status: TaskStatus, reached: TaskState): boolean {
  return status.uuid !== undefined && status.uuid === task.status_update_uuid && reached === task.state;
}

function isCheck({ reason }: TaskStatus): boolean {
  return reason === "REASON_TASK_CHECK_STATUS_UPDATED" || reason === "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED";
}

function withStatus(task: Task, status: TaskStatus, reached: TaskState): Task {
  const after: Task = { ...task, state: reached, statuses: appended(task, status) };
  if (status.uuid === undefined) return after;
  after.status_update_state = status.state;
  after.status_update_uuid = status.uuid;
  return after;
}

// `data` can be large and is for the scheduler only; of statuses in a row with one state the last is kept.
function appended(task: Task, status: TaskStatus): TaskStatus[] {
  const { statuses = [] } = task;
  const end = statuses.at(-1)?.state === status.state ? statuses.length - 1 : statuses.length;
  const shown = status.data === undefined ? status : withoutData(status);
  shareStatus(shown, task, statuses.at(-1));
  return [...statuses.slice(Math.max(0, end + 1 - MAX_STATUSES_A_TASK), end), shown];
}

function withoutData({ data: _, ...status }: TaskStatus): TaskStatus {
  return status;
}
