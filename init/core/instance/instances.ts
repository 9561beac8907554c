import type { Instance } from "./instance.ts";

/**
 * The instances of one service by id. Counts its own changes: what somebody made of it (counts, texts) holds for as long as `revision` is the same, and
 * nobody can forget to say so.
 */
export class Instances extends Map<string, Instance> {
  revision = 0;

  override set(id: string, instance: Instance): this {
    this.revision++;
    return super.set(id, instance);
  }

  override delete(id: string): boolean {
    this.revision++;
    return super.delete(id);
  }

  override clear(): void {
    this.revision++;
    super.clear();
  }
}
