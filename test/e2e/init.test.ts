// Init on a real cluster: services that stay up whatever dies, and each endpoint asked with curl.
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { promisify } from "node:util";
import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { ROUTES } from "@meseta/init/core/routes.ts";
import { connectMaster } from "@meseta/sdk/operator/connect.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MESETA, processesWith, RunningCluster } from "./local-cluster.ts";

const SLOW = { timeout: 60_000, interval: 50 };

let cluster: RunningCluster;
beforeAll(async () => {
  cluster = await RunningCluster.start(["--agents", "1"]);
});
afterAll(() => cluster.remove());

describe("an app", () => {
  it("comes up with its instances, and its deployment is over then", async () => {
    const { status, body } = await ask("POST", "/v2/apps", { ...sleeper, instances: 2 });
    expect([status, body.deployments]).toEqual([201, [{ id: expect.any(String) }]]);
    await expect.poll(sleepers, SLOW).toHaveLength(2);
    await expect.poll(() => list("/v2/deployments"), SLOW).toEqual([]);
    expect((await app()).tasksRunning).toBe(2);
  });

  it("has the task back that was killed behind its back", async () => {
    const [victim] = await sleepers();
    process.kill(victim!, "SIGKILL");
    await expect.poll(async () => (await sleepers()).filter((pid) => pid !== victim), SLOW).toHaveLength(2);
    await expect.poll(async () => (await app()).tasksRunning, SLOW).toBe(2);
    expect((await app()).lastTaskFailure).toMatchObject({ appId: "/sleeper", state: "TASK_FAILED" });
  });

  it("is scaled", async () => {
    expect((await ask("PUT", "/v2/apps/sleeper", { instances: 3 })).status).toBe(200);
    await expect.poll(sleepers, SLOW).toHaveLength(3);
    // A process lives before init has heard of it.
    await expect.poll(() => list("/v2/deployments"), SLOW).toEqual([]);
    expect((await ask("PUT", "/v2/apps/sleeper", { instances: 1 })).status).toBe(200);
    await expect.poll(sleepers, SLOW).toHaveLength(1);
  });

  it("is upgraded: its old task goes when the new one runs", async () => {
    await expect.poll(() => list("/v2/deployments"), SLOW).toEqual([]);
    const before = await sleepers();
    expect((await ask("PUT", "/v2/apps/sleeper", { env: { GENERATION: "2" } })).status).toBe(200);
    await expect.poll(() => list("/v2/deployments"), SLOW).toEqual([]);
    const after = await sleepers();
    expect(after).toHaveLength(1);
    expect(after).not.toEqual(before);
    expect(readFileSync(`/proc/${after[0]}/environ`, "utf8")).toContain("GENERATION=2");
  });

  it("is left alone by the death of init, which keeps its framework id", async () => {
    const before = [await sleepers(), (await get("/v2/info")).frameworkId];
    await kill("init");
    await expect.poll(async () => (await get("/v2/info")).frameworkId, SLOW).toBe(before[1]);
    expect([await sleepers(), (await app()).tasksRunning]).toEqual([before[0], 1]);
  });

  it("whose deployment waits goes on with it after the death of init, under the same id", async () => {
    const big = { id: "/big", cmd: "sleep 100000", cpus: (await freeCpus()) - 0.1, mem: 16 };
    await ask("POST", "/v2/apps", big);
    await expect.poll(() => list("/v2/deployments"), SLOW).toEqual([]);
    const { body } = await ask("POST", "/v2/apps", { ...sleeper, id: "/waits", cpus: 0.5 });
    const id = body.deployments[0].id;
    await expect.poll(async () => (await get("/v2/queue")).queue, SLOW).toMatchObject([{ app: { id: "/waits" } }]);
    await kill("init");
    expect(await list("/v2/deployments")).toMatchObject([{ id }]);
    await ask("DELETE", "/v2/apps/big");
    await expect.poll(async () => (await get("/v2/apps/waits")).app.tasksRunning, SLOW).toBe(1);
    await expect.poll(() => list("/v2/deployments"), SLOW).toEqual([]);
    await ask("DELETE", "/v2/apps/waits");
  });

  it("is not removed unasked by a beginning of its name, which may be meant for another", async () => {
    const rm = promisify(execFile)(MESETA, ["app", "rm", "/slee", "--yes", "--init", cluster.ready.init!]);
    await expect(rm).rejects.toMatchObject({ code: 4, stderr: expect.stringContaining("did you mean /sleeper?") });
    expect((await app()).tasksRunning).toBe(1);
  });

  it("is deleted with its tasks", async () => {
    expect((await ask("DELETE", "/v2/apps/sleeper")).status).toBe(200);
    await expect.poll(sleepers, SLOW).toEqual([]);
    await expect.poll(async () => (await get("/v2/apps")).apps, SLOW).toEqual([]);
  });
});

