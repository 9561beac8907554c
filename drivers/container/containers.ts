import type { Socket } from "node:net";
import { join } from "node:path";
import type {
  ContainerEvent,
  ContainerExit,
  ContainerInput,
  ContainerLimitation,
  ContainerLimits,
  ContainerSpec,
  ContainerStatistics,
  Containers,
  KnownContainer,
  LaunchFailure,
  SignalTarget,
} from "@meseta/kernel/core/agent/ports.ts";
import { Launcher, type LauncherEvent } from "../launch/launcher.ts";
import { LauncherPrograms } from "../launch/launcher-programs.ts";
import type { Programs } from "../launch/programs.ts";
import type { LauncherExit, SpawnOrder } from "../launch/protocol.ts";
import { networkStatistics } from "../network/statistics.ts";
import { Cgroups } from "./cgroups/cgroups.ts";
import type { Layout } from "./cgroups/layout.ts";
import { memory } from "./cgroups/limits.ts";
import { cgroupStatistics, processStatistics } from "./cgroups/statistics.ts";
import { Inputs, wantsInput } from "./inputs.ts";
import { type Kind, LaunchRefused, type Preparation } from "./kind.ts";
import { processKind } from "./process/kind.ts";
import { DiskQuotas } from "./quota/quotas.ts";

const defaultRotation = { maxBytes: 10 * 1024 * 1024, keep: 1 };
const mebibyte = 1024 * 1024;
const sweepMs = 60_000;
const diskWatchMs = 15_000;
const laterMax = 16;

export interface LaunchedContainersOptions {
  /** The launcher's folder, of this agent alone; made when missing, mode 0700. */
  readonly dir: string;
  readonly on: (event: ContainerEvent) => void;
  /** A sentence for the agent's log. */
  readonly log?: (text: string) => void;
  /** "none": never uses cgroups. Absent: uses them where they can be written. A layout: uses these, for tests of a part of them. */
  readonly cgroups?: "none" | Layout;
  /** The kinds of containers beside plain processes, asked in this order. They may run programs through the launcher. */
  readonly kinds?: (machine: KindMachine) => Promise<readonly Kind[]>;
  /** Said of a container that no kind takes: what this machine is missing, and how to get it. */
  readonly missing?: string;
  /** False: a plain process whose user is root, by whatever name, is refused. */
  readonly rootTasks?: boolean;
  /** False: how much disk a container may use is told in its statistics, and none is ended for it. */
  readonly enforceDisk?: boolean;
  /** How often the disk use of containers with a limit is measured; absent: 15 s. */
  readonly diskWatchMs?: number;
  readonly perl?: string;
  readonly bootIdFile?: string;
  readonly compactAtBytes?: number;
}

/** What a kind is opened with. */
export interface KindMachine {
  readonly launcher: Launcher;
  readonly programs: Programs;
  readonly cgroups: Cgroups | undefined;
  readonly log: (text: string) => void;
}

/**
 * The books of all containers of an agent, over its one launcher: who runs, how it ended, groups, limits, statistics. How a container is
 * made is a matter of its kind. Killed whole with their cgroups, where the machine allows.
 */
export class LaunchedContainers implements Containers {
  /** Undefined when limits cannot be enforced on this machine. */
  readonly cgroups: Cgroups | undefined;
  /** The launcher's process, as it was when this side attached. */
  readonly launcherPid: number;
  /** Runs programs of others with the same launcher. */
  readonly programs: Programs;
  readonly #options: LaunchedContainersOptions;
  readonly #running = new Map<string, Running>();
  readonly #exits = new Map<string, LauncherExit>();
  readonly #groups = new Map<string, ContainerLimits>();
  readonly #launcher: Launcher;
  readonly #inputs: Inputs;
  readonly #quotas: DiskQuotas;
  #kinds: readonly Kind[] = [processKind];
  #sweeping: NodeJS.Timeout | undefined;
  #closed = false;

  /** Starts the agent's launcher, or attaches to the one that outlived the agent. Throws when neither is possible, saying why. */
  static async open(options: LaunchedContainersOptions): Promise<LaunchedContainers> {
    let hear = (_: LauncherEvent) => {};
    const launcher = await Launcher.open({ ...options, on: (event) => hear(event) });
    const containers = new LaunchedContainers(options, launcher);
    hear = (event) => containers.#hear(event);
    try {
      await containers.#meetKinds();
    } catch (error) {
      launcher.close();
      throw error;
    }
    return containers;
  }

