import type { TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { limitationOf } from "../agent/limitation.ts";
import type { ContainerExit, LaunchFailure, SignalTarget } from "../agent/ports.ts";
import { emptyCheckStatus, probeEnded, probeNow, type Seen, startChecks, stopChecks } from "./checks.ts";
import { describeExit } from "./exit.ts";
import type { ExecutorHost, KillCause, ProbeOutcome, Run, RunWake, StatusDraft } from "./host.ts";

/** Grace of a kill when nobody says otherwise: SIGTERM, and SIGKILL after it. */
export const DEFAULT_GRACE_MS = 3_000;
// A task that overran its time has had its chance: it gets a moment to tidy up, whatever its policy.
const OVERRUN_GRACE_MS = 1_000;
const SIGTERM = 15;

export function newRun(task: TaskInfo, containerId: string, group: number): Run {
  return {
    task,
    containerId,
    group,
    phase: "launching",
    isolated: false,
    pid: undefined,
    addresses: undefined,
    startedMs: undefined,
    kill: undefined,
    exit: undefined,
    health: undefined,
    check: undefined,
  };
}

/** The process runs: its time and its checks begin. A kill that came before is sent now. */
export function runStarted(run: Run, pid: number, to: SignalTarget, host: ExecutorHost): void {
  run.phase = "running";
  run.pid = pid;
  run.startedMs ??= host.nowMs;
  if (run.kill !== undefined) return sendKill(run, to, host);
  watch(run, host);
}

/** After the agent was restarted: the process ran on. Its timers begin again, by a clock that may have been set back; its checks go on from what they had seen. */
export function runResumed(run: Run, host: ExecutorHost, seen: Seen): void {
  run.phase = "running";
  if (run.kill === undefined) return watch(run, host, seen);
  escalateInTime(run.kill, run, host);
}

/** The agent's core was built anew while the container is being started: whether it runs is told yet. What is still being made and was to end is ended. */
export function runAwaited(run: Run, isolated: boolean, host: ExecutorHost): void {
  run.isolated = isolated;
  if (run.kill !== undefined && isolated) abort(run, host);
}

/** Kills the task: SIGTERM, and SIGKILL to all of it when the grace is over. A repeated kill sets a new deadline. */
export function killRun(run: Run, cause: KillCause, graceMs: number, to: SignalTarget, host: ExecutorHost): void {
  if (run.phase === "ended") return;
  const first = run.kill === undefined;
  run.kill = {
    cause: run.kill?.cause ?? cause,
    graceMs,
    deadlineMs: host.nowMs + graceMs,
    nth: (run.kill?.nth ?? 0) + 1,
  };
  host.keep(run);
  // It has ended already, while others of its group were being started.
  if (run.exit !== undefined) return runExited(run, run.exit, host);
  if (run.phase === "fetching") return host.stopFetch(run);
  if (run.phase === "launching" && run.isolated) return abort(run, host);
  if (run.phase !== "running") return;
  if (first && host.tellsKilling) host.report(run, killingStatus(run));
  sendKill(run, to, host);
}

/** The grace of a kill: what the KILL says, else what the task says, else 3 s. */
export function graceOf(
  task: TaskInfo,
  asked: { grace_period?: { nanoseconds: number } | undefined } | undefined,
): number {
  const grace = (asked ?? task.kill_policy)?.grace_period?.nanoseconds;
  return grace === undefined ? DEFAULT_GRACE_MS : Math.max(0, grace / 1e6);
}

/** A timer of this run is due. */
export function runWoken(run: Run, wake: RunWake, to: SignalTarget, host: ExecutorHost): void {
  if (wake.for === "escalate" && run.phase === "launching" && run.kill?.nth === wake.nth) return abort(run, host);
  if (run.phase !== "running") return;
  switch (wake.for) {
    case "escalate":
      if (run.kill?.nth === wake.nth) host.destroy(run);
      return;
    case "max-completion-time":
      if (run.kill === undefined) killRun(run, "max-completion-time", OVERRUN_GRACE_MS, to, host);
      return;
    case "health":
    case "check":
      return probeNow(run, wake.for, wake.nth, host);
    case "probe-timeout":
      if (run[wake.which]?.nth !== wake.nth) return;
      host.stopProbe(run, wake.which, wake.nth);
      return runProbed(run, wake.which, wake.nth, { kind: "timeout" }, to, host);
  }
}

/** A probe of this run ended; an unhealthy task is killed. */
export function runProbed(
  run: Run,
  which: "health" | "check",
  nth: number,
  outcome: ProbeOutcome,
  to: SignalTarget,
  host: ExecutorHost,
): void {
  if (probeEnded(run, which, nth, outcome, host)) killRun(run, "unhealthy", graceOf(run.task, undefined), to, host);
}

/** The container is gone: the task's last status. */
export function runExited(run: Run, exit: ContainerExit, host: ExecutorHost): void {
  stopChecks(run, host);
  const aborted = run.phase === "launching" && run.kill !== undefined && exit.lostBecause === undefined;
  run.phase = "ended";
  if (aborted) return host.report(run, KILLED_DURING_LAUNCH);
  host.report(run, { ...lastStatus(run, exit, host), check_status: emptyCheckStatus(run.task.check) });
}

/** The container could not be started: the task's only status. */
export function runFailed(run: Run, cause: LaunchFailure, message: string, host: ExecutorHost): void {
  run.phase = "ended";
  if (run.kill !== undefined) return host.report(run, KILLED_DURING_LAUNCH);
  host.report(run, {
    state: "TASK_FAILED",
    message: `Failed to launch container: ${message}`,
    source: "SOURCE_AGENT",
    reason: cause === "limits" ? "REASON_CONTAINER_UPDATE_FAILED" : "REASON_CONTAINER_LAUNCH_FAILED",
  });
}

const KILLED_DURING_LAUNCH = {
  state: "TASK_KILLED",
  source: "SOURCE_AGENT",
  reason: "REASON_TASK_KILLED_DURING_LAUNCH",
} as const;

// What is still being made (its image pulled, its network joined) has nothing that could hear a signal: it is ended at once, and
// again if that is not heard of.
function abort(run: Run, host: ExecutorHost): void {
  host.destroy(run);
  host.wake(run, host.nowMs + ABORT_AGAIN_MS, { for: "escalate", nth: run.kill!.nth });
}

const ABORT_AGAIN_MS = 30_000;

function watch(run: Run, host: ExecutorHost, seen: Seen = {}): void {
  const limit = run.task.max_completion_time?.nanoseconds;
  if (limit !== undefined)
    host.wake(run, Math.min(run.startedMs!, host.nowMs) + limit / 1e6, { for: "max-completion-time" });
  startChecks(run, host, seen);
}

function sendKill(run: Run, to: SignalTarget, host: ExecutorHost): void {
  const kill = run.kill!;
  stopChecks(run, host);
  host.signal(run, SIGTERM, to);
  escalateInTime(kill, run, host);
}

// The deadline may be of an earlier life, whose clock was ahead: the grace is never longer than it was to be.
function escalateInTime({ deadlineMs, graceMs, nth }: NonNullable<Run["kill"]>, run: Run, host: ExecutorHost): void {
  const { nowMs } = host;
  host.wake(run, Math.min(Math.max(deadlineMs, nowMs), nowMs + graceMs), { for: "escalate", nth });
}

function killingStatus(run: Run): StatusDraft {
  return run.kill!.cause === "unhealthy" ? { state: "TASK_KILLING", healthy: false } : { state: "TASK_KILLING" };
}

function lastStatus(run: Run, exit: ContainerExit, host: ExecutorHost): StatusDraft {
  const message = describeExit(exit);
  if (exit.lostBecause === "machine restarted")
    return { state: host.lostState, message, source: "SOURCE_AGENT", reason: "REASON_EXECUTOR_TERMINATED" };
  if (run.kill !== undefined) return killedStatus(run.kill.cause, message);
  if (exit.limitation !== undefined) return limitedStatus(exit.limitation);
  if (exit.waitStatus === "lost")
    return { state: "TASK_FAILED", message, source: "SOURCE_AGENT", reason: "REASON_EXECUTOR_TERMINATED" };
  return { state: exit.waitStatus === 0 ? "TASK_FINISHED" : "TASK_FAILED", message };
}

function killedStatus(cause: KillCause, message: string): StatusDraft {
  if (cause === "max-completion-time")
    return { state: "TASK_FAILED", message, reason: "REASON_MAX_COMPLETION_TIME_REACHED" };
  return cause === "unhealthy" ? { state: "TASK_KILLED", message, healthy: false } : { state: "TASK_KILLED", message };
}

function limitedStatus(limitation: NonNullable<ContainerExit["limitation"]>): StatusDraft {
  return {
    state: "TASK_FAILED",
    message: limitation.message,
    source: "SOURCE_AGENT",
    reason: limitation.reason,
    limitation: limitationOf(limitation),
  };
}
