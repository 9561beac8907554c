/** From one moment to another, of the world's time in ms. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Since when a clock is ahead of the world's time by so much. */
export interface Skew {
  readonly fromMs: number;
  readonly aheadMs: number;
}

/** What a history tells of its own faults: who could not work when, and what cron's clock showed. Pure. All times are the world's, in ms. */
export class Outages {
  readonly #spans = new Map<string, Span[]>();
  readonly #deaths = new Map<string, number[]>();
  readonly #skews: Skew[];

  constructor(startMs: number) {
    this.#skews = [{ fromMs: startMs, aheadMs: 0 }];
  }

  /** Who is at that place cannot work in between. */
  note(place: string, fromMs: number, toMs: number): void {
    this.#spans.set(place, [...this.of(place), { fromMs, toMs }]);
  }

  /** Nothing of what ran there goes on, and what had ended there may not be known. */
  lostPower(place: string, atMs: number): void {
    this.#deaths.set(place, [...(this.#deaths.get(place) ?? []), atMs]);
  }

  /** Whether the machine has lost power in between. */
  hasLostPower(place: string, fromMs: number, toMs: number): boolean {
    return (this.#deaths.get(place) ?? []).some((atMs) => atMs >= fromMs && atMs <= toMs);
  }

  of(place: string): readonly Span[] {
    return this.#spans.get(place) ?? [];
  }

  /** Cron's clock is set, which its timers do not notice at once. */
  setClock(atMs: number, byMs: number): void {
    this.note("clock", atMs, atMs);
    this.#skews.push({ fromMs: atMs, aheadMs: this.#skews.at(-1)!.aheadMs + byMs });
  }

  get skews(): readonly Skew[] {
    return this.#skews;
  }
}

/** When the clock shows `instantMs` or later, not before `beginMs`: in each of these spans, the first first. */
export function shown(instantMs: number, skews: readonly Skew[], beginMs: number): Span[] {
  return skews.flatMap(({ fromMs, aheadMs }, index) => {
    const span = { fromMs: Math.max(beginMs, fromMs, instantMs - aheadMs), toMs: skews[index + 1]?.fromMs ?? FOREVER };
    return span.fromMs < span.toMs ? [span] : [];
  });
}

/** The first moment at which, from `fromMs` on, so many ms have passed outside of all spans. `FOREVER` when a span has no end. */
export function workedBy(fromMs: number, workMs: number, spans: readonly Span[]): number {
  let atMs = fromMs;
  let left = workMs;
  for (const span of [...spans].sort((one, other) => one.fromMs - other.fromMs)) {
    if (span.toMs <= atMs) continue;
    const free = span.fromMs - atMs;
    if (free > left || (free === left && left > 0)) break;
    left -= Math.max(0, free);
    atMs = span.toMs;
  }
  return atMs + left;
}

/** When each of these has a span at once. */
export function allOut(each: readonly (readonly Span[])[]): Span[] {
  return each.reduce<readonly Span[]>(intersection, [{ fromMs: Number.NEGATIVE_INFINITY, toMs: FOREVER }]) as Span[];
}

export const FOREVER = Number.POSITIVE_INFINITY;

function intersection(some: readonly Span[], others: readonly Span[]): Span[] {
  return some.flatMap((one) =>
    others.flatMap((other) => {
      const both = { fromMs: Math.max(one.fromMs, other.fromMs), toMs: Math.min(one.toMs, other.toMs) };
      return both.fromMs < both.toMs ? [both] : [];
    }),
  );
}
