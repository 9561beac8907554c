import type { Sandbox } from "@meseta/kernel/core/agent/outside.ts";
import type {
  ContainerEvent,
  ContainerExit,
  ContainerSpec,
  Containers,
  KnownContainer,
} from "@meseta/kernel/core/agent/ports.ts";
import { Lane } from "./lane.ts";
import { type ProcessScript, parseScript } from "./script.ts";
import { Volumes } from "./volumes.ts";
import type { World } from "./world.ts";

/** A process of a task, and what the launcher knows of it. */
export interface Process {
  readonly id: string;
  readonly pid: number;
  readonly startTimeTicks: number;
  readonly spec: ContainerSpec;
  readonly script: ProcessScript;
  exit?: ContainerExit;
  /** Told when it ends. */
  onEnd?: () => void;
}

/** All that the machine itself knows of one task: the truth that statuses are held against. */
export interface TaskTruth {
  starts: number;
  process: Process;
  /** How the process really ended, and whether anybody saw it. */
  ended: { waitStatus: number; seen: boolean } | undefined;
}

const SIGKILL = 9;
/** How long an image may take to be pulled. */
const MAKING_MS = 20_000;
const SIGTERM = 15;
const FIRST_PID = 100;

/**
 * The launcher of one simulated machine. It outlives the agent; its events go to whichever life of the agent is
 * attached, and exits are told again until they are forgotten, as the real one does. It can be killed itself: then
 * processes run on, and exits that happen before the next launcher has adopted them are seen by nobody.
 */
export class Machine {
  readonly volumes = new Volumes();
  /** Every task that ever ran here, by `framework/task`. */
  readonly truths = new Map<string, TaskTruth>();
  /** Somebody's own executor starts: told with its process. */
  onExecutor: (process: Process) => void = () => {};
  /** A task, as `framework/task`, starts. */
  onStart: (task: string) => void = () => {};
  reboots = 0;
  readonly #world: World;
  readonly #processes = new Map<string, Process>();
  /** Containers that are still being made, as those with an image are: what makes them dies with the agent, and nothing stays of it. */
  readonly #making = new Set<string>();
  #attached: ((event: ContainerEvent) => void) | undefined;
  #attachment = 0;
  #nextPid = FIRST_PID;
  readonly #socket: Lane;
  /** Orders that wait for the next launcher; undefined while there is one. */
  #orders: (() => void)[] | undefined;

  constructor(world: World) {
    this.#world = world;
    this.#socket = new Lane(world);
  }

