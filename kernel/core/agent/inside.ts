import type { CommandInfo, KillPolicy } from "@meseta/api/mesos/generated/mesos.ts";
import { firstRefusal, isRefusal } from "@meseta/api/mesos/refusal.ts";
import { commandExecutor, type InsideExecutor } from "../executor/command.ts";
import { defaultExecutor } from "../executor/default.ts";
import type {
  ExecutorHost,
  KillCause,
  ProbeCommand,
  ProbeOutcome,
  Run,
  RunWake,
  StatusDraft,
} from "../executor/host.ts";
import { commandOf } from "./command-line.ts";
import { shutdownGraceMs, taskEnvironment } from "./environment.ts";
import { executorTerminated, limitExecutor } from "./executors.ts";
import type { Outfit } from "./isolate.ts";
import { hasOwnGroup, limitsOf } from "./limits.ts";
import { givenHere, grantedTo, taskOutfit } from "./outfits.ts";
import type { ProbeTarget } from "./outside.ts";
import type { ContainerEvent, ContainerExit, ContainerSpec, LaunchFailure, SignalTarget } from "./ports.ts";
import { runDirectory, sandboxOf } from "./sandbox.ts";
import type { AgentState, AgentTask, Executor, Turn } from "./state.ts";
import { hasCapability, statusOf } from "./status.ts";
import { touch, update } from "./updates.ts";

// The agent's side of the executors that are code inside it: what happened goes to them, what they decide is carried out.

/** The runs of one task or group are to be started; all of them are recorded. When one cannot have what it asks for, none starts. */
export function launchRuns(turn: Turn, executor: Executor, runs: readonly Run[]): void {
  const host = hostOf(turn, executor);
  const problem = firstProblem(turn, runs);
  if (problem === undefined) {
    limitExecutor(turn, executor);
    insideOf(executor).launched(runs, host);
    if (runs.some(({ phase }) => phase === "ended")) settle(turn, executor);
    return;
  }
  for (const run of runs) insideOf(executor).failed(run, "spec", problem, runsOf(executor), host);
  settle(turn, executor);
}

/** A container that runs, in so far as runs are told of it. */
type Started = Pick<ContainerEvent & { type: "started" }, "pid" | "addresses">;

export function runFetched(turn: Turn, containerId: string, error: string | undefined): void {
  const held = turn.state.runs.get(containerId);
  if (held === undefined || held.run.phase !== "fetching") return;
  held.run.phase = "launching";
  touch(turn, held.task);
  if (error !== undefined || held.run.kill !== undefined)
    return runFailedToLaunch(turn, containerId, "spec", error ?? "killed");
  const outfit = taskOutfit(turn.state, held.task, held.run);
  if (isRefusal(outfit)) return runFailedToLaunch(turn, containerId, "spec", outfit.message);
  turn.out.push({
    type: "launch",
    sandbox: undefined,
    container: containerSpec(turn.state, held.task, held.run, outfit),
  });
}

export function runHasStarted(turn: Turn, containerId: string, { pid, addresses }: Started): void {
  const { executor, run } = turn.state.runs.get(containerId)!;
  if (run.phase !== "launching") return;
  run.addresses = addresses;
  insideOf(executor).started(run, pid, runsOf(executor), hostOf(turn, executor));
  settle(turn, executor);
}

export function runFailedToLaunch(turn: Turn, containerId: string, cause: LaunchFailure, message: string): void {
  const { executor, run } = turn.state.runs.get(containerId)!;
  turn.out.push({ type: "forget", id: containerId });
  if (run.phase === "ended") return;
  insideOf(executor).failed(run, cause, message, runsOf(executor), hostOf(turn, executor));
  settle(turn, executor);
  dropEnded(turn, run);
}

export function runHasExited(turn: Turn, containerId: string, exit: ContainerExit): void {
  const { executor, run } = turn.state.runs.get(containerId)!;
  turn.out.push({ type: "forget", id: containerId });
  if (run.phase === "ended") return;
  insideOf(executor).exited(run, exit, runsOf(executor), hostOf(turn, executor));
  settle(turn, executor);
  dropEnded(turn, run);
}

// A removed framework's task is forgotten as soon as it ends, and then no executor counts its run.
function dropEnded(turn: Turn, run: Run): void {
  if (run.phase === "ended") turn.state.runs.delete(run.containerId);
}

