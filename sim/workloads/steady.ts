import type { World } from "../world/world.ts";
import type { Room, TaskSpec, Workload } from "./scheduler.ts";

export interface Wish {
  name: string;
  role: string;
  /** How many tasks should be alive at once. */
  tasks: number;
  cpus: number;
  memMiB: number;
  /** How long a task runs, in seconds of the world, at least and at most. */
  seconds: [number, number];
  /** Of 100 tasks, how many end with an error. */
  failPercent: number;
}

/** A framework that keeps so many tasks alive, each drawn anew when one ends, until it rests. */
export class Steady implements Workload {
  readonly name: string;
  readonly role: string;
  readonly failoverSeconds = 3_600;
  /** Launches nothing more: the cluster should come to rest. */
  resting = false;
  readonly #wish: Wish;
  readonly #world: World;
  #next = 1;

  constructor(wish: Wish, world: World) {
    this.name = wish.name;
    this.role = wish.role;
    this.#wish = wish;
    this.#world = world;
  }

  choose(room: Room, aliveTasks: number): TaskSpec[] {
    const { tasks, cpus, memMiB } = this.#wish;
    if (this.resting) return [];
    const fits = Math.floor(Math.min(room.cpus / cpus, room.memMiB / memMiB) + 1e-9);
    return Array.from({ length: Math.max(0, Math.min(fits, tasks - aliveTasks)) }, () => this.#draw());
  }

  #draw(): TaskSpec {
    const { name, cpus, memMiB, seconds, failPercent } = this.#wish;
    return {
      id: `${name}-${this.#next++}`,
      cpus,
      memMiB,
      seconds: this.#world.between(...seconds),
      exitCode: this.#world.chance(failPercent) ? 1 : 0,
    };
  }
}
