import { afterEach, describe, expect, it } from "vitest";
import { Stand } from "./stand.rig.ts";

const open: Stand[] = [];
const start: typeof Stand.start = async (...options) => {
  const stand = await Stand.start(...options);
  open.push(stand);
  return stand;
};
afterEach(async () => {
  for (const stand of open.splice(0)) await stand.init.stop();
});

// biome-ignore lint/suspicious/noExplicitAny: bodies of all kinds.
type Body = any;

const read = async (answer: Promise<Response>): Promise<Body> => (await answer).json();

const APP = { id: "/a", cmd: "sleep 1" };

describe("every answer", () => {
  it("says that it is not to be kept, and who leads, whatever it says else", async () => {
    const { init, ask } = bound(await start({ bounds: { bodyBytes: 100 } }));
    const large = { method: "POST", json: { id: "x".repeat(200) } };
    for (const [path, how, status] of [
      ["/v2/apps", {}, 200],
      ["/ping", {}, 200],
      ["/nowhere", {}, 404],
      ["/v2/apps", large, 413],
      ["/v2/apps/%", {}, 400],
    ] as const) {
      const answer = await ask(path, how);
      expect([path, answer.status, Object.fromEntries(answer.headers)]).toMatchObject([
        path,
        status,
        {
          "cache-control": "no-cache, no-store, must-revalidate",
          pragma: "no-cache",
          expires: "0",
          "x-frame-options": "DENY",
          "x-xss-protection": "1; mode=block",
          "x-marathon-leader": init.url,
        },
      ]);
    }
  });

  it("to a large body is the one that a small body has", async () => {
    const { ask } = bound(await start());
    const headers = { "Content-Type": "application/json" };
    const blank = " ".repeat(2_000_000);
    const post = (body: string) => ask("/v2/apps", { method: "POST", body, headers });
    expect((await post(JSON.stringify({ id: "/large", cmd: "sleep 1" }) + blank)).status).toBe(201);
    expect((await read(ask("/v2/apps/large"))).app).toMatchObject({ id: "/large", cmd: "sleep 1" });
    const refused = await post(`{${blank}`);
    expect([refused.status, await refused.json()]).toMatchObject([400, { message: "Invalid JSON" }]);
    expect((await post(`7${blank}`)).status).toBe((await post("7")).status);
  });

  it("that is an error has a message in JSON, those of the server below as well", async () => {
    const { ask } = bound(await start({ bounds: { bodyBytes: 10_000 } }));
    for (const [path, how] of [
      ["/nowhere", {}],
      ["/v2/artifacts", { method: "POST", json: {} }],
      ["/v2/apps", { method: "DELETE" }],
      ["/v2/apps", { method: "POST", json: { id: "x".repeat(12_000) } }],
      ["/v2/apps", { method: "POST", body: "{", headers: { "Content-Type": "application/json" } }],
      ["/v2/apps", { method: "POST", body: "id=a", headers: { "Content-Type": "application/x-www-form-urlencoded" } }],
      ["/v2/apps", { headers: { Accept: "text/html" } }],
      ["/v2/apps/%", {}],
      ["/v2/apps/none", {}],
      ["/v2/events", {}],
    ] as const) {
      const answer = await ask(path, how);
      expect(answer.status, path).toBeGreaterThanOrEqual(400);
      expect(await answer.json()).toMatchObject({ message: expect.any(String) });
    }
  });

  it("is compressed where it is large and that is welcome", async () => {
    const { stand, ask, post } = bound(await start());
    for (let i = 0; i < 300; i++) await post("/v2/apps", { ...APP, id: `/a${i}`, instances: 0 });
    await expect.poll(() => stand.init.loop.state.deployments.all.length).toBe(0);
    const plain = await ask("/v2/apps", { headers: { "Accept-Encoding": "identity" } });
    const small = await ask("/v2/info", { headers: { "Accept-Encoding": "gzip;q=0" } });
    const gzipped = await ask("/v2/apps", { headers: { "Accept-Encoding": "deflate, gzip" } });
    const ping = await ask("/ping", { headers: { "Accept-Encoding": "gzip" } });
    const encodings = [plain, small, gzipped, ping].map(({ headers }) => headers.get("content-encoding"));
    expect(encodings).toEqual([null, null, "gzip", null]);
    expect(gzipped.headers.get("vary")).toBe("Accept-Encoding");
    expect(await gzipped.json()).toEqual(await plain.json());
  });
});