  private constructor(options: LaunchedContainersOptions, launcher: Launcher) {
    this.#options = options;
    this.#launcher = launcher;
    this.launcherPid = launcher.found.pid;
    this.cgroups = options.cgroups === "none" ? undefined : Cgroups.open(options.dir, options.cgroups);
    // Before the launcher is asked what was there: what belongs to these is no container.
    this.programs = new LauncherPrograms(launcher, join(options.dir, "programs"));
    this.#inputs = new Inputs(launcher, join(options.dir, "inputs"));
    this.#quotas = new DiskQuotas({
      dir: join(options.dir, "quotas"),
      intervalMs: options.diskWatchMs ?? diskWatchMs,
      enforced: options.enforceDisk !== false,
      layersOf: (id) => this.#running.get(id)?.kind.layers?.(id) ?? [],
      end: (ids) => ids.map((id) => this.#launcher.destroy(id)),
    });
    for (const task of launcher.found.tasks) this.#running.set(task.id, { ...unknown(task.id), ...task });
    for (const exit of launcher.found.exits) this.#exits.set(exit.id, exit);
  }

  async recover(): Promise<readonly KnownContainer[]> {
    const { tasks, exits } = this.#launcher.found;
    const ended = exits.map((exit) => ({
      id: exit.id,
      pid: exit.pid,
      startTimeTicks: exit.startTimeTicks,
      exit: this.#exitOf(exit),
    }));
    const running = tasks.map(({ id, pid, startTimeTicks }) => ({ id, pid, startTimeTicks, ...this.#addressesOf(id) }));
    return [...running, ...ended];
  }

  expect(): void {
    this.cgroups?.expect();
  }

  launch(spec: ContainerSpec): void {
    this.expect();
    const around = spec.inside === undefined ? undefined : this.#running.get(spec.inside);
    if (spec.inside !== undefined && !around?.pid)
      return this.#refuse(spec.id, "spec", `the container ${spec.inside} does not run`);
    const kind = around?.kind ?? this.#kinds.find((one) => one.takes(spec));
    if (!kind) return this.#refuse(spec.id, "spec", this.#options.missing ?? "this agent runs plain processes only");
    if (!this.#tellAgain(spec.id)) this.#prepare(spec, kind);
  }

  signal(id: string, signal: number, to: SignalTarget): void {
    const running = this.#running.get(id);
    const later = running?.preparing?.later;
    if (later) return void (later.length < laterMax && later.push([signal, to]));
    const send = () => this.#launcher.signal(id, signal, to);
    if (!running?.kind.signal?.(id, signal, send)) send();
  }

  destroy(id: string): void {
    const preparing = this.#running.get(id)?.preparing;
    if (preparing) preparing.abort.abort();
    else this.#launcher.destroy(id);
  }

  update(id: string, limits: ContainerLimits): void {
    const group = this.#groupOf(id);
    const { diskBytes, volumes } = limits;
    this.#groups.set(group, { ...this.#groups.get(group), ...limits, volumes });
    if (diskBytes !== undefined || volumes !== undefined) this.#quotas.limit(group, diskBytes, volumes);
    if (!this.cgroups || !this.#has(group)) return;
    this.cgroups
      .update(id, group, limits)
      .catch((error) => this.#options.on({ type: "update_failed", id, message: (error as Error).message }));
  }

  async statistics(id: string): Promise<ContainerStatistics | undefined> {
    const nowSeconds = Date.now() / 1000;
    const running = this.#running.get(id);
    const group = this.#groupOf(id);
    const found = this.cgroups && (await cgroupStatistics(this.cgroups, group, nowSeconds));
    const usage = found ?? (running && (await processStatistics(running.pid, running.startTimeTicks, nowSeconds)));
    if (usage === undefined) return undefined;
    const [disk, network] = await Promise.all([this.#quotas.statistics(group), this.#networkUse(id)]);
    return { ...usage, ...limitFacts(this.#groups.get(group) ?? {}), ...disk, ...network };
  }

  async #networkUse(id: string) {
    const pid = this.#running.get(id)?.pid;
    return pid && this.#addressesOf(id).addresses ? networkStatistics(pid) : undefined;
  }

  forget(id: string): void {
    const exit = this.#exits.get(id);
    if (!exit) return;
    this.#exits.delete(id);
    this.#quotas.forget(id);
    this.#launcher.acknowledge(exit);
  }

  input(id: string): ContainerInput | undefined {
    return this.#running.get(id)?.pid ? this.#inputs.of(id) : undefined;
  }

  /** A connected socket to a port in a container's own network. Rejects with the reason. */
  async dial(id: string, host: string, port: number, timeoutMs: number): Promise<Socket> {
    const kind = this.#running.get(id)?.kind;
    if (!kind?.dial) throw new Error(kind ? "nobody can look into the network of this container" : "it has ended");
    return kind.dial(id, host, port, timeoutMs);
  }

  async pruneImages(excluded: readonly string[]): Promise<void> {
    for (const kind of this.#kinds) await kind.pruneImages?.(excluded);
  }

  /** Lets go of the launcher: the containers run on, and the next agent finds them. */
  close(): void {
    this.#letGo();
    this.#launcher.close();
  }

  /** Ends the launcher too, when no container runs, and removes the agent's cgroups. */
  async stop(): Promise<void> {
    this.#letGo();
    await this.#launcher.stop();
    this.cgroups?.close();
  }

  // What is being prepared has not begun: the next life of the agent knows nothing of it, and nobody hears of it now.
  #letGo(): void {
    this.#closed = true;
    for (const kind of this.#kinds) kind.close?.();
    clearInterval(this.#sweeping);
    this.#quotas.close();
    for (const { preparing } of this.#running.values()) preparing?.abort.abort();
    this.#inputs.close();
  }

  async #meetKinds(): Promise<void> {
    const { cgroups } = this;
    const log = (text: string) => this.#options.log?.(text);
    const others = await this.#options.kinds?.({ launcher: this.#launcher, programs: this.programs, cgroups, log });
    this.#kinds = [...(others ?? []), processKind];
    for (const [id, one] of this.#running) this.#running.set(id, { ...one, kind: this.#ownerOf(id) });
    const known = new Set(this.#running.keys());
    this.#inputs.recover(known);
    this.#quotas.recover(new Set([...known, ...this.#exits.keys()]), known);
    for (const kind of this.#kinds) await kind.recover(known);
    // Of those that began to run while nobody looked: what only their start needed can go.
    for (const [id, { kind }] of this.#running) kind.started?.(id);
    this.#sweepCgroups();
    this.#sweeping = setInterval(() => void this.#sweep(), sweepMs).unref();
  }

  #ownerOf(id: string): Kind {
    return this.#kinds.find((kind) => kind.owns(id)) ?? processKind;
  }

  async #sweep(): Promise<void> {
    this.#sweepCgroups();
    for (const kind of this.#kinds) await kind.sweep(new Set(this.#running.keys()));
  }

  // Containers that no record knows any more, of this agent or of one whose folder is gone.
  #sweepCgroups(): void {
    const known = new Set([...this.#running.keys(), ...this.#exits.keys()]);
    for (const folder of this.cgroups?.strays(known) ?? []) this.#launcher.sweep(folder);
    for (const others of this.cgroups?.abandoned() ?? []) {
      for (const folder of others.strays(new Set())) this.#launcher.sweep(folder);
      others.close();
    }
  }

  // True when the id is known. One that is under way will be told by itself.
  #tellAgain(id: string): boolean {
    const [running, exit] = [this.#running.get(id), this.#exits.get(id)];
    const { pid, startTimeTicks } = exit ?? running ?? { pid: 0, startTimeTicks: 0 };
    if (pid > 0)
      queueMicrotask(() => {
        this.#options.on({ type: "started", id, pid, startTimeTicks, ...this.#addressesOf(id) });
        if (exit) this.#options.on({ type: "exited", id, ...this.#exitOf(exit) });
      });
    return running !== undefined || exit !== undefined;
  }

  #refuse(id: string, cause: LaunchFailure, message: string): void {
    queueMicrotask(() => this.#options.on({ type: "launch_failed", id, cause, message }));
  }

  #prepare(spec: ContainerSpec, kind: Kind): void {
    const group = spec.group ?? (spec.inside === undefined ? spec.id : this.#groupOf(spec.inside));
    if (spec.limits && !this.#groups.has(group)) this.#groups.set(group, spec.limits);
    const abort = new AbortController();
    const sandbox = spec.isolation?.sandbox.host ?? spec.workingDirectory;
    const running: Running = { ...unknown(spec.id), kind, group, sandbox };
    this.#running.set(spec.id, running);
    try {
      const program = kind.prepare(spec, abort.signal);
      const prepared = wantsInput(spec) ? this.#withInput(spec, program, abort.signal) : program;
      if (!(prepared instanceof Promise)) return this.#order(spec, running, prepared);
      const waiting = { ...running, preparing: { abort, later: [] } };
      this.#running.set(spec.id, waiting);
      prepared.then(
        (done) => this.#prepared(spec, waiting, done),
        (error) => void this.#notPrepared(spec.id, error, abort.signal.aborted),
      );
    } catch (error) {
      queueMicrotask(() => void this.#notPrepared(spec.id, error, false));
    }
  }

  async #withInput(spec: ContainerSpec, program: Preparation | Promise<Preparation>, signal: AbortSignal) {
    return this.#inputs.open(spec, await program, signal);
  }

  #prepared(spec: ContainerSpec, running: Running, prepared: Preparation): void {
    const { preparing, ...ready } = running;
    if (preparing?.abort.signal.aborted) return void this.#notPrepared(spec.id, undefined, true);
    this.#running.set(spec.id, ready);
    this.#order(spec, ready, prepared);
    for (const [signal, to] of preparing?.later ?? []) this.#launcher.signal(spec.id, signal, to);
  }

  async #notPrepared(id: string, error: unknown, aborted: boolean): Promise<void> {
    await this.#ended(id, true);
    if (this.#closed) return;
    this.#gone(id);
    this.#quotas.forget(id);
    const cause = error instanceof LaunchRefused && !aborted ? error.reason : "machine";
    const message = aborted ? "destroyed before it started" : (error as Error).message;
    this.#options.on({ type: "launch_failed", id, cause, message });
  }

  #has(group: string): boolean {
    for (const one of this.#running.values()) if (one.group === group) return true;
    return false;
  }

  #groupOf(id: string): string {
    return this.#running.get(id)?.group ?? id;
  }

  #order(spec: ContainerSpec, running: Running, prepared: Preparation): void {
    const rotation = spec.rotation ?? defaultRotation;
    const limits = this.#limitsFor(running.group, prepared);
    const order: SpawnOrder = {
      ...prepared.program,
      id: spec.id,
      stdout: prepared.silent ? "/dev/null" : spec.stdout,
      stderr: prepared.silent ? "/dev/null" : spec.stderr,
      notRoot: this.#options.rootTasks === false,
      rotateAtBytes: rotation.maxBytes,
      keepFiles: rotation.keep,
      cgroups: this.cgroups?.order(spec.id, running.group, limits, prepared.devices),
    };
    this.#running.set(spec.id, { ...running, limits, addresses: prepared.addresses });
    if (running.sandbox !== undefined)
      this.#quotas.begin(spec.id, {
        group: running.group,
        sandbox: running.sandbox,
        limitBytes: limits.diskBytes,
        volumes: limits.volumes,
      });
    this.#launcher.spawn(order);
  }

  #limitsFor(group: string, { pids }: Preparation): ContainerLimits {
    const limits = this.#groups.get(group) ?? {};
    return pids === undefined || limits.pids !== undefined ? limits : { ...limits, pids };
  }

  #hear(event: LauncherEvent): void {
    switch (event.type) {
      case "started":
        return this.#started(event);
      case "failed":
        return void this.#failed(event.id, event.stage, event.text);
      case "exit":
        return this.#exited(event);
      case "trouble":
        return this.#options.log?.(event.text);
    }
  }

  #started(event: { id: string; pid: number; startTimeTicks: number }): void {
    const { id, pid, startTimeTicks } = event;
    const running = this.#running.get(id) ?? { ...unknown(id), kind: this.#ownerOf(id) };
    this.#running.set(id, { ...running, pid, startTimeTicks });
    running.kind.started?.(id);
    this.#inputs.started(id);
    this.#options.on({ type: "started", id, pid, startTimeTicks, ...this.#addressesOf(id) });
  }

  async #failed(id: string, stage: string, text: string): Promise<void> {
    const failed = this.#running.get(id)?.kind.failed?.(id, stage, text);
    const cause = failed?.reason ?? (stage as LaunchFailure);
    const wait = this.#ended(id, true);
    if (wait) await wait;
    this.#gone(id);
    this.#quotas.forget(id);
    this.#options.on({ type: "launch_failed", id, cause, message: failed?.message ?? text });
  }

  #exited(exit: LauncherExit): void {
    const wait = this.#ended(exit.id, false);
    if (wait) wait.then(() => this.#tellExit(exit));
    else this.#tellExit(exit);
  }

  // What has to be over before anybody hears of the end.
  #ended(id: string, failed: boolean): Promise<unknown> | undefined {
    const waits = [this.#running.get(id)?.kind.ended(id), this.#inputs.ended(id, failed)].filter(
      (one) => one !== undefined,
    );
    return waits.length > 0 ? Promise.all(waits) : undefined;
  }

  #tellExit(exit: LauncherExit): void {
    this.#quotas.over(exit.id);
    if (exit.number >= 0) this.#exits.set(exit.id, exit);
    this.#options.on({ type: "exited", id: exit.id, ...this.#exitOf(exit) });
    this.#gone(exit.id);
  }

  #addressesOf(id: string): Pick<KnownContainer, "addresses"> {
    const running = this.#running.get(id);
    const addresses = running?.addresses ?? running?.kind.addresses?.(id);
    return addresses ? { addresses } : {};
  }

  #gone(id: string): void {
    const group = this.#groupOf(id);
    this.#running.delete(id);
    if (this.#groups.has(group) && !this.#has(group)) this.#groups.delete(group);
  }

  #exitOf(exit: LauncherExit): ContainerExit {
    if (exit.waitStatus === "lost")
      return {
        waitStatus: "lost",
        lostBecause: exit.why === "machine restarted" ? "machine restarted" : "launcher died",
      };
    const overDisk = this.#quotas.limitationOf(exit.id);
    if (overDisk !== undefined && exit.waitStatus !== 0) return { waitStatus: exit.waitStatus, limitation: overDisk };
    if (exit.memoryKills === 0 || exit.waitStatus === 0) return { waitStatus: exit.waitStatus };
    return { waitStatus: exit.waitStatus, limitation: this.#memoryLimitation(exit) };
  }

  #memoryLimitation(exit: LauncherExit): ContainerLimitation {
    const { hard } = memory({ ...this.#running.get(exit.id)?.limits, ...this.#groups.get(this.#groupOf(exit.id)) });
    const limit = typeof hard === "number" ? hard : exit.peakBytes;
    const message = `Memory limit exceeded: Requested: ${Math.round(limit / mebibyte)}MB Maximum Used: ${Math.round(exit.peakBytes / mebibyte)}MB`;
    return { reason: "REASON_CONTAINER_LIMITATION_MEMORY", message, memoryBytes: limit };
  }
}

interface Running {
  readonly kind: Kind;
  readonly pid: number;
  readonly startTimeTicks: number;
  readonly group: string;
  readonly limits: ContainerLimits;
  readonly sandbox: string | undefined;
  readonly addresses?: Preparation["addresses"] | undefined;
  /** Its kind is at work, and the launcher has not heard of it. */
  readonly preparing?: { readonly abort: AbortController; readonly later: [signal: number, to: SignalTarget][] };
}

// One that an earlier life started: the launcher knows its pid, and its kind what it is.
function unknown(id: string): Running {
  return { kind: processKind, pid: 0, startTimeTicks: 0, group: id, limits: {}, sandbox: undefined };
}

function limitFacts(limits: ContainerLimits): Partial<ContainerStatistics> {
  return {
    ...(limits.cpus !== undefined && { cpus_soft_limit: limits.cpus }),
    ...(typeof limits.cpusLimit === "number" && { cpus_limit: limits.cpusLimit }),
  };
}
