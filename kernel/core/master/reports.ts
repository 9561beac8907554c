import type { CallSubscribe, Event, EventMissing } from "@meseta/api/mesos/generated/link.ts";
import type { ExecutorInfo, FrameworkInfo, Operation, Resource, Task } from "@meseta/api/mesos/generated/mesos.ts";
import { allocateMissing } from "@meseta/api/mesos/resources/allocation.ts";
import { upgradeAll } from "@meseta/api/mesos/resources/formats.ts";
import { idProblem } from "@meseta/api/mesos/resources/ids.ts";
import { validateResources } from "@meseta/api/mesos/resources/validate.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import { takeOf, takeUnreachableTasks } from "./agents.ts";
import { addExecutor, executorOn, removeExecutor } from "./executors.ts";
import { recoverFramework } from "./frameworks.ts";
import { charge } from "./held.ts";
import { complete, isOver } from "./history.ts";
import { adoptOperation, forgetIfOver } from "./operations.ts";
import type { MasterOut } from "./out.ts";
import { isSameList } from "./share.ts";
import type { Agent, Framework, MasterState, MasterTask } from "./state.ts";
import { holdsResources, statusOfTask } from "./statuses.ts";
import { addTask, detachTask } from "./tasks.ts";
import { forward } from "./updates.ts";
import { rolesOf } from "./validate/framework.ts";

/** What the agent is asked and told right after it was welcomed. */
export interface AgentReconciliation {
  readonly missingTasks: EventMissing[];
  /** uuids. */
  readonly missingOperations: string[];
  readonly events: Event[];
}

interface Reconciling {
  readonly state: MasterState;
  readonly agent: Agent;
  readonly before: "new" | "known" | "unreachable";
  readonly infos: Map<string, FrameworkInfo>;
  readonly nowMs: number;
  readonly out: MasterOut;
  readonly events: Event[];
  readonly shutDown: Set<string>;
}

/**
 * Compares what runs on the agent with what the master knows. `known` agents are in the allocator with what they hold; of others
 * (`new` to this master's memory, or `unreachable` before) all is taken over from their report.
 */
export function reconcileAgent(
  state: MasterState,
  agent: Agent,
  subscribe: CallSubscribe,
  before: "new" | "known" | "unreachable",
  nowMs: number,
  out: MasterOut,
): AgentReconciliation {
  const infos = new Map(
    (subscribe.frameworks ?? []).flatMap((info) => (info.id === undefined ? [] : [[info.id.value, info]])),
  );
  const run: Reconciling = { state, agent, before, infos, nowMs, out, events: [], shutDown: new Set() };
  for (const frameworkId of infos.keys()) frameworkOf(run, frameworkId);
  takeExecutors(run, subscribe);
  const reported = takeTasks(run, subscribe.tasks ?? []);
  const missingTasks = missingOf(run, reported);
  if (before === "unreachable") missingTasks.push(...forgetUnreachable(run));
  const missingOperations = takeOperations(run, subscribe.operations ?? []);
  tellChanges(run);
  return { missingTasks, missingOperations, events: run.events };
}

// Frameworks that were removed meanwhile are shut down on the agent; those that only the agent knows are taken in.
function frameworkOf(run: Reconciling, frameworkId: string): Framework | undefined {
  const { state, infos, nowMs, out, events, shutDown } = run;
  const known = state.frameworks.get(frameworkId);
  if (known !== undefined || shutDown.has(frameworkId)) return known;
  const info = infos.get(frameworkId);
  if (info !== undefined && !state.removedFrameworks.has(frameworkId) && idProblem(frameworkId) === undefined)
    return recoverFramework(state, info, nowMs, out);
  shutDown.add(frameworkId);
  events.push({ type: "SHUTDOWN_FRAMEWORK", shutdown_framework: { framework_id: { value: frameworkId } } });
  return undefined;
}

function takeExecutors(run: Reconciling, { executors = [] }: CallSubscribe): void {
  const { state, agent } = run;
  const reported = new Set(
    executors.map(({ framework_id, executor_info }) => `${framework_id.value}/${executor_info.executor_id.value}`),
  );
  for (const [frameworkId, held] of [...agent.executors])
    for (const executorId of [...held.keys()])
      if (!reported.has(`${frameworkId}/${executorId}`)) removeExecutor(state, agent, frameworkId, executorId);
  for (const { framework_id, executor_info } of executors) takeExecutor(run, framework_id.value, executor_info);
}

function takeExecutor(run: Reconciling, frameworkId: string, info: ExecutorInfo): void {
  const framework = frameworkOf(run, frameworkId);
  if (framework === undefined || executorOn(run.agent, frameworkId, info.executor_id.value) !== undefined) return;
  const resources = resourcesOf(framework, info.resources);
  const isLost = run.before === "known" && framework.info.checkpoint !== true;
  if (resources === undefined || isLost) {
    const shutdown_executor = { framework_id: { value: frameworkId }, executor_id: info.executor_id };
    return void run.events.push({ type: "SHUTDOWN_EXECUTOR", shutdown_executor });
  }
  if (run.before === "known") charge(run.state, frameworkId, run.agent.id, resources);
  addExecutor(run.state, run.agent, frameworkId, { ...info, resources });
}

function takeTasks(run: Reconciling, tasks: readonly Task[]): Set<MasterTask> {
  const reported = new Set<MasterTask>();
  for (const task of tasks) {
    const framework = frameworkOf(run, task.framework_id.value);
    const entry = framework && takeTask(run, framework, task);
    if (entry !== undefined) reported.add(entry);
  }
  return reported;
}

