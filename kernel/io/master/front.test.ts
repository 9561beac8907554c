import { messageOf } from "@meseta/api/mesos/codec/schema.ts";
import { createMemoryDisk, createMemoryStore } from "@meseta/drivers/store/memory.ts";
import { StoreFailed } from "@meseta/lib/core/ports/store.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ask, Listener, operate, post, rehearse } from "./rehearsal.rig.ts";
import type { RunningMaster } from "./server.ts";

let master: RunningMaster;

beforeEach(async () => {
  master = await rehearse(createMemoryStore());
});
afterEach(() => master.stop());

const framework_info = {
  user: "root",
  name: "f",
  roles: ["r"],
  capabilities: [{ type: "MULTI_ROLE" }],
  failover_timeout: 60,
};
const subscribing = { type: "SUBSCRIBE", subscribe: { framework_info } };

/** A framework that is subscribed: its stream, and how it makes calls. */
async function framework() {
  const stream = await Listener.open(master, "/api/v1/scheduler", subscribing);
  const event = (await stream.next()) as { subscribed: { framework_id: { value: string } } };
  const { framework_id } = event.subscribed;
  const streamId = stream.headers.get("mesos-stream-id")!;
  const call = (body: object, headers: Record<string, string> = { "Mesos-Stream-Id": streamId }) =>
    post(master, "/api/v1/scheduler", { framework_id, ...body }, headers);
  return { stream, framework_id, streamId, call };
}

describe.each([
  ["/api/v1/scheduler", "scheduler"],
  ["/api/v1", "master"],
])("%s refuses, as recorded", (path, api) => {
  const syntax = "Failed to parse body into JSON: syntax error at line 1 near: ";
  test.each([
    ["broken JSON", "{", 400, syntax],
    ["no body", "", 400, syntax],
    ["a text", '"x"', 400, "Failed to convert JSON into Call protobuf: Expecting a JSON object"],
    ["an empty object", "{}", 400, `Failed to validate ${api}::Call: Expecting 'type' to be present`],
    [
      "a number as type",
      '{"type":1}',
      400,
      "Failed to convert JSON into Call protobuf: Not expecting a JSON number for field 'type'",
    ],
    [
      "more after the end",
      "{} x",
      400,
      "Failed to parse body into JSON: Parsed JSON included non-whitespace trailing characters:  x",
    ],
  ])("%s", async (_, body, status, text) => {
    expect(await post(master, path, body)).toMatchObject({ status, text });
  });

  test("types and methods that it does not take", async () => {
    const body = '{"type":"GET_HEALTH"}';
    const typed = (type: string) => post(master, path, body, { "Content-Type": type });
    const expecting = "Expecting 'Content-Type' of application/json or application/x-protobuf";
    expect(await typed("application/json; charset=utf-8")).toMatchObject({ status: 415, text: expecting });
    const untyped = await ask(master, path, { method: "POST", body: new TextEncoder().encode(body) });
    expect(untyped).toMatchObject({ status: 400, text: "Expecting 'Content-Type' to be present" });
    expect(await typed("application/x-protobuf")).toMatchObject({
      status: 400,
      text: "Failed to parse body into Call protobuf",
    });
    const got = await ask(master, path);
    expect(got).toMatchObject({
      status: 405,
      text: "405 Method Not Allowed. Expecting one of { 'POST' }, but received 'GET'.",
    });
    expect(got.headers.get("allow")).toBe("POST");
  });
});

