import type { RunSpec } from "@meseta/api/marathon/group.ts";
import { counted } from "@meseta/lib/core/words.ts";
import { capacityOf } from "../../capacity.ts";
import { instancesOf, upgradeStrategyOf } from "../../definition/spec.ts";
import { isHealthy, isUpToDate } from "../../deployment/standing.ts";
import { isFilledByOldOnes } from "../../room.ts";
import type { Seen } from "../seen.ts";

/** That an upgrade cannot go on, because old instances are where the new ones could be and the lower bound lets none of them go first; and what would. */
export function oldOnesSentences(spec: RunSpec, state: Seen, nowMs: number): string[] {
  const before = wantedBefore(spec.id, state);
  if (before === undefined || !isFilledByOldOnes(state, spec, nowMs)) return [];
  const wanted = [...(state.services.get(spec.id)?.instances.values() ?? [])].filter(({ goal }) => goal === "Running");
  const healthy = wanted.filter((one) => isHealthy(one, spec));
  const old = healthy.filter((one) => !isUpToDate(one, spec));
  const target = instancesOf(spec);
  const strategy = upgradeStrategyOf(spec);
  const isKept = healthy.length <= Math.min(capacityOf(target, strategy).minHealthy, before);
  if (!isKept || old.length === 0) return [];
  const most = Math.floor(((healthy.length - 1) / target) * 100) / 100;
  const [is, let_] = old.length === 1 ? ["is", "it go"] : ["are", "one of them go"];
  return [
    `Its ${counted(old.length, "old instance")} ${is} where new ones could be, and minimumHealthCapacity ${strategy.minimumHealthCapacity} keeps them all: at most ${most} would let ${let_} first (such an update needs force).`,
  ];
}

/** How many were wanted before the deployment that acts on it; undefined when none does. */
function wantedBefore(id: string, { deployments }: Seen): number | undefined {
  for (const { plan, step } of deployments.all) {
    const acts = plan.steps[step]?.actions.some((action) => action.id === id && action.kind !== "stop");
    const before = plan.changes[id]?.before;
    if (acts && before !== undefined) return instancesOf(before);
  }
  return undefined;
}
