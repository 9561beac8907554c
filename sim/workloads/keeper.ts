import type { Offer, OfferOperation, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import type { World } from "../world/world.ts";
import type { SimScheduler, Workload } from "./scheduler.ts";
import { amount, launch, scalar, type TaskSpec } from "./tasks.ts";

const [CPUS, MEM, DISK] = [0.5, 64, 256];

/**
 * A framework with state: reserves, makes volumes, runs tasks that write into them, destroys some, and gives all back when
 * it rests. Every operation has an id, so it hears what became of each.
 */
export class Keeper implements Workload {
  readonly name: string;
  readonly info: Workload["info"];
  resting = false;
  /** Volumes that it asked to be destroyed: only their data may be erased. */
  readonly destroyed = new Set<string>();
  readonly #role: string;
  readonly #world: World;
  #next = 1;

  constructor(name: string, role: string, world: World) {
    this.name = name;
    this.#role = role;
    this.#world = world;
    const types = ["MULTI_ROLE", "PARTITION_AWARE", "RESERVATION_REFINEMENT", "SHARED_RESOURCES"] as const;
    this.info = {
      roles: [role],
      checkpoint: true,
      failover_timeout: 3_600,
      capabilities: types.map((type) => ({ type })),
    };
  }

  get slowAcknowledgements(): number {
    return this.resting ? 0 : 15;
  }

  decide(offer: Offer, scheduler: SimScheduler): OfferOperation[] {
    const mine = (offer.resources ?? []).filter(({ reservations = [] }) => reservations.at(-1)?.role === this.#role);
    const volumes = mine.filter(({ disk }) => disk?.persistence !== undefined);
    if (this.resting) return this.#giveBack(mine, volumes);
    if (this.#world.chance(60)) return [];
    if (volumes.length > 0) return this.#useVolume(offer, volumes[0]!, scheduler);
    if (mine.length > 0) return this.#useReservation(offer, mine, scheduler);
    return this.#reserve(offer, scheduler);
  }

  #giveBack(mine: readonly Resource[], volumes: readonly Resource[]): OfferOperation[] {
    const operations = volumes.map((volume) => this.#destroy(volume));
    if (mine.length > 0)
      operations.push(this.#operation({ type: "UNRESERVE", unreserve: { resources: mine.map(bare) } }));
    return operations;
  }

  #useVolume(offer: Offer, volume: Resource, scheduler: SimScheduler): OfferOperation[] {
    if (this.#world.chance(20)) return [this.#destroy(volume)];
    return this.#launchOn(offer, volume, scheduler);
  }

  #useReservation(offer: Offer, mine: readonly Resource[], scheduler: SimScheduler): OfferOperation[] {
    if (this.#world.chance(20)) return [this.#operation({ type: "UNRESERVE", unreserve: { resources: [...mine] } })];
    const disk = mine.find(({ name }) => name === "disk");
    return disk === undefined ? [] : this.#create(offer, disk, scheduler);
  }

  #reserve(offer: Offer, scheduler: SimScheduler): OfferOperation[] {
    const free = (offer.resources ?? []).filter(({ reservations = [] }) => reservations.length === 0);
    if (amount(free, "cpus") < CPUS || amount(free, "mem") < MEM || amount(free, "disk") < DISK) return [];
    const reservations = [{ type: "DYNAMIC" as const, role: this.#role }];
    const [cpus, mem, disk] = [scalar("cpus", CPUS), scalar("mem", MEM), scalar("disk", DISK)].map((resource) => ({
      ...resource,
      reservations,
      allocation_info: { role: this.#role },
    }));
    const reserve = this.#operation({ type: "RESERVE", reserve: { resources: [cpus!, mem!, disk!] } });
    // Now and then all in one call, each step on what the one before made.
    if (this.#world.chance(50)) return [reserve];
    return [reserve, ...this.#create({ ...offer, resources: [cpus!, mem!, disk!] }, disk!, scheduler)];
  }

  #create(offer: Offer, disk: Resource, scheduler: SimScheduler): OfferOperation[] {
    const id = `${this.name}-v${this.#next++}`;
    const volume: Resource = {
      ...disk,
      disk: { persistence: { id }, volume: { container_path: "data", mode: "RW" } },
      ...(this.#world.chance(30) && { shared: {} }),
    };
    const create = this.#operation({ type: "CREATE", create: { volumes: [volume] } });
    return this.#world.chance(50) ? [create] : [create, ...this.#launchOn(offer, volume, scheduler)];
  }

  #launchOn(offer: Offer, volume: Resource, scheduler: SimScheduler): OfferOperation[] {
    const reserved = (name: string, most: number): Resource[] => {
      const found = (offer.resources ?? []).find(
        (resource) =>
          resource.name === name &&
          resource.reservations?.at(-1)?.role === this.#role &&
          amount([resource], name) >= most,
      );
      return found === undefined ? [] : [{ ...found, scalar: { value: most } }];
    };
    const count = volume.shared === undefined ? 1 : 2;
    const own = [...reserved("cpus", CPUS / 4), ...reserved("mem", MEM / 4)];
    if (own.length < 2 || scheduler.alive.length > 4) return [];
    return [
      launch(
        Array.from({ length: count }, () => this.#task([...own, volume])),
        offer,
      ),
    ].map(withoutFree);
  }

  #task(holds: Resource[]): TaskSpec {
    const seconds = this.#world.between(1, 90);
    return { id: `${this.name}-${this.#next++}`, cpus: 0, memMiB: 0, seconds, exitCode: 0, holds };
  }

  #destroy(volume: Resource): OfferOperation {
    this.destroyed.add(volume.disk!.persistence!.id);
    return this.#operation({ type: "DESTROY", destroy: { volumes: [volume] } });
  }

  #operation(operation: OfferOperation): OfferOperation {
    return { ...operation, id: { value: `${this.name}-op${this.#next++}` } };
  }
}

/** What is left of a volume when it is destroyed. */
function bare(resource: Resource): Resource {
  if (resource.disk?.persistence === undefined) return resource;
  const { disk: _, shared: __, ...disk } = resource;
  return disk;
}

// Such a task lives on what is reserved alone.
function withoutFree(operation: OfferOperation): OfferOperation {
  const task_infos = (operation.launch?.task_infos ?? []).map((task) => ({
    ...task,
    resources: (task.resources ?? []).filter(({ scalar }) => (scalar?.value ?? 0) > 0),
  }));
  return { ...operation, launch: { task_infos } };
}
