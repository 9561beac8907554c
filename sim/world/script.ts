import type { ContainerSpec } from "@meseta/kernel/core/agent/ports.ts";

/** What a simulated task does. */
export interface Script {
  readonly runMs: number;
  readonly code: number;
  readonly ignoresTerm: boolean;
}

/** What a simulated process is. */
export interface ProcessScript extends Script {
  /** A custom executor: it runs until it is told to end. */
  readonly isExecutor: boolean;
  /** An executor that never subscribes. */
  readonly isSilent: boolean;
  /** `framework/task` of the task that it is; undefined for executors. */
  readonly task: string | undefined;
}

export function parseScript({ command, environment }: ContainerSpec): ProcessScript {
  const text = "shell" in command ? command.shell : ("argv" in command ? command.argv : command.entrypoint).join(" ");
  const task = /task ([^;\s]+)/.exec(text)?.[1]?.replace("$MESOS_TASK_ID", environment["MESOS_TASK_ID"] ?? "");
  return {
    ...parseTask(text),
    isExecutor: text.startsWith("executor"),
    isSilent: text === "executor, silent",
    task: task && `${environment["MESOS_FRAMEWORK_ID"]}/${task}`,
  };
}

/** Reads a command of the form `task ID; sleep SECONDS; exit CODE [; ignore TERM]`. */
export function parseTask(text: string): Script {
  return {
    runMs: Number(/sleep ([\d.]+)/.exec(text)?.[1] ?? 0) * 1000,
    code: Number(/exit (\d+)/.exec(text)?.[1] ?? 0),
    ignoresTerm: text.includes("ignore TERM"),
  };
}
