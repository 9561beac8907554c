import type { KillSelection } from "@meseta/api/marathon/strategy.ts";
import { type Condition, isQueued } from "./instance/condition.ts";

/** What the order of killing looks at. */
export interface Candidate {
  readonly id: string;
  readonly condition: Condition;
  /** When it was started, in ms since 1970; before that, when it was asked for. */
  readonly sinceMs: number;
  /** Its value of each field that the constraints name: `@zone` → `a`. */
  readonly places?: Readonly<Record<string, string | undefined>> | undefined;
}

export interface KillWish {
  readonly count: number;
  readonly victims?: ReadonlySet<string> | undefined;
  readonly killSelection: KillSelection;
  readonly groupBy?: readonly string[] | undefined;
}

/**
 * The instances to kill, first to last, `count` of them or all: those named; those whose launch is still queued, because cancelling costs nothing
 * that runs; those whose going makes the groups even; then by how little they do, and by age. Marathon kills running ones before queued ones.
 */
export function killOrder(instances: readonly Candidate[], wish: KillWish): Candidate[] {
  const order = [...instances].sort(byWorth(wish.killSelection));
  const { victims } = wish;
  const named = victims === undefined || victims.size === 0 ? [] : order.filter(({ id }) => victims.has(id));
  const chosen = [...named, ...order.filter(({ id, condition }) => isQueued(condition) && !victims?.has(id))];
  const first = chosen.slice(0, wish.count);
  const taken = new Set(first);
  const rest = order.filter((instance) => !taken.has(instance));
  const even = evenOut(rest, wish.groupBy ?? [], wish.count - first.length);
  for (const instance of even) taken.add(instance);
  return [...first, ...even, ...rest.filter((instance) => !taken.has(instance))].slice(0, wish.count);
}

/** Unreachable 1, Staging 2, Starting 3, Running 4, all else 5; queued ones before all. */
function weightOf(condition: Condition): number {
  return isQueued(condition) ? 0 : (WEIGHTS[condition] ?? 5);
}

const WEIGHTS: Partial<Record<Condition, number>> = { Unreachable: 1, Staging: 2, Starting: 3, Running: 4 };

function byWorth(selection: KillSelection): (a: Candidate, b: Candidate) => number {
  const sign = selection === "YOUNGEST_FIRST" ? -1 : 1;
  return (a, b) =>
    weightOf(a.condition) - weightOf(b.condition) || sign * (a.sinceMs - b.sinceMs) || (a.id < b.id ? -1 : 1);
}

/** Up to `count` instances, each out of a largest group of the most uneven field, for as long as some field's largest and smallest group differ by more than 1. */
function evenOut(order: readonly Candidate[], fields: readonly string[], count: number): Candidate[] {
  const spreads = fields.map((field) => new Spread(field, order));
  const chosen: Candidate[] = [];
  const left = new Set(order);
  while (chosen.length < count) {
    const pick = pickFrom(left, spreads);
    if (pick === undefined) break;
    left.delete(pick);
    chosen.push(pick);
    for (const spread of spreads) spread.remove(pick);
  }
  return chosen;
}

// A pick for one field must not make another one less even.
function pickFrom(left: ReadonlySet<Candidate>, spreads: readonly Spread[]): Candidate | undefined {
  const uneven = spreads.filter((spread) => spread.difference > 1).sort((a, b) => b.difference - a.difference);
  for (const spread of uneven) {
    for (const instance of left) {
      const harmless = spreads.every((other) => other === spread || !other.isInSmallest(instance));
      if (spread.isInLargest(instance) && harmless) return instance;
    }
  }
  return undefined;
}

/** How many instances each value of a field has. */
class Spread {
  readonly #field: string;
  readonly #counts = new Map<string, number>();

  constructor(field: string, instances: readonly Candidate[]) {
    this.#field = field;
    for (const instance of instances) this.#change(instance, 1);
  }

  get difference(): number {
    const counts = [...this.#counts.values()];
    return counts.length === 0 ? 0 : Math.max(...counts) - Math.min(...counts);
  }

  isInLargest(instance: Candidate): boolean {
    return this.#countOf(instance) === Math.max(...this.#counts.values());
  }

  /** Whether the field is uneven and the instance belongs to its smallest group. */
  isInSmallest(instance: Candidate): boolean {
    return this.difference > 0 && this.#countOf(instance) === Math.min(...this.#counts.values());
  }

  remove(instance: Candidate): void {
    this.#change(instance, -1);
  }

  #countOf(instance: Candidate): number | undefined {
    const value = instance.places?.[this.#field];
    return value === undefined ? undefined : this.#counts.get(value);
  }

  #change(instance: Candidate, by: number): void {
    const value = instance.places?.[this.#field];
    if (value !== undefined) this.#counts.set(value, (this.#counts.get(value) ?? 0) + by);
  }
}
