import { Violation } from "../checkers/violation.ts";
import type { SimCron } from "../world/cron.ts";
import type { FrameworkAnswer } from "../world/framework-kind.ts";
import type { World } from "../world/world.ts";

const JOBS = ["backup", "report", "mail", "sweep", "index"];
const PATIENCE_MS = 5_000;
/** How long runs take that end by themselves. */
const LONGEST_S = 40;
const ENDLESS_S = 1_000_000;
/** No agent has so many: its runs wait until somebody kills them, and must not hold up others. */
const TOO_MANY_CPUS = 16;

/** What a client asks of cron. */
interface Request {
  readonly method: string;
  readonly url: string;
  readonly body?: unknown;
}

/** People who plan jobs, by both APIs: jobs come, change, follow each other, are run by hand, paused, killed and go, at random. */
export class Planner {
  readonly #cron: SimCron;
  readonly #world: World;
  readonly #fail: (violation: Violation) => void;
  /** Jobs that were acknowledged as made, and nobody has asked to remove since. */
  readonly #acknowledged = new Set<string>();
  #mood: "busy" | "resting" | "wiping" = "busy";
  #next = 1;

  constructor(cron: SimCron, world: World, fail: (violation: Violation) => void) {
    this.#cron = cron;
    this.#world = world;
    this.#fail = fail;
  }

  start(): void {
    this.#world.after(this.#world.between(1_000, 8_000), () => this.#turn());
  }

  /** All jobs are paused, one after the other, and what would not end by itself is killed. */
  rest(): void {
    this.#mood = "resting";
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
    const request = { busy: () => this.#draw(), resting: () => this.#pause(), wiping: () => this.#remove() }[
      this.#mood
    ]();
    if (request !== undefined) void this.#ask(request);
    if (this.#world.chance(30)) void this.#ask({ method: "GET", url: this.#any(VIEWS) });
    this.#world.after(this.#mood === "busy" ? this.#world.between(200, 10_000) : 2_000, () => this.#turn());
  }

  #draw(): Request {
    return this.#any(ACTS)(this.#world, this.#any(JOBS), this);
  }

  #pause(): Request | undefined {
    const entries = [...(this.#cron.core?.state.entries.values() ?? [])];
    const job = entries.find((entry) => !entry.job.isDisabled)?.job;
    if (job !== undefined) return { method: "POST", url: `/v1/jobs/${job.id}/actions/pause` };
    const longAgoMs = this.#cron.nowMs - 2 * LONGEST_S * 1000;
    for (const { job, runs } of entries)
      for (const { id, phase, createdMs } of runs?.values() ?? []) {
        if (createdMs >= longAgoMs) continue;
        if (phase === "waiting") return { method: "POST", url: `/v1/jobs/${job.id}/runs/${id}/actions/stop` };
        return { method: "DELETE", url: `/v1/scheduler/task/kill/${job.id}` };
      }
    return undefined;
  }

  // Those that follow others first: who is followed may not go.
  #remove(): Request | undefined {
    const id = JOBS.findLast((job) => this.#cron.core?.state.entries.has(job));
    return id === undefined ? undefined : { method: "DELETE", url: `/v1/jobs/${id}?stopCurrentJobRuns=true` };
  }

  async #ask({ method, url, body }: Request): Promise<void> {
    if (method === "DELETE") this.#acknowledged.delete(url.split("/").at(-1)!.split("?")[0]!);
    let late = false;
    this.#world.after(PATIENCE_MS, () => (late = true));
    const answer = await this.#cron.ask(method, url, body);
    if (answer === undefined) return;
    if (answer.status >= 500 && answer.status !== 503)
      this.#fail(new Violation(`cron answers ${method} ${url} with ${answer.status}: ${JSON.stringify(answer.body)}`));
    if (!late) this.#keep(method, url, body, answer);
  }

  // Who removes a job while it is made does not know which came first.
  #keep(method: string, url: string, body: unknown, { status }: FrameworkAnswer): void {
    const { name, id = name } = (body ?? {}) as { name?: string; id?: string };
    if (method === "POST" && status < 300 && id !== undefined && !url.includes("/schedules"))
      if (this.#cron.core?.state.entries.has(id)) this.#acknowledged.add(id);
  }

