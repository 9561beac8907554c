import type {
  ContainerCommand,
  ContainerEvent,
  ContainerExit,
  ContainerLimitation,
  ContainerLimits,
  ContainerSpec,
  ContainerStatistics,
  Containers,
  KnownContainer,
  LaunchFailure,
  SignalTarget,
} from "@meseta/kernel/core/agent/ports.ts";
import { Launcher, type LauncherEvent } from "../../launch/launcher.ts";
import type { LauncherExit, SpawnOrder } from "../../launch/protocol.ts";
import { Cgroups } from "./cgroups.ts";
import type { Layout } from "./layout.ts";
import { memory, rlimitOf } from "./limits.ts";
import { cgroupStatistics, processStatistics } from "./statistics.ts";

const defaultRotation = { maxBytes: 10 * 1024 * 1024, keep: 1 };
const mebibyte = 1024 * 1024;

export interface ProcessContainersOptions {
  /** The launcher's folder, of this agent alone; made when missing, mode 0700. */
  readonly dir: string;
  readonly on: (event: ContainerEvent) => void;
  /** A sentence for the agent's log. */
  readonly log?: (text: string) => void;
  /** "none": never uses cgroups. Absent: uses them where they can be written. A layout: uses these, for tests of a part of them. */
  readonly cgroups?: "none" | Layout;
  readonly perl?: string;
  readonly bootIdFile?: string;
  readonly compactAtBytes?: number;
}

/** Containers that are plain processes: own session and process group, own cgroups where the machine allows, killed whole. */
export class ProcessContainers implements Containers {
  /** Undefined when limits cannot be enforced on this machine. */
  readonly cgroups: Cgroups | undefined;
  /** The launcher's process, as it was when this side attached. */
  readonly launcherPid: number;
  readonly #options: ProcessContainersOptions;
  readonly #running = new Map<string, Running>();
  readonly #exits = new Map<string, LauncherExit>();
  readonly #groups = new Map<string, ContainerLimits>();
  readonly #launcher: Launcher;

  /** Starts the agent's launcher, or attaches to the one that outlived the agent. Throws when neither is possible, saying why. */
  static async open(options: ProcessContainersOptions): Promise<ProcessContainers> {
    let hear = (_: LauncherEvent) => {};
    const launcher = await Launcher.open({ ...options, on: (event) => hear(event) });
    const containers = new ProcessContainers(options, launcher);
    hear = (event) => containers.#hear(event);
    return containers;
  }

  private constructor(options: ProcessContainersOptions, launcher: Launcher) {
    this.#options = options;
    this.#launcher = launcher;
    this.launcherPid = launcher.found.pid;
    this.cgroups = options.cgroups === "none" ? undefined : Cgroups.open(options.dir, options.cgroups);
    for (const task of launcher.found.tasks) this.#running.set(task.id, { ...task, group: task.id, limits: {} });
    for (const exit of launcher.found.exits) this.#exits.set(exit.id, exit);
    this.#sweep();
  }

  async recover(): Promise<readonly KnownContainer[]> {
    const { tasks, exits } = this.#launcher.found;
    const ended = exits.map((exit) => ({
      id: exit.id,
      pid: exit.pid,
      startTimeTicks: exit.startTimeTicks,
      exit: this.#exitOf(exit),
    }));
    return [...tasks.map(({ id, pid, startTimeTicks }) => ({ id, pid, startTimeTicks })), ...ended];
  }