it("bridge mode is the network that agents have by themselves", async () => {
  expect((await get("/v2/info")).marathon_config).toMatchObject({ mesos_bridge_name: "meseta" });
});

it("an app that scales itself grows when its instances say that they have much to do", async () => {
  const serve = "require('http').createServer((q, r) => r.end('load 30\\n')).listen(process.env.PORT0, '127.0.0.1')";
  const metric = { path: "/", portIndex: 0, name: "load", target: 15 };
  const autoscale = { minInstances: 1, maxInstances: 2, coolDownSeconds: 1, metric };
  const cmd = `exec ${process.execPath} -e "${serve}"`;
  await ask("POST", "/v2/apps", { id: "/busy", cmd, cpus: 0.1, mem: 64, instances: 1, autoscale });
  await expect.poll(async () => (await get("/v2/apps/busy")).app.tasksRunning, SLOW).toBe(2);
  await ask("DELETE", "/v2/apps/busy");
  await expect.poll(async () => (await get("/v2/apps")).apps, SLOW).toEqual([]);
});

describe("an init that is an app of init", () => {
  const inner = async (): Promise<string> => {
    const [task] = (await get("/v2/apps/inner/tasks")).tasks;
    return `http://${task.host}:${task.ports[0]}`;
  };
  const innerInfo = async (): Promise<Body> => (await ask("GET", "/v2/info", undefined, await inner())).body;

  it("has services of its own, under its own name and role", async () => {
    const { master, dir } = { master: cluster.ready.masters[0]!, dir: cluster.dir };
    const command = `exec ${MESETA} init --master ${master} --port $PORT0 --name inner --role inner --dir ${dir}/inner`;
    await ask("POST", "/v2/apps", { id: "/inner", cmd: command, cpus: 0.1, mem: 300, user: userInfo().username });
    await expect.poll(() => innerInfo().catch(() => undefined), SLOW).toMatchObject({ name: "marathon" });
    await expect.poll(async () => (await innerInfo()).frameworkId, SLOW).toEqual(expect.any(String));
    expect((await innerInfo()).frameworkId).not.toBe((await get("/v2/info")).frameworkId);
    expect((await ask("POST", "/v2/apps", sleeper, await inner())).body.role).toBe("inner");
    await expect.poll(sleepers, SLOW).toHaveLength(1);
    expect((await get("/v2/apps")).apps).toMatchObject([{ id: "/inner" }]);
  });

  it("goes on with them when it was killed and brought back", async () => {
    const before = [await sleepers(), (await innerInfo()).frameworkId];
    const pid = processesWith(`${cluster.dir}/inner`).find(({ args }) => args.includes("init"))!.pid;
    process.kill(pid, "SIGKILL");
    await expect
      .poll(async () => (await get("/v2/apps/inner/tasks")).tasks.map(({ id }: Body) => id), SLOW)
      .toEqual([expect.stringContaining("_app.2")]);
    await expect.poll(async () => (await innerInfo().catch(() => ({}))).frameworkId, SLOW).toBe(before[1]);
    expect(await sleepers()).toEqual(before[0]);
    await ask("DELETE", "/v2/apps/sleeper", undefined, await inner());
    await expect.poll(sleepers, SLOW).toEqual([]);
    await ask("DELETE", "/v2/apps/inner");
    await expect.poll(async () => (await get("/v2/apps")).apps, SLOW).toEqual([]);
  });
});

