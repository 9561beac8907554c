import type { Cron } from "@meseta/cron/core/cron.ts";
import type { Job } from "@meseta/cron/core/job.ts";
import type { Agent, MasterState } from "@meseta/kernel/core/master/state.ts";
import { Lasting } from "./lasting.ts";
import { leftOf } from "./resources.ts";

/** Offers come each second, what others decline comes back, and a rest after a failure is over by the clock. */
const MOST_MS = 60_000;
const LOOK_MS = 2_000;

/** That a run does not wait while there is room for it, whatever else waits for more. */
export class PlaceChecker {
  readonly #lasting = new Lasting();
  #lookedMs = Number.NEGATIVE_INFINITY;

  /** `core`: of a cron that can work; undefined when it cannot. `nowMs`: the world's time; `dayMs`: by cron's clock. */
  look(core: Cron | undefined, master: MasterState, nowMs: number, dayMs: number): void {
    if (core === undefined) return this.#lasting.forget();
    if (core.state.waiting.size === 0 || nowMs - this.#lookedMs < LOOK_MS) return;
    this.#lookedMs = nowMs;
    for (const { job, id, isWaiting } of runsOf(core, dayMs)) {
      const place = isWaiting ? placeFor(job, master) : undefined;
      this.#lasting.check(`${job.id}/${id}`, place && core, nowMs, MOST_MS, () => {
        return `run ${id} of ${job.id} waits, and could be on ${place!.info.hostname}`;
      });
    }
  }
}

/** All runs, and whether they wait for nothing but a place. `dayMs`: by cron's clock. */
export function* runsOf({ state }: Cron, dayMs: number): Generator<{ job: Job; id: string; isWaiting: boolean }> {
  for (const { job, runs } of state.entries.values())
    for (const { id, phase, notBeforeMs = 0 } of runs?.values() ?? []) {
      const isWaiting = phase === "waiting" && notBeforeMs <= dayMs && state.waiting.has({ job: job.id, run: id });
      yield { job, id, isWaiting };
    }
}

function placeFor({ run }: Job, master: MasterState): Agent | undefined {
  if (run.constraints.length > 0) return undefined;
  return master.agents.values().find((agent) => {
    if (agent.connection !== "connected") return false;
    const left = leftOf(master, agent);
    return (["cpus", "mem", "disk"] as const).every((name) => (left.get(`${name} () `) ?? 0) >= run[name] * 1000);
  });
}