  get running(): Process[] {
    return [...this.#processes.values()].filter((process) => process.exit === undefined);
  }

  get launcherAlive(): boolean {
    return this.#orders === undefined;
  }

  /** The agent's driver for one of its lives; it sees to it that there is a launcher. */
  attach(onEvent: (event: ContainerEvent) => void): Containers & { prepare(id: string, sandbox: Sandbox): void } {
    this.#attached = onEvent;
    const attachment = ++this.#attachment;
    this.#making.clear();
    if (!this.launcherAlive) this.startLauncher();
    const order = (task: () => void): void =>
      this.#socket.after(0, 3, () => {
        if (attachment === this.#attachment) this.#obey(task);
      });
    const sandboxes = new Map<string, Sandbox>();
    return {
      prepare: (id, sandbox) => void sandboxes.set(id, sandbox),
      launch: (spec) => {
        const sandbox = sandboxes.get(spec.id);
        sandboxes.delete(spec.id);
        order(() => this.#launch(spec, sandbox));
      },
      signal: (id, signal) => order(() => this.#signal(id, signal)),
      destroy: (id) => order(() => this.#destroy(id)),
      update: () => {},
      statistics: async () => undefined,
      forget: (id) => {
        if (attachment === this.#attachment && this.#processes.get(id)?.exit !== undefined) this.#processes.delete(id);
      },
      recover: async () => [...this.#processes.values()].map(known),
      input: () => undefined,
      pruneImages: async () => {},
    };
  }

  detach(): void {
    this.#attachment++;
    this.#making.clear();
    this.#attached = undefined;
  }

  /** All processes are gone, and the numbers of those that ran are given to others. */
  reboot(): void {
    this.reboots++;
    this.#nextPid = FIRST_PID;
    for (const process of this.running) {
      this.#note(process, { waitStatus: SIGKILL, seen: false });
      process.exit = { waitStatus: "lost", lostBecause: "machine restarted" };
    }
  }

  /** kill -9 of the launcher; processes run on. */
  killLauncher(): void {
    this.#orders ??= [];
  }

  /** The next launcher adopts what runs, and tells which exits it can know nothing of. */
  startLauncher(): void {
    const orders = this.#orders ?? [];
    this.#orders = undefined;
    for (const process of this.#processes.values())
      if (process.exit?.lostBecause === "launcher died") this.#tellExit(process, process.exit);
    for (const order of orders) order();
  }

  /** The process ends by itself, or is killed. */
  end(process: Process, waitStatus: number): void {
    if (process.exit !== undefined) return;
    const seen = this.launcherAlive;
    this.#note(process, { waitStatus, seen });
    process.exit = seen ? { waitStatus } : { waitStatus: "lost", lostBecause: "launcher died" };
    if (seen) this.#tellExit(process, process.exit);
  }

  /** A task starts, as a process or inside one. */
  taskStarted(process: Process, task: string): void {
    const starts = (this.truths.get(task)?.starts ?? 0) + 1;
    this.truths.set(task, { starts, process, ended: undefined });
    this.#world.log?.(`starts ${task}`, "machine");
    this.onStart(task);
  }

  /** A task inside a process ends. */
  taskEnded(process: Process, task: string, waitStatus: number): void {
    const truth = this.truths.get(task);
    if (truth?.process === process) truth.ended ??= { waitStatus, seen: true };
  }

  #obey(order: () => void): void {
    if (this.#orders === undefined) order();
    else this.#orders.push(order);
  }

  #launch(spec: ContainerSpec, sandbox: Sandbox | undefined): void {
    const earlier = this.#processes.get(spec.id);
    if (earlier !== undefined) return this.#tell(earlier);
    if (spec.isolation === undefined) return this.#start(spec, sandbox);
    if (this.#making.has(spec.id)) return;
    this.#making.add(spec.id);
    const attachment = this.#attachment;
    this.#world.after(this.#world.between(0, MAKING_MS), () =>
      this.#obey(() => {
        if (attachment === this.#attachment && this.#making.delete(spec.id)) this.#made(spec, sandbox);
      }),
    );
  }

  // Now and then the registry does not answer.
  #made(spec: ContainerSpec, sandbox: Sandbox | undefined): void {
    if (!this.#world.chance(5)) return this.#start(spec, sandbox);
    const message = "the image could not be pulled";
    this.#attached?.({ type: "launch_failed", id: spec.id, cause: "image", message });
  }

  #start(spec: ContainerSpec, sandbox: Sandbox | undefined): void {
    const process: Process = {
      id: spec.id,
      pid: this.#nextPid++,
      startTimeTicks: this.#world.nowMs,
      spec,
      script: parseScript(spec),
    };
    this.#processes.set(spec.id, process);
    if (process.script.task !== undefined) this.taskStarted(process, process.script.task);
    this.#writeVolumes(process, sandbox);
    if (process.script.isExecutor) this.onExecutor(process);
    else this.#world.after(process.script.runMs, () => this.end(process, process.script.code << 8));
    this.#tell(process);
  }

  #writeVolumes({ spec, script }: Process, sandbox: Sandbox | undefined): void {
    const mounts = spec.isolation?.mounts ?? [];
    const seen = [
      ...(sandbox?.links ?? []).map(({ target }) => target),
      ...mounts.flatMap((mount) => (mount.kind === "path" ? mount.host : [])),
    ];
    for (const path of seen) if (path.includes("/volumes/roles/")) this.volumes.write(path, script.task ?? "");
  }

  // A process takes the tasks inside it with it.
  #note(process: Process, ended: NonNullable<TaskTruth["ended"]>): void {
    this.#world.log?.(`${process.id} ends with ${ended.waitStatus}${ended.seen ? "" : ", unseen"}`, "machine");
    for (const truth of this.#tasksOf(process)) truth.ended ??= ended;
    process.onEnd?.();
  }

  #tasksOf(process: Process): TaskTruth[] {
    if (process.script.isExecutor) return [...this.truths.values()].filter((truth) => truth.process === process);
    const truth = this.truths.get(process.script.task ?? "");
    return truth?.process === process ? [truth] : [];
  }

  #tell({ id, pid, startTimeTicks, exit }: Process): void {
    this.#attached?.({ type: "started", id, pid, startTimeTicks });
    if (exit !== undefined) this.#attached?.({ type: "exited", id, ...exit });
  }

  #tellExit({ id }: Process, exit: ContainerExit): void {
    this.#attached?.({ type: "exited", id, ...exit });
  }

  #signal(id: string, signal: number): void {
    const process = this.#processes.get(id);
    if (process === undefined || (signal === SIGTERM && process.script.ignoresTerm)) return;
    if (signal === SIGTERM || signal === SIGKILL) this.end(process, signal);
  }

  #destroy(id: string): void {
    const process = this.#processes.get(id);
    this.#making.delete(id);
    if (process === undefined) this.#attached?.({ type: "exited", id, waitStatus: SIGKILL });
    else if (process.exit !== undefined) this.#tellExit(process, process.exit);
    else this.end(process, SIGKILL);
  }
}

function known({ id, pid, startTimeTicks, exit }: Process): KnownContainer {
  return exit === undefined ? { id, pid, startTimeTicks } : { id, pid, startTimeTicks, exit };
}
