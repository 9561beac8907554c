import type { PlannedJob } from "../checkers/instants.ts";
import { Violation } from "../checkers/violation.ts";
import type { SimCron } from "../world/cron.ts";
import type { World } from "../world/world.ts";

const PATIENCE_MS = 20_000;
/** A job begins so long after it was asked for. */
const AHEAD_S = 10;

/** Those who make jobs as Jepsen's test of Chronos does: about every 30 s one with a window that no other of its windows touches. */
export class JobMaker {
  /** Those that were acknowledged in time. */
  readonly jobs: PlannedJob[] = [];
  readonly #cron: SimCron;
  readonly #world: World;
  readonly #startMs: number;
  readonly #acknowledged = new Set<string>();
  #mood: "busy" | "resting" | "pausing" | "wiping" = "busy";
  #next = 1;

  constructor(cron: SimCron, world: World) {
    this.#cron = cron;
    this.#world = world;
    this.#startMs = world.nowMs;
  }

  start(): void {
    this.#world.after(this.#world.between(2_000, 10_000), () => this.#turn());
  }

  /** No further job is made. */
  rest(): void {
    this.#mood = "resting";
  }

  /** All jobs are paused, one after the other. */
  pause(): void {
    this.#mood = "pausing";
  }

  /** All jobs go, one after the other. */
  wipe(): void {
    this.#mood = "wiping";
  }

  /** I5: what was acknowledged is there when cron comes back. */
  check(jobs: ReadonlyMap<string, unknown>): void {
    for (const job of this.#acknowledged)
      if (!jobs.has(job)) throw new Violation(`I5: cron begins without ${job}, which was acknowledged`);
  }

  #turn(): void {
    if (this.#mood === "busy") void this.#make();
    if (this.#mood === "pausing") this.#pause();
    if (this.#mood === "wiping") this.#remove();
    this.#world.after(this.#mood === "wiping" ? 2_000 : this.#world.between(20_000, 40_000), () => this.#turn());
  }

  async #make(): Promise<void> {
    const { job, body } = drawJob(
      this.#world,
      `job-${this.#next++}`,
      Math.ceil(this.#seconds()) + AHEAD_S,
      this.#startMs,
    );
    const [askedMs, askedBy] = [this.#world.nowMs, this.#seconds()];
    const answer = await this.#cron.ask("POST", "/v1/scheduler/iso8601", body);
    if (answer === undefined || answer.status >= 300) return;
    this.#acknowledged.add(job.name);
    const lateMs = this.#world.nowMs - askedMs;
    const stepMs = Math.abs((this.#seconds() - askedBy) * 1000 - lateMs);
    // Who is answered late, or while the clock is set, may have made a job whose first instants are over.
    if (lateMs < PATIENCE_MS && lateMs < AHEAD_S * 1000 && stepMs < 1)
      this.jobs.push({ ...job, askedAt: (askedMs - this.#startMs) / 1000 });
  }

  #pause(): void {
    for (const { job } of this.#cron.core?.state.entries.values() ?? [])
      if (!job.isDisabled) void this.#cron.ask("POST", `/v1/jobs/${job.id}/actions/pause`);
  }

  #remove(): void {
    const id = this.#cron.core?.state.entries.keys().next().value;
    if (id === undefined) return;
    this.#acknowledged.delete(id);
    void this.#cron.ask("DELETE", `/v1/scheduler/job/${id}`);
  }

  #seconds(): number {
    return (this.#cron.clock.follow().nowMs - this.#startMs) / 1000;
  }
}

/** As Jepsen draws them; and what is made up for, and whether runs may overlap, in each of three ways. */
function drawJob(
  world: World,
  name: string,
  start: number,
  zeroMs: number,
): { job: Omit<PlannedJob, "askedAt">; body: object } {
  const duration = world.between(0, 9);
  const epsilon = world.between(10, 29);
  const interval = 1 + duration + epsilon + world.between(0, 29);
  const count = world.between(1, 99);
  const manner = [{}, { concurrent: true }, { concurrent: true, catchUp: "EACH" }][world.random.below(3)]!;
  const { concurrent: isConcurrent = false, catchUp = "ONE" } = manner as { concurrent?: boolean; catchUp?: string };
  const body = {
    ...manner,
    name,
    command: `task $MESOS_TASK_ID; sleep ${duration}; exit 0`,
    schedule: `R${count}/${new Date(zeroMs + start * 1000).toISOString()}/PT${interval}S`,
    scheduleTimeZone: "UTC",
    epsilon: `PT${epsilon}S`,
    owner: "",
    async: false,
    cpus: 0.001,
    mem: 1,
    disk: 1,
  };
  const job = { name, start, interval, count, epsilon, duration, isMerged: catchUp === "ONE", isConcurrent };
  return { job, body };
}