export function killRunOf(turn: Turn, task: AgentTask, policy: KillPolicy | undefined, cause: KillCause): void {
  const run = task.run!;
  const { executor } = task;
  if (run.phase === "fetching") return cancelRun(turn, executor, run, cause);
  insideOf(executor).kill(run, policy, cause, runsOf(executor), hostOf(turn, executor));
  settle(turn, executor);
}

export function shutdownInside(turn: Turn, executor: Executor): void {
  const runs = runsOf(executor);
  for (const run of runs) if (run.phase === "fetching") cancelRun(turn, executor, run, "shutdown");
  insideOf(executor).shutdown(runsOf(executor), shutdownGraceMs(turn.state.config, executor), hostOf(turn, executor));
  settle(turn, executor);
  for (const run of runs) dropEnded(turn, run);
}

export function runHasWoken(turn: Turn, containerId: string, wake: RunWake): void {
  const held = turn.state.runs.get(containerId);
  if (held === undefined) return;
  insideOf(held.executor).woken(held.run, wake, runsOf(held.executor), hostOf(turn, held.executor));
}

/** A probe ended; one that nobody waits for any more means nothing. */
export function probeHasEnded(turn: Turn, probe: string, outcome: ProbeOutcome): void {
  const waiting = turn.state.probes.get(probe);
  turn.state.probes.delete(probe);
  const held = waiting && turn.state.runs.get(waiting.containerId);
  if (waiting === undefined || held === undefined) return;
  insideOf(held.executor).probed(held.run, waiting.which, waiting.nth, outcome, hostOf(turn, held.executor));
}

/** The executor ends with its last task. */
function settle(turn: Turn, executor: Executor): void {
  let [running, ended] = [0, 0];
  for (const run of runsOf(executor)) {
    if (run.phase !== "ended") running++;
    else if (turn.state.runs.delete(run.containerId)) ended++;
  }
  if (running === 0) executorTerminated(turn, executor, 0);
  else if (ended > 0) limitExecutor(turn, executor);
}

/** What the executor may ask of the agent, during this event. */
export function hostOf(turn: Turn, executor: Executor): ExecutorHost {
  const { state, out } = turn;
  const info = executor.framework.info;
  return {
    nowMs: turn.nowMs,
    tellsKilling: hasCapability(info, "TASK_KILLING_STATE"),
    lostState: hasCapability(info, "PARTITION_AWARE") ? "TASK_GONE" : "TASK_LOST",
    launch: (run) => launch(turn, state.runs.get(run.containerId)!.task, run),
    signal: (run, signal: number, to: SignalTarget) => out.push({ type: "signal", id: run.containerId, signal, to }),
    stopFetch: (run) => out.push({ type: "stop-fetch", id: run.containerId }),
    destroy: (run) => out.push({ type: "destroy", id: run.containerId }),
    report: (run, draft: StatusDraft) => report(turn, state.runs.get(run.containerId)!.task, draft),
    keep: (run) => touch(turn, state.runs.get(run.containerId)!.task),
    wake: (run, atMs, wake) => out.wake(atMs, { for: "run", containerId: run.containerId, wake }),
    probe: (run, which, nth, target, timeoutMs) => probe(turn, run, which, nth, target, timeoutMs),
    stopProbe: (run, which, nth) => stopProbe(turn, run, which, nth),
  };
}

function insideOf(executor: Executor): InsideExecutor {
  return executor.kind === "command" ? commandExecutor : defaultExecutor;
}

function runsOf(executor: Executor): Run[] {
  const runs: Run[] = [];
  for (const task of executor.tasks.values()) if (task.run !== undefined) runs.push(task.run);
  return runs;
}

function report(turn: Turn, task: AgentTask, draft: StatusDraft): void {
  update(turn, task, statusOf(turn, task, draft));
}

function launch(turn: Turn, task: AgentTask, run: Run): void {
  const outfit = taskOutfit(turn.state, task, run) as Outfit;
  const sandbox = sandboxOf(turn.state, task, run, outfit);
  const uris = task.info.command?.uris ?? [];
  run.isolated = outfit.isolation !== undefined;
  if (uris.length === 0)
    return turn.out.push({ type: "launch", sandbox, container: containerSpec(turn.state, task, run, outfit) });
  run.phase = "fetching";
  touch(turn, task);
  turn.out.push({ type: "fetch", id: run.containerId, sandbox, uris });
}

