import type {
  CheckStatusInfo,
  CommandInfo,
  TaskInfo,
  TaskState,
  TaskStatus,
} from "@meseta/api/mesos/generated/mesos.ts";
import type { NetworkAddress } from "../agent/isolation.ts";
import type { ProbeResult, ProbeTarget } from "../agent/outside.ts";
import type { ContainerExit, SignalTarget } from "../agent/ports.ts";
import type { Checker } from "./checks.ts";

/**
 * What an executor inside the agent may ask of it. The command executor and the default executor are code, not processes:
 * they decide about runs, and the agent carries it out.
 */
export interface ExecutorHost {
  readonly nowMs: number;
  /** Starts the container of the run: ends in `started` or `failed`. */
  launch(run: Run): void;
  signal(run: Run, signal: number, to: SignalTarget): void;
  /** Ends the fetch of its files; that it ended is heard all the same. */
  stopFetch(run: Run): void;
  /** Kills all of the container with SIGKILL. */
  destroy(run: Run): void;
  /** A new status of the task; the agent adds ids, time and container, stores it and passes it on. */
  report(run: Run, status: StatusDraft): void;
  /** The run changed in a way that a restarted agent must know. */
  keep(run: Run): void;
  wake(run: Run, atMs: number, wake: RunWake): void;
  /** Looks at the task once: a command beside it, or a port. */
  probe(run: Run, which: "health" | "check", nth: number, target: ProbeTarget | ProbeCommand, timeoutMs: number): void;
  /** Gives up a COMMAND probe: its container is killed, and tells nothing any more. */
  stopProbe(run: Run, which: "health" | "check", nth: number): void;
  /** Whether the framework wants to hear TASK_KILLING. */
  readonly tellsKilling: boolean;
  /** What a task became that nobody will ever know the end of: TASK_GONE for a framework that understands it. */
  readonly lostState: "TASK_GONE" | "TASK_LOST";
}

export interface ProbeCommand {
  readonly kind: "command";
  readonly command: CommandInfo;
}

/** How a COMMAND probe ended (a wait status), or what a port answered. */
export type ProbeOutcome = ProbeResult | { readonly kind: "exit"; readonly waitStatus: number | "lost" };

/** A status of which only the executor's part is known. */
export interface StatusDraft {
  state: TaskState;
  message?: string | undefined;
  reason?: TaskStatus["reason"];
  source?: TaskStatus["source"];
  healthy?: boolean | undefined;
  check_status?: CheckStatusInfo | undefined;
  limitation?: TaskStatus["limitation"];
}

/** Why a task is being killed. */
export type KillCause = "asked" | "group" | "shutdown" | "unhealthy" | "max-completion-time";

/** One task of an executor inside the agent: one container. */
export interface Run {
  readonly task: TaskInfo;
  readonly containerId: string;
  /** Number of its group among those of a default executor. */
  readonly group: number;
  phase: "fetching" | "launching" | "running" | "ended";
  /** Its container is more than a plain process: it may be long in the making. */
  isolated: boolean;
  pid: number | undefined;
  /** Of its container's own network; undefined: it has the agent's. */
  addresses: readonly NetworkAddress[] | undefined;
  startedMs: number | undefined;
  /** `nth` rises with each kill, so that an older escalation is recognised. */
  kill: { cause: KillCause; graceMs: number; deadlineMs: number; nth: number } | undefined;
  /** It ended while others of its group were still being started: told when the group runs. */
  exit: ContainerExit | undefined;
  health: Checker | undefined;
  check: Checker | undefined;
}

/** What of a run outlives the agent. */
export interface SavedRun {
  containerId: string;
  group: number;
  /** Its container is not ordered before its files are here: after a restart they are fetched again. */
  fetching?: true | undefined;
  startedMs?: number | undefined;
  pid?: number | undefined;
  kill?: Run["kill"];
  exit?: ContainerExit | undefined;
}

/** What a timer reminds a run of. */
export type RunWake =
  | { for: "escalate"; nth: number }
  | { for: "max-completion-time" }
  | { for: "health" | "check"; nth: number }
  | { for: "probe-timeout"; which: "health" | "check"; nth: number };
