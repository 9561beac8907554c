import type { HistoryKind, Mutant } from "./mutant.ts";
import { MutantProcess } from "./process.ts";

export interface Catch {
  /** The first history that noticed it. */
  readonly seed: number;
  readonly violation: string;
  readonly tookMs: number;
}

/** Histories in which nothing is planted must be clean: else it says nothing that one with a bug is not. */
export class Control {
  #process = new MutantProcess(undefined);
  readonly #known = new Map<string, Promise<string | undefined>>();

  /** What this history notices when nothing is planted. */
  notices(kind: HistoryKind, seed: number): Promise<string | undefined> {
    const key = `${kind} ${seed}`;
    const noticed = this.#known.get(key) ?? this.#after(() => this.#process.live({ kind, seed }));
    this.#known.set(key, noticed);
    return noticed;
  }

  end(): void {
    this.#process.end();
  }

  #last: Promise<unknown> = Promise.resolve();

  #after<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#last.then(act);
    this.#last = done;
    return done;
  }
}

/** Plants the bug and lives through histories `from` to `most`, until one notices it that notices nothing without the bug. */
export async function hunt(
  { id, by = "any" }: Mutant,
  most: number,
  control: Control,
  from = 1,
): Promise<Catch | undefined> {
  const startMs = performance.now();
  let planted = new MutantProcess(id);
  try {
    for (let seed = from; seed <= most; seed++) {
      const violation = await planted.live({ kind: by, seed });
      if (violation === undefined) continue;
      const tookMs = performance.now() - startMs;
      if ((await control.notices(by, seed)) === undefined) return { seed, violation, tookMs };
      planted.end();
      planted = new MutantProcess(id);
    }
    return undefined;
  } finally {
    planted.end();
  }
}
