import { readFileSync } from "node:fs";
import type { OciSeccomp } from "./isolators/seccomp.ts";

const kept = 100;

/**
 * Compiled seccomp filters. A runtime takes longer to compile a profile than for all the rest of a container; crun leaves what it has compiled
 * beside its state, and takes it back from an annotation. The profile stays in config.json too: a runtime that does not know the annotation
 * compiles it.
 */
export class Filters {
  readonly #stateRoot: string;
  readonly #enabled: boolean;
  /** Profile → filter in base64. */
  readonly #filters = new Map<string, string>();
  /** Containers that compile a profile now. */
  readonly #compiling = new Map<string, string>();

  constructor(stateRoot: string, enabled: boolean) {
    this.#stateRoot = stateRoot;
    this.#enabled = enabled;
  }

  /** The filter of this profile; undefined when none was compiled yet: then what this container's runtime compiles is kept. */
  of(id: string, profile: OciSeccomp | undefined): string | undefined {
    if (!profile || !this.#enabled) return undefined;
    const key = JSON.stringify(profile);
    const filter = this.#filters.get(key);
    if (filter === undefined) this.#compiling.set(id, key);
    return filter;
  }

  /** The container runs. */
  started(id: string): void {
    const key = this.#compiling.get(id);
    if (key === undefined) return;
    this.#compiling.delete(id);
    if (this.#filters.has(key) || this.#filters.size >= kept) return;
    try {
      const filter = readFileSync(`${this.#stateRoot}/${id}/seccomp.bpf`);
      // Instructions of eight bytes (struct sock_filter).
      if (filter.length > 0 && filter.length % 8 === 0) this.#filters.set(key, filter.toString("base64"));
    } catch {}
  }

  ended(id: string): void {
    this.#compiling.delete(id);
  }
}