describe("the operator API", () => {
  test("an unknown type is 501, an unacceptable answer 406, and only after the call was found good", async () => {
    expect(await post(master, "/api/v1", { type: "UNKNOWN" })).toMatchObject({
      status: 501,
      text: "501 Not Implemented.",
    });
    const picky = { Accept: "text/html" };
    expect((await post(master, "/api/v1", { type: "GET_HEALTH" }, picky)).status).toBe(406);
    expect((await post(master, "/api/v1", {}, picky)).status).toBe(400);
    const any = await post(master, "/api/v1", { type: "GET_HEALTH", more: 1 }, { Accept: "*/*" });
    expect(any).toMatchObject({ status: 200, text: '{"type":"GET_HEALTH","get_health":{"healthy":true}}' });
  });

  const types = messageOf("mesos.v1.master.Call").fields.map(({ name }) => name);
  test.each(types.slice(1))("whatever stands in %s, the answer is no server error", async (name) => {
    const type = name.toUpperCase();
    for (const part of [
      undefined,
      {},
      [],
      "x",
      1,
      { agent_id: {} },
      { agent_id: { value: "" }, role: "", path: "/", offset: -1 },
    ])
      expect((await post(master, "/api/v1", { type, [name]: part })).status).toBeLessThan(500);
  });

  test("a watcher gets the whole state, a heartbeat, and then every change", async () => {
    await framework();
    const watcher = await Listener.open(master, "/api/v1", { type: "SUBSCRIBE" });
    const first = await watcher.next();
    expect(first).toMatchObject({
      type: "SUBSCRIBED",
      subscribed: {
        get_state: {
          get_tasks: { tasks: [] },
          get_frameworks: { frameworks: [{ framework_info: { name: "f" }, connected: true }] },
          get_agents: { agents: [] },
        },
        heartbeat_interval_seconds: 15,
      },
    });
    expect(await watcher.next()).toEqual({ type: "HEARTBEAT" });
    const { framework_id } = await framework();
    expect(await watcher.next()).toMatchObject({
      type: "FRAMEWORK_ADDED",
      framework_added: { framework: { framework_info: { id: framework_id } } },
    });
    await operate(master, { type: "TEARDOWN", teardown: { framework_id } });
    expect(await watcher.next()).toMatchObject({ type: "FRAMEWORK_REMOVED" });
    await watcher.leave();
  });

  test("a snapshot of many megabytes comes whole, and what happens meanwhile follows it", async () => {
    await master.stop();
    const disk = createMemoryDisk();
    const tasks = Array.from({ length: 1000 }, (_, i) => ({
      ...{ name: "n".repeat(5000), task_id: { value: `t-${i}` }, framework_id: { value: "old" } },
      ...{ agent_id: { value: "a" }, state: "TASK_FINISHED" },
    }));
    disk.records.set(
      "completed-framework/old",
      JSON.stringify({ info: framework_info, registeredMs: 1, unregisteredMs: 2 }),
    );
    disk.records.set("completed-task/old/000000000000", JSON.stringify({ tasks }));
    master = await rehearse(createMemoryStore(disk));
    const watcher = await Listener.open(master, "/api/v1", { type: "SUBSCRIBE" });
    const added = await framework();
    const first = (await watcher.next()) as {
      subscribed: { get_state: { get_tasks: object; get_frameworks: object } };
    };
    expect(first.subscribed.get_state.get_tasks).toMatchObject({ completed_tasks: { length: 1000, 999: tasks[999] } });
    const { get_frameworks } = first.subscribed.get_state as { get_frameworks: { frameworks: object[] } };
    const later = [await watcher.next()];
    if (get_frameworks.frameworks.length === 0) later.push(await watcher.next());
    expect(later[0]).toEqual({ type: "HEARTBEAT" });
    expect(JSON.stringify([get_frameworks, later])).toContain(added.framework_id.value);
    await watcher.leave();
  });

  test("metrics come by their names in all three forms", async () => {
    await framework();
    const { body } = await operate(master, { type: "GET_METRICS", get_metrics: {} });
    const names: string[] = body.get_metrics.metrics.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(["master/elected", "master/messages_kill_task", "system/cpus_total"]));
    const snapshot = JSON.parse((await ask(master, "/metrics/snapshot")).text);
    expect(snapshot).toMatchObject({ "master/frameworks_active": 1, "master/tasks_running": 0 });
    const text = (await ask(master, "/metrics")).text;
    expect(text).toContain("\nmeseta_master_frameworks_active 1\n");
  });
});

