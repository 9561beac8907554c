import { afterEach, describe, expect, it } from "vitest";
import { Stand } from "./stand.rig.ts";

const open: Stand[] = [];
const start: typeof Stand.start = async (...options) => {
  const stand = await Stand.start(...options);
  open.push(stand);
  return stand;
};
afterEach(async () => {
  for (const stand of open.splice(0)) await stand.cron.stop();
});

const TICK = { name: "tick", command: "date", schedule: "R/2100-01-01T00:00:00Z/P1D", owner: "", disabled: false };
const ADD = { method: "POST", json: TICK };
const BACKUP = { id: "backup", run: { cpus: 1, mem: 64, cmd: "date" } };

const subscribed = (id: string) => ({
  type: "SUBSCRIBED" as const,
  subscribed: { framework_id: { value: id }, heartbeat_interval_seconds: 15 },
});

describe("one set of jobs", () => {
  it("is behind both APIs, each on a port of its own", async () => {
    const stand = await start();
    const made = await stand.chronos("/v1/scheduler/iso8601", ADD);
    expect([made.status, await made.text(), made.headers.get("content-length")]).toEqual([204, "", null]);
    expect((await stand.metronome("/v1/jobs", { method: "POST", json: BACKUP })).status).toBe(201);
    const names = (await (await stand.chronos("/scheduler/jobs/")).json()) as { name: string }[];
    expect(names.map(({ name }) => name).sort()).toEqual(["backup", "tick"]);
    expect(await (await stand.metronome("/service/metronome/v1/jobs/tick")).json()).toMatchObject({ id: "tick" });
  });

  it("is reached by the other API's paths as well, for clients that know one address", async () => {
    const stand = await start();
    expect((await stand.metronome("/v1/scheduler/iso8601", ADD)).status).toBe(204);
    expect((await stand.chronos("/v1/jobs/tick")).status).toBe(200);
  });

  it("takes a large body as it takes a small one", async () => {
    const stand = await start();
    const headers = { "Content-Type": "application/json" };
    const blank = " ".repeat(2_000_000);
    const post = (body: string) => stand.chronos("/v1/scheduler/iso8601", { method: "POST", body, headers });
    expect((await post(JSON.stringify(TICK) + blank)).status).toBe(204);
    const refused = await post(`{${blank}`);
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining("Invalid JSON")]);
  });

  it("tells what a definition misspells, in both APIs, also when nothing is done", async () => {
    const stand = await start();
    const told = async (answer: Promise<Response>) => [
      (await answer).status,
      JSON.parse((await answer).headers.get("meseta-left-aside") ?? "null"),
    ];
    const job = { ...BACKUP, run: { ...BACKUP.run, dsk: 1 } };
    const dry = stand.metronome("/v1/jobs?dryRun=true", { method: "POST", json: job });
    expect(await told(dry)).toEqual([200, [{ path: "/run/dsk", meant: "disk" }]]);
    const refused = stand.chronos("/v1/scheduler/iso8601", { method: "POST", json: { ...TICK, name: 7, retrys: 1 } });
    expect((await told(refused))[1]).toEqual([{ path: "/retrys", meant: "retries" }]);
    expect(await told(stand.metronome("/v1/jobs", { method: "POST", json: BACKUP }))).toEqual([201, null]);
    const shown = await (await stand.metronome("/v1/jobs/backup?embed=activeRuns&embed=historySummary")).json();
    expect((await told(stand.metronome("/v1/jobs/backup", { method: "PUT", json: shown })))[1]).toBeNull();
  });

  it("is durable when it is answered, and remembered by the next life", async () => {
    const first = await start();
    await first.chronos("/v1/scheduler/iso8601", ADD);
    expect([...first.disk.records.keys()]).toContain("job/tick");
    await first.cron.stop();
    const next = await start({}, first.disk);
    expect(await (await next.chronos("/v1/scheduler/job/tick")).json()).toMatchObject({ name: "tick" });
  });

  it("changes nothing while the store fails: 503 in the words of the API, and all is well when it works again", async () => {
    const stand = await start();
    await stand.chronos("/v1/scheduler/iso8601", ADD);
    stand.disk.failure = new Error("disk full");
    const refused = await stand.chronos("/v1/scheduler/job/tick", { method: "DELETE" });
    expect([refused.status, await refused.json()]).toEqual([
      503,
      { status: "Service Unavailable", message: "Nothing was changed: disk full" },
    ]);
    const other = await stand.metronome("/v1/jobs", { method: "POST", json: BACKUP });
    expect([other.status, await other.json()]).toMatchObject([503, { message: expect.any(String) }]);
    const health = async () => (await stand.metronome("/health")).text();
    expect(await health()).toBe("Nothing can be stored now: disk full");
    stand.disk.failure = undefined;
    const again = async () => (await stand.chronos("/v1/scheduler/job/tick", { method: "DELETE" })).status;
    await expect.poll(again, { timeout: 10_000 }).toBe(204);
    expect(await health()).toBe("");
  });
});

