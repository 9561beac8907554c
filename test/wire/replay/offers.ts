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

  /** Waits until the unused offers add up to the recorded one, and binds its symbol to their ids. */
  async take(recorded: WireEvent, stream: EventStream, symbols: Symbols): Promise<Difference[]> {
    const [wanted] = (recorded["offers"] as { offers: Offer[] }).offers;
    const sum = JSON.stringify(totalOf(wanted!.resources));
    const reached = () => JSON.stringify(totalOf(this.#held.flatMap(({ resources }) => resources))) === sum;
    const same = await stream.until((pending) => {
      this.#collect(pending);
      return reached() || undefined;
    }, TIMEOUT_MS);
    const held = this.#held.splice(0);
    symbols.bind(/\{(offer:\d+)\}/.exec(wanted!.id.value)![1]!, ...held.map(({ id }) => id.value));
    if (held.length === 0) return [{ field: "offers", mesos: wanted, meseta: undefined }];
    const found = totalOf(held.flatMap(({ resources }) => resources));
    const differences = held.flatMap((offer) =>
      compare({ ...wanted, resources: "{any}" }, offer, symbols, "offers.offers[]"),
    );
    return same
      ? differences
      : [{ field: "offers.offers[].resources", mesos: totalOf(wanted!.resources), meseta: found }, ...differences];
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

const TIMEOUT_MS = 5_000;

/** Quantities by all that tells resources apart, sorted. */
function totalOf(resources: readonly Resource[]): [string, unknown][] {
  const totals = new Map<string, number | Range[]>();
  for (const { scalar, ranges, ...kind } of resources) {
    const key = JSON.stringify(Object.entries(kind).sort(([a], [b]) => (a < b ? -1 : 1)));
    const before = totals.get(key);
    if (ranges !== undefined) totals.set(key, joined([...((before as Range[]) ?? []), ...ranges.range]));
    else totals.set(key, Math.round((((before as number) ?? 0) + scalar!.value) * 1000) / 1000);
  }
  return [...totals].sort(([a], [b]) => (a < b ? -1 : 1));
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
