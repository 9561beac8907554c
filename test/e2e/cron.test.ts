// Cron on a real cluster: jobs that run when they have to whatever dies, and each endpoint of both APIs asked with curl.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { CHRONOS } from "@meseta/cron/core/routes/chronos.ts";
import { METRONOME } from "@meseta/cron/core/routes/metronome.ts";
import { CronClient } from "@meseta/sdk/cron/client.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RunningCluster } from "./local-cluster.ts";

const SLOW = { timeout: 60_000, interval: 50 };

/** What owners are told comes here. */
const notices: { job: string; subject: string }[] = [];
const ear = createServer(async (request, response) => {
  notices.push(JSON.parse(await text(request)));
  response.end();
});

let cluster: RunningCluster;
let cron: CronClient;
beforeAll(async () => {
  await once(ear.listen(0, "127.0.0.1"), "listening");
  process.env["MESETA_HTTP_NOTIFICATION_URL"] = `http://127.0.0.1:${(ear.address() as AddressInfo).port}/`;
  process.env["MESETA_FAILURE_RETRY"] = "1secs";
  cluster = await RunningCluster.start(["--agents", "2", "--no-init"]);
  cron = new CronClient([cluster.ready.metronome!]);
});
afterAll(async () => {
  delete process.env["MESETA_HTTP_NOTIFICATION_URL"];
  delete process.env["MESETA_FAILURE_RETRY"];
  cron?.close();
  ear.close();
  await cluster?.remove();
});

describe("a job with a schedule", () => {
  it("runs each time that it is due, and the job that follows it each time after", async () => {
    const start = inSeconds(1);
    await add({ ...noting("tick"), schedule: `R3/${iso(start)}/PT1S` });
    await follow({ ...noting("tock"), parents: ["tick"] });
    await expect.poll(() => noted("tick"), SLOW).toEqual([0, 1, 2].map((k) => start + 1000 * k));
    await expect.poll(() => noted("tock").length, SLOW).toBe(3);
    await expect.poll(async () => (await job("tick")).disabled, SLOW).toBe(true);
    expect(await job("tick")).toMatchObject({
      successCount: 3,
      errorCount: 0,
      schedule: expect.stringMatching(/^R0\//),
    });
    await expect.poll(() => notices, SLOW).toMatchObject([{ job: "tick" }]);
  });

  it("whose cron is killed in the midst of it misses none and doubles none", async () => {
    const start = inSeconds(1);
    await add({ ...noting("steady"), schedule: `R8/${iso(start)}/PT1S`, catchUp: "EACH", concurrent: true });
    for (const runs of [2, 4]) {
      await expect.poll(() => noted("steady").length, SLOW).toBeGreaterThanOrEqual(runs);
      await kill("cron");
    }
    await expect.poll(() => noted("steady").length, SLOW).toBeGreaterThanOrEqual(8);
    await expect.poll(async () => (await job("steady")).successCount, SLOW).toBe(8);
    expect(noted("steady")).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((k) => start + 1000 * k));
  });

  it("runs on while the master is away, and is due as before when it is back", async () => {
    const start = inSeconds(1);
    await add({ ...noting("patient"), schedule: `R5/${iso(start)}/PT1S`, catchUp: "EACH", concurrent: true });
    await expect.poll(() => noted("patient").length, SLOW).toBeGreaterThanOrEqual(1);
    await kill("master");
    await expect.poll(async () => (await job("patient")).successCount, SLOW).toBe(5);
    expect(noted("patient")).toEqual([0, 1, 2, 3, 4].map((k) => start + 1000 * k));
  });
});

