import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import { newRun } from "../executor/run.ts";
import type { AgentPast } from "./agent.ts";
import { commandExecutorInfo } from "./executors.ts";
import { containerName } from "./place.ts";
import type {
  SavedCompletedExecutor,
  SavedContainer,
  SavedErasure,
  SavedExecutor,
  SavedFramework,
  SavedGarbage,
  SavedIdentity,
  SavedMachine,
  SavedOperation,
  SavedProgress,
  SavedResources,
  SavedTask,
} from "./saved.ts";
import type { AgentConfig, AgentState, AgentTask, Executor, Framework } from "./state.ts";
import { putStatus } from "./updates.ts";

/** The state as the records tell it. What they mean for what runs is decided by `start`. */
export function load(config: AgentConfig, past: AgentPast): AgentState {
  const state = emptyState(config, past);
  const tables = tablesOf(past.records);
  loadOwn(state, tables);
  for (const [, framework] of rows<SavedFramework>(tables, "framework")) addFramework(state, framework);
  for (const [key, executor] of rows<SavedExecutor>(tables, "executor")) addSavedExecutor(state, key, executor);
  for (const [key, task] of rows<SavedTask>(tables, "task"))
    addSavedTask(state, key, task, tables.get("progress")?.get(key) as SavedProgress | undefined);
  for (const [key, progress] of rows<SavedProgress>(tables, "progress")) addUpdates(state, key, progress);
  for (const [key, executor] of rows<SavedCompletedExecutor>(tables, "completed")) addCompleted(state, key, executor);
  settleFrameworks(state);
  return state;
}

/**
 * Why the agent cannot start with this configuration; undefined when it can. Under another hostname the master would shut it
 * down, and its tasks with it.
 */
export function startProblem({ knownAs, config }: AgentState): string | undefined {
  if (knownAs === undefined || knownAs === config.hostname) return undefined;
  return `this agent is known as '${knownAs}', not '${config.hostname}': start it with --hostname ${knownAs}, or with another --dir as a new agent`;
}

type Tables = ReadonlyMap<string, Map<string, unknown>>;

function emptyState(config: AgentConfig, { random, bootId, nowMs }: AgentPast): AgentState {
  return {
    config,
    random,
    bootId,
    agentId: undefined,
    knownAs: undefined,
    formerBootId: undefined,
    epoch: 0,
    attributes: [...config.attributes],
    configured: config.resources,
    total: [...config.resources],
    resourceVersion: random.uuid(),
    phase: "recovering",
    quietSinceMs: undefined,
    link: { id: 0, status: "none", attempts: 0, pingTimeoutMs: 75_000, lastPingMs: nowMs, exits: [] },
    startMs: nowMs,
    frameworks: new Map(),
    completedFrameworks: new Map(),
    executors: new Map(),
    runs: new Map(),
    probes: new Map(),
    looks: new Map(),
    telling: { waiting: new Map(), toldMs: Number.NEGATIVE_INFINITY, wakeAtMs: undefined },
    updates: new Map(),
    updateRetryAtMs: undefined,
    operations: new Map(),
    operationRetryAtMs: undefined,
    containers: new Map(),
    containersByHandle: new Map(),
    waits: new Map(),
    drain: undefined,
    garbage: new Map(),
    removing: 0,
    erasing: new Map(),
    diskUsed: 0,
    streams: new Map(),
    counters: new Map(),
    completedSequence: 0,
    masterHostname: undefined,
    leaveReason: "",
  };
}

function tablesOf(records: AgentPast["records"]): Tables {
  const tables = new Map<string, Map<string, unknown>>();
  for (const [key, value] of records) {
    const at = key.indexOf("/");
    const [table, rest] = at < 0 ? [key, ""] : [key.slice(0, at), key.slice(at + 1)];
    let rowsOfTable = tables.get(table);
    if (rowsOfTable === undefined) tables.set(table, (rowsOfTable = new Map()));
    rowsOfTable.set(rest, JSON.parse(value));
  }
  return tables;
}

function rows<T>(tables: Tables, table: string): [string, T][] {
  return [...(tables.get(table) ?? [])] as [string, T][];
}

function loadOwn(state: AgentState, tables: Tables): void {
  const one = <T>(table: string) => tables.get(table)?.get("") as T | undefined;
  const identity = one<SavedIdentity>("identity");
  const resources = one<SavedResources>("resources");
  state.agentId = identity?.agentId;
  state.knownAs = identity?.hostname;
  state.epoch = identity?.epoch ?? 0;
  state.formerBootId = one<SavedMachine>("machine")?.bootId;
  state.drain = one<AgentState["drain"]>("drain");
  if (resources !== undefined) {
    state.total = resources.total;
    state.configured = resources.configured;
    state.attributes = resources.attributes;
  }
  for (const [uuid, saved] of rows<SavedOperation>(tables, "operation")) {
    const latest = saved.operation.latest_status;
    state.operations.set(uuid, { ...saved, latest, backoffMs: state.config.limits.updateRetryMs, dueMs: 0 });
  }
  for (const [id, garbage] of rows<SavedGarbage>(tables, "garbage").sort((a, b) => a[1].sinceMs - b[1].sinceMs))
    state.garbage.set(id, { ...garbage, removing: false });
  for (const [trash, erasure] of rows<SavedErasure>(tables, "erasure")) state.erasing.set(trash, erasure);
  for (const [, saved] of rows<SavedContainer>(tables, "container")) addContainer(state, saved);
}

