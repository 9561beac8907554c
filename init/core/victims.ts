import type { KillSelection } from "@meseta/api/marathon/strategy.ts";
import { type Condition, isQueued } from "./instance/condition.ts";

/** What the order of killing looks at. */
export interface Candidate {
  readonly id: string;
  readonly condition: Condition;
  /** Whether it is well, by what its own definition asks; absent while its checks say nothing. */
  readonly isHealthy?: boolean | undefined;
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
 * that runs, and those that are ending already; those whose going makes the groups even; then by how little they do, those that are not known to be well
 * before those that are, and by age. Marathon kills running ones before both, whatever their checks say.
 */
export function killOrder(instances: readonly Candidate[], wish: KillWish): Candidate[] {
  const order = [...instances].sort(byWorth(wish.killSelection));
  const { victims } = wish;
  const named = victims === undefined || victims.size === 0 ? [] : order.filter(({ id }) => victims.has(id));
  const chosen = [...named, ...order.filter(({ id, condition }) => isFree(condition) && !victims?.has(id))];
  const first = chosen.slice(0, wish.count);
  const taken = new Set(first);
  const rest = order.filter((instance) => !taken.has(instance));
  const even = evenOut(rest, wish.groupBy ?? [], wish.count - first.length);
  for (const instance of even) taken.add(instance);
  return [...first, ...even, ...rest.filter((instance) => !taken.has(instance))].slice(0, wish.count);
}

// To do without it takes away nothing that would stay.
function isFree(condition: Condition): boolean {
  return isQueued(condition) || condition === "Killing";
}

/** Killing 1, Unreachable 2, Staging 3, Starting 4, Running 5, all else 6; queued ones before all. */
function weightOf(condition: Condition): number {
  return isQueued(condition) ? 0 : (WEIGHTS[condition] ?? 6);
}

const WEIGHTS: Partial<Record<Condition, number>> = { Killing: 1, Unreachable: 2, Staging: 3, Starting: 4, Running: 5 };

function healthOf({ isHealthy }: Candidate): number {
  return isHealthy === undefined ? 1 : Number(isHealthy) * 2;
}

function byWorth(selection: KillSelection): (a: Candidate, b: Candidate) => number {
  const sign = selection === "YOUNGEST_FIRST" ? -1 : 1;
  return (a, b) =>
    weightOf(a.condition) - weightOf(b.condition) ||
    healthOf(a) - healthOf(b) ||
    sign * (a.sinceMs - b.sinceMs) ||
    (a.id < b.id ? -1 : 1);
}

/**
 * Up to `count` instances, one after the other out of a largest group, the most uneven field first. Where no field differs by more than 1 it goes on
 * like that, so that what is even stays even. It ends early when each that is left would make some field uneven, or more so.
 */
function evenOut(order: readonly Candidate[], fields: readonly string[], count: number): Candidate[] {
  if (fields.length === 0) return [];
  const spreads = fields.map((field) => new Spread(field, order));
  const alike = Map.groupBy(order, ({ places }) => JSON.stringify(fields.map((field) => places?.[field] ?? null)));
  const heaps = [...alike.values()].map((instances) => instances.toReversed());
  const rank = new Map(order.map((instance, i) => [instance, i]));
  const chosen: Candidate[] = [];
  while (chosen.length < count) {
    const pick = pickFrom(heaps, spreads, rank)?.pop();
    if (pick === undefined) break;
    chosen.push(pick);
    for (const spread of spreads) spread.remove(pick);
  }
  return chosen;
}

// Those of a heap have the same values, so its top, which goes first, speaks for all of them.
function pickFrom(
  heaps: readonly Candidate[][],
  spreads: Spread[],
  rank: ReadonlyMap<Candidate, number>,
): Candidate[] | undefined {
  spreads.sort((a, b) => b.difference - a.difference);
  let best: { heap: Candidate[]; weight: number; rank: number } | undefined;
  for (const heap of heaps) {
    const top = heap.at(-1);
    if (top === undefined || !spreads.every((spread) => spread.bears(top))) continue;
    const weight = spreads.reduce((sum, spread) => 2 * sum + (spread.isInLargest(top) ? 1 : 0), 0);
    const one = { heap, weight, rank: rank.get(top)! };
    if (best === undefined || weight > best.weight || (weight === best.weight && one.rank < best.rank)) best = one;
  }
  return best?.heap;
}

/** How many instances each value of a field has. */
class Spread {
  readonly #field: string;
  readonly #counts = new Map<string, number>();
  /** How many values have so many instances. */
  readonly #sizes = new Map<number, number>();
  #most: number;
  #least: number;

  constructor(field: string, instances: readonly Candidate[]) {
    this.#field = field;
    for (const { places } of instances) {
      const value = places?.[field];
      if (value !== undefined) this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1);
    }
    for (const count of this.#counts.values()) this.#sizes.set(count, (this.#sizes.get(count) ?? 0) + 1);
    this.#most = Math.max(0, ...this.#sizes.keys());
    this.#least = Math.min(this.#most, ...this.#sizes.keys());
  }

  get difference(): number {
    return this.#most - this.#least;
  }

  isInLargest(instance: Candidate): boolean {
    return this.#countOf(instance) === this.#most;
  }

  /** Whether the field is no less even without the instance, or even enough. */
  bears(instance: Candidate): boolean {
    const count = this.#countOf(instance);
    if (count === undefined) return true;
    const most = count === this.#most && this.#sizes.get(count) === 1 ? count - 1 : this.#most;
    return most - Math.min(this.#least, count - 1) <= Math.max(1, this.difference);
  }

  remove(instance: Candidate): void {
    const count = this.#countOf(instance);
    if (count === undefined) return;
    this.#counts.set(instance.places![this.#field]!, count - 1);
    this.#sizes.set(count, this.#sizes.get(count)! - 1);
    this.#sizes.set(count - 1, (this.#sizes.get(count - 1) ?? 0) + 1);
    this.#least = Math.min(this.#least, count - 1);
    if (count === this.#most && this.#sizes.get(count) === 0) this.#most = count - 1;
  }

  #countOf(instance: Candidate): number | undefined {
    const value = instance.places?.[this.#field];
    return value === undefined ? undefined : this.#counts.get(value);
  }
}
