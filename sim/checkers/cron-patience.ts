import type { Cron } from "@meseta/cron/core/cron.ts";
import type { CronOut } from "@meseta/cron/core/out.ts";
import type { JobRun } from "@meseta/cron/core/run.ts";
import { Lasting } from "./lasting.ts";
import { Violation } from "./violation.ts";

/** A clock that is kept right goes back by so much. */
const TOLERANCE_MS = 1_000;
const LONGEST_REST_MS = 60_000;
/** Timers look at a clock that may be set once in ten seconds. */
const UNSEEN_MS = 20_000;

/**
 * That a cron waits for nothing longer than it has to: between attempts, between two kills of one task, for a task that cannot be reached, until it asks what became of its tasks, also when its clock was set; and that each success of a
 * job is told to those that follow it.
 */
export class CronPatience {
  readonly #nowMs: () => number;
  readonly #overdue = new Lasting();
  #seen: { readonly core: Cron; readonly successes: Map<string, number> } | undefined;

  /** `nowMs`: the world's time. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** `nowMs`: by cron's clock. */
  applied(out: CronOut, core: Cron, nowMs: number): void {
    const { entries, kills, config, reconciliationAtMs } = core.state;
    if (
      Number.isFinite(reconciliationAtMs) &&
      reconciliationAtMs - nowMs > config.reconciliationIntervalMs + TOLERANCE_MS
    )
      throw new Violation(`cron asks what became of its tasks in ${reconciliationAtMs - nowMs} ms only`);
    for (const [taskId, { nextMs }] of kills)
      if (nextMs - nowMs > config.killRetryMs + TOLERANCE_MS)
        throw new Violation(`cron asks for the end of ${taskId} again in ${nextMs - nowMs} ms only`);
    for (const { runs } of entries.values()) for (const run of runs?.values() ?? []) this.#checkRun(run, core, nowMs);
    this.#checkFollowers(out, core);
  }

  #checkRun(run: JobRun, core: Cron, nowMs: number): void {
    const { retryMs, unreachableMs } = core.state.config;
    const inVain = run.launches - run.failures;
    const vainMs = inVain <= 1 ? 0 : Math.min(LONGEST_REST_MS, 1000 * 2 ** (inVain - 2));
    const restMs = (run.notBeforeMs ?? nowMs) - nowMs;
    if (restMs > Math.max(retryMs, vainMs) + TOLERANCE_MS)
      throw new Violation(`run ${run.id} of ${run.job} rests for ${restMs} ms, after ${run.launches} launches`);
    const { id, unreachableSinceMs = Number.POSITIVE_INFINITY, endedMs } = run.tasks.at(-1) ?? {};
    const isLost = run.phase !== "waiting" && endedMs === undefined && unreachableSinceMs + unreachableMs <= nowMs;
    this.#overdue.check(`${run.job}/${run.id}`, isLost ? core : undefined, this.#nowMs(), UNSEEN_MS, () => {
      return `run ${run.id} of ${run.job} waits for ${id}, which counts as lost by now`;
    });
  }

  /** A follower that counts its round, or runs, is stored with it. */
  #checkFollowers({ puts, deletes }: CronOut, core: Cron): void {
    const before = this.#seen?.core === core ? this.#seen.successes : undefined;
    const successes = new Map<string, number>();
    for (const [job, { stats }] of core.state.entries) successes.set(job, stats.successCount);
    this.#seen = { core, successes };
    for (const { job } of core.state.entries.values()) {
      if (job.trigger.type !== "parents" || job.trigger.rule !== "round") continue;
      const parent = job.trigger.parents.find(
        (one) => (successes.get(one) ?? 0) > (before?.get(one) ?? Number.POSITIVE_INFINITY),
      );
      const isTold = [...puts.keys(), ...deletes].some(
        (key) => key === `progress/${job.id}` || key === `job/${job.id}`,
      );
      if (parent !== undefined && !isTold)
        throw new Violation(`${parent} has succeeded, and ${job.id}, which follows it, does not count it`);
    }
  }
}
