import type { Instance } from "../instance/instance.ts";
import type { Service } from "../state.ts";
import type { Seen } from "./seen.ts";
import { taskOnWire } from "./task.ts";

/** The texts of tasks that were shown, kept until their instance is another one. */
export class Shelf {
  readonly #services = new Map<string, Kept>();
  readonly #budget: number;
  #length = 0;

  /** `budget`: the characters that are kept at most; what is beyond it is made again each time. */
  constructor(budget = BUDGET) {
    this.#budget = budget;
  }

  /** The JSON of each of the service's tasks. `servicePorts` is a list in JSON. */
  tasksOf(service: Service, servicePorts: string): readonly string[] {
    const { revision } = service.instances;
    const kept = this.#services.get(service.id);
    const isSame = kept?.service === service && kept.servicePorts === servicePorts;
    if (isSame && kept.revision === revision) return kept.list;
    const made = make(service, servicePorts, isSame ? kept.texts : NOTHING);
    this.#put({ service, servicePorts, revision, ...made });
    return made.list;
  }

  /** Drops what is kept for services that are no more. */
  tidy({ services }: Seen): void {
    if (this.#services.size <= services.size) return;
    for (const [id, { service }] of this.#services) if (services.get(id) !== service) this.#drop(id);
  }

  #put(kept: Kept): void {
    const { id } = kept.service;
    this.#drop(id);
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
  if (shelf === undefined) SHELVES.set(state, (shelf = new Shelf()));
  return shelf;
}

const SHELVES = new WeakMap<Seen, Shelf>();
const BUDGET = 256 * 1024 * 1024;
const NOTHING: ReadonlyMap<Instance, string> = new Map();

interface Kept extends Texts {
  readonly service: Service;
  readonly servicePorts: string;
  readonly revision: number;
}

interface Texts {
  readonly texts: ReadonlyMap<Instance, string>;
  readonly list: readonly string[];
  readonly length: number;
}

function make({ instances }: Service, servicePorts: string, before: ReadonlyMap<Instance, string>): Texts {
  const texts = new Map<Instance, string>();
  let length = 0;
  for (const instance of instances.values()) {
    const text = before.get(instance) ?? taskText(instance, servicePorts);
    texts.set(instance, text);
    length += text.length;
  }
  return { texts, list: [...texts.values()], length };
}

function taskText(instance: Instance, servicePorts: string): string {
  return `${JSON.stringify(taskOnWire(instance)).slice(0, -1)},"servicePorts":${servicePorts}}`;
}
