// From the kill -9 of the init, or cron, that leads until the other one has taken a write, and has launched an instance, or run what was due: two of them on the etcd of
// `meseta up --masters 3`. The job of cron is due every second. `node bench/takeover.ts [KILLS [PART]]`, PART being `init` or `cron`
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Ready } from "@meseta/boot/up/layout.ts";
import { freePort } from "@meseta/lib/io/free-port.rig.ts";
import { MESETA, pidAt, withCluster } from "./load/local-cluster.ts";
import { line, millis, quantile } from "./measure/numbers.ts";

const KILLS = Number(process.argv[2] ?? 10);
const PARTS = process.argv[3] === undefined ? (["init", "cron"] as const) : ([process.argv[3]] as ("init" | "cron")[]);

/** What is asked of a part, and what its next leader does. */
interface Subject {
  /** Of the one that `up` has started. */
  readonly url: string;
  readonly leaderPath: string;
  /** Of one more. */
  flags(port: number, second: number): string[];
  write(round: number): { method: string; path: string; body: object };
  /** Resolves when what a leader is for has been done that was not there to do at the instant. `next` is the one that lives. */
  done(round: number, afterMs: number, next: string): Promise<void>;
  doneAs: string;
  /** Before the first round, and after each. */
  begin(): Promise<void>;
  undo(round: number): Promise<void>;
}

async function measure(subject: Subject, part: string, { masters, store, dir }: Ready): Promise<void> {
  const [port, second] = [await freePort(), await freePort()];
  const place = ["--dir", join(dir, `${part}-2`), "--store", store.slice(0, store.lastIndexOf("/"))];
  const words = [
    part,
    "--master",
    masters.join(","),
    ...subject.flags(port, second),
    ...place,
    "--log-level",
    "info",
    "--log-file",
    join(dir, "logs", `${part}-2.log`),
  ];
  const other = new Kept(words);
  const urls = [subject.url, `http://127.0.0.1:${port}`];
  const [served, done]: [number[], number[]] = [[], []];
  await bothServe(subject, urls);
  await subject.begin();
  for (let round = 0; round < KILLS; round++) {
    const leader = await bothServe(subject, urls);
    await wait(1_500);
    if ((await bothServe(subject, urls)) !== leader) continue;
    const [endMs, endDayMs] = [performance.now(), Date.now()];
    process.kill(pidAt(leader), "SIGKILL");
    const next = urls.find((url) => url !== leader)!;
    const acted = subject.done(round, endDayMs, next).then(() => done.push(performance.now() - endMs));
    await taken(next, subject.write(round));
    served.push(performance.now() - endMs);
    await acted;
    await subject.undo(round);
  }
  other.end();
  tell(`${part}, kill → a write is taken`, served);
  tell(`${part}, kill → ${subject.doneAs}`, done);
}

function tell(name: string, values: readonly number[]): void {
  const [p50, p99, most] = [quantile(values, 0.5), quantile(values, 0.99), quantile(values, 1)].map(millis);
  line(name, p50!, `p99 ${p99}, most ${most}, of ${values.length}`);
}

/** A process that is started again when it is killed, as `up` does with its own. */
class Kept {
  readonly #words: readonly string[];
  #child: ChildProcess | undefined;
  #ended = false;

  constructor(words: readonly string[]) {
    this.#words = words;
    this.#start();
  }

  #start(): void {
    this.#child = spawn(MESETA, this.#words, { stdio: ["ignore", "ignore", "inherit"] });
    this.#child.once("exit", () => this.#ended || this.#start());
  }

  end(): void {
    this.#ended = true;
    this.#child?.kill("SIGKILL");
  }
}

/** The URL of the one that leads, when both say that it does. */
async function bothServe({ leaderPath }: Subject, urls: readonly string[]): Promise<string> {
  for (;;) {
    const said = await Promise.all(urls.map((url) => leaderAt(url + leaderPath)));
    const leader = urls.find((url) => said.every((one) => one !== undefined && url.endsWith(one)));
    if (leader !== undefined) return leader;
    await wait(50);
  }
}