function firstProblem({ state }: Turn, runs: readonly Run[]): string | undefined {
  return firstRefusal(runs, (run) => {
    const { task, executor } = state.runs.get(run.containerId)!;
    const outfit = givenHere(state.config, taskOutfit(state, task, run), grantedTo(executor));
    return isRefusal(outfit) ? outfit : undefined;
  })?.message;
}

function containerSpec(state: AgentState, task: AgentTask, run: Run, outfit: Outfit): ContainerSpec {
  const { executor, info } = task;
  const { config } = state;
  const { rotation } = config;
  const directory = runDirectory(task, run);
  const role = info.resources?.[0]?.allocation_info?.role;
  const own = executor.kind === "command" || hasOwnGroup(info);
  return {
    ...outfit.spec,
    id: run.containerId,
    owner: executor.framework.id,
    environment: taskEnvironment(state, executor, role, outfit, info.command),
    stdout: `${directory}/stdout`,
    stderr: `${directory}/stderr`,
    ...(rotation === undefined ? {} : { rotation }),
    ...(own ? { limits: limitsOf(info.resources ?? [], info.limits, config) } : { group: executor.containerId }),
  };
}

function cancelRun(turn: Turn, executor: Executor, run: Run, cause: KillCause): void {
  run.kill = { cause, graceMs: 0, deadlineMs: turn.nowMs, nth: 1 };
  turn.out.push({ type: "stop-fetch", id: run.containerId });
  insideOf(executor).failed(run, "spec", "", runsOf(executor), hostOf(turn, executor));
  settle(turn, executor);
}

function probe(
  turn: Turn,
  run: Run,
  which: "health" | "check",
  nth: number,
  target: ProbeTarget | ProbeCommand,
  timeoutMs: number,
): void {
  const id = turn.state.random.uuid();
  turn.state.probes.set(id, { containerId: run.containerId, which, nth });
  const outfit = taskOutfit(turn.state, turn.state.runs.get(run.containerId)!.task, run);
  if (isRefusal(outfit)) return probeHasEnded(turn, id, { kind: "failed", reason: outfit.message });
  if (target.kind === "command") return runBeside(turn, run, id, target.command, outfit);
  const there = outfit.isolation?.network.kind === "own" ? { ...target, inside: run.containerId } : target;
  turn.out.push({ type: "probe", probe: id, target: there, timeoutMs });
}

/** Runs the command beside the task, once; it ends as the container `id`. Answers why it cannot be run. */
export function lookBeside(turn: Turn, run: Run, id: string, command: CommandInfo): string | undefined {
  const outfit = taskOutfit(turn.state, turn.state.runs.get(run.containerId)!.task, run);
  if (isRefusal(outfit)) return outfit.message;
  runBeside(turn, run, id, command, outfit);
  return undefined;
}

function runBeside(turn: Turn, run: Run, id: string, command: CommandInfo, outfit: Outfit): void {
  const container = probeSpec(turn.state, run, id, command, outfit);
  turn.out.push({ type: "launch", sandbox: undefined, container });
}

// The command runs beside the task: in its sandbox, with its environment and its user, under its limits. Of a task that is set
// apart it runs inside.
function probeSpec(state: AgentState, run: Run, id: string, command: CommandInfo, outfit: Outfit): ContainerSpec {
  const { task } = state.runs.get(run.containerId)!;
  const spec = containerSpec(state, task, run, outfit);
  const own = taskEnvironment(state, task.executor, undefined, outfit, command);
  const { limits: _, rlimits: __, rotation: ___, terminal: ____, isolation, group, ...rest } = spec;
  return {
    ...rest,
    id,
    command: commandOf(command),
    environment: { ...spec.environment, ...own },
    stdout: "/dev/null",
    stderr: "/dev/null",
    rotation: { maxBytes: 0, keep: 0 },
    ...(isolation === undefined ? { group: group ?? run.containerId } : { inside: run.containerId }),
  };
}

function stopProbe(turn: Turn, run: Run, which: "health" | "check", nth: number): void {
  for (const [id, waiting] of turn.state.probes) {
    if (waiting.containerId !== run.containerId || waiting.which !== which || waiting.nth !== nth) continue;
    turn.state.probes.delete(id);
    turn.out.push({ type: "destroy", id });
  }
}
