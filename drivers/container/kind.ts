import type { Socket } from "node:net";
import type { NetworkAddress } from "@meseta/kernel/core/agent/isolation.ts";
import type { ContainerSpec, LaunchFailure } from "@meseta/kernel/core/agent/ports.ts";
import type { SpawnOrder } from "../launch/protocol.ts";

/**
 * How containers of one sort are made and cleared away: plain processes, isolated containers, virtual machines. What is the same for all of them
 * (who runs, how it ended, limits, statistics, signals) is in containers.ts.
 */
export interface Kind {
  readonly name: string;
  /** Whether this kind makes containers of this spec. The first kind that says so does; what is to run inside another is of that one's kind. */
  takes(spec: ContainerSpec): boolean;
  /**
   * What the launcher is to start. A kind that has nothing to wait for answers at once. Throws or rejects with a LaunchRefused, or with
   * whatever went wrong on this machine. When `signal` aborts it gives up soon; `ended` follows either way and lets go of what was held.
   */
  prepare(spec: ContainerSpec, signal: AbortSignal): Preparation | Promise<Preparation>;
  /** The container runs: what only its start needed can go. */
  started?(id: string): void;
  /** What the launcher says of a failed start, in this kind's words; undefined: as the launcher says it. `ended` follows. */
  failed?(id: string, stage: string, message: string): LaunchRefused | undefined;
  /**
   * Nothing of the container runs, or it never started. Returns a promise for what has to be given back before anybody hears of the end, a
   * port for example; what else is to be cleared away goes on behind it. Never rejects.
   */
  ended(id: string): Promise<void> | undefined;
  /** Whether this kind made the container: asked at the start, for those that an earlier life of the agent left. */
  owns(id: string): boolean;
  /** At the start, before any order: these containers are known, and what belongs to another is cleared away. */
  recover(known: ReadonlySet<string>): Promise<void>;
  /** Now and then the same. */
  sweep(known: ReadonlySet<string>): Promise<void>;
  /** The addresses of a container's own network; absent: it has the agent's. */
  addresses?(id: string): readonly NetworkAddress[] | undefined;
  /** Carries out a signal in a way of its own and answers true; `otherwise` sends it as it is. Absent or false: it is sent as it is. */
  signal?(id: string, signal: number, otherwise: () => void): boolean;
  /** Folders beside the sandbox whose content counts as the container's use of disk. */
  layers?(id: string): readonly string[];
  /** A connected socket to a port as the container means it, in its own network. Rejects with the reason within `timeoutMs` (0: a minute). */
  dial?(id: string, host: string, port: number, timeoutMs: number): Promise<Socket>;
  /** The agent lets go: what works for this kind beside the containers ends. */
  close?(): void;
  /** Removes images that no container uses, but for those named. */
  pruneImages?(excluded: readonly string[]): Promise<void>;
}

/** What a kind makes of a spec: the part of the launcher's order that says what runs. */
export interface Preparation {
  readonly program: Program;
  readonly addresses?: readonly NetworkAddress[];
  /** Lines for the devices hierarchy of cgroup v1, after everything was denied: "c 1:3 rwm". Absent: no word about devices. */
  readonly devices?: readonly string[];
  /**
   * Where the program looks for the socket to which it sends the terminal that it makes: a link is put there, as a socket's path must be
   * short. Absent: a terminal is its stdin.
   */
  readonly consoleLink?: string;
  /** The program says nothing on its outputs: the container has others. */
  readonly silent?: boolean;
  /** Most processes and threads where the spec's limits name no number. */
  readonly pids?: number;
}

type Program = Omit<SpawnOrder, "id" | "stdout" | "stderr" | "rotateAtBytes" | "keepFiles" | "cgroups">;

/** A launch that cannot be, and whose fault it is. The message is a sentence for people. */
export class LaunchRefused extends Error {
  readonly reason: LaunchFailure;

  constructor(reason: LaunchFailure, message: string) {
    super(message);
    this.reason = reason;
  }
}
