import type { Target } from "../bench.ts";
import { AGENT, EXECUTORS } from "./agent.ts";
import { CRON } from "./cron.ts";
import { FRAMING } from "./framing.ts";
import { INIT } from "./init.ts";
import { LINKS, MASTER, SCHEDULERS } from "./master.ts";

/** All that is fuzzed in this process, in the order in which it gets its turns. */
export const TARGETS: readonly Target[] = [MASTER, SCHEDULERS, LINKS, AGENT, EXECUTORS, INIT, CRON, FRAMING];

/** The targets of these names; throws a sentence at a name that none has. */
export function targetsNamed(names: readonly string[]): readonly Target[] {
  if (names.length === 0 || names.includes("all")) return TARGETS;
  return names.map((name) => {
    const target = TARGETS.find((one) => one.name === name);
    if (target === undefined)
      throw new Error(`--target ${name}: there are ${TARGETS.map((one) => one.name).join(", ")} and all`);
    return target;
  });
}