const UNKNOWN = "instance-00000000-0000-4000-8000-000000000000";

/** Each endpoint once, in an order in which each finds what it needs: its row of the table, the arguments of curl, the status. */
const SESSION: readonly (readonly [row: string, path: string, body: unknown, status: number])[] = [
  ["GET /ping", "/ping", undefined, 200],
  ["GET /health", "/health", undefined, 200],
  ["GET /", "/", undefined, 302],
  ["GET /ui", "/ui/", undefined, 200],
  ["GET /v2/info", "/v2/info", undefined, 200],
  ["GET /v2/leader", "/v2/leader", undefined, 200],
  ["GET /v2/plugins", "/v2/plugins", undefined, 200],
  ["GET /metrics", "/metrics", undefined, 200],
  ["GET /metrics/prometheus", "/metrics/prometheus", undefined, 200],
  ["GET /config", "/config", undefined, 200],
  ["GET /logging", "/logging", undefined, 200],
  ["POST /logging", "/logging", { level: "DEBUG", logger: "ROOT", durationSeconds: 1 }, 200],
  ["GET /docs/errors", "/docs/errors", undefined, 200],
  ["GET /docs/errors/{code}", "/docs/errors/usage", undefined, 200],
  ["GET /v2/events", "/v2/events", undefined, 405],

  ["POST /v2/apps", "/v2/apps/", { id: "/g/a", cmd: "sleep 100000", cpus: 0.1, mem: 16 }, 201],
  ["POST /v2/apps", "/v2/apps", { id: "/g/a", cmd: "sleep 100000" }, 409],
  ["POST /v2/apps", "/v2/apps", { id: "/g/b", cmd: 7 }, 422],
  ["GET /v2/apps", "/v2/apps?embed=apps.tasks", undefined, 200],
  ["GET /v2/apps/{app}", "/v2/apps//g/a", undefined, 200],
  ["GET /v2/apps/{app}::explain", "/v2/apps/g/a::explain", undefined, 200],
  ["PUT /v2/apps/{app}", "/v2/apps/g%2Fa?force=True", { instances: 2 }, 200],
  ["PUT /v2/apps/{app}", "/v2/apps/g/c", { cmd: "sleep 100000", instances: 0 }, 201],
  ["PATCH /v2/apps/{app}", "/v2/apps/g/c", { mem: 17 }, 200],
  ["PATCH /v2/apps/{app}", "/v2/apps/none", { mem: 17 }, 404],
  ["PUT /v2/apps", "/v2/apps", [{ id: "/g/c", mem: 18 }], 200],
  ["PATCH /v2/apps", "/v2/apps", [{ id: "/g/c", mem: 19 }], 200],
  ["GET /v2/apps/*", "/v2/apps/*", undefined, 200],
  ["GET /v2/apps/{group}/*", "/v2/apps/g/*", undefined, 200],
  ["GET /v2/apps/*/tasks", "/v2/apps/*/tasks", undefined, 200],
  ["GET /v2/apps/{group}/*/tasks", "/v2/apps/g/*/tasks", undefined, 200],
  ["GET /v2/apps/{app}/tasks", "/v2/apps/g/a/tasks", undefined, 200],
  ["GET /v2/tasks", "/v2/tasks?status=running", undefined, 200],
  ["GET /v2/apps/{app}/versions", "/v2/apps/g/a/versions", undefined, 200],
  ["GET /v2/apps/{app}/versions/{version}", "/v2/apps/g/a/versions/VERSION", undefined, 200],
  ["GET /v2/queue", "/v2/queue", undefined, 200],
  ["DELETE /v2/queue/{app}/delay", "/v2/queue//none/delay", undefined, 404],
  ["POST /v2/apps/{app}/restart", "/v2/apps/g/a/restart?force=true", undefined, 200],
  ["GET /v2/deployments", "/v2/deployments", undefined, 200],
  ["DELETE /v2/deployments/{deployment}", "/v2/deployments/none", undefined, 404],
  ["POST /v2/tasks/delete", "/v2/tasks/delete", { ids: [] }, 200],
  ["DELETE /v2/apps/{app}/tasks/{task}", `/v2/apps/g/c/tasks/g_c.${UNKNOWN}._app.1`, undefined, 404],
  ["DELETE /v2/apps/{app}/tasks", "/v2/apps/g/c/tasks?host=*", undefined, 200],
  ["DELETE /v2/apps/{group}/*/tasks", "/v2/apps/g/*/tasks", undefined, 200],
  ["DELETE /v2/apps/*/tasks", "/v2/apps/*/tasks", undefined, 200],
  ["DELETE /v2/apps/{app}", "/v2/apps/g/c", undefined, 200],

  ["POST /v2/groups", "/v2/groups", { id: "/h", apps: [] }, 201],
  ["POST /v2/groups/{group}", "/v2/groups/h", { id: "i" }, 201],
  ["PUT /v2/groups/{group}", "/v2/groups/h?dryRun=true", { apps: [{ id: "x", cmd: "sleep 9" }] }, 200],
  ["PUT /v2/groups", "/v2/groups?force=true", { id: "/", groups: [{ id: "g" }, { id: "h" }] }, 200],
  ["PATCH /v2/groups/{group}", "/v2/groups/h", { enforceRole: false }, 200],
  ["GET /v2/groups", "/v2/groups?embed=group.apps", undefined, 200],
  ["GET /v2/groups/{group}", "/v2/groups/h/", undefined, 200],
  ["GET /v2/groups/apps", "/v2/groups/apps", undefined, 200],
  ["GET /v2/groups/{group}/apps", "/v2/groups/g/apps", undefined, 200],
  ["GET /v2/groups/versions", "/v2/groups/versions", undefined, 200],
  ["GET /v2/groups/versions/{version}", "/v2/groups/versions/VERSION", undefined, 200],
  ["GET /v2/groups/{group}/versions", "/v2/groups/g/versions", undefined, 200],
  ["GET /v2/groups/{group}/versions/{version}", "/v2/groups/g/versions/VERSION", undefined, 200],
  ["PUT /v2/groups/{group}/versions/{version}", "/v2/groups/g/versions/VERSION?force=true", undefined, 200],
  ["DELETE /v2/groups/{group}", "/v2/groups/h?force=true", undefined, 200],

  ["HEAD /v2/pods", "/v2/pods", undefined, 200],
  [
    "POST /v2/pods",
    "/v2/pods?force=true",
    { id: "/p", scaling: { kind: "fixed", instances: 1 }, containers: [pod()] },
    201,
  ],
  ["GET /v2/pods", "/v2/pods", undefined, 200],
  ["GET /v2/pods/{pod}", "/v2/pods/p", undefined, 200],
  ["GET /v2/pods/{pod}::explain", "/v2/pods/p::explain", undefined, 200],
  ["GET /v2/pods/::status", "/v2/pods/::status", undefined, 200],
  ["GET /v2/pods/{pod}::status", "/v2/pods/p::status", undefined, 200],
  ["GET /v2/pods/{pod}::versions", "/v2/pods/p::versions", undefined, 200],
  ["GET /v2/pods/{pod}::versions/{version}", "/v2/pods/p::versions/none", undefined, 422],
  ["PUT /v2/pods/{pod}", "/v2/pods/p?force=true", { id: "/p", labels: { a: "b" }, containers: [pod()] }, 200],
  ["PUT /v2/pods/{pod}", "/v2/pods/p", { id: "/q", containers: [pod()] }, 400],
  ["DELETE /v2/pods/{pod}::instances", "/v2/pods/p::instances", [`p.${UNKNOWN}`], 200],
  ["DELETE /v2/pods/{pod}::instances/{instance}", `/v2/pods/p::instances/p.${UNKNOWN}`, undefined, 404],
  ["DELETE /v2/pods/{pod}", "/v2/pods/p?force=true", undefined, 202],
  ["DELETE /v2/groups", "/v2/groups?force=true", undefined, 200],
  ["DELETE /v2/leader", "/v2/leader", undefined, 200],
];