describe("the scheduler API", () => {
  test("calls that belong to no stream are refused, as recorded", async () => {
    const { framework_id, call, streamId } = await framework();
    expect((await call({ type: "REVIVE" })).status).toBe(202);
    expect(await post(master, "/api/v1/scheduler", { type: "REVIVE", framework_id: { value: "nope" } })).toMatchObject({
      status: 400,
      text: "Framework cannot be found",
    });
    expect(await call({ type: "REVIVE" }, {})).toMatchObject({
      status: 400,
      text: "All non-subscribe calls should include the 'Mesos-Stream-Id' header",
    });
    expect(await call({ type: "REVIVE" }, { "Mesos-Stream-Id": "not-a-uuid" })).toMatchObject({
      status: 400,
      text: `The stream ID 'not-a-uuid' included in this request didn't match the stream ID currently associated with framework ID ${framework_id.value}`,
    });
    expect(await post(master, "/api/v1/scheduler", subscribing, { "Mesos-Stream-Id": streamId })).toMatchObject({
      status: 400,
      text: "Subscribe calls should not include the 'Mesos-Stream-Id' header",
    });
  });

  test("a newer subscription ends the older with an error", async () => {
    const { stream, framework_id } = await framework();
    const again = {
      type: "SUBSCRIBE",
      framework_id,
      subscribe: { framework_info: { ...framework_info, id: framework_id } },
    };
    const newer = await Listener.open(master, "/api/v1/scheduler", again);
    expect(await newer.next()).toMatchObject({ type: "SUBSCRIBED" });
    const events = [];
    for (let event = await stream.next(); event !== undefined; event = await stream.next()) events.push(event);
    expect(events.at(-1)).toEqual({ type: "ERROR", error: { message: "Framework failed over" } });
    await newer.leave();
  });

  test("a bad subscription is an error on a stream that ends", async () => {
    const bad = { type: "SUBSCRIBE", subscribe: { framework_info: { ...framework_info, roles: ["/a"] } } };
    const stream = await Listener.open(master, "/api/v1/scheduler", bad);
    expect(stream.status).toBe(200);
    expect(await stream.next()).toEqual({
      type: "ERROR",
      error: { message: "'FrameworkInfo.roles' contains invalid role: Role '/a' cannot start with a slash" },
    });
    expect(await stream.next()).toBeUndefined();
  });

  test("a framework whose connection breaks is disconnected", async () => {
    const { stream } = await framework();
    await stream.leave();
    await expect
      .poll(async () => (await operate(master, { type: "GET_FRAMEWORKS" })).body.get_frameworks.frameworks[0].connected)
      .toBe(false);
  });
});

describe("the older endpoints", () => {
  test("jsonp makes a script of an answer, and of nothing that is not a name", async () => {
    for (const path of ["/state", "/tasks", "/flags"]) {
      const script = await ask(master, `${path}?jsonp=cb`);
      expect(script.headers.get("content-type")).toBe("text/javascript");
      expect(script.text).toMatch(/^cb\(\{.*\}\)$/);
    }
    expect((await ask(master, "/state?jsonp=alert(1)//")).status).toBe(400);
  });

  test("readings answer every method, below /master as well, and HEAD without a body", async () => {
    for (const method of ["POST", "DELETE"]) expect((await ask(master, "/master/state", { method })).status).toBe(200);
    expect(await ask(master, "/health", { method: "HEAD" })).toMatchObject({ status: 200, text: "" });
    const head = await ask(master, "/state", { method: "HEAD" });
    expect(head).toMatchObject({ status: 200, text: "" });
    expect(Number(head.headers.get("content-length"))).toBeGreaterThan(100);
  });

  test("a poller that sends back the tag of what it has is told that nothing changed", async () => {
    const first = await ask(master, "/state");
    const headers = { "If-None-Match": first.headers.get("etag")! };
    expect(await ask(master, "/state", { headers })).toMatchObject({ status: 304, text: "" });
    await framework();
    const second = await ask(master, "/state", { headers });
    expect(second.status).toBe(200);
    expect(second.headers.get("etag")).not.toBe(headers["If-None-Match"]);
  });

  test("an unknown path is 404 in Mesos' words", async () => {
    expect(await ask(master, "/no-such-path")).toMatchObject({ status: 404, text: "404 Not Found." });
    expect((await ask(master, "/api/v2")).status).toBe(404);
    expect((await ask(master, "/files/read?path=/etc/passwd")).status).toBe(404);
    expect((await ask(master, "/files/read")).status).toBe(400);
  });

  test("explain says why a framework has no offer", async () => {
    const { framework_id } = await framework();
    const { status, text } = await ask(master, `/explain?framework_id=${framework_id.value}`);
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      name: "f",
      connection: "connected",
      summary: "there are no agents",
      offers: [],
    });
    await operate(master, { type: "TEARDOWN", teardown: { framework_id } });
    const removed = JSON.parse((await ask(master, `/explain?framework_id=${framework_id.value}`)).text);
    expect(removed).toMatchObject({ connection: "removed" });
    expect((await ask(master, "/explain?framework_id=x")).status).toBe(404);
    expect((await ask(master, "/explain")).status).toBe(400);
  });

  test("the page of an error's code is text for a terminal", async () => {
    const page = await ask(master, "/docs/errors/no-leader");
    expect(page).toMatchObject({ status: 200, text: expect.stringContaining("no-leader") });
    expect((await ask(master, "/docs/errors/nothing")).status).toBe(404);
    expect((await ask(master, "/docs/errors")).text).toMatch(/^no-leader +the cluster has no leading /m);
  });
});

