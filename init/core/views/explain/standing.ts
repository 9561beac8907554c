import type { RunSpec } from "@meseta/api/marathon/group.ts";
import { joined } from "@meseta/lib/core/words.ts";
import { instancesOf } from "../../definition/spec.ts";
import { isHealthy } from "../../deployment/standing.ts";
import { isUnreachable } from "../../instance/condition.ts";
import type { Instance } from "../../instance/instance.ts";

/** How far the instances of a service are. */
export interface Standing {
  readonly wanted: number;
  readonly well: readonly Instance[];
  /** They run, but their checks do not say that they are well, or say nothing yet. */
  readonly unwell: readonly Instance[];
  readonly starting: readonly Instance[];
  readonly unreachable: readonly Instance[];
  readonly queued: readonly Instance[];
  /** They are on their way out. */
  readonly leaving: readonly Instance[];
}

export function standingOf(spec: RunSpec, instances: Iterable<Instance>): Standing {
  const groups = Map.groupBy(instances, (instance) => placeOf(instance, spec));
  const of = (place: Exclude<keyof Standing, "wanted">) => groups.get(place) ?? [];
  return {
    wanted: instancesOf(spec),
    well: of("well"),
    unwell: of("unwell"),
    starting: of("starting"),
    unreachable: of("unreachable"),
    queued: of("queued"),
    leaving: of("leaving"),
  };
}

/** The first sentence: how many of how many, and what the others do. */
export function standingSentence({ wanted, well, unwell, starting, unreachable, queued, leaving }: Standing): string {
  if (wanted === 0 && leaving.length === 0) return "No instance is wanted.";
  const run = well.length + unwell.length;
  const others = [
    ...told(unwell, "is not known to be healthy", "are not known to be healthy"),
    ...told(starting, "is starting", "are starting"),
    ...told(queued, "waits for a launch", "wait for a launch"),
    ...told(unreachable, "cannot be reached", "cannot be reached"),
    ...told(leaving, "is ending", "are ending"),
  ];
  return `${run} of ${wanted} instances ${run === 1 ? "runs" : "run"}${others.length > 0 ? `: ${joined(others)}` : ""}.`;
}

function told(instances: readonly Instance[], one: string, many: string): string[] {
  const count = instances.length;
  return count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];
}

function placeOf(instance: Instance, spec: RunSpec): Exclude<keyof Standing, "wanted"> {
  const { goal, condition } = instance;
  if (goal !== "Running" || condition === "Killing") return "leaving";
  if (condition === "Scheduled") return "queued";
  if (condition === "Running") return isHealthy(instance, spec) ? "well" : "unwell";
  return isUnreachable(condition) ? "unreachable" : "starting";
}
