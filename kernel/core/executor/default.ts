import type { KillPolicy } from "@meseta/api/mesos/generated/mesos.ts";
import type { ContainerExit, LaunchFailure } from "../agent/ports.ts";
import { emptyCheckStatus } from "./checks.ts";
import type { InsideExecutor } from "./command.ts";
import type { ExecutorHost, KillCause, ProbeOutcome, Run, RunWake } from "./host.ts";
import { DEFAULT_GRACE_MS, graceOf, killRun, runExited, runFailed, runProbed, runStarted, runWoken } from "./run.ts";

/**
 * The default executor: groups of tasks, each task a container. A group starts whole: its tasks are TASK_RUNNING when all of
 * them run. The first of it that fails or is killed takes the others with it; one that finishes does not.
 */
export const defaultExecutor = {
  launched(runs: readonly Run[], host: ExecutorHost): void {
    for (const run of runs)
      host.report(run, { state: "TASK_STARTING", check_status: emptyCheckStatus(run.task.check) });
    for (const run of runs) host.launch(run);
  },

  started(run: Run, pid: number, runs: Iterable<Run>, host: ExecutorHost): void {
    run.phase = "running";
    run.pid = pid;
    host.keep(run);
    if (run.kill !== undefined) return runStarted(run, pid, "leader", host);
    const group = groupOf(run, runs);
    if (!isStarting(group)) groupStarted(group, host);
  },

  failed(run: Run, cause: LaunchFailure, message: string, runs: Iterable<Run>, host: ExecutorHost): void {
    runFailed(run, cause, message, host);
    const group = groupOf(run, runs);
    killOthers(run, group, host);
    for (const other of group) if (other.exit !== undefined) memberEnded(other, other.exit, group, host);
  },

  exited(run: Run, exit: ContainerExit, runs: Iterable<Run>, host: ExecutorHost): void {
    const group = groupOf(run, runs);
    if (run.kill !== undefined || !isStarting(group)) return memberEnded(run, exit, group, host);
    run.exit = exit;
    host.keep(run);
  },

  /** Kills the task and with it its group. A second kill changes nothing. */
  kill(run: Run, policy: KillPolicy | undefined, cause: KillCause, runs: Iterable<Run>, host: ExecutorHost): void {
    if (run.kill !== undefined) return;
    killRun(run, cause, graceOf(run.task, policy), "leader", host);
    if (run.exit !== undefined) killOthers(run, groupOf(run, runs), host);
  },

  shutdown(runs: Iterable<Run>, withinMs: number, host: ExecutorHost): void {
    for (const run of runs)
      if (run.kill === undefined) killRun(run, "shutdown", Math.min(DEFAULT_GRACE_MS, withinMs), "leader", host);
  },

  woken(run: Run, wake: RunWake, _runs: Iterable<Run>, host: ExecutorHost): void {
    runWoken(run, wake, "leader", host);
  },

  probed(run: Run, which: "health" | "check", nth: number, outcome: ProbeOutcome, host: ExecutorHost): void {
    runProbed(run, which, nth, outcome, "leader", host);
  },
} satisfies InsideExecutor;

function groupOf(run: Run, runs: Iterable<Run>): Run[] {
  return [...runs].filter((other) => other.group === run.group);
}

function isStarting(group: readonly Run[]): boolean {
  return group.some((run) => run.phase === "launching" || run.phase === "fetching");
}

function groupStarted(group: readonly Run[], host: ExecutorHost): void {
  const running = group.filter((run) => run.phase === "running" && run.kill === undefined);
  for (const run of running) {
    host.report(run, { state: "TASK_RUNNING", check_status: emptyCheckStatus(run.task.check) });
    if (run.exit === undefined) runStarted(run, run.pid!, "leader", host);
  }
  for (const run of running) if (run.exit !== undefined) memberEnded(run, run.exit, group, host);
}

function memberEnded(run: Run, exit: ContainerExit, group: readonly Run[], host: ExecutorHost): void {
  if (run.phase === "ended") return;
  runExited(run, exit, host);
  if (exit.waitStatus !== 0 || run.kill !== undefined) killOthers(run, group, host);
}

// A member that is still being started is signalled as soon as it runs, or ended at once where that may take long.
function killOthers(run: Run | undefined, group: readonly Run[], host: ExecutorHost): void {
  for (const other of group)
    if (other !== run && other.kill === undefined) killRun(other, "group", DEFAULT_GRACE_MS, "leader", host);
}
