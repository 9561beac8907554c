import type { Operator } from "@meseta/api/marathon/strategy.ts";
import { fulfils } from "@meseta/sdk/core/offer/operators.ts";
import { groupBy } from "./group-by.ts";
import type { Tally } from "./tally.ts";
import type { Constraint } from "./wish.ts";

/** Whether an agent with this value of the field may take one more instance. `instances` are wanted in all. */
export function accepts(constraint: Constraint, value: string | undefined, placed: Tally, instances: number): boolean {
  if (value === undefined) return constraint.operator === "UNLIKE";
  return RULES[constraint.operator](value, constraint.value, placed.counts, instances);
}

type Rule = (
  value: string,
  argument: string | undefined,
  counts: ReadonlyMap<string, number>,
  instances: number,
) => boolean;

const RULES: Readonly<Record<Operator, Rule>> = {
  UNIQUE: (value, _, counts) => !counts.has(value),
  CLUSTER: (value, argument, counts) => value === (argument || firstOf(counts) || value),
  GROUP_BY: groupBy,
  LIKE: (value, pattern) => fulfils("LIKE", value, pattern),
  UNLIKE: (value, pattern) => fulfils("UNLIKE", value, pattern),
  MAX_PER: (value, most, counts) => (counts.get(value) ?? 0) < Number(most),
  IS: (value, argument) => fulfils("IS", value, argument),
};

function firstOf(counts: ReadonlyMap<string, number>): string | undefined {
  return counts.keys().next().value;
}