async function leaderAt(url: string): Promise<string | undefined> {
  const { status, text } = await ask("GET", url);
  return status === 200 ? (JSON.parse(text) as { leader?: string }).leader : undefined;
}

async function taken(url: string, { method, path, body }: ReturnType<Subject["write"]>): Promise<void> {
  while ((await ask(method, url + path, body)).status >= 300) await wait(5);
}

/** It may have been so before, when the answer was lost. */
async function gone(url: string): Promise<void> {
  for (;;) {
    const { status } = await ask("DELETE", url);
    if (status < 300 || status === 404 || status === 400) return;
    await wait(50);
  }
}

async function ask(method: string, url: string, body?: object): Promise<{ status: number; text: string }> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const headers = { "content-type": "application/json" };
  try {
    const answer = await fetch(url, { method, headers, ...sent, signal: AbortSignal.timeout(2_000) });
    return { status: answer.status, text: await answer.text() };
  } catch {
    return { status: 599, text: "" };
  }
}

function initSubject({ init }: Ready): Subject {
  const appOf = (round: number): string => `/takeover/n${round}`;
  const url = init!;
  const subject: Subject = {
    url,
    leaderPath: "/v2/leader",
    flags: (port) => ["--port", String(port)],
    write: (round) => ({
      method: "PUT",
      path: `/v2/apps${appOf(round)}?force=true`,
      body: { cmd: "sleep 1000", cpus: 0.01, mem: 16, instances: 1 },
    }),
    async done(round, _, next) {
      for (;;) {
        const { status, text } = await ask("GET", `${next}/v2/apps/${appOf(round)}/tasks`);
        const { tasks = [] } = status === 200 ? (JSON.parse(text) as { tasks?: { state: string }[] }) : {};
        if (tasks.some(({ state }) => state === "TASK_RUNNING")) return;
        await wait(5);
      }
    },
    doneAs: "its instance runs",
    begin: async () => {},
    async undo(round) {
      await gone(`${url}/v2/apps${appOf(round)}?force=true`);
    },
  };
  return subject;
}

function cronSubject({ chronos, dir }: Ready): Subject {
  const [url, file] = [chronos!, join(dir, "runs")];
  const job = (name: string, command: string, schedule: string) => ({
    method: "POST",
    path: "/v1/scheduler/iso8601",
    body: { name, command, schedule, cpus: 0.01, mem: 16, epsilon: "PT30S", owner: "", async: false },
  });
  return {
    url,
    leaderPath: "/leader",
    flags: (port, second) => ["--port", String(port), "--metronome-port", String(second)],
    write: (round) => job(`n${round}`, "true", "R1/2099-01-01T00:00:00Z/PT1H"),
    async done(_, afterMs) {
      while (!instants(file).some((dueMs) => dueMs > afterMs)) await wait(5);
    },
    doneAs: "the first instant after it has its run",
    async begin() {
      await taken(url, job("due", `echo $MESOS_TASK_ID >> ${file}`, `R/${new Date().toISOString()}/PT1S`));
      while (instants(file).length === 0) await wait(50);
    },
    async undo(round) {
      await gone(`${url}/v1/scheduler/job/n${round}`);
    },
  };
}

/** When the runs were due that have begun, in ms, as their tasks' ids say: `ct:<due>:…`. */
function instants(file: string): number[] {
  try {
    const ids = readFileSync(file, "utf8").trim().split("\n");
    return ids.map((id) => Number(id.split(":")[1]));
  } catch {
    return [];
  }
}

for (const part of PARTS)
  await withCluster([part === "init" ? "--no-cron" : "--no-init"], "short", (ready) =>
    measure(part === "init" ? initSubject(ready) : cronSubject(ready), part, ready),
  );