describe("every answer", () => {
  it("that is an error has the body of its API, those of the server below as well", async () => {
    const stand = await start({ bounds: { bodyBytes: 10_000 } });
    const large = { method: "POST", json: { name: "x".repeat(12_000) } };
    const broken = { method: "POST", body: "{", headers: { "Content-Type": "application/json" } };
    const form = { method: "POST", body: "name=a", headers: { "Content-Type": "application/x-www-form-urlencoded" } };
    for (const [path, how, status] of [
      ["/v1/scheduler/iso8601", large, 413],
      ["/v1/scheduler/iso8601", broken, 400],
      ["/v1/scheduler/iso8601", form, 415],
      ["/v1/scheduler/jobs", { method: "DELETE" }, 405],
      ["/v1/scheduler/nothing", {}, 404],
      ["/v1/scheduler/job/%", {}, 400],
      ["/v1/scheduler/job/nobody", {}, 400],
    ] as const) {
      const answer = await stand.chronos(path, how);
      expect([path, answer.status]).toEqual([path, status]);
      expect(await answer.json()).toEqual({ status: expect.any(String), message: expect.any(String) });
    }
    for (const [path, how, status] of [
      ["/v1/jobs", large, 413],
      ["/v1/jobs", broken, 400],
      ["/v1/jobs", form, 415],
      ["/v1/jobs?embed=all", {}, 400],
      ["/v1/jobs/nobody", {}, 404],
      ["/v1/nothing", {}, 404],
    ] as const) {
      const answer = await stand.metronome(path, how);
      expect([path, answer.status]).toEqual([path, status]);
      expect(await answer.json()).toMatchObject({ message: expect.any(String) });
    }
  });

  it("may be read by pages of any site, as in Chronos, but only those that are named may change something", async () => {
    const stand = await start({ http: { allowOrigins: ["*", "http://mine.example"] } });
    const from = (Origin: string) => ({ headers: { Origin } });
    const read = await stand.chronos("/v1/scheduler/jobs", from("http://other.example"));
    expect(read.headers.get("access-control-allow-origin")).toBe("*");
    const put = (Origin: string) =>
      stand.chronos("/v1/scheduler/iso8601", {
        method: "POST",
        body: new Blob([JSON.stringify(TICK)]),
        headers: { Origin },
      });
    expect((await put("http://other.example")).status).toBe(403);
    expect((await put("http://mine.example")).status).toBe(204);
    const asked = { Origin: "http://mine.example", "Access-Control-Request-Headers": "X-Mine" };
    const before = await stand.metronome("/v1/jobs", { method: "OPTIONS", headers: asked });
    expect(Object.fromEntries(before.headers)).toMatchObject({
      allow: "GET, POST, HEAD, OPTIONS",
      "access-control-allow-origin": "http://mine.example",
      "access-control-allow-headers": "X-Mine",
    });
  });

  it("is compressed where it is large and that is welcome", async () => {
    const stand = await start();
    for (let i = 0; i < 5; i++)
      await stand.chronos("/v1/scheduler/iso8601", { ...ADD, json: { ...TICK, name: `t${i}` } });
    const large = await stand.chronos("/v1/scheduler/jobs", { headers: { "Accept-Encoding": "gzip" } });
    expect([large.headers.get("content-encoding"), ((await large.json()) as []).length]).toEqual(["gzip", 5]);
  });

  it("asks for credentials where there are some, but not of those who look whether it lives", async () => {
    const stand = await start({ http: { credentials: "me:secret" } });
    const as = (words: string) => ({ headers: { Authorization: `Basic ${btoa(words)}` } });
    for (const ask of [stand.chronos.bind(stand), stand.metronome.bind(stand)]) {
      expect((await ask("/ping")).status).toBe(200);
      expect((await ask("/v1/jobs", as("me:wrong"))).status).toBe(401);
      expect((await ask("/v1/jobs", as("me:secret"))).status).toBe(200);
    }
  });
});