describe("a job whose agents are killed", () => {
  it("has the run that is under way, and runs each time that it is due", async () => {
    const start = inSeconds(1);
    const command = `${noting("stable").command}; exec sleep 3`;
    await add({ ...noting("stable"), command, schedule: `R5/${iso(start)}/PT1S`, catchUp: "EACH", concurrent: true });
    await expect.poll(() => noted("stable").length, SLOW).toBeGreaterThanOrEqual(2);
    for (const agent of ["agent-1", "agent-2"] as const) await kill(agent);
    await expect.poll(async () => (await job("stable")).successCount, SLOW).toBe(5);
    expect([...new Set(noted("stable"))]).toEqual([0, 1, 2, 3, 4].map((k) => start + 1000 * k));
  });
});

describe("a run", () => {
  const restart = { policy: "ON_FAILURE" };
  const BACKUP = { id: "backup", run: { cpus: 0.1, mem: 32, cmd: "exec sleep 100000", restart } };

  it("begins when somebody says so, outlives its cron, and ends when somebody says so", async () => {
    await cron.change({ method: "POST", path: "/v1/jobs", body: BACKUP, what: "add" });
    const { id } = await begin("backup");
    await expect.poll(() => statusOf("backup", id), SLOW).toBe("ACTIVE");
    const [before] = await active("backup");
    await kill("cron");
    await expect.poll(() => active("backup").catch(() => []), SLOW).toEqual([before]);
    const stop = `/v1/jobs/backup/runs/${id}/actions/stop`;
    await cron.change({ method: "POST", path: stop, what: "stop" });
    await expect.poll(() => statusOf("backup", id), SLOW).toBe("FAILED");
    expect(await active("backup")).toEqual([]);
    expect(await cron.find(`/v1/jobs/backup/runs/${id}`)).toBeUndefined();
  });

  it("whose last attempt fails has failed, and its owner is told", async () => {
    await add({ ...noting("broken"), command: "exit 3", retries: 0, schedule: `R1/${iso(inSeconds(0))}/PT1S` });
    await expect.poll(async () => (await job("broken")).errorCount, SLOW).toBe(1);
    await expect.poll(() => notices.filter((notice) => notice.job === "broken").length, SLOW).toBeGreaterThan(0);
    const [record] = await cron.get<Body[]>("/v1/jobs/broken/history");
    expect(record).toMatchObject({ status: "FAILED", message: expect.any(String), tasks: [{ status: "TASK_FAILED" }] });
  });

  it("that is to be tried again goes on in the next life of the whole cluster", async () => {
    const { id } = await begin("backup");
    await expect.poll(() => statusOf("backup", id), SLOW).toBe("ACTIVE");
    const { dir } = cluster;
    expect(await cluster.stop()).toBe(0);
    cluster = await RunningCluster.start(["--agents", "2", "--no-init"], dir);
    const alive = async () => (await active("backup").catch(() => [])).map((run) => [run.id, run.status]);
    await expect.poll(alive, SLOW).toEqual([[id, "ACTIVE"]]);
    const [record] = await cron.get<Body[]>("/v1/jobs/backup/history");
    expect(record).toMatchObject({ id, tasks: [{}, { status: "TASK_RUNNING" }] });
    const path = "/v1/jobs/backup";
    await cron.change({ method: "DELETE", path, query: { stopCurrentJobRuns: true }, what: "remove" });
    expect(await cron.find("/v1/jobs/backup")).toBeUndefined();
  });
});

const AT = "R/2100-01-01T00:00:00Z/P1D";
const NAP = { command: "sleep 100000", owner: "", disabled: false, cpus: 0.1, mem: 32 };
const TASK = "ct:1:0:none:";

/** Each endpoint once, in an order in which each finds what it needs: its row of the table, the path, the body, the status. */
type Session = readonly (readonly [row: string, path: string, body: unknown, status: number])[];

