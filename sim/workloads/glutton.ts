import type { FrameworkInfo, Offer, OfferOperation } from "@meseta/api/mesos/generated/mesos.ts";
import type { World } from "../world/world.ts";
import type { Workload } from "./scheduler.ts";
import { amount, launch } from "./tasks.ts";

const MEM_MIB = 32;

/** Uses all that it is offered, for tasks of one cpu and some seconds, for as long as it is hungry. */
export class Glutton implements Workload {
  readonly name: string;
  readonly info: Omit<FrameworkInfo, "name" | "user" | "id">;
  readonly slowAcknowledgements = 0;
  isHungry = true;
  readonly #world: World;
  #next = 1;

  constructor(name: string, world: World) {
    this.name = name;
    this.#world = world;
    const types = ["MULTI_ROLE", "PARTITION_AWARE", "RESERVATION_REFINEMENT"] as const;
    this.info = { roles: [name], checkpoint: true, capabilities: types.map((type) => ({ type })) };
  }

  decide(offer: Offer): OfferOperation[] {
    const fits = Math.floor(Math.min(amount(offer.resources, "cpus"), amount(offer.resources, "mem") / MEM_MIB));
    if (!this.isHungry || fits < 1) return [];
    const tasks = Array.from({ length: fits }, () => {
      const seconds = this.#world.between(4, 8);
      return { id: `${this.name}-${this.#next++}`, cpus: 1, memMiB: MEM_MIB, seconds, exitCode: 0 };
    });
    return [launch(tasks, offer)];
  }
}
