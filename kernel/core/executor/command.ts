import type { KillPolicy, TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { hasCommand } from "../agent/command-line.ts";
import type { ContainerExit, LaunchFailure } from "../agent/ports.ts";
import { emptyCheckStatus } from "./checks.ts";
import type { ExecutorHost, KillCause, ProbeOutcome, Run, RunWake } from "./host.ts";
import { graceOf, killRun, runExited, runFailed, runProbed, runStarted, runWoken } from "./run.ts";

/** The command executor: one task, one process tree. Its signals go to every descendant. */
export const commandExecutor = {
  launched(runs: readonly Run[], host: ExecutorHost): void {
    for (const run of runs)
      hasCommand(run.task.command, run.task.container) ? host.launch(run) : failAtStart(run, host);
  },

  started(run: Run, pid: number, _runs: Iterable<Run>, host: ExecutorHost): void {
    run.pid = pid;
    const check_status = emptyCheckStatus(run.task.check);
    host.report(run, { state: "TASK_STARTING", check_status });
    host.report(run, { state: "TASK_RUNNING", check_status });
    runStarted(run, pid, "all", host);
  },

  failed(run: Run, cause: LaunchFailure, message: string, _runs: Iterable<Run>, host: ExecutorHost): void {
    runFailed(run, cause, message, host);
  },

  exited(run: Run, exit: ContainerExit, _runs: Iterable<Run>, host: ExecutorHost): void {
    runExited(run, exit, host);
  },

  /** A second kill sets a new deadline. */
  kill(run: Run, policy: KillPolicy | undefined, cause: KillCause, _runs: Iterable<Run>, host: ExecutorHost): void {
    killRun(run, cause, graceOf(run.task, policy), "all", host);
  },

  /** Ends within the grace that the agent leaves to executors. */
  shutdown(runs: Iterable<Run>, withinMs: number, host: ExecutorHost): void {
    for (const run of runs) killRun(run, "shutdown", Math.min(graceOf(run.task, undefined), withinMs), "all", host);
  },

  woken(run: Run, wake: RunWake, _runs: Iterable<Run>, host: ExecutorHost): void {
    runWoken(run, wake, "all", host);
  },

  probed(run: Run, which: "health" | "check", nth: number, outcome: ProbeOutcome, host: ExecutorHost): void {
    runProbed(run, which, nth, outcome, "all", host);
  },
} satisfies InsideExecutor;

/** A command without a value: Mesos' executor starts, and dies of it. */
function failAtStart(run: Run, host: ExecutorHost): void {
  run.phase = "ended";
  host.report(run, { state: "TASK_STARTING" });
  host.report(run, {
    state: "TASK_FAILED",
    message: "Executor terminated: the task's command has no value",
    source: "SOURCE_AGENT",
    reason: "REASON_EXECUTOR_TERMINATED",
  });
}

/** What the agent tells an executor that is code inside it. `runs` are all of the executor's. */
export interface InsideExecutor {
  /** A task, or the tasks of one group, are to be started: all or none. */
  launched(runs: readonly Run[], host: ExecutorHost): void;
  started(run: Run, pid: number, runs: Iterable<Run>, host: ExecutorHost): void;
  failed(run: Run, cause: LaunchFailure, message: string, runs: Iterable<Run>, host: ExecutorHost): void;
  exited(run: Run, exit: ContainerExit, runs: Iterable<Run>, host: ExecutorHost): void;
  kill(run: Run, policy: KillPolicy | undefined, cause: KillCause, runs: Iterable<Run>, host: ExecutorHost): void;
  shutdown(runs: Iterable<Run>, withinMs: number, host: ExecutorHost): void;
  woken(run: Run, wake: RunWake, runs: Iterable<Run>, host: ExecutorHost): void;
  probed(run: Run, which: "health" | "check", nth: number, outcome: ProbeOutcome, host: ExecutorHost): void;
}

/** The name that Mesos gives to a command executor: "Command Executor (Task: t) (Command: sh -c 'echo hello')". */
export function commandExecutorName(task: TaskInfo): string {
  return `Command Executor (Task: ${task.task_id.value}) (Command: ${commandText(task)})`;
}

// At most 15 characters of the command, of which the last three are dots when there was more.
function commandText(task: TaskInfo): string {
  const command = task.command ?? {};
  if (command.shell !== false) return `sh -c '${shorten(command.value ?? "")}'`;
  return shorten([command.value ?? "", ...(command.arguments ?? [])].join(", "), `[`, `]`);
}

function shorten(text: string, before = "", after = ""): string {
  return before + (text.length <= 15 ? text : `${text.slice(0, 12)}...`) + after;
}