const CHRONOS_SESSION: Session = [
  ["GET /ping", "/ping", undefined, 200],
  ["GET /health", "/health", undefined, 200],
  ["GET /", "/", undefined, 200],
  ["GET /metrics", "/metrics", undefined, 200],
  ["GET /metrics/prometheus", "/metrics/prometheus", undefined, 200],
  ["GET /logging", "/logging", undefined, 200],
  ["POST /logging", "/logging", { level: "DEBUG", durationSeconds: 1 }, 200],
  ["GET /docs/errors", "/docs/errors", undefined, 200],
  ["GET /docs/errors/{code}", "/docs/errors/usage", undefined, 200],
  ["GET /leader", "/v1/scheduler/leader", undefined, 200],
  ["POST /iso8601", "/v1/scheduler/iso8601", { ...NAP, name: "a", schedule: AT }, 204],
  ["POST /iso8601", "/v1/scheduler/iso8601?dryRun=true", { ...NAP, name: "z", schedule: AT }, 200],
  ["POST /iso8601", "/scheduler/iso8601/", { ...NAP, name: "a", schedule: "R/never/P1D" }, 400],
  ["PUT /iso8601", "/scheduler/iso8601", { ...NAP, name: "a", schedule: AT, description: "again" }, 204],
  ["PUT /iso8601", "/scheduler/iso8601", { ...NAP, name: "none", schedule: AT }, 400],
  ["POST /dependency", "/v1/scheduler/dependency", { ...NAP, name: "b", parents: ["a"] }, 204],
  ["POST /dependency", "/v1/scheduler/dependency", { ...NAP, name: "c", parents: ["nobody"] }, 400],
  ["PUT /dependency", "/scheduler/dependency", { ...NAP, name: "b", parents: ["a"] }, 204],
  ["GET /jobs", "/v1/scheduler/jobs", undefined, 200],
  ["GET /jobs", "/scheduler/jobs/", undefined, 200],
  ["GET /jobs/summary", "/v1/scheduler/jobs/summary", undefined, 200],
  ["GET /jobs/search", "/v1/scheduler/jobs/search?name=A&limit=1", undefined, 200],
  ["GET /job/{name}", "/v1/scheduler/job/a", undefined, 200],
  ["GET /job/{name}", "/v1/scheduler/job/nobody", undefined, 400],
  ["PUT /job/{name}", "/v1/scheduler/job/a?arguments=1", undefined, 204],
  ["PUT /job/{name}", "/v1/scheduler/job/nobody", undefined, 400],
  ["PUT /job/success/{name}", "/v1/scheduler/job/success/b", undefined, 200],
  ["GET /job/stat/{name}", "/v1/scheduler/job/stat/a", undefined, 200],
  ["POST /job/{name}/task/{task}/progress", `/v1/scheduler/job/a/task/${TASK}/progress`, {}, 400],
  ["DELETE /task/kill/{name}", "/v1/scheduler/task/kill/a", undefined, 204],
  ["PUT /task/{task}", `/scheduler/task/${TASK}`, { statusCode: 0 }, 400],
  ["GET /stats/{which}", "/v1/scheduler/stats/99thPercentile", undefined, 200],
  ["GET /stats/{which}", "/v1/scheduler/stats/best", undefined, 400],
  ["GET /graph/csv", "/v1/scheduler/graph/csv", undefined, 200],
  ["GET /graph/dot", "/v1/scheduler/graph/dot", undefined, 200],
  ["DELETE /job/{name}", "/v1/scheduler/job/a", undefined, 204],
  ["DELETE /job/{name}", "/v1/scheduler/job/a", undefined, 400],
];

const WHOLE = { id: "m", run: { cpus: 0.1, mem: 32, cmd: "sleep 100000" } };
const NIGHTLY = { id: "nightly", cron: "0 3 * * *", timezone: "Europe/Berlin" };

