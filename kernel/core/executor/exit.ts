import type { ContainerExit } from "../agent/ports.ts";

/** How a command ended, in the words that Mesos' executors use. */
export function describeExit(exit: ContainerExit): string {
  if (exit.waitStatus === "lost") return `exit status lost: ${exit.lostBecause ?? "launcher died"}`;
  const signal = exit.waitStatus & 0x7f;
  if (signal === 0) return `Command exited with status ${(exit.waitStatus >> 8) & 0xff}`;
  const core = (exit.waitStatus & 0x80) === 0 ? "" : " (core dumped)";
  return `Command terminated with signal ${SIGNALS[signal] ?? `Unknown signal ${signal}`}${core}`;
}

// As strsignal(3) of the GNU library says them, by number.
const SIGNALS: readonly (string | undefined)[] = [
  undefined,
  "Hangup",
  "Interrupt",
  "Quit",
  "Illegal instruction",
  "Trace/breakpoint trap",
  "Aborted",
  "Bus error",
  "Floating point exception",
  "Killed",
  "User defined signal 1",
  "Segmentation fault",
  "User defined signal 2",
  "Broken pipe",
  "Alarm clock",
  "Terminated",
  "Stack fault",
  "Child exited",
  "Continued",
  "Stopped (signal)",
  "Stopped",
  "Stopped (tty input)",
  "Stopped (tty output)",
  "Urgent I/O condition",
  "CPU time limit exceeded",
  "File size limit exceeded",
  "Virtual timer expired",
  "Profiling timer expired",
  "Window changed",
  "I/O possible",
  "Power failure",
  "Bad system call",
];
