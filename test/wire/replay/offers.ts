import { compare, type Difference } from "./compare.ts";
import type { EventStream, WireEvent } from "./request.ts";
import type { Symbols } from "./symbols.ts";

type Offer = { id: { value: string }; resources: Resource[] } & Record<string, unknown>;
type Range = { begin: number; end: number };
type Resource = { name: string; scalar?: { value: number }; ranges?: { range: Range[] } } & Record<string, unknown>;

/**
 * The offers that a framework holds. Mesos offers once a second what became free meanwhile, in one offer; Meseta offers it
 * at once, so one recorded offer can be several here. They are the same when they add up to the same resources.
 */
export class Offers {
  readonly #held: Offer[] = [];
  /** Recorded offers that nothing added up to yet, because more had come free by then than at the recording. */
  #owed: { offer: Offer; symbol: string }[] = [];

  /** Binds the recorded offer's symbol to the ids of offers that add up to it, or owes it until somebody uses it. */
  async take(recorded: WireEvent, stream: EventStream, symbols: Symbols): Promise<Difference[]> {
    const [offer] = (recorded["offers"] as { offers: Offer[] }).offers;
    this.#owed.push({ offer: offer!, symbol: /\{(offer:\d+)\}/.exec(offer!.id.value)![1]! });
    return this.#pay(stream, symbols, (held, owed) => covers(held, owed));
  }

  /** All that is owed must be there now: it is going to be used. */
  async settle(stream: EventStream, symbols: Symbols): Promise<Difference[]> {
    return this.#owed.length === 0 ? [] : this.#pay(stream, symbols, () => false);
  }

  async #pay(
    stream: EventStream,
    symbols: Symbols,
    mayWait: (held: Total, owed: Total) => boolean,
  ): Promise<Difference[]> {
    const owed = totalOf(this.#owed.map(({ offer }) => offer));
    const paid = await stream.until((pending) => {
      this.#collect(pending);
      const some = subsets(this.#held).find((offers) => isSame(totalOf(offers), owed));
      return some ?? (mayWait(totalOf(this.#held), owed) ? "later" : undefined);
    }, TIMEOUT_MS);
    for (const { symbol } of this.#owed) symbols.bind(symbol);
    if (paid === "later") return [];
    const { offer, symbol } = this.#owed.at(-1)!;
    this.#owed = [];
    if (paid === undefined) return [{ field: "offers", mesos: shown(owed), meseta: shown(totalOf(this.#held)) }];
    for (const each of paid) this.#held.splice(this.#held.indexOf(each), 1);
    symbols.bind(symbol, ...paid.map(({ id }) => id.value));
    return paid.flatMap((each) => compare({ ...offer, resources: "{any}" }, each, symbols, "offers.offers[]"));
  }

  #collect(pending: WireEvent[]): void {
    for (let i = 0; i < pending.length; i++) {
      const event = pending[i]!;
      const isOffer = event.type === "OFFERS";
      if (isOffer) this.#held.push(...(event["offers"] as { offers: Offer[] }).offers);
      if (isOffer || (event.type === "RESCIND" && this.#drop(event))) pending.splice(i--, 1);
    }
  }

  /** Offers taken back before anybody used them are as if they had never been. */
  #drop(event: WireEvent): boolean {
    const id = (event["rescind"] as { offer_id: { value: string } }).offer_id.value;
    const at = this.#held.findIndex((offer) => offer.id.value === id);
    if (at >= 0) this.#held.splice(at, 1);
    return at >= 0;
  }
}

const TIMEOUT_MS = 30_000;

/** All at first, then the others; of more than eight only all. */
function subsets<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [];
  const count = items.length > 8 ? 1 : 2 ** items.length - 1;
  const all = 2 ** items.length - 1;
  return Array.from({ length: count }, (_, i) => items.filter((_, bit) => ((all - i) >> bit) & 1));
}

/** Quantities by all that tells resources apart. */
type Total = Map<string, number | Range[]>;

function totalOf(offers: readonly Offer[]): Total {
  const totals: Total = new Map();
  for (const { scalar, ranges, ...kind } of offers.flatMap(({ resources }) => resources)) {
    const key = JSON.stringify(Object.entries(kind).sort(([a], [b]) => (a < b ? -1 : 1)));
    const before = totals.get(key);
    if (ranges !== undefined) totals.set(key, joined([...((before as Range[]) ?? []), ...ranges.range]));
    else totals.set(key, Math.round((((before as number) ?? 0) + scalar!.value) * 1000) / 1000);
  }
  return totals;
}

function shown(total: Total): string {
  return JSON.stringify([...total].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isSame(a: Total, b: Total): boolean {
  return shown(a) === shown(b);
}

/** Whether no kind of scalar is missing: nothing that may still come is waited for. */
function covers(held: Total, owed: Total): boolean {
  return [...owed].every(([key, value]) => typeof value !== "number" || Number(held.get(key) ?? 0) >= value);
}

function joined(ranges: Range[]): Range[] {
  const result: Range[] = [];
  for (const range of ranges.toSorted((a, b) => a.begin - b.begin)) {
    const last = result.at(-1);
    if (last !== undefined && range.begin <= last.end + 1) last.end = Math.max(last.end, range.end);
    else result.push({ ...range });
  }
  return result;
}
