import type {
  FrameworkInfo,
  FrameworkInfoCapabilityType,
  Offer,
  OfferOperation,
} from "@meseta/api/mesos/generated/mesos.ts";
import type { World } from "../world/world.ts";
import type { SimScheduler, Workload } from "./scheduler.ts";
import { amount, launch, launchGroup, ownExecutor, type TaskSpec } from "./tasks.ts";

export interface Wish {
  name: string;
  roles: string[];
  /** How many tasks should be alive at once. */
  tasks: number;
  cpus: number;
  memMiB: number;
  /** How long a task runs, in seconds of the world, at least and at most. */
  seconds: [number, number];
  /** Of 100 tasks, how many end with an error. */
  failPercent: number;
  /** Of 100 launches, how many are groups; of the others, how many go to an executor of the framework's own. */
  groupPercent: number;
  ownPercent: number;
  checkpoint: boolean;
  failoverSeconds: number;
}

const CAPABILITIES: FrameworkInfoCapabilityType[] = ["MULTI_ROLE", "PARTITION_AWARE", "RESERVATION_REFINEMENT"];

/** How many tasks are killed as soon as they were launched, and how soon. */
const [REGRETTED_PERCENT, AT_ONCE_MS] = [4, 600];

/** In the ids of tasks that do not end by themselves, nor by SIGTERM. */
const STUBBORN = "stubborn-";

/** A framework that keeps so many tasks alive, each drawn anew when one ends, until it rests. */
export class Steady implements Workload {
  readonly name: string;
  readonly info: Omit<FrameworkInfo, "name" | "user" | "id">;
  /** Launches nothing more: the cluster should come to rest. */
  resting = false;
  readonly #wish: Wish;
  readonly #world: World;
  /** Who thinks better of it throws dice of his own. */
  readonly #regrets: World;
  #next = 1;

  constructor(wish: Wish, world: World) {
    const { name, roles, checkpoint, failoverSeconds: failover_timeout } = wish;
    this.name = name;
    const types = world.chance(50) ? [...CAPABILITIES, "TASK_KILLING_STATE" as const] : CAPABILITIES;
    this.info = { roles, checkpoint, failover_timeout, capabilities: types.map((type) => ({ type })) };
    this.#wish = wish;
    this.#world = world;
    this.#regrets = world.of("regrets");
  }

  get slowAcknowledgements(): number {
    return this.resting ? 0 : 10;
  }

  decide(offer: Offer, scheduler: SimScheduler): OfferOperation[] {
    if (this.resting) return [];
    const { tasks, cpus, memMiB, groupPercent, ownPercent } = this.#wish;
    const room = (offer.resources ?? []).filter(({ reservations = [] }) => reservations.length === 0);
    // An executor takes a little of its own, and so does each group.
    const fits = Math.floor(Math.min((amount(room, "cpus") - 0.1) / cpus, (amount(room, "mem") - 32) / memMiB) + 1e-9);
    const specs = Array.from({ length: Math.max(0, Math.min(fits, tasks - scheduler.alive.length)) }, () =>
      this.#draw(),
    );
    if (specs.length === 0) return [];
    for (const { id } of specs) this.#mayRegret(id, scheduler);
    if (this.#world.chance(groupPercent)) return [launchGroup(specs, offer, `${this.name}-group-${this.#next++}`)];
    if (!this.#world.chance(ownPercent)) return [launch(specs, offer)];
    const executorId = `${this.name}-own-${offer.hostname}-${this.#world.chance(70) ? 1 : this.#next++}`;
    return [launch(specs, offer, ownExecutor(executorId))];
  }

  /** Those that would run for ever end when the framework rests. */
  unwanted(id: string): boolean {
    return this.resting && id.includes(STUBBORN);
  }

  // Some are not wanted any more before they can have started.
  #mayRegret(id: string, scheduler: SimScheduler): void {
    const dice = this.#regrets;
    if (dice.chance(REGRETTED_PERCENT)) dice.after(dice.between(0, AT_ONCE_MS), () => scheduler.killTask(id));
  }

  #draw(): TaskSpec {
    const { name, cpus, memMiB, seconds, failPercent } = this.#wish;
    const world = this.#world;
    const stubborn = world.chance(5);
    return {
      id: `${name}-${stubborn ? STUBBORN : ""}${this.#next++}`,
      cpus,
      memMiB,
      seconds: stubborn ? 24 * 3_600 : world.between(...seconds),
      exitCode: world.chance(failPercent) ? 1 : 0,
      ...(stubborn && { ignoresTerm: true }),
      ...(world.chance(20) && { graceSeconds: world.between(0, 20) }),
      ...(world.chance(10) && { mostSeconds: world.between(1, 60) }),
    };
  }
}
