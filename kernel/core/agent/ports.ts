// The door between the agent and its containers. The agent decides and posts orders here; what became of them comes back as
// events. Drivers stand in drivers/container/. What sets a container apart from the machine is told in isolation.ts.

import type { CgroupInfoBlkioStatistics } from "@meseta/api/mesos/generated/mesos.ts";
import type { Isolation, NetworkAddress } from "./isolation.ts";

/** Starts, signals, limits and ends containers. Orders never wait and never throw; an order for an unknown id does nothing. */
export interface Containers {
  /** A container will be ordered in a moment: what takes its time and is the same for all can begin. */
  expect?(): void;
  /** Ends in exactly one `started` or `launch_failed`. An id that is already known is not started twice: its facts are told again. */
  launch(spec: ContainerSpec): void;
  /** Sends one signal (its number, e.g. 15): to the first process, to its process group, or to every descendant. */
  signal(id: string, signal: number, to: SignalTarget): void;
  /** Kills every descendant with SIGKILL, daemons included, and removes the cgroups. Ends in one `exited`, also when it was gone already. */
  destroy(id: string): void;
  /** Changes the limits of a running container or of a limit group; only a failure is told, as `update_failed`. */
  update(id: string, limits: ContainerLimits): void;
  /** What a running container (or a limit group) uses now; undefined when it is not there. */
  statistics(id: string): Promise<ContainerStatistics | undefined>;
  /** The agent has stored how this container ended: the driver may drop it. Until then every restart tells the exit again. */
  forget(id: string): void;
  /** Called once at agent start, before any order: all containers that an earlier life of the agent left behind. */
  recover(): Promise<readonly KnownContainer[]>;
  /** Where to write to a running container that has a terminal or an open input; undefined for all others. */
  input(id: string): ContainerInput | undefined;
  /** Removes images that no container uses, but for those named. Resolves when they are gone. */
  pruneImages(excluded: readonly string[]): Promise<void>;
}

/** The way into a container. Nothing here throws: what is written to a container that has ended is dropped. */
export interface ContainerInput {
  /** Resolves when the container (or its terminal) has taken the bytes: a slow reader slows the writer. */
  write(bytes: Uint8Array): Promise<void>;
  /** No more input: end of file for a pipe, Ctrl-D for a terminal. */
  end(): void;
  /** Of a terminal only. */
  resize(window: Window): void;
}

/** The size of a terminal, in characters. */
export interface Window {
  readonly rows: number;
  readonly columns: number;
}

export type SignalTarget = "leader" | "group" | "all";

/** A container to start. Paths are absolute. The id has letters, digits, `-`, `_`, `.` and at most 200 characters, and does not begin with a dot. */
export interface ContainerSpec {
  readonly id: string;
  /** Whose it is, a framework's id: what is scarce is shared between owners. Absent: the agent's operator's. */
  readonly owner?: string;
  readonly command: ContainerCommand;
  /** The whole environment: nothing is inherited. PATH in it also finds the executable. */
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  /** A user name or a numeric uid; absent: the agent's own user. Another user needs root. */
  readonly user?: string;
  /** Appended to, created when missing, opened with the rights of the container's user. stdin is /dev/null. */
  readonly stdout: string;
  readonly stderr: string;
  /** Absent: 10 MiB and one old file. */
  readonly rotation?: LogRotation;
  readonly rlimits?: readonly RLimit[];
  /** Absent: no cgroup limits, but still killed whole. */
  readonly limits?: ContainerLimits;
  /**
   * Shares the limits of this group instead of having its own: the tasks of a task group, or a check beside the command it
   * checks (then the group is that command's container id). The group comes to be with its first container or `update`, and
   * goes with its last container. Destroying one container leaves the others of its group alone.
   */
  readonly group?: string;
  /** stdin, stdout and stderr are one terminal; what it shows is kept in `stdout`. */
  readonly terminal?: Window;
  /** stdin is a pipe that stays open until `input(id).end()`; absent: /dev/null. */
  readonly openInput?: boolean;
  /** Absent: a plain process, with the agent's own file system and namespaces. */
  readonly isolation?: Isolation;
  /**
   * Runs inside that container (which runs): its namespaces, its root, its cgroups. Absent with a container of plain
   * processes: only its group is shared.
   */
  readonly inside?: string;
}

/**
 * `shell` is given to `/bin/sh -c`; `file` (searched in PATH when it has no slash) is run with `argv`, of which the first is the
 * name; `entrypoint` is what the image says, with these arguments in place of the image's own when there are any.
 */
export type ContainerCommand =
  | { readonly shell: string }
  | { readonly file: string; readonly argv: readonly string[] }
  | { readonly entrypoint: readonly string[] };

/** stdout and stderr each stay near `maxBytes` (0: never rotated), with `keep` older files `stdout.1` … beside them. */
export interface LogRotation {
  readonly maxBytes: number;
  readonly keep: number;
}

/** Names as in mesos.v1 RLimitInfo.RLimit.Type. Both values or neither; neither means unlimited. */
export interface RLimit {
  readonly type: string;
  readonly soft?: number;
  readonly hard?: number;
}