describe("who may be asked", () => {
  test("a master that does not lead sends to the one that does, and says so when there is none", async () => {
    await master.stop();
    let leader: { hostname: string; port: number } | undefined = { hostname: "other", port: 5150 };
    master = await rehearse(createMemoryStore(), { leader: () => leader });
    const state = await ask(master, "/master/state?jsonp=a");
    expect([state.status, state.headers.get("location")]).toEqual([307, "//other:5150/state?jsonp=a"]);
    const call = await post(master, "/api/v1", { type: "GET_HEALTH" });
    expect([call.status, call.headers.get("location")]).toEqual([307, "//other:5150/api/v1"]);
    expect((await ask(master, "/redirect")).headers.get("location")).toBe("//other:5150");
    expect((await ask(master, "/health")).status).toBe(200);
    leader = undefined;
    expect(await ask(master, "/state")).toMatchObject({ status: 503, text: "No leader elected" });
    expect(await post(master, "/api/v1/scheduler", subscribing)).toMatchObject({ status: 503 });
  });

  test("every request passes the one gate", async () => {
    await master.stop();
    const admit = ({ path }: { path: string }) =>
      path === "/health"
        ? { principal: undefined }
        : { refusal: { status: 401, headers: { "WWW-Authenticate": "Basic" } } };
    master = await rehearse(createMemoryStore(), { admit });
    expect((await ask(master, "/health")).status).toBe(200);
    for (const path of ["/state", "/metrics", "/docs/errors/no-leader"])
      expect((await ask(master, path)).status).toBe(401);
    expect((await post(master, "/api/v1", { type: "GET_HEALTH" })).status).toBe(401);
  });

  test("while the store fails, writes are refused and change nothing, readings work, and it recovers by itself", async () => {
    await master.stop();
    const disk = createMemoryDisk();
    const store = createMemoryStore(disk);
    let full = false;
    const commit: typeof store.commit = (change, epoch) =>
      full ? Promise.reject(new StoreFailed("disk full")) : store.commit(change, epoch);
    master = await rehearse({ ...store, commit });
    const update = { type: "UPDATE_WEIGHTS" as const, update_weights: { weight_infos: [{ role: "w", weight: 2 }] } };
    full = true;
    expect(await operate(master, update)).toMatchObject({ status: 503, body: expect.stringContaining("disk full") });
    expect(await operate(master, update)).toMatchObject({ status: 503 });
    expect((await operate(master, { type: "GET_WEIGHTS" })).body).toEqual({ type: "GET_WEIGHTS" });
    expect((await ask(master, "/state")).status).toBe(200);
    // Whoever watches it would end a process that is well otherwise.
    expect(await ask(master, "/health")).toMatchObject({ status: 200, text: "Nothing can be stored now: disk full" });
    expect((await ask(master, "/metrics/snapshot")).text).toContain('"meseta/store_works":0');
    full = false;
    await expect.poll(async () => (await operate(master, update)).status, { timeout: 10_000 }).toBe(200);
    expect((await operate(master, { type: "GET_WEIGHTS" })).body.get_weights.weight_infos).toHaveLength(1);
    expect(await ask(master, "/health")).toMatchObject({ status: 200, text: "" });
  });
});
