// Doors of the agent beside the containers (ports.ts): what checks probe, and the files of a task.
import type { CommandInfoURI } from "@meseta/api/mesos/generated/mesos.ts";

/**
 * What a check looks at. A COMMAND check is a container of its own beside the task's and is not probed here. `inside` is the
 * container in whose network the host is meant; absent: the agent's own.
 */
export type ProbeTarget =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number; readonly inside?: string }
  | {
      readonly kind: "http";
      readonly host: string;
      readonly port: number;
      readonly scheme: "http" | "https";
      readonly path: string;
      /** The type of what is answered and the beginning of it are wanted as well. */
      readonly withResponse?: boolean;
      readonly inside?: string;
    };

/** `status` is an HTTP status code, with at most 1 KiB of the answer's body where that was asked for; for TCP a connection that came about is `reached`. */
export type ProbeResult =
  | {
      readonly kind: "status";
      readonly status: number;
      readonly response?: { readonly content_type?: string; readonly body: string };
    }
  | { readonly kind: "reached" }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "timeout" };

/** Looks at ports of tasks. Never throws; a probe that is stopped tells nothing. */
export interface Probes {
  probe(target: ProbeTarget, timeoutMs: number, done: (result: ProbeResult) => void): void;
}

/** The directory of one run. Paths are absolute; `links` are names inside the directory that lead elsewhere. */
export interface Sandbox {
  readonly directory: string;
  /** Owner of the directory; undefined: the agent's own user. */
  readonly user: string | undefined;
  /** Whose it is, a framework's id: what is scarce is shared between owners. Absent: the agent's operator's. */
  readonly owner?: string;
  /** Links to make (replacing older ones): `runs/latest`, volumes, a group's tasks by name. */
  readonly links: readonly SandboxLink[];
  /** Files that are there, empty, before anything writes to them. */
  readonly files: readonly string[];
}

export interface SandboxLink {
  readonly path: string;
  readonly target: string;
  /** The target is a directory that is made when missing: a persistent volume, a shared folder of a group. */
  readonly makeTarget: boolean;
}

export interface DestroyedVolume {
  readonly path: string;
  /** The path is a disk: it stays, and its files go. */
  readonly mount: boolean;
  readonly trash: string;
}

/** Makes and removes the files of tasks. Nothing here follows a link or crosses a mount when it deletes. */
export interface Sandboxes {
  /** Idempotent. Rejects with a sentence for people. */
  prepare(sandbox: Sandbox): Promise<void>;
  /** Resolves when nothing is left of the tree; also when it was gone already. */
  remove(path: string): Promise<void>;
  makeVolume(path: string): Promise<void>;
  /** Moves the volume to a trash name, unless that name is taken: then it was moved before. */
  moveVolume(volume: DestroyedVolume): void;
  /** Resolves when nothing of what was moved is left; also when it was gone already. */
  emptyTrash(volume: DestroyedVolume): Promise<void>;
  /** How full the disk below the work directory is, 0 to 1. */
  diskUsage(): Promise<number>;
}

/** Brings the files that a command asks for into its sandbox, with the rights of the sandbox's user and no others. */
export interface Fetcher {
  /**
   * Resolves when all are there, in order. Rejects with a sentence for people, which names the URI and the reason, at the first
   * that could not be had, or when it was stopped; then nothing of it runs any more. `id` is the container's.
   */
  fetch(id: string, sandbox: Sandbox, uris: readonly CommandInfoURI[]): Promise<void>;
  /** Ends the fetch of this container, if there is one. */
  stop(id: string): void;
  /** How large the cache may be and is, in bytes. */
  cacheSize(): { readonly totalBytes: number; readonly usedBytes: number };
}