/** Limits of the resources granted. Without cgroups they are noted and not enforced. */
export interface ContainerLimits {
  /** Cpus requested: the share under contention. */
  readonly cpus?: number;
  /** Most cpus ever: a CFS quota. "unlimited" takes a quota away. Absent: no quota. */
  readonly cpusLimit?: number | "unlimited";
  /** Memory requested: the soft limit, and the hard one when `memoryLimitBytes` is absent. Raised to 32 MiB. */
  readonly memoryBytes?: number;
  readonly memoryLimitBytes?: number | "unlimited";
  /** Most processes and threads. */
  readonly pids?: number;
  /** Most bytes of the sandbox and the container's own layer together; measured now and then, not at each write. */
  readonly diskBytes?: number;
  /** The same of each of its persistent volumes that it does not share. */
  readonly volumes?: readonly VolumeLimit[] | undefined;
}

/** Most bytes below a folder, and the volume's id. */
export interface VolumeLimit {
  readonly id: string;
  readonly path: string;
  readonly bytes: number;
}

/** A container that the agent did not hear of from its beginning: running when `exit` is absent, else ended and not yet forgotten. */
export interface KnownContainer {
  readonly id: string;
  /** 0 while it is `starting`. */
  readonly pid: number;
  readonly startTimeTicks: number;
  /** It was ordered in this life of the agent, and its `started` or `launch_failed` is still to come. */
  readonly starting?: true;
  readonly exit?: ContainerExit;
  readonly addresses?: readonly NetworkAddress[];
}

/**
 * How it ended. `waitStatus` is as from waitpid(2): low 7 bits the signal, next byte the exit code. "lost" means that nobody
 * saw the end (the launcher died, or the machine was restarted), which `lostBecause` tells: such a task failed, it never finished.
 */
export interface ContainerExit {
  readonly waitStatus: number | "lost";
  readonly lostBecause?: "launcher died" | "machine restarted";
  readonly limitation?: ContainerLimitation;
}

/** The container broke a limit and was killed for it; `reason` as in mesos.v1 TaskStatus.Reason. */
export interface ContainerLimitation {
  readonly reason:
    | "REASON_CONTAINER_LIMITATION"
    | "REASON_CONTAINER_LIMITATION_MEMORY"
    | "REASON_CONTAINER_LIMITATION_DISK";
  readonly message: string;
  /** What was granted, in bytes, when it is memory. */
  readonly memoryBytes?: number;
  /** The same of disk. */
  readonly diskBytes?: number;
}

export type ContainerEvent =
  /** `addresses`: those of its own network; absent: it has the agent's. */
  | {
      readonly type: "started";
      readonly id: string;
      readonly pid: number;
      readonly startTimeTicks: number;
      readonly addresses?: readonly NetworkAddress[];
    }
  | { readonly type: "launch_failed"; readonly id: string; readonly cause: LaunchFailure; readonly message: string }
  | ({ readonly type: "exited"; readonly id: string } & ContainerExit)
  | { readonly type: "update_failed"; readonly id: string; readonly message: string };

/**
 * What was wrong: the command (not found, not executable), the user, the directory, stdout or stderr, the limits, the spec itself,
 * the image, the network, the runtime, or this machine (disk full, no processes left).
 */
export type LaunchFailure =
  | "command"
  | "user"
  | "directory"
  | "output"
  | "limits"
  | "spec"
  | "image"
  | "network"
  | "runtime"
  | "machine";

/** The fields of mesos.v1 ResourceStatistics that are known here, by their names; seconds and bytes. */
export interface ContainerStatistics {
  readonly timestamp: number;
  readonly processes?: number;
  readonly threads?: number;
  readonly cpus_user_time_secs?: number;
  readonly cpus_system_time_secs?: number;
  readonly cpus_limit?: number;
  readonly cpus_soft_limit?: number;
  readonly cpus_nr_periods?: number;
  readonly cpus_nr_throttled?: number;
  readonly cpus_throttled_time_secs?: number;
  readonly mem_total_bytes?: number;
  readonly mem_limit_bytes?: number;
  readonly mem_soft_limit_bytes?: number;
  readonly mem_rss_bytes?: number;
  readonly mem_cache_bytes?: number;
  readonly mem_mapped_file_bytes?: number;
  readonly mem_swap_bytes?: number;
  readonly mem_unevictable_bytes?: number;
  readonly disk_limit_bytes?: number;
  readonly disk_used_bytes?: number;
  readonly blkio_statistics?: CgroupInfoBlkioStatistics;
  /** All that begin with net_: of a container with a network of its own alone, shared by all who share that network. */
  readonly net_rx_packets?: number;
  readonly net_rx_bytes?: number;
  readonly net_rx_errors?: number;
  readonly net_rx_dropped?: number;
  readonly net_tx_packets?: number;
  readonly net_tx_bytes?: number;
  readonly net_tx_errors?: number;
  readonly net_tx_dropped?: number;
}
