import { joined } from "@meseta/lib/core/words.ts";
import { outcomeOf } from "../../job.ts";
import type { Entry } from "../../state.ts";
import type { Seen } from "../look.ts";

/** Which jobs it waits for, and what each still has to do. */
export function parentSentences({ entries }: Seen, { job, round, stats }: Entry): string[] {
  const { trigger } = job;
  if (trigger.type !== "parents") return [];
  const { parents, rule } = trigger;
  const missing =
    rule === "round"
      ? parents.filter((parent) => !isAhead(round, parents, parent))
      : parents.filter((parent) => !isReady(entries.get(parent), stats.lastSuccessMs));
  const whom = joined(shortened(parents));
  const which =
    rule === "round"
      ? "each of them has succeeded once more"
      : "the latest run of each has succeeded since its own last success";
  const still =
    missing.length === 0
      ? "None is missing."
      : `Still missing: ${joined(shortened(missing.map((parent) => standingOf(parent, entries.get(parent)))))}.`;
  return [`It runs after ${whom}, when ${which}. ${still}`];
}

const MOST_NAMED = 10;

function shortened(names: readonly string[]): string[] {
  return names.length > MOST_NAMED ? [...names.slice(0, MOST_NAMED), `${names.length - MOST_NAMED} more`] : [...names];
}

/** Whether it has succeeded more often than the one that is furthest behind. */
function isAhead(round: Readonly<Record<string, number>>, parents: readonly string[], parent: string): boolean {
  const countOf = (name: string) => (Object.hasOwn(round, name) ? round[name]! : 0);
  const least = parents.reduce((low, other) => Math.min(low, countOf(other)), Number.POSITIVE_INFINITY);
  return countOf(parent) > least;
}

function isReady(parent: Entry | undefined, ownSuccessMs = Number.NEGATIVE_INFINITY): boolean {
  const lastMs = parent?.stats.lastSuccessMs;
  return lastMs !== undefined && outcomeOf(parent!.stats) === "success" && lastMs > ownSuccessMs;
}

function standingOf(id: string, entry: Entry | undefined): string {
  if (entry === undefined) return `${id} (there is no such job)`;
  if ((entry.runs?.size ?? 0) > 0) return `${id} (it is under way)`;
  if (entry.job.isDisabled) return `${id} (it is disabled)`;
  return outcomeOf(entry.stats) === "failure" ? `${id} (its last run failed)` : id;
}
