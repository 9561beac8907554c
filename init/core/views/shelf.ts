import { INIT_BOUNDS } from "../bounds.ts";
import type { InstanceHealth } from "../health/instance-health.ts";
import type { Instance } from "../instance/instance.ts";
import type { Service } from "../state.ts";
import type { Seen } from "./seen.ts";
import { taskOnWire } from "./task.ts";

/** The tasks of a service as they are now, for who reads them while they change. */
interface TasksNow {
  readonly instances: Iterable<Instance>;
  /** The JSON of each, in this order. */
  texts(): Iterable<string>;
}

/** The texts of tasks that were shown, kept until their instance is another one. */
export class Shelf {
  readonly #services = new Map<string, Kept>();
  readonly #state: Known;
  readonly #budget: number;
  #length = 0;

  /** `budget`: the characters that are kept at most; what is beyond it is made again each time. */
  constructor(state: Known, budget = BUDGET) {
    this.#state = state;
    this.#budget = budget;
  }

  /** For how many services something is kept. */
  get size(): number {
    return this.#services.size;
  }

  /** `servicePorts` is a list in JSON. */
  tasksOf(service: Service, servicePorts: string): TasksNow {
    const { revision } = service.instances;
    const kept = this.#keptOf(service, servicePorts);
    if (kept?.revision === revision) return { instances: kept.texts.keys(), texts: () => kept.list };
    const instances = [...service.instances.values()];
    const health = this.#state.health.size === 0 ? [] : instances.map(({ id }) => this.#state.health.get(id));
    return { instances, texts: () => this.#make({ service, servicePorts, revision, instances, health }) };
  }

  /** Drops what is kept for services that are no more. */
  tidy(): void {
    const { services } = this.#state;
    for (const [id, { service }] of this.#services) if (services.get(id) !== service) this.#drop(id);
  }

  *#make({ service, servicePorts, revision, instances, health }: Captured): Generator<string> {
    const before = this.#keptOf(service, servicePorts)?.texts;
    const texts = new Map<Instance, TaskText>();
    let length = 0;
    for (const [i, instance] of instances.entries()) {
      const made = taskText(instance, health[i], servicePorts, before?.get(instance));
      texts.set(instance, made);
      length += made.text.length;
      yield made.text;
    }
    const list = texts.values().map(({ text }) => text);
    this.#put({ service, servicePorts, revision, texts, list: [...list], length });
  }

  #keptOf(service: Service, servicePorts: string): Kept | undefined {
    const kept = this.#services.get(service.id);
    return kept?.service === service && kept.servicePorts === servicePorts ? kept : undefined;
  }

  // A slow reader's texts are of long ago: they do not take the place of later ones.
  #put(kept: Kept): void {
    const { service, servicePorts, revision } = kept;
    const present = this.#keptOf(service, servicePorts);
    if (this.#state.services.get(service.id) !== service || (present && present.revision >= revision)) return;
    this.#drop(service.id);
    if (this.#length + kept.length > this.#budget) this.tidy();
    if (this.#length + kept.length > this.#budget) return;
    this.#services.set(service.id, kept);
    this.#length += kept.length;
  }

  #drop(id: string): void {
    this.#length -= this.#services.get(id)?.length ?? 0;
    this.#services.delete(id);
  }
}

/** The shelf of this life of init; it goes with it. */
export function shelfOf(state: Seen): Shelf {
  let shelf = SHELVES.get(state);
  if (shelf === undefined) SHELVES.set(state, (shelf = new Shelf(state)));
  return shelf;
}

const SHELVES = new WeakMap<Seen, Shelf>();
const BUDGET = INIT_BOUNDS.shelf.most;

type Known = Pick<Seen, "health" | "services">;

interface Kept {
  readonly service: Service;
  readonly servicePorts: string;
  readonly revision: number;
  readonly texts: ReadonlyMap<Instance, TaskText>;
  readonly list: readonly string[];
  readonly length: number;
}

interface Captured {
  readonly service: Service;
  readonly servicePorts: string;
  readonly revision: number;
  readonly instances: readonly Instance[];
  /** What was known of the health of each. */
  readonly health: readonly (InstanceHealth | undefined)[];
}

/** The text of one task, and what was known of its health when it was made. */
interface TaskText {
  readonly health: InstanceHealth | undefined;
  readonly text: string;
}

function taskText(
  instance: Instance,
  health: InstanceHealth | undefined,
  servicePorts: string,
  before: TaskText | undefined,
): TaskText {
  if (before !== undefined && before.health === health) return before;
  const text = JSON.stringify(taskOnWire(instance, health)).slice(0, -1);
  return { health, text: `${text},"servicePorts":${servicePorts}}` };
}