const METRONOME_SESSION: Session = [
  ["GET /ping", "/ping", undefined, 200],
  ["GET /health", "/health", undefined, 200],
  ["GET /", "/", undefined, 200],
  ["GET /info", "/service/metronome/info", undefined, 200],
  ["GET /leader", "/leader", undefined, 200],
  ["GET /v1/metrics", "/v1/metrics", undefined, 200],
  ["GET /metrics/prometheus", "/metrics/prometheus", undefined, 200],
  ["GET /docs/errors", "/docs/errors", undefined, 200],
  ["GET /docs/errors/{code}", "/docs/errors/usage", undefined, 200],
  ["POST /v1/jobs", "/v1/jobs", WHOLE, 201],
  ["POST /v1/jobs", "/v1/jobs/", WHOLE, 409],
  ["POST /v1/jobs", "/v1/jobs", { id: "m m", run: {} }, 422],
  ["POST /v0/scheduled-jobs", "/v0/scheduled-jobs?dryRun=true", { ...WHOLE, id: "n", schedules: [NIGHTLY] }, 200],
  ["POST /v0/scheduled-jobs", "/v0/scheduled-jobs", { ...WHOLE, id: "n", schedules: [NIGHTLY] }, 201],
  ["PUT /v0/scheduled-jobs/{job}", "/v0/scheduled-jobs/n", { ...WHOLE, id: "n", schedules: [NIGHTLY] }, 200],
  ["GET /v1/jobs", "/v1/jobs?embed=activeRuns&embed=schedules,historySummary", undefined, 200],
  ["GET /v1/jobs", "/v1/jobs?embed=all", undefined, 400],
  ["GET /v1/jobs/{job}", "/v1/jobs/m?embed=history", undefined, 200],
  ["GET /v1/jobs/{job}", "/v1/jobs/nobody", undefined, 404],
  ["PUT /v1/jobs/{job}", "/v1/jobs/m", { ...WHOLE, description: "again" }, 200],
  ["POST /v1/jobs/{job}/schedules", "/v1/jobs/m/schedules", NIGHTLY, 201],
  ["POST /v1/jobs/{job}/schedules", "/v1/jobs/m/schedules", { ...NIGHTLY, id: "never", cron: "0 0 31 2 *" }, 422],
  ["GET /v1/jobs/{job}/schedules", "/v1/jobs/m/schedules", undefined, 200],
  ["GET /v1/jobs/{job}/schedules/{schedule}", "/v1/jobs/m/schedules/nightly", undefined, 200],
  ["PUT /v1/jobs/{job}/schedules/{schedule}", "/v1/jobs/m/schedules/nightly", { ...NIGHTLY, enabled: false }, 200],
  ["POST /v1/jobs/{job}/runs", "/v1/jobs/m/runs", undefined, 201],
  ["GET /v1/jobs/{job}/runs", "/v1/jobs/m/runs", undefined, 200],
  ["GET /v1/jobs/{job}/runs/{run}", "/v1/jobs/m/runs/RUN", undefined, 200],
  ["GET /v1/queue", "/v1/queue", undefined, 200],
  ["GET /v1/jobs/{job}/history", "/v1/jobs/m/history?limit=1", undefined, 200],
  ["GET /v1/jobs/{job}/explain", "/v1/jobs/m/explain", undefined, 200],
  ["POST /v1/jobs/{job}/actions/pause", "/v1/jobs/m/actions/pause", undefined, 200],
  ["POST /v1/jobs/{job}/actions/resume", "/v1/jobs/m/actions/resume", undefined, 200],
  ["DELETE /v1/jobs/{job}", "/v1/jobs/m", undefined, 409],
  ["POST /v1/jobs/{job}/runs/{run}/actions/stop", "/v1/jobs/m/runs/RUN/actions/stop", undefined, 200],
  ["DELETE /v1/jobs/{job}/schedules/{schedule}", "/v1/jobs/m/schedules/nightly", undefined, 200],
  ["DELETE /v1/jobs/{job}", "/v1/jobs/m?stopCurrentJobRuns=true", undefined, 200],
  ["DELETE /v1/jobs/{job}", "/v1/jobs/m", undefined, 404],
];