describe("what concerns no job", () => {
  it("is told by each server about itself", async () => {
    const stand = await start();
    const { url, metronomeUrl } = stand.cron;
    expect(await (await stand.chronos("/v1/scheduler/leader")).json()).toEqual({ leader: new URL(url).host });
    expect(await (await stand.metronome("/leader")).json()).toEqual({ leader: new URL(metronomeUrl).host });
    expect(await (await stand.chronos("/ping")).text()).toBe("pong");
    expect(await (await stand.metronome("/info")).json()).toMatchObject({ config: { name: "chronos" } });
    const page = await stand.chronos("/");
    expect([page.headers.get("content-type"), await page.text()]).toEqual([
      "text/html",
      expect.stringContaining("0 jobs"),
    ]);
  });

  it("is counted and measured", async () => {
    const stand = await start();
    await stand.chronos("/v1/scheduler/iso8601", ADD);
    expect(await (await stand.chronos("/metrics")).json()).toMatchObject({
      gauges: { "chronos.jobs.gauge": { value: 1 } },
      counters: { "chronos.http.requests.counter": { count: 2 } },
    });
    expect(await (await stand.metronome("/v1/metrics")).json()).toMatchObject({
      gauges: { "metronome.jobs.gauge": { value: 1 } },
    });
    const prometheus = await stand.metronome("/metrics/prometheus");
    expect(await prometheus.text()).toContain("\nmetronome_jobs_gauge 1\n");
  });

  it("includes the level of the log, for those who name one that exists", async () => {
    const stand = await start();
    expect(await (await stand.chronos("/logging")).json()).toEqual({ ROOT: "INFO" });
    const set = async (json: unknown) => (await stand.chronos("/logging", { method: "POST", json })).status;
    expect([await set({ level: "DEBUG" }), await set({ level: "LOUD" }), await set(7)]).toEqual([200, 422, 422]);
  });
});

describe("the master", () => {
  it("is told who cron is, wanting no offers yet, and again under the id that it gave, in the next life as well", async () => {
    const first = await start();
    expect(first.line.subscribeCall()).toMatchObject({
      type: "SUBSCRIBE",
      subscribe: { framework_info: { name: "chronos", roles: ["*"], checkpoint: true }, suppressed_roles: ["*"] },
    });
    first.line.send(subscribed("F"));
    await expect.poll(() => first.disk.records.get("framework")).toBe('{"id":"F"}');
    await first.cron.stop();
    const second = await start({}, first.disk);
    expect(second.line.subscribeCall()).toMatchObject({ framework_id: { value: "F" } });
  });

  it("is subscribed to anew when the store failed, because what it said meanwhile is lost", async () => {
    const stand = await start();
    stand.disk.failure = new Error("disk full");
    await stand.chronos("/v1/scheduler/iso8601", ADD);
    await expect.poll(() => stand.lines[0]!.closed).toBe(true);
    stand.disk.failure = undefined;
    await expect.poll(() => stand.lines.length, { timeout: 10_000 }).toBe(2);
  });

  it("that wants cron no more ends it", async () => {
    const stand = await start();
    stand.line.send(subscribed("F"));
    stand.line.send({ type: "ERROR", error: { message: "Framework has been removed" } });
    await expect.poll(() => stand.ends[0]).toContain("Framework has been removed");
  });

  it("is asked for offers when a run is wanted, and gives it one", async () => {
    const stand = await start();
    stand.line.send(subscribed("F"));
    await stand.metronome("/v1/jobs", { method: "POST", json: BACKUP });
    expect((await stand.metronome("/v1/jobs/backup/runs", { method: "POST" })).status).toBe(201);
    await expect.poll(() => stand.line.calls.map(({ type }) => type)).toContain("REVIVE");
    stand.line.send({ type: "OFFERS", offers: { offers: [offer] } });
    await expect
      .poll(() => stand.line.calls.find(({ type }) => type === "ACCEPT"))
      .toMatchObject({
        accept: { operations: [{ launch: { task_infos: [{ command: { value: "date" } }] } }] },
      });
    await expect
      .poll(async () => (await stand.chronos("/metrics")).text())
      .toContain('tasks.launched.counter":{"count":1}');
  });
});

it("owners are told what became of their jobs", async () => {
  const stand = await start();
  await stand.chronos("/v1/scheduler/iso8601", { ...ADD, json: { ...TICK, owner: "me@example.com" } });
  await stand.chronos("/v1/scheduler/job/tick", { method: "DELETE" });
  await expect.poll(() => stand.told).toMatchObject([{ job: "tick", owner: "me@example.com" }]);
});

const scalar = (name: string, value: number) => ({ name, type: "SCALAR" as const, scalar: { value } });
const offer = {
  id: { value: "O1" },
  framework_id: { value: "F" },
  agent_id: { value: "S1" },
  hostname: "m1",
  allocation_info: { role: "*" },
  resources: [scalar("cpus", 4), scalar("mem", 1024), scalar("disk", 1024)].map((one) => ({
    ...one,
    role: "*",
    allocation_info: { role: "*" },
  })),
};
