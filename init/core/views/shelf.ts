import type { InstanceHealth } from "../health/instance-health.ts";
import type { Instance } from "../instance/instance.ts";
import type { Service } from "../state.ts";
import type { Seen } from "./seen.ts";
import { taskOnWire } from "./task.ts";

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

  /** The JSON of each of the service's tasks. `servicePorts` is a list in JSON. */
  tasksOf(service: Service, servicePorts: string): readonly string[] {
    const { revision } = service.instances;
    const kept = this.#services.get(service.id);
    const isSame = kept?.service === service && kept.servicePorts === servicePorts;
    if (isSame && kept.revision === revision) return kept.list;
    const made = make(service, servicePorts, isSame ? kept.texts : NOTHING, this.#state);
    this.#put({ service, servicePorts, revision, ...made });
    return made.list;
  }

  /** Drops what is kept for services that are no more. */
  tidy(): void {
    const { services } = this.#state;
    for (const [id, { service }] of this.#services) if (services.get(id) !== service) this.#drop(id);
  }

  #put(kept: Kept): void {
    const { id } = kept.service;
    this.#drop(id);
    if (this.#length + kept.length > this.#budget) this.tidy();
    if (this.#length + kept.length > this.#budget) return;
    this.#services.set(id, kept);
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
const BUDGET = 256 * 1024 * 1024;
const NOTHING: ReadonlyMap<Instance, TaskText> = new Map();

type Known = Pick<Seen, "health" | "services">;

interface Kept extends Texts {
  readonly service: Service;
  readonly servicePorts: string;
  readonly revision: number;
}

interface Texts {
  readonly texts: ReadonlyMap<Instance, TaskText>;
  readonly list: readonly string[];
  readonly length: number;
}

/** The text of one task, and what was known of its health when it was made. */
interface TaskText {
  readonly health: InstanceHealth | undefined;
  readonly text: string;
}

function make(
  { instances }: Service,
  servicePorts: string,
  before: ReadonlyMap<Instance, TaskText>,
  state: Known,
): Texts {
  const texts = new Map<Instance, TaskText>();
  const list: string[] = [];
  let length = 0;
  for (const instance of instances.values()) {
    const health = state.health.get(instance.id);
    const kept = before.get(instance);
    const isSame = kept !== undefined && kept.health === health;
    const made = isSame ? kept : { health, text: taskText(instance, servicePorts, state) };
    texts.set(instance, made);
    list.push(made.text);
    length += made.text.length;
  }
  return { texts, list, length };
}

function taskText(instance: Instance, servicePorts: string, state: Known): string {
  return `${JSON.stringify(taskOnWire(instance, state)).slice(0, -1)},"servicePorts":${servicePorts}}`;
}
