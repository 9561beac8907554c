import type {
  ContainerEvent,
  ContainerExit,
  ContainerSpec,
  Containers,
  KnownContainer,
} from "@meseta/kernel/core/agent/ports.ts";
import type { World } from "./world.ts";

interface Process {
  readonly id: string;
  readonly pid: number;
  readonly startTimeTicks: number;
  readonly script: Script;
  exit?: ContainerExit;
}

/** What a simulated command does; read from its shell text: `sleep SECONDS [; exit CODE] [; ignore TERM]`. */
interface Script {
  runMs: number;
  code: number;
  ignoresTerm: boolean;
}

const SIGKILL = 9;
const SIGTERM = 15;

/**
 * The launcher of one simulated machine. It outlives the agent; its events go to whichever life of the agent is
 * attached, and exits are told again until they are forgotten, as the real one does.
 */
export class Machine {
  readonly #world: World;
  readonly #processes = new Map<string, Process>();
  #attached: ((event: ContainerEvent) => void) | undefined;
  #attachment = 0;
  #nextPid = 100;
  /** How often each container id was started: more than once is a double launch. */
  readonly launches = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
  }

  get running(): Process[] {
    return [...this.#processes.values()].filter((process) => process.exit === undefined);
  }

  /** The agent's driver for one of its lives. */
  attach(onEvent: (event: ContainerEvent) => void): Containers {
    this.#attached = onEvent;
    const attachment = ++this.#attachment;
    const mine = (): boolean => attachment === this.#attachment;
    return {
      launch: (spec) => this.#later(() => mine() && this.#launch(spec)),
      signal: (id, signal) => this.#later(() => mine() && this.#signal(id, signal)),
      destroy: (id) => this.#later(() => mine() && this.#destroy(id)),
      update: () => {},
      statistics: async () => undefined,
      forget: (id) => {
        if (mine() && this.#processes.get(id)?.exit !== undefined) this.#processes.delete(id);
      },
      recover: async () => [...this.#processes.values()].map(known),
    };
  }

  detach(): void {
    this.#attachment++;
    this.#attached = undefined;
  }

  /** The launcher was killed: processes run on, but exits that happen before it is back are seen by nobody. */
  reboot(): void {
    for (const process of this.running) process.exit = { waitStatus: "lost", lostBecause: "machine restarted" };
  }

  #later(task: () => unknown): void {
    this.#world.after(this.#world.between(0, 3), () => void task());
  }

  #launch(spec: ContainerSpec): void {
    const earlier = this.#processes.get(spec.id);
    if (earlier !== undefined) return this.#tell(earlier);
    this.launches.set(spec.id, (this.launches.get(spec.id) ?? 0) + 1);
    const process: Process = {
      id: spec.id,
      pid: this.#nextPid++,
      startTimeTicks: this.#world.nowMs,
      script: parse("shell" in spec.command ? spec.command.shell : spec.command.argv.join(" ")),
    };
    this.#processes.set(spec.id, process);
    this.#world.after(process.script.runMs, () => this.#end(process, { waitStatus: process.script.code << 8 }));
    this.#tell(process);
  }

  #tell({ id, pid, startTimeTicks, exit }: Process): void {
    this.#attached?.({ type: "started", id, pid, startTimeTicks });
    if (exit !== undefined) this.#attached?.({ type: "exited", id, ...exit });
  }

  #signal(id: string, signal: number): void {
    const process = this.#processes.get(id);
    if (process === undefined || (signal === SIGTERM && process.script.ignoresTerm)) return;
    if (signal === SIGTERM || signal === SIGKILL) this.#end(process, { waitStatus: signal });
  }

  #destroy(id: string): void {
    const process = this.#processes.get(id);
    if (process === undefined) return this.#attached?.({ type: "exited", id, waitStatus: SIGKILL });
    if (process.exit !== undefined) return this.#attached?.({ type: "exited", id, ...process.exit });
    this.#end(process, { waitStatus: SIGKILL });
  }

  #end(process: Process, exit: ContainerExit): void {
    if (process.exit !== undefined) return;
    process.exit = exit;
    this.#attached?.({ type: "exited", id: process.id, ...exit });
  }
}

function known({ id, pid, startTimeTicks, exit }: Process): KnownContainer {
  return exit === undefined ? { id, pid, startTimeTicks } : { id, pid, startTimeTicks, exit };
}

function parse(command: string): Script {
  return {
    runMs: Number(/sleep ([\d.]+)/.exec(command)?.[1] ?? 0) * 1000,
    code: Number(/exit (\d+)/.exec(command)?.[1] ?? 0),
    ignoresTerm: command.includes("ignore TERM"),
  };
}