describe("a session with curl", () => {
  it("asks each endpoint that there is", () => {
    expect([...new Set(SESSION.map(([row]) => row))].sort()).toEqual(
      ROUTES.map(({ method, path }) => `${method} ${path}`).sort(),
    );
  });

  let version = "";
  let abdicated: number | undefined;
  it.each(SESSION)("%s: %s", async (row, path, body, status) => {
    const [method] = row.split(" ") as [string];
    if (row === "DELETE /v2/leader") abdicated = cluster.pidOf("init");
    const answer = await ask(method, path.replace("VERSION", version), body);
    expect([answer.status, answer.text]).toEqual([status, expect.anything()]);
    if (row === "GET /v2/apps/{app}") version = answer.body.app.version;
    if (row === "GET /v2/groups/versions") version = answer.body[0];
    if (status >= 400) expect(answer.body.message).toEqual(expect.any(String));
  });

  it("finds init again after it stepped down", async () => {
    await expect.poll(() => pidOf("init"), SLOW).not.toBe(abdicated);
    await expect.poll(async () => (await get("/v2/leader").catch(() => ({}))).leader, SLOW).toMatch(/^127.0.0.1:/);
  });
});

const sleeper = { id: "/sleeper", cmd: "exec sleep 654321", cpus: 0.1, mem: 16 };

