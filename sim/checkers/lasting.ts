import { Violation } from "./violation.ts";

/** R2, that no state is older than its bound: what goes on for too long while it should not. Pure. */
export class Lasting {
  readonly #since = new Map<unknown, { readonly of: unknown; readonly ms: number }>();

  /** For how many ms `name`, a text or an object, has been so, `of` the same thing; 0 when `of` is undefined: then it is not so. To be asked at each look. */
  ms(name: unknown, of: unknown, nowMs: number): number {
    const known = this.#since.get(name);
    if (of !== undefined && known?.of === of) return nowMs - known.ms;
    if (of === undefined) this.#since.delete(name);
    else this.#since.set(name, { of, ms: nowMs });
    return 0;
  }

  /** Throws when that is longer than `most`; `what` says what it is. */
  check(name: unknown, of: unknown, nowMs: number, most: number, what: () => string): void {
    const ms = this.ms(name, of, nowMs);
    if (ms > most) throw new Violation(`rest: for ${ms} ms ${what()}`);
  }

  forget(): void {
    this.#since.clear();
  }
}
