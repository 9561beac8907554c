import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Datacenter } from "./datacenter.ts";

const SERVICES = 3;
const INSTANCES = 2;
const CONTAINERS = 2;
/** More than etcd takes in one commit, so that a migration of the master's records has many. */
const WEIGHTS = 600;
const WEIGHTS_A_CALL = 60;
const LOOK_MS = 200;
/** A machine that does much else takes its time; what is not whole by then never will be. */
const WHOLE_MS = 600_000;

/** What the cluster says of itself, as far as it must not change: lists of texts in order. */
export type Picture = Readonly<Record<string, readonly string[]>>;

/** Services, a pod, jobs, a run that goes on, and what an operator has set; and whether all of it is as it was. */
export class Work {
  readonly #datacenter: Datacenter;
  readonly #began: string;
  readonly #fired: string;
  #before: Picture = {};

  constructor(datacenter: Datacenter) {
    this.#datacenter = datacenter;
    this.#began = join(datacenter.dir, "began");
    this.#fired = join(datacenter.dir, "fired");
  }

  /** Begins everything; resolves when all of it runs. */
  async begin(): Promise<void> {
    for (const file of [this.#began, this.#fired]) writeFileSync(file, "", { mode: 0o666 });
    const quota = { role: "role-1", guarantee: [{ name: "cpus", type: "SCALAR", scalar: { value: 1 } }], force: true };
    for (let at = 0; at < WEIGHTS; at += WEIGHTS_A_CALL)
      await this.#done("PUT", () => this.#master("/weights"), weightsFrom(at));
    await this.#done("POST", () => this.#master("/quota"), quota);
    for (let at = 0; at < SERVICES; at++)
      await this.#done("PUT", () => `${this.#datacenter.init}/v2/apps/shop/app-${at}`, this.#app());
    await this.#done("POST", () => `${this.#datacenter.init}/v2/pods`, this.#pod());
    await this.#done("POST", () => `${this.#datacenter.chronos}/v1/scheduler/iso8601`, this.#tick());
    await this.#done("POST", () => `${this.#datacenter.metronome}/v1/jobs`, this.#job());
    await this.#done("POST", () => `${this.#datacenter.metronome}/v1/jobs/long/runs`, {});
    const all = SERVICES * INSTANCES + CONTAINERS + 1;
    await until(async () => {
      this.#before = await this.#picture();
      const { processes, deployments, agents, runs } = this.#before;
      if (processes!.length !== all) return `${processes!.length} of ${all} tasks have begun`;
      if (deployments!.length > 0) return "a deployment is under way";
      return (
        (agents!.every((one) => one.endsWith("true")) && runs!.every((one) => one.endsWith("ACTIVE"))) ||
        "not all is active"
      );
    });
  }

  /** Resolves when all is as it was, and jobs fire; rejects with what is not. */
  async isWhole(): Promise<void> {
    await until(async () => {
      const now = await this.#picture();
      for (const [what, list] of Object.entries(this.#before))
        if (JSON.stringify(now[what]) !== JSON.stringify(list)) return `${what} ${shown(list, now[what] ?? [])}`;
      return true;
    });
    const fired = this.#lines(this.#fired).length;
    await until(async () => this.#lines(this.#fired).length > fired || "the job of every two seconds does not fire");
    const twice = this.#lines(this.#fired).filter((line, at, all) => all.indexOf(line) !== at);
    if (twice.length > 0) throw new Error(`runs of the job have run twice: ${twice.join(", ")}`);
  }

  get fired(): number {
    return this.#lines(this.#fired).length;
  }

  async #picture(): Promise<Picture> {
    const { init, metronome } = this.#datacenter;
    const master = await this.#master("");
    const [state, weights, quota] = await Promise.all(
      ["state", "weights", "quota"].map((path) => ask(`${master}/${path}`)),
    );
    const lists = ["apps", "pods", "tasks", "deployments"];
    const [apps, pods, tasks, deployments] = await Promise.all(lists.map((what) => ask(`${init}/v2/${what}`)));
    const [jobs, runs] = await Promise.all([ask(`${metronome}/v1/jobs`), ask(`${metronome}/v1/jobs/long/runs`)]);
    return {
      processes: this.#processes(),
      agents: texts(state.slaves, ({ id, active }) => `${id} ${active}`),
      frameworks: texts(state.frameworks, ({ id, active }) => `${id} ${active}`),
      weights: texts(weights, ({ role, weight }) => `${role} ${weight}`),
      quota: texts(quota.infos, ({ role }) => role),
      apps: texts(
        apps.apps,
        ({ id, version, instances, tasksRunning }) => `${id} ${version} ${instances} ${tasksRunning}`,
      ),
      pods: texts(pods, ({ id, version }) => `${id} ${version}`),
      instances: texts(tasks.tasks, ({ id, state: now, stagedAt }) => `${id} ${now} ${stagedAt}`),
      deployments: texts(deployments, ({ id }) => id),
      jobs: texts(jobs, ({ id }) => id),
      runs: texts(runs, ({ id, status }) => `${id} ${status}`),
    };
  }

  /** The processes of the tasks that have begun, as long as they run. One that was begun anew is one more; one that was ended is told as such. */
  #processes(): string[] {
    return this.#lines(this.#began)
      .map((line) => `${line}${existsSync(`/proc/${line.split(" ")[0]}`) ? "" : " has ended"}`)
      .sort();
  }

  #lines(file: string): string[] {
    return readFileSync(file, "utf8").split("\n").filter(Boolean);
  }

  /** The path at the master that leads. */
  async #master(path: string): Promise<string> {
    for (const url of this.#datacenter.masters) {
      const answer = await fetch(`${url}/weights`, { redirect: "manual", signal: AbortSignal.timeout(5_000) }).catch(
        () => undefined,
      );
      await answer?.body?.cancel();
      if (answer?.status === 200) return url + path;
    }
    throw new Error("no master leads");
  }

  #note(file: string, text: string): string {
    return `echo "${text}" >> ${file}`;
  }