describe.each([
  { api: CHRONOS, session: CHRONOS_SESSION, url: () => cluster.ready.chronos! },
  { api: METRONOME, session: METRONOME_SESSION, url: () => cluster.ready.metronome! },
])("a session with curl: $api.name", ({ api, session, url }) => {
  it("asks each endpoint that there is", () => {
    const rows = [...new Set(session.map(([row]) => row))].sort();
    expect(rows).toEqual(api.routes.map(({ method, path }) => `${method} ${path}`).sort());
  });

  let run = "";
  it.each(session)("%s: %s", async (row, path, body, status) => {
    const [method] = row.split(" ") as [string];
    const answer = await curl(method, url() + path.replace("RUN", run), body);
    expect([answer.status, answer.text]).toEqual([status, expect.anything()]);
    // What clients count on: nothing behind a 204, something with a type behind all else, and errors in words.
    // Metronome has no words for a schedule that is gone.
    if (status === 204 || path === "/health" || row === "DELETE /v1/jobs/{job}/schedules/{schedule}")
      expect(answer.text).toBe("");
    else
      expect([answer.text, answer.type]).toEqual([
        expect.stringMatching(/./),
        expect.stringMatching(path.startsWith("/v1/jobs") ? /^application\/json/ : /^(application|text)\//),
      ]);
    if (status >= 400) expect(answer.body.message).toEqual(expect.any(String));
    if (row === "POST /v1/jobs/{job}/runs") run = answer.body.id;
  });
});

describe("what the command line of DC/OS counts on", () => {
  const at = (path: string) => `${cluster.ready.metronome!}/service/metronome${path}`;
  const BODY = { id: "dcos.one", run: { cmd: "exec sleep 100000", cpus: 0.1, mem: 64, disk: 0 } };

  it("a job is made in one call and its schedule in a second, with its zone in the CLI's spelling", async () => {
    const made = await curl("POST", at("/v1/jobs"), BODY);
    // It decodes memory and disk as whole numbers.
    expect([made.status, made.text]).toEqual([201, expect.stringContaining('"mem":64,"disk":0,')]);
    const schedule = { id: "nightly", cron: "20 0 * * *", timeZone: "America/New_York" };
    expect((await curl("POST", at("/v1/jobs/dcos.one/schedules"), schedule)).body).toMatchObject({
      timezone: "America/New_York",
      nextRunAt: expect.stringMatching(/T0[45]:20:00\.000\+0000$/),
    });
  });

  it("who runs has active runs in the list, and nobody else has that key", async () => {
    const idle = (await curl("GET", at("/v1/jobs?embed=activeRuns"))).body.find((one: Body) => one.id === "dcos.one");
    expect(idle).not.toHaveProperty("activeRuns");
    expect((await curl("GET", at("/v1/jobs/dcos.one?embed=activeRuns"))).body.activeRuns).toEqual([]);
    const begun = await curl("POST", at("/v1/jobs/dcos.one/runs"), "");
    expect([begun.status, begun.body]).toEqual([201, expect.objectContaining({ jobId: "dcos.one", tasks: [] })]);
    const { id } = begun.body;
    await expect.poll(() => statusOf("dcos.one", id), SLOW).toBe("ACTIVE");
    const shown = (await curl("GET", at("/v1/jobs?embed=activeRuns"))).body.find((one: Body) => one.id === "dcos.one");
    expect(shown.activeRuns).toMatchObject([{ id, completedAt: null, tasks: [{ status: "TASK_RUNNING" }] }]);
    const refusal = { message: "There are active job runs. Override with stopCurrentJobRuns=true" };
    expect(await curl("DELETE", at("/v1/jobs/dcos.one"))).toMatchObject({ status: 409, body: refusal });
    expect((await curl("POST", at(`/v1/jobs/dcos.one/runs/${id}/actions/stop`), "")).status).toBe(200);
    await expect.poll(() => statusOf("dcos.one", id), SLOW).toBe("FAILED");
    const { history } = (await curl("GET", at("/v1/jobs/dcos.one?embed=history"))).body;
    expect(history).toMatchObject({ failureCount: 1, failedFinishedRuns: [{ id, tasks: [expect.any(String)] }] });
  });

  it("what is not there is told in Metronome's words", async () => {
    const cases: [string, string, object][] = [
      ["GET", "/v1/jobs/nobody", { id: "nobody", message: "Job not found" }],
      ["GET", "/v1/jobs/dcos.one/schedules/none", { id: "none", message: "Schedule not found" }],
      ["GET", "/v1/jobs/dcos.one/runs/none", { id: "none", message: "Job Run not found", jobSpec: expect.anything() }],
      ["GET", "/v1/nothing", { message: "Unknown route.", requestPath: expect.stringContaining("/v1/nothing") }],
    ];
    for (const [method, path, body] of cases) expect(await curl(method, at(path))).toMatchObject({ status: 404, body });
    expect((await curl("DELETE", at("/v1/jobs/dcos.one?stopCurrentJobRuns=true"))).status).toBe(200);
  });
});

/** A job that writes down for which instant each of its runs is. */
function noting(name: string) {
  const command = `echo $CHRONOS_JOB_RUN_TIME >> ${join(cluster.dir, name)}`;
  return { name, command, owner: "me@example.com", disabled: false, cpus: 0.1, mem: 32, disk: 1 };
}

/** The instants of which the job's runs have told, in order. */
function noted(name: string): number[] {
  const file = join(cluster.dir, name);
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8").trim().split("\n").map(Number).sort();
}

function inSeconds(seconds: number): number {
  return Math.ceil(Date.now() / 1000) * 1000 + 1000 * seconds;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

// biome-ignore lint/suspicious/noExplicitAny: bodies of all kinds.
type Body = any;

async function add(body: object): Promise<void> {
  await cron.change({ method: "POST", path: "/v1/scheduler/iso8601", body, what: "add" });
}

async function follow(body: object): Promise<void> {
  await cron.change({ method: "POST", path: "/v1/scheduler/dependency", body, what: "add" });
}

/** As Chronos shows it; while cron is away, nothing is known of it. */
function job(name: string): Promise<Body> {
  return cron.get(`/v1/scheduler/job/${name}`).catch(() => ({}));
}

async function begin(name: string): Promise<{ id: string }> {
  const { body } = await cron.change({ method: "POST", path: `/v1/jobs/${name}/runs`, what: "run" });
  return body as { id: string };
}

function active(name: string): Promise<Body[]> {
  return cron.get(`/v1/jobs/${name}/runs`);
}

async function statusOf(name: string, run: string): Promise<string | undefined> {
  const runs = await cron.get<Body[]>(`/v1/jobs/${name}/history`).catch(() => []);
  return runs.find(({ id }) => id === run)?.status;
}

/** kill -9, and the supervisor brings it back. */
async function kill(part: "cron" | "master" | `agent-${number}`): Promise<void> {
  const pid = cluster.pidOf(part);
  process.kill(pid, "SIGKILL");
  await expect.poll(() => pidOf(part), SLOW).not.toBe(pid);
}

function pidOf(part: string): number | undefined {
  try {
    return cluster.pidOf(part);
  } catch {
    return undefined;
  }
}

/** Asks with curl, as a script would. */
async function curl(method: string, url: string, body?: unknown) {
  const sent = body === "" ? "" : JSON.stringify(body);
  const data = body === undefined ? [] : ["-H", "Content-Type: application/json", "-d", sent];
  const args = ["-s", "-g", "--path-as-is", "-X", method, ...data, "-w", "\n%{http_code} %{content_type}", url];
  const { stdout } = await promisify(execFile)("curl", args, { maxBuffer: 64 * 1024 * 1024 });
  const at = stdout.lastIndexOf("\n");
  const [status, ...type] = stdout.slice(at + 1).split(" ");
  const told = stdout.slice(0, at);
  const parsed: Body = /^[[{]/.test(told) ? JSON.parse(told) : undefined;
  return { status: Number(status), type: type.join(" "), text: told, body: parsed };
}
