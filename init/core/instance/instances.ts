import { type Instance, isHolding } from "./instance.ts";

/**
 * The instances of one service by id. Counts its own changes: what somebody made of it (counts, texts) holds for as long as `revision` is the same, and
 * nobody can forget to say so. Counts as well how many hold resources that nobody has lost sight of, and how many of these were told to go.
 */
export class Instances extends Map<string, Instance> {
  revision = 0;
  alive = 0;
  dying = 0;

  constructor(instances: Iterable<readonly [string, Instance]> = []) {
    super();
    for (const [id, instance] of instances) this.set(id, instance);
  }

  override set(id: string, instance: Instance): this {
    this.revision++;
    this.#count(this.get(id), -1);
    this.#count(instance, 1);
    return super.set(id, instance);
  }

  override delete(id: string): boolean {
    this.revision++;
    this.#count(this.get(id), -1);
    return super.delete(id);
  }

  override clear(): void {
    this.revision++;
    this.alive = 0;
    this.dying = 0;
    super.clear();
  }

  #count(instance: Instance | undefined, change: 1 | -1): void {
    if (instance === undefined || !isHolding(instance)) return;
    this.alive += change;
    if (instance.goal !== "Running") this.dying += change;
  }
}