function addContainer(state: AgentState, saved: SavedContainer): void {
  const container = {
    ...saved,
    name: containerName(saved.id),
    root: saved.root,
    info: saved.info,
    command: saved.command,
    session: saved.session === true,
    within: saved.within === true,
    addresses: undefined,
    state: saved.exit === undefined ? ("launching" as const) : ("ended" as const),
    pid: undefined,
    exit: saved.exit,
    failure: saved.failure,
    launching: undefined,
  };
  state.containers.set(container.name, container);
  state.containersByHandle.set(container.handle, container);
}

function addFramework(state: AgentState, { info }: SavedFramework): void {
  const id = info.id!.value;
  state.frameworks.set(id, { id, info, removed: false, executors: new Map(), tasks: new Map(), completed: [] });
}

function addSavedExecutor(state: AgentState, key: string, saved: SavedExecutor): void {
  const framework = state.frameworks.get(key.slice(0, key.indexOf("/")))!;
  const kind = saved.info.type === "DEFAULT" ? "default" : "custom";
  putExecutor(state, framework, { ...saved, id: saved.info.executor_id.value, kind, user: saved.user });
}

function putExecutor(
  state: AgentState,
  framework: Framework,
  parts: Pick<Executor, "id" | "kind" | "info" | "containerId" | "directory" | "user" | "groups">,
): Executor {
  const executor: Executor = {
    ...parts,
    framework,
    state: parts.kind === "custom" ? "registering" : "running",
    pid: undefined,
    addresses: undefined,
    stream: undefined,
    tasks: new Map(),
    completedTasks: [],
    queue: [],
    fetching: false,
    recovered: false,
    termination: undefined,
  };
  framework.executors.set(executor.id, executor);
  state.executors.set(executor.containerId, executor);
  return executor;
}

function addSavedTask(state: AgentState, key: string, saved: SavedTask, progress: SavedProgress | undefined): void {
  const framework = state.frameworks.get(key.slice(0, key.indexOf("/")))!;
  const executor = framework.executors.get(saved.executorId) ?? commandExecutorOf(state, framework, saved);
  const task: AgentTask = {
    info: saved.info,
    executor,
    state: progress?.state ?? "TASK_STAGING",
    statuses: progress?.statuses ?? [],
    forwarded: progress?.forwarded,
    delivered: progress?.delivered ?? executor.kind === "command",
    run: undefined,
    unheardKill: undefined,
  };
  for (const status of progress?.pending ?? []) putStatus(task, status);
  executor.tasks.set(saved.info.task_id.value, task);
  framework.tasks.set(saved.info.task_id.value, task);
  if (executor.kind === "custom") requeue(executor, task, saved);
  else addRun(state, task, saved.containerId ?? progress!.run!.containerId, progress);
}

function commandExecutorOf(
  state: AgentState,
  framework: Framework,
  { info, containerId, directory, user }: SavedTask,
): Executor {
  return putExecutor(state, framework, {
    id: info.task_id.value,
    kind: "command",
    info: commandExecutorInfo(info, framework.id),
    containerId: containerId!,
    directory: directory!,
    user,
    groups: 0,
  });
}

function addRun(state: AgentState, task: AgentTask, containerId: string, progress: SavedProgress | undefined): void {
  const saved = progress?.run;
  const run = newRun(task.info, containerId, saved?.group ?? 0);
  run.pid = saved?.pid;
  run.startedMs = saved?.startedMs;
  run.kill = saved?.kill;
  run.exit = saved?.exit;
  const before = saved?.fetching === true ? "fetching" : "launching";
  run.phase = isTerminal(task.state) ? "ended" : run.pid === undefined ? before : "running";
  task.run = run;
  if (run.phase !== "ended") state.runs.set(containerId, { executor: task.executor, task, run });
}

function requeue(executor: Executor, task: AgentTask, { batch, info }: SavedTask): void {
  if (task.delivered || isTerminal(task.state)) return;
  const id = info.task_id.value;
  const last = batch === undefined ? undefined : executor.queue.find((other) => other.name === batch);
  if (last === undefined) executor.queue.push({ taskIds: [id], group: batch !== undefined, name: batch });
  else last.taskIds.push(id);
}

function addUpdates(state: AgentState, key: string, { pending }: SavedProgress): void {
  if (pending.length === 0) return;
  const at = key.indexOf("/");
  const [frameworkId, taskId] = [key.slice(0, at), key.slice(at + 1)];
  state.updates.set(key, { frameworkId, taskId, pending, backoffMs: state.config.limits.updateRetryMs, dueMs: 0 });
}

function addCompleted(state: AgentState, key: string, saved: SavedCompletedExecutor): void {
  const at = key.indexOf("/");
  state.completedSequence = Math.max(state.completedSequence, Number(key.slice(at + 1)) + 1);
  state.frameworks.get(key.slice(0, at))?.completed.push({ ...saved, key: `completed/${key}` });
}

function settleFrameworks(state: AgentState): void {
  for (const [id, framework] of state.frameworks) {
    if (framework.executors.size > 0) continue;
    state.frameworks.delete(id);
    state.completedFrameworks.set(id, { info: framework.info, executors: framework.completed });
  }
}