function takeTask(run: Reconciling, framework: Framework, task: Task): MasterTask | undefined {
  const { state, agent, before, out } = run;
  const taskId = task.task_id.value;
  const held = framework.tasks.get(taskId);
  if (held !== undefined && held.task.agent_id.value === agent.id) {
    if (held.kill !== undefined) run.events.push(killOf(task, held.kill.policy));
    return held;
  }
  const resources = resourcesOf(framework, task.resources);
  // The id was used again while the agent was away, or the task cannot be what a master launched.
  if (held !== undefined || resources === undefined || idProblem(taskId) !== undefined) return reject(run, task);
  // What an agent lost when it was disconnected stays lost, also when it was away for so long that it became unreachable, or that
  // another master leads; what is over here was acknowledged before.
  if (framework.info.checkpoint !== true && (before === "known" || isOver(framework, taskId, agent.id)))
    return reject(run, task);
  // Who asks for one that ended under another master, and is not acknowledged yet, is not told that it is gone.
  if (before === "known" && isTerminal(task.state) && isOver(framework, taskId, agent.id)) return undefined;
  framework.unreachableTasks.delete(taskId);
  if (before === "known" && holdsResources(task.state)) charge(state, framework.id, agent.id, resources);
  const entry = addTask(state, framework, agent, ownTask(task, agent, resources), out);
  if (before === "unreachable") announce(run, framework, entry);
  return entry;
}

// Mostly the report is as the master would write it, and then it is the task.
function ownTask(task: Task, { id }: Agent, resources: Resource[]): Task {
  if (task.agent_id.value === id && isSameList(task.resources, resources)) return task;
  return { ...task, agent_id: { value: id }, resources };
}

function reject({ events }: Reconciling, task: Task): undefined {
  if (!isTerminal(task.state)) events.push(killOf(task, undefined));
}

function killOf({ framework_id, task_id }: Task, kill_policy: NonNullable<MasterTask["kill"]>["policy"]): Event {
  return { type: "KILL", kill: { framework_id, task_id, kill_policy } };
}

function announce({ nowMs, out }: Reconciling, framework: Framework, { task }: MasterTask): void {
  const state = task.status_update_state ?? task.state;
  if (isTerminal(state)) return;
  const message = "Unreachable agent re-reregistered";
  forward(framework, statusOfTask(task, { state, message, reason: "REASON_AGENT_REREGISTERED" }, nowMs), out);
}

// Tasks that were unreachable with the agent and did not come back with it: the agent is asked, its answer is an update.
function forgetUnreachable({ state, agent, nowMs, out }: Reconciling): EventMissing[] {
  const missing: EventMissing[] = [];
  for (const framework of state.frameworks.values()) {
    const taken = takeUnreachableTasks(framework, agent.id);
    // Their ends it tells itself.
    takeOf(framework.untoldEnds, agent.id);
    missing.push(...taken.map(asMissing));
    complete(state, framework, taken, nowMs, out);
  }
  return missing;
}

// What the agent does not have is asked for. A task of which the end was told needs no other end: an agent that was started
// again without having stored it knows nothing of it.
function missingOf({ state, agent, nowMs, out }: Reconciling, reported: ReadonlySet<MasterTask>): EventMissing[] {
  const missing: EventMissing[] = [];
  for (const entry of [...agent.tasks]) {
    if (reported.has(entry)) continue;
    if (!isTerminal(entry.task.state)) missing.push(asMissing(entry));
    else complete(state, detachTask(state, entry)!, [entry], nowMs, out);
  }
  return missing;
}

function asMissing({ task }: MasterTask): EventMissing {
  const { framework_id, task_id, executor_id } = task;
  return { framework_id, task_id, executor_id };
}

function takeOperations({ state, agent }: Reconciling, operations: readonly Operation[]): string[] {
  const reported = new Set(operations.map(({ uuid }) => uuid.value));
  for (const operation of operations) adoptOperation(state, agent, operation);
  // As with tasks: of which the end was told, the agent has heard the acknowledgement since.
  for (const uuid of agent.operations) if (!reported.has(uuid)) forgetIfOver(state, uuid);
  return [...agent.operations].filter((uuid) => !reported.has(uuid));
}

function tellChanges({ state, infos, events }: Reconciling): void {
  for (const [frameworkId, info] of infos) {
    const framework = state.frameworks.get(frameworkId);
    if (framework === undefined || saysTheSame(framework, info)) continue;
    events.push({ type: "UPDATE_FRAMEWORK", update_framework: { framework_info: framework.info } });
  }
}

function saysTheSame(framework: Framework, theirs: FrameworkInfo): boolean {
  const { info: ours, agreed } = framework;
  if (agreed?.theirs === theirs && agreed.ours === ours) return true;
  if (inOrder(ours) !== inOrder(theirs)) return false;
  framework.agreed = { theirs, ours };
  return true;
}

// The wire has an order of its own.
function inOrder(info: FrameworkInfo): string {
  return JSON.stringify(Object.entries(info).sort(([a], [b]) => (a < b ? -1 : 1)));
}

// An agent that writes nonsense must not stop the master. What the framework's task before has as well was looked at.
function resourcesOf(framework: Framework, resources: readonly Resource[] = []): Resource[] | undefined {
  const before = framework.latestTask?.resources;
  if (before !== undefined && isSameList(before, resources)) return before;
  const role = rolesOf(framework.info)[0] ?? "*";
  const marked = allocateMissing(upgradeAll(resources), role);
  return validateResources(marked) === undefined ? marked : undefined;
}