  #app() {
    const cmd = `${this.#note(this.#began, "$$ $MESOS_TASK_ID")}; exec sleep 1000000`;
    return { cmd, cpus: 0.01, mem: 32, instances: INSTANCES };
  }

  #pod() {
    const shell = `${this.#note(this.#began, "$$ pod $MESOS_TASK_ID")}; exec sleep 1000000`;
    const containers = Array.from({ length: CONTAINERS }, (_, at) => ({
      name: `c${at}`,
      exec: { command: { shell } },
      resources: { cpus: 0.01, mem: 32 },
    }));
    return { id: "/shop/pod", scaling: { kind: "fixed", instances: 1 }, containers };
  }

  #tick() {
    const command = this.#note(this.#fired, "$CHRONOS_JOB_RUN_TIME $CHRONOS_JOB_RUN_ATTEMPT");
    const [name, owner] = ["tick", ""];
    return { name, command, schedule: "R//PT2S", epsilon: "PT1M", owner, cpus: 0.01, mem: 32, disk: 0 };
  }

  #job() {
    const cmd = `${this.#note(this.#began, "$$ long")}; exec sleep 1000000`;
    return { id: "long", run: { cpus: 0.01, mem: 32, disk: 0, cmd } };
  }

  /** Asks until it is done: nobody leads at first. */
  async #done(method: string, url: () => string | Promise<string>, body: unknown): Promise<void> {
    const headers = { "Content-Type": "application/json" };
    await until(async () => {
      const answer = await fetch(await url(), {
        method,
        headers,
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(20_000),
      });
      const text = await answer.text();
      if (answer.ok || answer.status === 409) return true;
      if (answer.status < 500) throw new Refused(`${method} ${answer.url}: ${answer.status} ${text}`);
      return text;
    });
  }
}

function weightsFrom(first: number) {
  return Array.from({ length: WEIGHTS_A_CALL }, (_, at) => ({ role: `role-${first + at}`, weight: 2 }));
}

class Refused extends Error {}

/** Until it is true; after long with what it said last. */
async function until(look: () => Promise<true | string>): Promise<void> {
  const endMs = performance.now() + WHOLE_MS;
  for (;;) {
    const problem = await look().catch((error: Error) => {
      if (error instanceof Refused) throw error;
      return `${error.message}${error.cause === undefined ? "" : ` (${error.cause})`}`;
    });
    if (problem === true) return;
    if (performance.now() > endMs) throw new Error(problem);
    await wait(LOOK_MS);
  }
}

// biome-ignore lint/suspicious/noExplicitAny: what other people's APIs answer, of which a picture is made.
type Answer = any;

async function ask(url: string): Promise<Answer> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
  return answer.json();
}

function texts(list: Answer, text: (one: Answer) => string): string[] {
  return (list ?? []).map(text).sort();
}

function shown(before: readonly string[], now: readonly string[]): string {
  const missing = before.filter((one) => !now.includes(one)).slice(0, 5);
  const added = now.filter((one) => !before.includes(one)).slice(0, 5);
  return `are not as before: ${missing.join(", ") || "nothing"} missing, ${added.join(", ") || "nothing"} new`;
}
