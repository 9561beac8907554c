import type {
  ContainerEvent,
  ContainerExit,
  ContainerInput,
  ContainerLimits,
  ContainerSpec,
  Containers,
  KnownContainer,
  SignalTarget,
} from "../../core/agent/ports.ts";

/**
 * Remembers what the driver told, until the core has stored it: when the core is built anew in the middle of a life, because
 * the store failed, it must hear of all of it again.
 */
export class KnownContainers implements Containers {
  readonly #driver: Containers;
  readonly #known = new Map<string, KnownContainer>();
  /** Ordered and not answered: what became of these is still to be told, to whichever core there is then. */
  readonly #starting = new Set<string>();
  #recovered = false;

  constructor(driver: Containers) {
    this.#driver = driver;
  }

  /** The driver told something; called before the core hears it. */
  heard(event: ContainerEvent): void {
    if (event.type !== "update_failed") this.#starting.delete(event.id);
    if (event.type === "started") {
      const { type: _, id, ...facts } = event;
      this.#known.set(id, { id, ...facts });
    } else if (event.type === "exited") {
      const { type: _, id, ...exit } = event;
      const known = this.#known.get(id) ?? { id, pid: 0, startTimeTicks: 0 };
      this.#known.set(id, { ...known, exit: exit satisfies ContainerExit });
    }
  }

  /** What was heard while the driver gathered its answer is newer than the answer. */
  async recover(): Promise<readonly KnownContainer[]> {
    if (!this.#recovered) for (const container of await this.#driver.recover()) this.#merge(container);
    this.#recovered = true;
    const starting = [...this.#starting].filter((id) => !this.#known.has(id));
    return [
      ...this.#known.values(),
      ...starting.map((id) => ({ id, pid: 0, startTimeTicks: 0, starting: true as const })),
    ];
  }

  #merge(container: KnownContainer): void {
    const exit = this.#known.get(container.id)?.exit;
    this.#known.set(container.id, exit === undefined ? container : { ...container, exit });
  }

  forget(id: string): void {
    this.#known.delete(id);
    this.#driver.forget(id);
  }

  input(id: string): ContainerInput | undefined {
    return this.#driver.input(id);
  }

  pruneImages(excluded: readonly string[]): Promise<void> {
    return this.#driver.pruneImages(excluded);
  }

  expect(): void {
    this.#driver.expect?.();
  }

  launch(spec: ContainerSpec): void {
    this.#starting.add(spec.id);
    this.#driver.launch(spec);
  }

  signal(id: string, signal: number, to: SignalTarget): void {
    this.#driver.signal(id, signal, to);
  }

  destroy(id: string): void {
    this.#driver.destroy(id);
  }

  update(id: string, limits: ContainerLimits): void {
    this.#driver.update(id, limits);
  }

  statistics(id: string) {
    return this.#driver.statistics(id);
  }
}
