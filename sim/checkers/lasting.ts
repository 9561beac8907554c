import { Violation } from "./violation.ts";

/** R2, that no state is older than its bound: what goes on for too long while it should not. Pure. */
export class Lasting {
  readonly #since = new Map<unknown, { readonly of: unknown; readonly ms: number }>();

  /** For how many ms `name`, a text or an object, has been so, `of` the same thing; 0 when `of` is undefined: then it is not so. To be asked at each look. */
  ms(name: unknown, of: unknown, nowMs: number): number {
    if (of === undefined) {
      // Nearly always nothing lasts.
      if (this.#since.size > 0) this.#since.delete(name);
      return 0;
    }
    const known = this.#since.get(name);
    if (known?.of === of) return nowMs - known.ms;
    this.#since.set(name, { of, ms: nowMs });
    return 0;
  }

  /** Throws when that is longer than `most`; `what` says what it is. */
  check(name: unknown, of: unknown, nowMs: number, most: number, what: () => string): void {
    const ms = this.ms(name, of, nowMs);
    if (ms > most) throw new Violation(`rest: for ${ms} ms ${what()}`);
  }

  /** Whether nothing is so. */
  get isEmpty(): boolean {
    return this.#since.size === 0;
  }

  forget(): void {
    this.#since.clear();
  }
}
