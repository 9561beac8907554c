import { isRefusal } from "@meseta/api/mesos/refusal.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import type { Seen } from "../executor/checks.ts";
import type { Run } from "../executor/host.ts";
import { runAwaited, runResumed } from "../executor/run.ts";
import { operatorContainerExited, operatorContainerStarted } from "./containers.ts";
import { executorAwaited, executorExited, launchExecutor } from "./custom.ts";
import { killAll } from "./drain.ts";
import { executorTerminated, limitExecutor, taskForgotten } from "./executors.ts";
import { hostOf, runFailedToLaunch, runHasExited, runHasStarted } from "./inside.ts";
import { connect } from "./link.ts";
import { resumeErasing } from "./operations.ts";
import { executorOutfit, taskOutfit } from "./outfits.ts";
import type { ContainerExit, KnownContainer } from "./ports.ts";
import { followTask } from "./probing.ts";
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
  resumeErasing(turn);
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
  for (const task of framework.tasks.values()) followTask(turn, task);
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
    const { run } = task;
    if (run === undefined || run.phase === "ended") continue;
    const container = known.get(run.containerId);
    if (!rebooted && container === undefined && goesOn(turn, task, run)) continue;
    if (run.phase === "fetching") run.phase = "launching";
    recoverRun(turn, task, run, container);
    // The driver has forgotten an end that was stored; of one that was not it would know.
    const exit = container === undefined ? (run.exit ?? lost(rebooted)) : container.exit;
    if (exit !== undefined && turn.state.runs.has(run.containerId)) runHasExited(turn, run.containerId, exit);
  }
  if (executor.tasks.size > 0 && [...executor.tasks.values()].every((task) => isTerminal(task.state)))
    executorTerminated(turn, executor, 0);
}

function recoverRun(turn: Turn, task: AgentTask, run: Run, container: KnownContainer | undefined): void {
  run.addresses = container?.addresses;
  if (container?.starting) return runAwaited(run, isIsolated(turn, task, run), hostOf(turn, task.executor));
  if (container === undefined) return run.phase === "launching" ? neverStarted(turn, task) : undefined;
  if (run.phase === "launching") runHasStarted(turn, run.containerId, container);
  // One that waits for others of its group is not watched yet; but it may be on its way out.
  else if (container.exit === undefined && (run.kill !== undefined || task.state !== "TASK_STARTING"))
    runResumed(run, hostOf(turn, task.executor), lastSeen(task));
}

// The agent died while files were being fetched, or the container was being made. Whatever lies there of the files is fetched again:
// no container is ordered before all are here.
function goesOn(turn: Turn, task: AgentTask, run: Run): boolean {
  if (run.phase === "fetching") {
    run.phase = "launching";
    hostOf(turn, task.executor).launch(run);
    return true;
  }
  if (run.phase !== "launching" || !isIsolated(turn, task, run)) return false;
  makeAgain(turn, task.executor, run);
  return true;
}

function isIsolated({ state }: Turn, task: AgentTask, run: Run): boolean {
  const outfit = taskOutfit(state, task, run);
  return !isRefusal(outfit) && outfit.isolation !== undefined;
}

// The agent died while the container was still being made: its image pulled, its networks joined. The driver knows whatever was
// once started, so what it does not know has run nothing, and is made from the beginning.
function makeAgain(turn: Turn, executor: Executor, run: Run): void {
  if (run.kill !== undefined) return runFailedToLaunch(turn, run.containerId, "machine", "killed");
  limitExecutor(turn, executor);
  hostOf(turn, executor).launch(run);
}

// Checks go on where they were: what was told is not told again.
function lastSeen({ statuses }: AgentTask): Seen {
  const checked = statuses.findLast(({ reason }) => reason === "REASON_TASK_CHECK_STATUS_UPDATED");
  const healthy = statuses.findLast((status) => status.healthy !== undefined)?.healthy;
  return { healthy, check_status: checked?.check_status };
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
  if (container?.starting) return executorAwaited(turn, executor);
  if (container === undefined || container.exit !== undefined) {
    const started = [...executor.tasks.values()].some((task) => task.delivered) || executor.completedTasks.length > 0;
    if (!started && container === undefined && !rebooted && isMadeApart(turn, executor))
      return launchExecutor(turn, executor);
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
  executor.addresses = container.addresses;
  executor.recovered = true;
  out.wake(nowMs + state.config.executorReregistrationTimeoutMs, {
    for: "executor-reregistration",
    containerId: executor.containerId,
  });
}

function isMadeApart({ state }: Turn, executor: Executor): boolean {
  const outfit = executorOutfit(state, executor);
  return !isRefusal(outfit) && outfit.isolation !== undefined;
}

function recoverOperatorContainers(turn: Turn, known: Known, rebooted: boolean): void {
  for (const container of [...turn.state.containers.values()]) {
    if (container.state === "ended") continue;
    const found = known.get(container.handle);
    if (found !== undefined && found.exit === undefined) {
      if (!found.starting) operatorContainerStarted(turn, container, found);
      // Whoever was connected to it is not any more.
      if (container.session) turn.out.push({ type: "destroy", id: container.handle });
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
