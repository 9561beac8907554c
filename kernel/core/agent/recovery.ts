import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import { runResumed } from "../executor/run.ts";
import { operatorContainerExited } from "./containers.ts";
import { executorExited } from "./custom.ts";
import { killAll } from "./drain.ts";
import { executorTerminated, taskForgotten } from "./executors.ts";
import { hostOf, runFailedToLaunch, runHasExited, runHasStarted } from "./inside.ts";
import { connect } from "./link.ts";
import type { ContainerExit, KnownContainer } from "./ports.ts";
import { reconfigure } from "./reconfigure.ts";
import { keys } from "./saved.ts";
import type { AgentTask, Executor, Framework, Turn } from "./state.ts";
import { statusOf } from "./status.ts";
import { dropUpdates, update } from "./updates.ts";

type Known = ReadonlyMap<string, KnownContainer>;

/**
 * The first event of a life. The records say what was meant to run, the launcher says what runs: tasks that ran on are found
 * again, ends that nobody heard of are told with their true status, and what was never started never will be.
 */
export function start(turn: Turn, containers: readonly KnownContainer[]): void {
  const { state, out } = turn;
  const rebooted = state.formerBootId !== undefined && state.formerBootId !== state.bootId;
  const known: Known = new Map(rebooted ? [] : containers.map((container) => [container.id, container]));
  state.phase = "running";
  state.formerBootId = state.bootId;
  out.save(keys.machine(), { bootId: state.bootId });
  reconfigure(turn, state.config.resources, state.config.attributes);
  const expected = expectedIds(turn);
  for (const framework of [...state.frameworks.values()]) recoverFramework(turn, framework, known, rebooted);
  recoverOperatorContainers(turn, known, rebooted);
  for (const container of containers) if (!expected.has(container.id)) endOrphan(turn, container, rebooted);
  for (const [trash, path] of state.erasing) out.push({ type: "move-volume", path, trash });
  if (state.drain !== undefined) killAll(turn);
  out.push({ type: "measure-disk" });
  connect(turn);
  out.log("info", "recovered", { tasks: state.runs.size, executors: state.executors.size, rebooted });
}

// Containers of which the end is not stored yet. Others that the launcher still tells of died with the agent before they were forgotten.
function expectedIds({ state }: Turn): Set<string> {
  const custom = [...state.executors.values()].filter(({ kind }) => kind === "custom");
  const operators = [...state.containers.values()].filter((container) => container.state !== "ended");
  return new Set([
    ...state.runs.keys(),
    ...custom.map(({ containerId }) => containerId),
    ...operators.map(({ handle }) => handle),
  ]);
}

function recoverFramework(turn: Turn, framework: Framework, known: Known, rebooted: boolean): void {
  if (framework.info.checkpoint !== true) return endUncheckpointed(turn, framework);
  for (const executor of [...framework.executors.values()]) {
    if (executor.kind === "custom") recoverCustom(turn, executor, known.get(executor.containerId), rebooted);
    else recoverInside(turn, executor, known, rebooted);
  }
}

// Without `checkpoint` tasks end with the agent. The master has told their loss when the agent's link broke.
function endUncheckpointed(turn: Turn, framework: Framework): void {
  framework.removed = true;
  dropUpdates(turn, framework);
  for (const executor of [...framework.executors.values()]) {
    for (const task of [...executor.tasks.values()]) loseTask(turn, task);
    turn.out.push({ type: "destroy", id: executor.containerId });
    executorTerminated(turn, executor, 9);
  }
}

function loseTask(turn: Turn, task: AgentTask): void {
  if (task.run !== undefined) {
    turn.out.push({ type: "destroy", id: task.run.containerId });
    task.run.phase = "ended";
    turn.state.runs.delete(task.run.containerId);
  }
  if (isTerminal(task.state)) return taskForgotten(turn, task);
  update(
    turn,
    task,
    statusOf(turn, task, {
      state: "TASK_LOST",
      message: "The agent was restarted",
      source: "SOURCE_AGENT",
      reason: "REASON_AGENT_RESTARTED",
    }),
  );
}

