import type {
  Attribute,
  CommandInfo,
  ContainerID,
  ContainerInfo,
  ExecutorInfo,
  FrameworkInfo,
  Operation,
  Resource,
  Task,
  TaskInfo,
  TaskState,
  TaskStatus,
} from "@meseta/api/mesos/generated/mesos.ts";
import type { SavedRun } from "../executor/host.ts";
import type { ContainerExit } from "./ports.ts";

/** The agent's durable records, as Mesos checkpoints them, but for every framework: `checkpoint` only tells whether its tasks outlive a restart. */
export interface SavedIdentity {
  agentId: string;
  epoch: number;
  hostname: string;
}

export interface SavedMachine {
  bootId: string;
}

export interface SavedResources {
  total: Resource[];
  /** What the operator had configured when `total` was made; a difference means that the agent was reconfigured. */
  configured: Resource[];
  attributes: Attribute[];
}

export interface SavedFramework {
  info: FrameworkInfo;
}

/** Not for command executors: those follow from their task. */
export interface SavedExecutor {
  info: ExecutorInfo;
  containerId: string;
  directory: string;
  user?: string | undefined;
  groups: number;
}

/** The launch intent, written before anything is started; it never changes. */
export interface SavedTask {
  info: TaskInfo;
  executorId: string;
  /** Names the group with which a custom executor gets it. */
  batch?: string | undefined;
  /** Of a command task: its executor's container, directory and user. */
  containerId?: string | undefined;
  directory?: string | undefined;
  user?: string | undefined;
}

/** What became of a task so far; absent while nothing has. */
export interface SavedProgress {
  state: TaskState;
  /** Those that are not pending. */
  statuses: TaskStatus[];
  pending: TaskStatus[];
  forwarded?: { state: TaskState; uuid: string } | undefined;
  delivered: boolean;
  run?: SavedRun | undefined;
}

export interface SavedCompletedExecutor {
  info: ExecutorInfo;
  kind: "command" | "default" | "custom";
  containerId: string;
  directory: string;
  tasks: Task[];
}

export interface SavedOperation {
  operation: Operation;
  feedback: boolean;
}

export interface SavedContainer {
  id: ContainerID;
  handle: string;
  directory: string;
  root?: string | undefined;
  resources: Resource[];
  info?: ContainerInfo | undefined;
  command?: CommandInfo | undefined;
  session?: boolean | undefined;
  within?: boolean | undefined;
  exit?: ContainerExit | undefined;
  failure?: string | undefined;
}

export interface SavedGarbage {
  path: string;
  sinceMs: number;
}

/** A volume that was destroyed: its data goes to `trash`, and from there nowhere. */
export interface SavedErasure {
  path: string;
  /** The path is a disk of its own, which stays. */
  mount?: boolean | undefined;
  /** The data is moved aside: from now on nothing at the path belongs to it. */
  moved?: boolean | undefined;
}

/** Where each record stands in the store. Ids of frameworks, executors and tasks never contain a slash. */
export const keys = {
  identity: () => "identity",
  machine: () => "machine",
  resources: () => "resources",
  drain: () => "drain",
  framework: (id: string) => `framework/${id}`,
  executor: (frameworkId: string, id: string) => `executor/${frameworkId}/${id}`,
  task: (frameworkId: string, id: string) => `task/${frameworkId}/${id}`,
  progress: (frameworkId: string, id: string) => `progress/${frameworkId}/${id}`,
  /** `sequence` rises, so that the oldest is the first to go. */
  completed: (frameworkId: string, sequence: number) =>
    `completed/${frameworkId}/${String(sequence).padStart(12, "0")}`,
  operation: (uuid: string) => `operation/${uuid}`,
  container: (handle: string) => `container/${handle}`,
  garbage: (id: string) => `garbage/${id}`,
  erasure: (trash: string) => `erasure/${trash}`,
} as const;
