import type { TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";

export const CLUSTER_FAILED = 125;
export const NOT_RUNNABLE = 126;
export const NOT_FOUND = 127;

/** Names as strsignal(3) has them, which is what status messages say; and their numbers on Linux. */
const SIGNALS: Readonly<Record<string, number>> = {
  Hangup: 1,
  Interrupt: 2,
  Quit: 3,
  "Illegal instruction": 4,
  "Trace/breakpoint trap": 5,
  Aborted: 6,
  "Bus error": 7,
  "Floating point exception": 8,
  Killed: 9,
  "User defined signal 1": 10,
  "Segmentation fault": 11,
  "User defined signal 2": 12,
  "Broken pipe": 13,
  "Alarm clock": 14,
  Terminated: 15,
  "CPU time limit exceeded": 24,
  "File size limit exceeded": 25,
};

/**
 * The code that a shell would give for a task that ended so: its own, or 128 + n for signal n. 125 stands for what the
 * cluster did to it, 126 for a task that could not be started.
 */
export function exitCodeOf(status: TaskStatus): number {
  const message = status.message ?? "";
  switch (status.state) {
    case "TASK_FINISHED":
      return 0;
    case "TASK_FAILED":
    case "TASK_KILLED":
      return codeInMessage(message) ?? codeOfReason(status);
    case "TASK_ERROR":
      return NOT_RUNNABLE;
    default:
      return CLUSTER_FAILED;
  }
}

/** The code of the error to tell when a task did not end by itself. */
export function faultOf({ state, reason }: TaskStatus): "task-lost" | "task-not-runnable" | undefined {
  switch (state) {
    case "TASK_ERROR":
      return "task-not-runnable";
    case "TASK_FAILED":
      return reason === "REASON_CONTAINER_LAUNCH_FAILED" ? "task-not-runnable" : undefined;
    case "TASK_LOST":
    case "TASK_DROPPED":
    case "TASK_GONE":
    case "TASK_GONE_BY_OPERATOR":
    case "TASK_UNKNOWN":
      return "task-lost";
    default:
      return undefined;
  }
}

/** The same for a status of wait(2), as WAIT_CONTAINER has it. */
export function exitCodeOfWait(status: number): number {
  const signal = status & 0x7f;
  return signal === 0 ? (status >> 8) & 0xff : 128 + signal;
}

/** The same for a launch that an agent refused, by its words. */
export function codeOfRefusedLaunch(text: string): number {
  return /no such file|not found|ENOENT/i.test(text) ? NOT_FOUND : NOT_RUNNABLE;
}

function codeInMessage(message: string): number | undefined {
  const status = /exited with status (\d+)/.exec(message);
  if (status) return Number(status[1]);
  const signal = /terminated with signal ([^(]+?)(?: \(core dumped\))?$/.exec(message);
  if (!signal) return undefined;
  const number = SIGNALS[signal[1]!] ?? Number(/\d+/.exec(signal[1]!)?.[0] ?? Number.NaN);
  return Number.isNaN(number) ? undefined : 128 + number;
}

/** What crun and runc say when the image has no such program. */
const NO_PROGRAM = /executable file.*not found|exec: .*no such file/i;

function codeOfReason(status: TaskStatus): number {
  switch (status.reason) {
    case "REASON_CONTAINER_LAUNCH_FAILED":
      return NO_PROGRAM.test(status.message ?? "") ? NOT_FOUND : NOT_RUNNABLE;
    case "REASON_CONTAINER_LIMITATION":
    case "REASON_CONTAINER_LIMITATION_MEMORY":
    case "REASON_CONTAINER_LIMITATION_DISK":
      return 137;
    default:
      return status.state === "TASK_KILLED" ? 143 : 1;
  }
}