function recoverInside(turn: Turn, executor: Executor, known: Known, rebooted: boolean): void {
  for (const task of [...executor.tasks.values()]) {
    const run = task.run;
    if (run === undefined || run.phase === "ended") continue;
    const container = known.get(run.containerId);
    if (run.phase === "fetching") {
      run.phase = "launching";
      // Its container is not ordered before all files are here: whatever lies there of them is fetched again.
      if (!rebooted) {
        hostOf(turn, executor).launch(run);
        continue;
      }
    }
    if (container !== undefined && run.phase === "launching") runHasStarted(turn, run.containerId, container.pid);
    else if (container === undefined && run.phase === "launching") neverStarted(turn, task);
    else if (container?.exit === undefined && container !== undefined && task.state !== "TASK_STARTING")
      runResumed(run, hostOf(turn, executor));
    const exit = container === undefined ? lost(rebooted) : container.exit;
    if (exit !== undefined && turn.state.runs.has(run.containerId)) runHasExited(turn, run.containerId, exit);
  }
  if (executor.tasks.size > 0 && [...executor.tasks.values()].every((task) => isTerminal(task.state)))
    executorTerminated(turn, executor, 0);
}

// The intent was stored, and the agent died before (or while) it told the launcher. It is not tried again.
function neverStarted(turn: Turn, task: AgentTask): void {
  const { executor, run } = task;
  const { containerId } = run!;
  turn.out.push({ type: "destroy", id: containerId });
  if (executor.kind === "default")
    return runFailedToLaunch(turn, containerId, "machine", "the agent was restarted before the container was");
  run!.phase = "ended";
  turn.state.runs.delete(containerId);
  update(
    turn,
    task,
    statusOf(turn, task, {
      state: "TASK_DROPPED",
      message: "Task launched during agent restart",
      source: "SOURCE_AGENT",
      reason: "REASON_AGENT_RESTARTED",
    }),
  );
  executorTerminated(turn, executor, 0);
}

function recoverCustom(turn: Turn, executor: Executor, container: KnownContainer | undefined, rebooted: boolean): void {
  const { state, out, nowMs } = turn;
  if (container === undefined || container.exit !== undefined) {
    const started = [...executor.tasks.values()].some((task) => task.delivered) || executor.completedTasks.length > 0;
    if (!started && container === undefined)
      executor.termination = {
        state: "TASK_DROPPED",
        reason: "REASON_AGENT_RESTARTED",
        message: "Task launched during agent restart",
      };
    out.push({ type: "destroy", id: executor.containerId });
    return executorExited(turn, executor, container?.exit ?? lost(rebooted));
  }
  executor.pid = container.pid;
  executor.recovered = true;
  out.wake(nowMs + state.config.executorReregistrationTimeoutMs, {
    for: "executor-reregistration",
    containerId: executor.containerId,
  });
}

function recoverOperatorContainers(turn: Turn, known: Known, rebooted: boolean): void {
  for (const container of [...turn.state.containers.values()]) {
    if (container.state === "ended") continue;
    const found = known.get(container.handle);
    if (found !== undefined && found.exit === undefined) {
      container.state = "running";
      container.pid = found.pid;
    } else operatorContainerExited(turn, container, found?.exit ?? lost(rebooted));
  }
}

// Nobody knows it: a probe, or a task whose history is over. After a reboot its pid may be another's, and is left alone.
function endOrphan(turn: Turn, { id, exit }: KnownContainer, rebooted: boolean): void {
  turn.out.push(exit === undefined && !rebooted ? { type: "destroy", id } : { type: "forget", id });
}

function lost(rebooted: boolean): ContainerExit {
  return { waitStatus: "lost", lostBecause: rebooted ? "machine restarted" : "launcher died" };
}