  launch(spec: ContainerSpec): void {
    const strange = spec.rlimits?.find((limit) => !rlimitOf(limit));
    if (strange) return this.#refuse(spec.id, `unknown rlimit ${strange.type}`);
    if ("entrypoint" in spec.command)
      return this.#refuse(spec.id, "a plain process has no entry point: name a command");
    const group = spec.group ?? spec.id;
    const limits = this.#groups.get(group) ?? spec.limits ?? {};
    if (spec.limits && !this.#groups.has(group)) this.#groups.set(group, limits);
    if (!this.#running.has(spec.id)) this.#running.set(spec.id, { pid: 0, startTimeTicks: 0, group, limits });
    this.#launcher.spawn(this.#orderOf(spec, group, limits));
  }

  signal(id: string, signal: number, to: SignalTarget): void {
    this.#launcher.signal(id, signal, to);
  }

  destroy(id: string): void {
    this.#launcher.destroy(id);
  }

  update(id: string, limits: ContainerLimits): void {
    const group = this.#running.get(id)?.group ?? id;
    this.#groups.set(group, { ...this.#groups.get(group), ...limits });
    if (!this.cgroups || !this.#has(group)) return;
    this.cgroups
      .update(id, group, limits)
      .catch((error) => this.#options.on({ type: "update_failed", id, message: (error as Error).message }));
  }

  async statistics(id: string): Promise<ContainerStatistics | undefined> {
    const nowSeconds = Date.now() / 1000;
    const running = this.#running.get(id);
    const group = running?.group ?? id;
    const found = this.cgroups && (await cgroupStatistics(this.cgroups, group, nowSeconds));
    const usage = found ?? (running && (await processStatistics(running.pid, running.startTimeTicks, nowSeconds)));
    return usage && { ...usage, ...limitFacts(this.#groups.get(group) ?? {}) };
  }

  forget(id: string): void {
    const exit = this.#exits.get(id);
    if (!exit) return;
    this.#exits.delete(id);
    this.#launcher.acknowledge(exit);
  }

  input(): undefined {}

  async pruneImages(): Promise<void> {}

  /** Lets go of the launcher: the containers run on, and the next agent finds them. */
  close(): void {
    this.#launcher.close();
  }

  /** Ends the launcher too, when no container runs, and removes the agent's cgroups. */
  async stop(): Promise<void> {
    await this.#launcher.stop();
    this.cgroups?.close();
  }

  // Containers that no record knows any more, of this agent or of one whose folder is gone.
  #sweep(): void {
    const known = new Set([...this.#running.keys(), ...this.#exits.keys()]);
    for (const folder of this.cgroups?.strays(known) ?? []) this.#launcher.sweep(folder);
    for (const others of this.cgroups?.abandoned() ?? []) {
      for (const folder of others.strays(new Set())) this.#launcher.sweep(folder);
      others.close();
    }
  }

  #refuse(id: string, message: string): void {
    queueMicrotask(() => this.#options.on({ type: "launch_failed", id, cause: "spec", message }));
  }

  #has(group: string): boolean {
    for (const one of this.#running.values()) if (one.group === group) return true;
    return false;
  }

  #orderOf(spec: ContainerSpec, group: string, limits: ContainerLimits): SpawnOrder {
    const rotation = spec.rotation ?? defaultRotation;
    return {
      ...programOf(spec.command),
      id: spec.id,
      environment: spec.environment,
      workingDirectory: spec.workingDirectory,
      user: spec.user,
      stdout: spec.stdout,
      stderr: spec.stderr,
      rotateAtBytes: rotation.maxBytes,
      keepFiles: rotation.keep,
      rlimits: (spec.rlimits ?? []).flatMap((limit) => rlimitOf(limit) ?? []),
      cgroups: this.cgroups?.order(spec.id, group, limits),
    };
  }

  #hear(event: LauncherEvent): void {
    switch (event.type) {
      case "started":
        return this.#started(event);
      case "failed":
        this.#gone(event.id);
        return this.#options.on({
          type: "launch_failed",
          id: event.id,
          cause: event.stage as LaunchFailure,
          message: event.text,
        });
      case "exit":
        if (event.number >= 0) this.#exits.set(event.id, event);
        this.#options.on({ type: "exited", id: event.id, ...this.#exitOf(event) });
        return this.#gone(event.id);
      case "trouble":
        return this.#options.log?.(event.text);
    }
  }

  #started(event: { id: string; pid: number; startTimeTicks: number }): void {
    const { id, pid, startTimeTicks } = event;
    this.#running.set(id, { group: id, limits: {}, ...this.#running.get(id), pid, startTimeTicks });
    this.#options.on({ type: "started", id, pid, startTimeTicks });
  }

  #gone(id: string): void {
    const group = this.#running.get(id)?.group ?? id;
    this.#running.delete(id);
    if (this.#groups.has(group) && !this.#has(group)) this.#groups.delete(group);
  }

  #exitOf(exit: LauncherExit): ContainerExit {
    if (exit.waitStatus === "lost")
      return {
        waitStatus: "lost",
        lostBecause: exit.why === "machine restarted" ? "machine restarted" : "launcher died",
      };
    if (exit.memoryKills === 0 || exit.waitStatus === 0) return { waitStatus: exit.waitStatus };
    return { waitStatus: exit.waitStatus, limitation: this.#memoryLimitation(exit) };
  }

  #memoryLimitation(exit: LauncherExit): ContainerLimitation {
    const { hard } = memory(this.#running.get(exit.id)?.limits ?? {});
    const limit = typeof hard === "number" ? hard : exit.peakBytes;
    const message = `Memory limit exceeded: Requested: ${Math.round(limit / mebibyte)}MB Maximum Used: ${Math.round(exit.peakBytes / mebibyte)}MB`;
    return { reason: "REASON_CONTAINER_LIMITATION_MEMORY", message, memoryBytes: limit };
  }
}

function programOf(command: ContainerCommand): { file: string; argv: readonly string[] } {
  if ("shell" in command) return { file: "/bin/sh", argv: ["sh", "-c", command.shell] };
  return "file" in command ? command : { file: "", argv: command.entrypoint };
}

interface Running {
  readonly pid: number;
  readonly startTimeTicks: number;
  readonly group: string;
  readonly limits: ContainerLimits;
}

function limitFacts(limits: ContainerLimits): Partial<ContainerStatistics> {
  return {
    ...(limits.cpus !== undefined && { cpus_soft_limit: limits.cpus }),
    ...(typeof limits.cpusLimit === "number" && { cpus_limit: limits.cpusLimit }),
  };
}