describe("calls", () => {
  it("are answered once they are durable", async () => {
    const { stand, ask, post } = bound(await start());
    const made = await post("/v2/apps", APP);
    expect(made.status).toBe(201);
    expect(made.headers.get("marathon-deployment-id")).toBe(((await made.json()) as Body).deployments[0].id);
    expect([...stand.disk.records.keys()]).toContain("spec//a");
    expect((await read(ask("/v2/apps/a"))).app).toMatchObject({ ...APP, instances: 1 });
  });

  it("fail with 503 and change nothing while the store fails, and work again when it does", async () => {
    const { stand, ask, post } = bound(await start());
    await post("/v2/apps", APP);
    stand.failure = new Error("disk full");
    const refused = await ask("/v2/apps/a", { method: "PUT", json: { cmd: "sleep 2" } });
    expect([refused.status, await refused.json()]).toEqual([503, { message: "Nothing was changed: disk full" }]);
    await expect.poll(async () => (await read(ask("/v2/apps/a"))).app?.cmd).toBe("sleep 1");
    const health = async () => (await ask("/health")).text();
    expect(await health()).toBe("Nothing can be stored now: disk full");
    expect(await (await ask("/metrics")).text()).toMatch(/store\.works\.gauge":\{"value":0/);
    stand.failure = undefined;
    const again = () => ask("/v2/apps/a?force=true", { method: "PUT", json: { cmd: "sleep 3" } });
    await expect.poll(async () => (await again()).status, { timeout: 10_000 }).toBe(200);
    expect((await read(ask("/v2/apps/a"))).app.cmd).toBe("sleep 3");
    expect(await health()).toBe("");
  });

  it("tell what a definition misspells, wherever it stands, also when nothing is done", async () => {
    const { ask, post } = bound(await start());
    const tells = async (path: string, body: object) => {
      const answer = await post(path, body);
      return [answer.status, JSON.parse(answer.headers.get("meseta-left-aside") ?? "null")];
    };
    const misspelt = { ...APP, cpu: 1, container: { type: "MESOS", volums: [] } };
    const told = [
      { path: "/cpu", meant: "cpus" },
      { path: "/container/volums", meant: "volumes" },
    ];
    expect(await tells("/v2/apps?dryRun=true", misspelt)).toEqual([200, told]);
    expect(await tells("/v2/apps", { id: "/b", cmdd: "true" })).toEqual([422, [{ path: "/cmdd", meant: "cmd" }]]);
    expect(await tells("/v2/groups", { id: "/g", groups: [{ id: "h", app: [] }] })).toEqual([
      201,
      [{ path: "/groups(0)/app", meant: "apps" }],
    ]);
    expect(await tells("/v2/apps", APP)).toEqual([201, null]);
    // What is shown of it may be sent back.
    const { app } = await read(ask("/v2/apps/a?embed=app.taskStats&embed=app.readiness&embed=app.lastTaskFailure"));
    const back = await ask("/v2/apps/a?dryRun=true", { method: "PUT", json: { ...app, version: undefined } });
    expect([back.status, back.headers.get("meseta-left-aside")]).toEqual([200, null]);
  });

  it("are remembered by the next life", async () => {
    const first = await start();
    await first.post("/v2/apps", APP);
    await first.init.stop();
    const { ask } = bound(await start({}, first.disk));
    expect((await read(ask("/v2/apps"))).apps).toMatchObject([{ id: "/a", deployments: [{}] }]);
  });

  it("come as JSON or are refused, so that pages of other sites cannot make them", async () => {
    const { ask } = bound(await start());
    const as = async (type: string) =>
      (await ask("/v2/apps", { method: "POST", body: JSON.stringify(APP), headers: { "Content-Type": type } })).status;
    expect(await as("text/plain")).toBe(415);
    expect(await as("application/x-www-form-urlencoded")).toBe(415);
    expect(await as("application/json; charset=utf-8")).toBe(201);
  });
});

describe("the master", () => {
  const subscribed = (id: string) => ({
    type: "SUBSCRIBED" as const,
    subscribed: { framework_id: { value: id }, heartbeat_interval_seconds: 15 },
  });

  it("is told once who init is, and again under the id that it gave, in the next life as well", async () => {
    const first = await start();
    await first.post("/v2/apps", APP);
    await expect.poll(() => first.lines.length).toBe(1);
    expect(first.line.subscribeCall()).toMatchObject({
      type: "SUBSCRIBE",
      subscribe: { framework_info: { name: "marathon", roles: ["*"], checkpoint: true, failover_timeout: 1 } },
    });
    first.line.send(subscribed("F"));
    await expect.poll(() => first.disk.records.get("framework")).toBe('{"id":"F"}');
    await first.init.stop();
    const second = await start({}, first.disk);
    await expect.poll(() => second.lines.length).toBe(1);
    expect(second.line.subscribeCall()).toMatchObject({ framework_id: { value: "F" } });
  });

  it("is subscribed to anew when the store failed, because what it said meanwhile is lost", async () => {
    const { stand, post } = bound(await start());
    await post("/v2/apps", APP);
    await expect.poll(() => stand.lines.length).toBe(1);
    const [before] = stand.lines;
    stand.failure = new Error("disk full");
    await post("/v2/apps", { ...APP, id: "/b" });
    await expect.poll(() => before!.closed).toBe(true);
    stand.failure = undefined;
    await expect.poll(() => stand.lines.length, { timeout: 10_000 }).toBe(2);
  });

  it("that wants init no more ends it", async () => {
    const stand = await start();
    await stand.post("/v2/apps", APP);
    await expect.poll(() => stand.lines.length).toBe(1);
    stand.line.send(subscribed("F"));
    stand.line.send({ type: "ERROR", error: { message: "Framework has been removed" } });
    await expect.poll(() => stand.ends[0]).toContain("Framework has been removed");
  });
});

describe("the server itself", () => {
  it("says that it lives in the form that is wanted", async () => {
    const { ask } = bound(await start());
    const ping = async (Accept: string) => {
      const answer = await ask("/ping", { headers: { Accept } });
      return [answer.status, await answer.text()];
    };
    expect(await ping("*/*")).toEqual([200, "pong"]);
    expect(await ping("application/json")).toEqual([200, '"pong"']);
    expect(await ping("image/png")).toEqual([204, ""]);
  });

  it("names itself as the leader, and steps down when it is asked to", async () => {
    const { stand, init, ask } = bound(await start());
    expect(await (await ask("/v2/leader")).json()).toEqual({ leader: new URL(init.url).host });
    expect((await ask("/v2/leader?backup=file:///x", { method: "DELETE" })).status).toBe(400);
    expect(stand.ends).toEqual([]);
    const answer = await ask("/v2/leader", { method: "DELETE" });
    expect([answer.status, await answer.json()]).toEqual([200, { message: "Leadership abdicated" }]);
    await expect.poll(() => stand.ends).toEqual(["abdicated"]);
  });

  it("asks for credentials where it has some, but not of those who look whether it lives", async () => {
    const { ask } = bound(await start({ http: { credentials: "me:secret" } }));
    const as = (words: string) => ({ headers: { Authorization: `Basic ${btoa(words)}` } });
    const refused = await ask("/v2/apps", as("me:wrong"));
    expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, 'Basic realm="Mesosphere"']);
    expect(await refused.json()).toEqual({ message: "Unauthorized" });
    expect((await ask("/v2/apps")).status).toBe(401);
    expect((await ask("/v2/apps", as("me:secret"))).status).toBe(200);
    expect((await ask("/ping")).status).toBe(200);
  });

  it("does not mind an Authorization that nobody asked for", async () => {
    const { ask } = bound(await start());
    expect((await ask("/v2/apps", { headers: { Authorization: "token=" } })).status).toBe(200);
  });

  it("lets pages of the named origins read, and of no others", async () => {
    const { ask } = bound(await start({ http: { allowOrigins: ["http://one", "http://two"] } }));
    const headers = { Origin: "http://two", "Access-Control-Request-Headers": "X-Mine" };
    expect(Object.fromEntries((await ask("/v2/apps", { method: "OPTIONS", headers })).headers)).toMatchObject({
      allow: "GET, POST, PUT, PATCH, HEAD, OPTIONS",
      "access-control-allow-origin": "http://two",
      "access-control-allow-methods": "GET, HEAD, OPTIONS",
      "access-control-allow-headers": "X-Mine",
      "access-control-max-age": "86400",
    });
    const other = await ask("/v2/apps", { headers: { Origin: "http://three" } });
    expect(other.headers.get("access-control-allow-origin")).toBeNull();
    expect((await ask("/nowhere", { method: "OPTIONS" })).status).toBe(404);
  });

  it("lets pages of other sites change nothing, also where they say nothing of what they send", async () => {
    const { stand, ask } = bound(await start({ http: { allowOrigins: ["http://one"] } }));
    const send = (origin: string) =>
      ask("/v2/apps", { method: "POST", body: new Blob([JSON.stringify(APP)]), headers: { Origin: origin } });
    const refused = await send("http://evil.example");
    expect([refused.status, await refused.json()]).toEqual([
      403,
      { message: "Pages of other sites may not change anything here" },
    ]);
    expect(stand.init.loop.state.tree.apps.size).toBe(0);
    expect((await send("http://one")).status).toBe(201);
  });

  it("refuses what is more than so many requests at a time, but tells that it lives", async () => {
    const { stand, ask, post } = bound(await start({ http: { mostRequests: 1 } }));
    const held = Promise.withResolvers<void>();
    stand.held = held.promise;
    const first = post("/v2/apps", APP);
    await expect.poll(() => stand.init.loop.requests.size).toBe(1);
    const second = await ask("/v2/info");
    expect([second.status, await second.json()]).toEqual([503, { message: "Too many concurrent requests" }]);
    expect(second.headers.get("retry-after")).toBe("1");
    expect((await ask("/ping")).status).toBe(200);
    held.resolve();
    expect((await first).status).toBe(201);
    expect((await ask("/v2/apps")).status).toBe(200);
  });

  it("counts a request that failed as over", async () => {
    const { stand, ask } = bound(await start({ http: { mostRequests: 1 } }));
    stand.init.loop.readers.join = () => {
      throw new Error("broken");
    };
    expect((await ask("/v2/events", { headers: { Accept: "text/event-stream" } })).status).toBe(500);
    expect((await ask("/v2/apps")).status).toBe(200);
  });

  it("ends the answer to who asks for the head of the events alone", async () => {
    const { stand, ask } = bound(await start());
    const head = await ask("/v2/events", { method: "HEAD", headers: { Accept: "text/event-stream" } });
    expect([head.status, await head.text(), stand.init.loop.readers.size]).toEqual([200, "", 0]);
  });

  it("shows its numbers in both forms, its settings, its plugins, and a page for people", async () => {
    const { ask, post } = bound(await start());
    await post("/v2/apps", APP);
    const metrics = await (await ask("/metrics")).json();
    expect(metrics).toMatchObject({
      version: expect.any(String),
      gauges: { "marathon.apps.active.gauge": { value: 1 } },
      counters: { "marathon.http.requests.counter": { count: 2 } },
      histograms: {},
      meters: {},
      timers: {},
    });
    expect(await (await ask("/metrics/prometheus")).text()).toContain("\nmarathon_apps_active_gauge 1\n");
    expect(await (await ask("/config")).json()).toEqual({ name: "marathon" });
    expect(await (await ask("/v2/plugins")).json()).toEqual({ plugins: [] });
    expect((await ask("/")).headers.get("location")).toBe("/ui/");
    expect(await (await ask("/ui/")).text()).toContain("1 apps");
  });

  it("changes the level of its log for those who name one that exists", async () => {
    const { post } = bound(await start());
    const change = { level: "DEBUG", logger: "ROOT", durationSeconds: 1 };
    expect(await (await post("/logging", change)).json()).toEqual(change);
    expect((await post("/logging", { level: "INFO", durationSeconds: 1e300 })).status).toBe(200);
    for (const bad of [{ level: "LOUD" }, { level: "INFO", durationSeconds: -1 }, 7, null])
      expect((await post("/logging", bad)).status).toBe(422);
  });

  it("sends tasks as text to who wants nothing else", async () => {
    const { ask, post } = bound(await start());
    await post("/v2/apps", APP);
    for (const path of ["/v2/tasks", "/v2/apps/a/tasks", "/v2/apps/*/tasks"]) {
      const answer = await ask(path, { headers: { Accept: "text/plain" } });
      const type = answer.headers.get("content-type");
      expect([answer.status, type, await answer.text()]).toEqual([200, "text/plain; charset=utf-8", "a\t10000\n"]);
    }
    expect((await ask("/v2/apps", { headers: { Accept: "text/plain" } })).status).toBe(406);
  });

  it("streams events to those who accept them, with the headers of every answer", async () => {
    const { ask, post } = bound(await start());
    const over = new AbortController();
    const stream = await ask("/v2/events?event_type=group_change_success&plan-format=light", {
      headers: { Accept: "text/event-stream" },
      signal: over.signal,
    });
    expect([stream.status, stream.headers.get("expires")]).toEqual([200, "0"]);
    await post("/v2/apps", APP);
    let text = "";
    for await (const chunk of stream.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.includes("group_change_success")) break;
    }
    over.abort();
    expect(text).toContain("event: event_stream_attached\ndata: {");
    expect(text).not.toContain("api_post_event");
  });
});

/** The stand with its methods on their own. */
function bound(stand: Stand) {
  return { stand, init: stand.init, ask: stand.ask.bind(stand), post: stand.post.bind(stand) };
}