function pod() {
  return { name: "c", exec: { command: { shell: "sleep 100000" } }, resources: { cpus: 0.1, mem: 16 } };
}

// biome-ignore lint/suspicious/noExplicitAny: bodies of all kinds.
type Body = any;

/** Asks with curl, as a script would. */
async function ask(
  method: string,
  path: string,
  body?: unknown,
  url = cluster.ready.init,
): Promise<{ status: number; text: string; body: Body }> {
  const data = body === undefined ? [] : ["-H", "Content-Type: application/json", "-d", JSON.stringify(body)];
  const how = method === "HEAD" ? ["-I"] : ["-X", method];
  const args = ["-s", "-g", "--path-as-is", ...how, ...data, "-w", "\n%{http_code}", `${url}${path}`];
  const { stdout } = await promisify(execFile)("curl", args, { maxBuffer: 64 * 1024 * 1024 });
  const at = stdout.lastIndexOf("\n");
  const text = stdout.slice(0, at);
  return { status: Number(stdout.slice(at + 1)), text, body: /^[[{]/.test(text) ? JSON.parse(text) : undefined };
}

async function get(path: string): Promise<Body> {
  const { status, body } = await ask("GET", path);
  if (status !== 200) throw new Error(`${path}: ${status}`);
  return body;
}

const list = async (path: string): Promise<Body[]> => get(path).catch(() => []);

const app = async (): Promise<Body> => (await get("/v2/apps/sleeper")).app;

async function sleepers(): Promise<number[]> {
  const found = processesWith("654321").filter(({ args }) => args[0] === "sleep");
  return found
    .map(({ pid }) => pid)
    .filter((pid) => isOurs(pid))
    .sort();
}

/** Tasks of other clusters on this machine do not count. */
function isOurs(pid: number): boolean {
  const environment = `/proc/${pid}/environ`;
  return existsSync(environment) && readFileSync(environment, "utf8").includes(cluster.dir);
}

/** kill -9 of init, which its supervisor starts again. */
async function kill(part: "init"): Promise<void> {
  const pid = cluster.pidOf(part);
  process.kill(pid, "SIGKILL");
  await expect.poll(() => (pidOf(part) ?? pid) !== pid, SLOW).toBe(true);
  await expect
    .poll(
      () =>
        get("/v2/info").then(
          ({ frameworkId }) => frameworkId,
          () => undefined,
        ),
      SLOW,
    )
    .toBeDefined();
}

function pidOf(part: string): number | undefined {
  try {
    return cluster.pidOf(part);
  } catch {
    return undefined;
  }
}

async function freeCpus(): Promise<number> {
  const master = connectMaster(cluster.ready.masters);
  try {
    const [agent] = (await master.getAgents()).agents!;
    const of = (all: Resource[] | undefined) =>
      (all ?? []).reduce((sum, { name, scalar }) => (name === "cpus" ? sum + scalar!.value : sum), 0);
    return of(agent!.total_resources) - of(agent!.allocated_resources);
  } finally {
    master.close();
  }
}