  /** One that is different each time: mostly short; now and then it fails, or does not end unless it is killed. */
  command(): string {
    const exit = this.#world.chance(75) ? 0 : 1;
    const seconds = this.#world.chance(5) ? ENDLESS_S : this.#world.between(0, LONGEST_S);
    return `task $MESOS_TASK_ID; sleep ${seconds}; exit ${exit}; change ${this.#next++}`;
  }

  /** An instant near now, as cron's own machine tells the time. */
  instant(): string {
    const nowMs = this.#cron.clock.read().nowMs;
    return new Date(nowMs + this.#world.between(-60_000, 60_000)).toISOString();
  }

  #any<T>(items: readonly T[]): T {
    return items[this.#world.random.below(items.length)]!;
  }
}

const VIEWS = [
  "/v1/scheduler/jobs",
  "/v1/scheduler/jobs/summary",
  "/v1/scheduler/graph/csv",
  "/v1/jobs?embed=activeRuns&embed=schedules&embed=history",
  "/v1/queue",
  "/v1/jobs/report/explain",
  "/v1/jobs/backup/history",
];

type Drawn = (world: World, job: string, planner: Planner) => Request;

const putInterval: Drawn = (world, name, planner) => ({
  method: "POST",
  url: "/v1/scheduler/iso8601",
  body: { ...chronosJob(world, name, planner), schedule: scheduleOf(world, planner) },
});

// Only on one that stands before it, so that there is no circle.
const putDependent: Drawn = (world, name, planner) => {
  const parents = JOBS.slice(0, JOBS.indexOf(name)).filter(() => world.chance(50));
  const body = { ...chronosJob(world, name, planner), parents: parents.length > 0 ? parents : [JOBS[0]] };
  return name === JOBS[0]
    ? putInterval(world, name, planner)
    : { method: "POST", url: "/v1/scheduler/dependency", body };
};

const putJob: Drawn = (world, id, planner) => ({
  method: "POST",
  url: "/v0/scheduled-jobs",
  body: {
    id,
    run: { cmd: planner.command(), cpus: world.between(1, 5) / 10, mem: 32, disk: 0, restart: { policy: "NEVER" } },
    schedules: [
      {
        id: "by-the-clock",
        cron: CRONS[world.random.below(CRONS.length)]!,
        timezone: ZONES[world.random.below(ZONES.length)]!,
        concurrencyPolicy: world.chance(50) ? "ALLOW" : "FORBID",
        startingDeadlineSeconds: world.between(60, 120),
        enabled: true,
      },
    ],
  },
});

// Every minute; and of the hours only that which clocks pass over in spring, and have twice in autumn.
const CRONS = ["* * * * *", "* * * * *", "* * * * *", "*/2 * * * *", "* 1-2 * * *", "30 2 * * *"];
const ZONES = ["UTC", "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"];

const runNow: Drawn = (world, job) =>
  world.chance(50)
    ? { method: "PUT", url: `/v1/scheduler/job/${job}` }
    : { method: "POST", url: `/v1/jobs/${job}/runs` };

const kill: Drawn = (_, job) => ({ method: "DELETE", url: `/v1/scheduler/task/kill/${job}` });

const pause: Drawn = (world, job) => ({
  method: "POST",
  url: `/v1/jobs/${job}/actions/${world.chance(50) ? "pause" : "resume"}`,
});

const remove: Drawn = (world, job) =>
  world.chance(50)
    ? { method: "DELETE", url: `/v1/scheduler/job/${job}` }
    : { method: "DELETE", url: `/v1/jobs/${job}?stopCurrentJobRuns=true` };

// biome-ignore format: by how often.
const ACTS: readonly Drawn[] = [
  putInterval, putInterval, putInterval, putInterval, putDependent, putDependent, putJob, putJob, putJob,
  runNow, runNow, runNow, runNow, kill, kill, pause, remove, remove,
];

function chronosJob(world: World, name: string, planner: Planner): object {
  return {
    name,
    command: planner.command(),
    owner: "",
    cpus: world.chance(10) ? TOO_MANY_CPUS : world.between(1, 5) / 10,
    mem: 32,
    disk: 0,
    retries: world.between(0, 2),
    concurrent: world.chance(30),
    softError: world.chance(20),
    highPriority: world.chance(20),
  };
}

function scheduleOf(world: World, planner: Planner): string {
  const times = world.chance(70) ? "" : world.between(1, 5);
  return `R${times}/${planner.instant()}/PT${world.between(10, 90)}S`;
}
