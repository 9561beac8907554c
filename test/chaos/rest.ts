// What has to hold when all has healed, and who looks whether it does.
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { problemsOf } from "./checkers/services.ts";
import { type History, now, type ServiceAtRest } from "./history.ts";
import { Caller } from "./load/caller.ts";
import type { Framework } from "./load/framework.ts";
import { pidsAt } from "./network.ts";
import { healthOf, PARTS, partsOf, urlOf, urlsOf } from "./parts.ts";

const PATIENCE_MS = 5_000;
const LOOK_MS = 500;
/** The product's own longest waits after a break (an agent's pings: 75 s; a launch that cron hears nothing of: 60 s), and a loaded machine's time. */
export const WHOLE_BY_MS = 240_000;

/** Looks until nothing is missing, or too much time has passed; gives what is missing then, and how long it took. */
export async function until(
  look: () => Promise<string[]>,
  withinMs: number,
  signal: AbortSignal,
): Promise<{ readonly tookMs: number; readonly missing: string[] }> {
  const began = now();
  for (;;) {
    const missing = await look().catch((error: Error) => [`nobody says: ${error.message}`]);
    const tookMs = Math.round(now() - began);
    if (missing.length === 0 || tookMs > withinMs || signal.aborted) return { tookMs, missing };
    await wait(LOOK_MS);
  }
}

export class Look {
  readonly #run: number;
  readonly #masters = new Caller(urlsOf("master"), PATIENCE_MS);
  readonly #inits = new Caller(urlsOf("init"), PATIENCE_MS);
  readonly #crons = new Caller(urlsOf("cron"), PATIENCE_MS);

  constructor(run: number) {
    this.#run = run;
  }

  /** Who does not serve, of all parts, and agents that the master does not have. */
  async parts(): Promise<string[]> {
    const [silent, agents] = await Promise.all([
      Promise.all(PARTS.map((part) => this.#isServing(part).then((serves) => (serves ? [] : [part.name])))),
      this.#operate("GET_AGENTS"),
    ]);
    const known: { active?: boolean; agent_info: { hostname: string } }[] = agents.get_agents?.agents ?? [];
    const active = known.filter((one) => one.active !== false).map((one) => one.agent_info.hostname);
    const away = partsOf("agent").filter(({ ip }) => !active.includes(ip));
    return [
      ...silent.flat().map((name) => `${name} does not serve`),
      ...away.map(({ name }) => `${name} is not active`),
    ];
  }

  /** All that is not at rest. */
  async whole(framework: Framework): Promise<string[]> {
    const parts = await this.parts();
    if (parts.length > 0) return parts;
    const deployments = (await this.#get(this.#inits, "/v2/deployments")) as { id: string }[];
    const services = (await this.services()).flatMap((one) => problemsOf(one).map((why) => `${one.id} ${why}`));
    const leader = (await this.#get(this.#crons, "/leader")) as { leader?: string };
    return [
      ...deployments.map(({ id }) => `deployment ${id} goes on`),
      ...services,
      ...(leader.leader === undefined ? ["no cron leads"] : []),
      ...framework.open.map((taskId) => `nobody says how ${taskId} ended`),
    ];
  }

  /** Of each app what is wanted, what init says, and the processes that live. */
  async services(): Promise<ServiceAtRest[]> {
    const { apps } = (await this.#get(this.#inits, "/v2/apps?embed=apps.counts")) as { apps: App[] };
    const processes = this.taskProcesses();
    return apps.map(({ id, instances, tasksRunning, env }) => ({
      id,
      wanted: instances,
      told: tasksRunning,
      value: env["GENERATION"]!,
      processes: processes
        .filter((one) => one.environment["MARATHON_APP_ID"] === id)
        .map(({ taskId, environment }) => ({ taskId, value: environment["GENERATION"]! })),
    }));
  }

  /** Takes all apps and jobs away; what of their tasks is left, and what the master believes to run. */
  async emptied(): Promise<string[]> {
    const { apps } = (await this.#get(this.#inits, "/v2/apps")) as { apps: App[] };
    for (const { id } of apps) await this.#inits.ask({ method: "DELETE", path: `/v2/apps${id}?force=true` });
    const jobs = (await this.#get(this.#crons, "/v1/jobs")) as { id: string }[];
    for (const { id } of jobs)
      await this.#crons.ask({ method: "DELETE", path: `/v1/jobs/${id}?stopCurrentJobRuns=true` });
    const tasks: { task_id: { value: string } }[] = (await this.#operate("GET_TASKS")).get_tasks?.tasks ?? [];
    return [
      ...apps.map(({ id }) => `app ${id}`),
      ...jobs.map(({ id }) => `job ${id}`),
      ...tasks.map(({ task_id }) => `task ${task_id.value} for the master`),
      ...this.taskProcesses().map(({ taskId, pid }) => `process ${pid} of ${taskId}`),
    ];
  }

  /** The processes of tasks that live, one of each task. */
  taskProcesses(): { pid: number; taskId: string; environment: Record<string, string> }[] {
    const found = partsOf("agent").flatMap(({ name }) =>
      pidsAt(this.#run, name).flatMap((pid) => {
        const environment = environmentOf(pid);
        const taskId = environment["MESOS_TASK_ID"];
        return taskId === undefined ? [] : [{ pid, taskId, environment }];
      }),
    );
    return [...new Map(found.map((one) => [one.taskId, one])).values()];
  }

  close(): void {
    for (const caller of [this.#masters, this.#inits, this.#crons]) caller.close();
  }

  async #isServing(part: (typeof PARTS)[number]): Promise<boolean> {
    const request = { method: "GET", path: healthOf(part.kind) } as const;
    const said = await this.#masters.askOne(urlOf(part), request).catch(() => undefined);
    return said?.status === 200 && (part.kind !== "etcd" || said.text.includes("true"));
  }

  async #operate(type: string) {
    const said = await this.#masters.ask({ method: "POST", path: "/api/v1", body: { type } });
    if (said.status !== 200) throw new Error(`the master says ${said.status} ${said.text}`);
    return JSON.parse(said.text);
  }

  async #get(caller: Caller, path: string): Promise<unknown> {
    const said = await caller.ask({ method: "GET", path });
    if (said.status !== 200) throw new Error(`${said.from}${path} says ${said.status} ${said.text}`);
    return JSON.parse(said.text);
  }
}

interface App {
  readonly id: string;
  readonly instances: number;
  readonly tasksRunning: number;
  readonly env: Readonly<Record<string, string>>;
}

/** Which the process was started with; nothing of one that is gone. */
function environmentOf(pid: number): Record<string, string> {
  try {
    const pairs = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").filter(Boolean);
    return Object.fromEntries(
      pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
    );
  } catch {
    return {};
  }
}

/** Writes down how late a bare timer of this machine is, while `signal` lasts: what is as late as that is no fault of ours. */
export function watchTimers(history: History, signal: AbortSignal): void {
  const EVERY_MS = 50;
  const WORTH_MS = 200;
  let last = now();
  const timer = setInterval(() => {
    const lateMs = Math.round(now() - last - EVERY_MS);
    last = now();
    if (lateMs >= WORTH_MS) history.note({ type: "timer", lateMs });
  }, EVERY_MS);
  signal.addEventListener("abort", () => clearInterval(timer));
}
