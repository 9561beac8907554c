import type { CronEvent } from "@meseta/cron/core/event.ts";
import type { Cluster } from "../cluster.ts";
import type { SimCron } from "../world/cron.ts";
import type { Chapter, Say, Settings, Verbs } from "./chapter.ts";
import { Names } from "./names.ts";
import type { Stage } from "./stage.ts";

/** The part of a story in which a cron runs jobs: what its users plan, and what becomes of it. */
export class Jobs implements Chapter {
  readonly framework: SimCron;
  readonly #cluster: Cluster;
  readonly #say: Say;
  readonly #names: Names;

  constructor({ cluster, startMs, say }: Stage) {
    this.framework = cluster.addTenant("cron").framework;
    this.#cluster = cluster;
    this.#say = say;
    this.#names = new Names(startMs);
    const { watch } = this.framework;
    this.framework.watch = {
      ...watch,
      applied: (event, out, core, nowMs) => {
        watch.applied(event, out, core, nowMs);
        this.#tell(event);
      },
    };
    this.framework.start();
  }

  readonly verbs: Verbs = {
    job: (settings, name) => this.#job(name, settings),
    run: (_, name) => this.#ask(`run ${name}`, "PUT", `/v1/scheduler/job/${name}`),
    pause: (_, name) => this.#ask(`pause ${name}`, "POST", `/v1/jobs/${name}/actions/pause`),
    "jobs?": () => this.#jobs(),
    "history?": (_, name) => this.#history(name),
    why: (_, name) => this.#why(name),
  };

  nameOf(taskId: string): string {
    return this.#names.readable(taskId);
  }

  /** `job NAME every=SECONDS in=SECONDS seconds=S exit=N retries=N` by a clock, `job NAME after=PARENT,PARENT …` after others. */
  #job(name: string, settings: Settings): string[] {
    const number = (word: string, otherwise: number): number => Number(settings.get(word) ?? otherwise);
    const command = `task $MESOS_TASK_ID; sleep ${number("seconds", 1)}; exit ${number("exit", 0)}`;
    const body = { name, command, owner: "", cpus: number("cpus", 1), mem: 64, retries: number("retries", 0) };
    const parents = settings.get("after")?.split(",");
    if (parents !== undefined)
      return this.#ask(`job ${name}`, "POST", "/v1/scheduler/dependency", { ...body, parents });
    const start = new Date(this.#cluster.world.nowMs + 1000 * number("in", 10)).toISOString();
    const schedule = `R/${start}/PT${number("every", 60)}S`;
    return this.#ask(`job ${name}`, "POST", "/v1/scheduler/iso8601", { ...body, schedule });
  }

  #jobs(): string[] {
    const entries = this.framework.core?.state.entries.values();
    if (entries === undefined) return ["cron is not alive"];
    return [...entries].map(({ job, stats, runs, firings }) => {
      const next = Math.min(...firings.values());
      const when = next === Number.POSITIVE_INFINITY ? "" : `, next at ${this.#names.clock(next)}`;
      const under = runs === undefined ? "" : `, ${runs.size} under way`;
      return `${job.id}: ${stats.successCount} succeeded, ${stats.errorCount} failed${under}${when}`;
    });
  }

  /** The runs that have ended, the oldest first. */
  #history(name: string): string[] {
    const past = this.framework.core?.state.entries.get(name)?.past ?? [];
    return past.map(({ dueMs, isSuccess, why, tasks }) => {
      const attempts = tasks.length === 1 ? "" : ` at attempt ${tasks.length}`;
      const end = isSuccess ? `succeeded${attempts}` : `failed: ${this.#names.readable(why ?? "")}`;
      return `${name} for ${this.#names.clock(dueMs)} ${end}`;
    });
  }

  async #why(name: string): Promise<string[]> {
    const answer = await this.framework.ask("GET", `/v1/jobs/${name}/explain`);
    const { sentences, message } = (answer?.body ?? { message: "cron is not alive" }) as {
      readonly sentences?: readonly string[];
      readonly message: string;
    };
    return (sentences ?? [message]).map((sentence) => this.#names.readable(sentence));
  }

  #ask(what: string, method: string, url: string, body?: object): string[] {
    void this.framework.ask(method, url, body).then((answer) => {
      const { message } = (answer?.body ?? {}) as { readonly message?: string };
      this.#say(`${what}: ${answer?.status ?? "no answer"}${message === undefined ? "" : ` ${message}`}`);
    });
    return [];
  }

  #tell(event: CronEvent): void {
    const status = event.type === "heard" ? event.event.update?.status : undefined;
    if (status === undefined || status.state === "TASK_STARTING") return;
    const message = status.message ? `  "${status.message}"` : "";
    this.#say(`${this.nameOf(status.task_id.value)} ${status.state}${message}`);
  }
}
