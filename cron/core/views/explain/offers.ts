import { amountText, counted, joined, type ScalarName } from "@meseta/lib/core/words.ts";
import { amountOf, has } from "@meseta/sdk/core/offer/pool.ts";
import type { Job } from "../../job.ts";
import { type Obstacle, obstacleOf } from "../../offers/place.ts";
import type { SeenOffer } from "../../offers/seen.ts";
import type { Shape } from "../../offers/shape.ts";
import type { Seen } from "../look.ts";

/** What the agents lack that have offered something since all were asked, and what would help. */
export function offerSentences(job: Job, { offers, config }: Seen): string[] {
  const shape = offers.shapes.of(job);
  if (offers.seen.size === 0)
    return [
      `No agent has offered anything since all were asked: they have nothing free for role ${config.role}, or there are none.`,
    ];
  const reasons = [...offers.seen.values()].map((seen) => reasonOf(seen, shape));
  const lacking = reasons.flatMap((reason) => reason.lacking ?? []);
  const told = [
    ...unfulfilled(reasons),
    ...lackingTexts(lacking),
    ...noPorts(reasons.filter(({ hasNoPorts }) => hasNoPorts).length),
  ];
  if (told.length === 0) return [];
  return [`${counted(reasons.length, "agent")} looked at: ${joined(told)}.`, ...remedy(lacking)];
}

/** Why an agent's offer does not do: what is in the way whatever is free, or else what there is too little of, or else its ports. */
interface Reason {
  readonly obstacle?: Obstacle;
  readonly lacking?: Lacking;
  readonly hasNoPorts?: boolean;
}

interface Lacking {
  readonly hostname: string;
  /** What there is too little of: how much there is, in shares and MiB, and which part of what is needed. */
  readonly amounts: readonly { readonly name: ScalarName; readonly free: number; readonly part: number }[];
}

function reasonOf(seen: SeenOffer, shape: Shape): Reason {
  const obstacle = obstacleOf(shape, seen);
  if (obstacle !== undefined) return { obstacle };
  const { offer, pools } = seen;
  const { scalars, ports } = shape;
  const amounts = scalars.flatMap(([name, milli]) => {
    if (has(pools, name, milli)) return [];
    const free = amountOf(pools, name);
    return [{ name: name as ScalarName, free: free / 1000, part: free / milli }];
  });
  return amounts.length > 0 ? { lacking: { hostname: offer.hostname, amounts } } : { hasNoPorts: ports.length > 0 };
}

function unfulfilled(reasons: readonly Reason[]): string[] {
  const all = reasons.flatMap(({ obstacle }) => obstacle ?? []);
  return [...Map.groupBy(all, ({ one }) => one).values()].map((same) =>
    same.length === 1 ? `1 ${same[0]!.one}` : `${same.length} ${same[0]!.several}`,
  );
}

/** An agent counts with each resource that it lacks. */
function lackingTexts(lacking: readonly Lacking[]): string[] {
  const all = lacking.flatMap(({ amounts }) => amounts);
  return [...Map.groupBy(all, ({ name }) => name)].map(([name, some]) => {
    const most = some.reduce((high, { free }) => Math.max(high, free), 0);
    return `${some.length} ${some.length === 1 ? "has" : "have"} at most ${amountText(name, most)} free`;
  });
}

function noPorts(count: number): string[] {
  return count === 0 ? [] : [`${count} ${count === 1 ? "has" : "have"} none of the ports free`];
}

/** The agent that lacks the smallest part, and what it has. */
function remedy(lacking: readonly Lacking[]): string[] {
  const worst = ({ amounts }: Lacking) => amounts.reduce((low, { part }) => Math.min(low, part), 1);
  const [nearest] = lacking.filter((one) => worst(one) > 0).sort((a, b) => worst(b) - worst(a));
  if (nearest === undefined) return [];
  const amounts = nearest.amounts.map(({ name, free }) => amountText(name, free));
  return [`It would fit on ${nearest.hostname} if ${joined(amounts)} were enough for it.`];
}
