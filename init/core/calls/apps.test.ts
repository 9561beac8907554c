import { describe, expect, it } from "vitest";
import { CLIENT, Desk, START } from "./desk.rig.ts";

const NO = { force: false } as const;
const put = { kind: "update-apps", isPartial: true, mustExist: false, ...NO } as const;
const patch = { ...put, mustExist: true };
const SECOND = "2026-01-05T10:00:01.000Z";

/** A desk with the app /a, whose deployment is over. */
function withApp(more: object = {}): Desk {
  const desk = new Desk();
  desk.done({ kind: "create-app", body: { id: "/a", cmd: "x", ...more }, ...NO });
  desk.finish();
  return desk;
}

function lockText() {
  return "App is locked by one or more deployments. Override with the option '?force=true'. View details at '/v2/deployments/<DEPLOYMENT_ID>'.";
}

describe("POST /v2/apps", () => {
  it("answers 201 with the app as it is stored, no task, its deployment, and where it is", () => {
    const desk = new Desk();
    const { answer } = desk.hand({ kind: "create-app", body: { id: "shop/web", cmd: "./run" }, ...NO });
    const plan = desk.plan;
    expect(answer).toEqual({
      status: 201,
      headers: { Location: "/v2/apps/shop/web", "Marathon-Deployment-Id": plan.id },
      body: {
        id: "/shop/web",
        cmd: "./run",
        instances: 1,
        cpus: 1,
        mem: 128,
        disk: 0,
        gpus: 0,
        executor: "",
        requirePorts: false,
        backoffSeconds: 1,
        backoffFactor: 1.15,
        maxLaunchDelaySeconds: 300,
        upgradeStrategy: { minimumHealthCapacity: 1, maximumOverCapacity: 1 },
        labels: {},
        networks: [{ mode: "host" }],
        portDefinitions: [{ port: 10_000, name: "default", protocol: "tcp", labels: {} }],
        role: "*",
        unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
        killSelection: "YOUNGEST_FIRST",
        version: SECOND,
        versionInfo: { lastScalingAt: SECOND, lastConfigChangeAt: SECOND },
        tasksStaged: 0,
        tasksRunning: 0,
        tasksHealthy: 0,
        tasksUnhealthy: 0,
        deployments: [{ id: plan.id }],
      },
    });
  });

  it("tells first who asked, then that the group has changed", () => {
    const { notices } = new Desk().hand({ kind: "create-app", body: { id: "/shop/web", cmd: "x" }, ...NO });
    expect(notices).toEqual([
      {
        eventType: "api_post_event",
        clientIp: CLIENT.ip,
        uri: CLIENT.uri,
        appDefinition: expect.objectContaining({ id: "/shop/web", version: SECOND }),
      },
      { eventType: "group_change_success", groupId: "/shop", version: SECOND },
    ]);
  });

  it("of an id that is taken answers 409, and tells that nothing came of it", () => {
    const { answer, notices } = withApp().hand({ kind: "create-app", body: { id: "/a", cmd: "y" }, ...NO });
    const message = "An app with id [/a] already exists.";
    expect(answer).toEqual({ status: 409, body: { message } });
    expect(notices).toEqual([
      { eventType: "group_change_failed", groupId: "/", version: "2026-01-05T10:00:02.000Z", reason: message },
    ]);
  });

  it("below an app answers 409", () => {
    const { answer } = withApp().hand({ kind: "create-app", body: { id: "/a/b", cmd: "y" }, ...NO });
    expect(answer.status).toBe(409);
  });

  it("of what is no app answers 422 with what is wrong where, and tells nothing", () => {
    const { answer, notices } = new Desk().hand({ kind: "create-app", body: { id: 5 }, ...NO });
    expect(answer).toEqual({
      status: 422,
      body: { message: "Invalid JSON", details: [{ path: "/id", errors: ["error.expected.jsstring"] }] },
    });
    expect(notices).toEqual([]);
  });

  it("of what is no object answers 400", () => {
    const { answer } = new Desk().hand({ kind: "create-app", body: [], ...NO });
    expect(answer).toEqual({ status: 400, body: { message: "Please specify data in JSON format" } });
  });

  it("as a dry run answers with the steps, and nothing is done or told", () => {
    const desk = new Desk();
    const came = desk.hand({ kind: "create-app", body: { id: "/a", cmd: "x" }, ...NO, dryRun: true });
    expect(came.answer).toEqual({
      status: 200,
      body: {
        steps: [
          { actions: [{ action: "StartApplication", app: "/a" }] },
          { actions: [{ action: "ScaleApplication", app: "/a" }] },
        ],
      },
    });
    expect([came.saved, came.notices, desk.state.tree.version]).toEqual([[], [], START]);
  });

  it("beyond as many deployments as may run answers 403", () => {
    const desk = new Desk({ mostDeployments: 1 });
    desk.done({ kind: "create-app", body: { id: "/a", cmd: "x" }, ...NO });
    const { answer } = desk.hand({ kind: "create-app", body: { id: "/b", cmd: "x" }, ...NO });
    expect(answer).toEqual({
      status: 403,
      body: { message: expect.stringMatching(/^Max number \(1\) of running deployments is achieved\./) },
    });
    expect(desk.done({ ...put, id: "/a", body: { instances: 2 }, force: true }).answer.status).toBe(200);
  });
});

describe("PUT /v2/apps/{id}", () => {
  it("of an app that is there answers 200 with its deployment, and keeps what it does not name", () => {
    const desk = withApp({ env: { A: "1" } });
    const { answer } = desk.hand({ ...put, id: "/a", body: { mem: 64 } });
    const plan = desk.plan;
    expect(answer).toEqual({
      status: 200,
      headers: { "Marathon-Deployment-Id": plan.id },
      body: { version: "2026-01-05T10:00:02.000Z", deploymentId: plan.id },
    });
    expect(desk.state.tree.apps.get("/a")).toMatchObject({ cmd: "x", mem: 64, env: { A: "1" } });
  });

  it("whole replaces it", () => {
    const desk = withApp({ env: { A: "1" } });
    desk.done({ ...put, isPartial: false, id: "/a", body: { cmd: "y" } });
    expect(desk.state.tree.apps.get("/a")).toMatchObject({ cmd: "y", env: {} });
  });

  it("of an app that is not there makes it and answers 201 with its deployment and where it is", () => {
    const desk = new Desk();
    const { answer } = desk.hand({ ...put, id: "/g/a", body: { cmd: "x" } });
    const plan = desk.plan;
    expect(answer).toEqual({
      status: 201,
      headers: { "Marathon-Deployment-Id": plan.id, Location: "/v2/apps/g/a" },
      body: { version: SECOND, deploymentId: plan.id },
    });
  });

  it("while a deployment acts on it answers 409 and names the deployment; forced, it takes its place", () => {
    const desk = new Desk();
    desk.done({ kind: "create-app", body: { id: "/a", cmd: "x" }, ...NO });
    const [first] = desk.state.deployments.all;
    const { answer, notices } = desk.hand({ ...put, id: "/a", body: { mem: 64 } });
    expect(answer).toEqual({ status: 409, body: { message: lockText(), deployments: [{ id: first!.plan.id }] } });
    expect(notices).toMatchObject([{ eventType: "group_change_failed", reason: lockText() }]);
    const forced = desk.hand({ ...put, id: "/a", body: { mem: 64 }, force: true });
    expect(forced.answer.status).toBe(200);
    expect(desk.state.deployments.all).toHaveLength(1);
    expect(forced.notices.map(({ eventType }) => eventType)).toEqual([
      "api_post_event",
      "group_change_success",
      "deployment_failed",
    ]);
  });

  it("with a version alone brings back that definition under a new version", () => {
    const desk = withApp();
    desk.done({ ...put, id: "/a", body: { cmd: "y", instances: 3 } });
    desk.finish();
    expect(desk.done({ ...put, id: "/a", body: { version: SECOND } }).answer.status).toBe(200);
    expect(desk.state.tree.apps.get("/a")).toMatchObject({
      cmd: "x",
      instances: 1,
      version: "2026-01-05T10:00:03.000Z",
    });
  });

  it("with a version that is not known answers 404", () => {
    const { answer } = withApp().hand({ ...put, id: "/a", body: { version: START } });
    expect(answer).toEqual({ status: 404, body: { message: `App '/a' does not exist in version ${START}` } });
    const none = withApp().hand({ ...put, id: "/b", body: { version: START } });
    expect(none.answer).toEqual({ status: 404, body: { message: "App '/b' does not exist" } });
  });

  it("with a version and more answers 422", () => {
    const { answer } = withApp().hand({ ...put, id: "/a", body: { version: SECOND, mem: 1 } });
    const text = "The 'version' field may only be combined with the 'id' field.";
    expect(answer).toEqual({
      status: 422,
      body: { message: "Object is not valid", details: [{ path: "/", errors: [text] }] },
    });
  });

  it("of the same again changes no version, and answers as ever", () => {
    const desk = withApp();
    const { answer } = desk.hand({ ...put, id: "/a", body: { cmd: "x" } });
    expect(answer.status).toBe(200);
    expect(desk.state.tree.apps.get("/a")!.version).toBe(SECOND);
  });

  it("as a dry run says that it restarts, or only scales", () => {
    const desk = withApp();
    const stepsOf = (body: object) => desk.hand({ ...put, id: "/a", body, dryRun: true }).answer.body;
    expect(stepsOf({ mem: 64 })).toEqual({ steps: [{ actions: [{ action: "RestartApplication", app: "/a" }] }] });
    expect(stepsOf({ instances: 4 })).toEqual({ steps: [{ actions: [{ action: "ScaleApplication", app: "/a" }] }] });
    expect(desk.state.deployments.all).toEqual([]);
  });
});

describe("PATCH /v2/apps/{id}", () => {
  it("changes an app", () => {
    expect(withApp().hand({ ...patch, id: "/a", body: { mem: 1 } }).answer.status).toBe(200);
  });

  it("of an app that is not there answers 404", () => {
    const { answer } = withApp().hand({ ...patch, id: "/b", body: { cmd: "x" } });
    expect(answer).toEqual({ status: 404, body: { message: "App '/b' does not exist" } });
  });
});

describe("PUT and PATCH /v2/apps", () => {
  it("changes and makes all of a list, in one deployment", () => {
    const desk = withApp();
    const { answer } = desk.hand({
      ...put,
      body: [
        { id: "/a", mem: 64 },
        { id: "/b", cmd: "y" },
      ],
    });
    expect(answer).toMatchObject({ status: 200, body: { version: "2026-01-05T10:00:02.000Z" } });
    expect(desk.state.tree.apps.get("/a")!.mem).toBe(64);
    expect(desk.state.tree.apps.has("/b")).toBe(true);
    expect(desk.state.deployments.all).toHaveLength(1);
  });

  it("does nothing of a list of which one is refused", () => {
    const desk = withApp();
    expect(desk.hand({ ...patch, body: [{ id: "/a", mem: 64 }, { id: "/b" }] }).answer).toEqual({
      status: 404,
      body: { message: "App '/b' does not exist" },
    });
    expect(desk.hand({ ...put, body: [{ id: "/a", mem: 64 }, { cmd: "x" }] }).answer).toEqual({
      status: 422,
      body: { message: "Invalid JSON", details: [{ path: "(1)/id", errors: ["error.path.missing"] }] },
    });
    expect(desk.state.tree.apps.get("/a")!.mem).toBe(128);
  });
});

describe("DELETE /v2/apps/{id}", () => {
  it("answers 200 with the deployment, and the app is not wanted any more", () => {
    const desk = withApp();
    const { answer } = desk.hand({ kind: "delete-app", id: "/a", ...NO });
    expect(answer).toMatchObject({ status: 200, body: { version: "2026-01-05T10:00:02.000Z" } });
    expect(desk.state.tree.apps.has("/a")).toBe(false);
  });

  it("of an app that is not there answers 404", () => {
    const { answer } = withApp().hand({ kind: "delete-app", id: "/b", ...NO });
    expect(answer).toEqual({ status: 404, body: { message: "App '/b' does not exist" } });
  });
});

describe("POST /v2/apps/{id}/restart", () => {
  it("answers 200 with a deployment that restarts it", () => {
    const desk = withApp();
    const { answer } = desk.hand({ kind: "restart-app", id: "/a", ...NO });
    expect(answer).toMatchObject({ status: 200, body: { version: "2026-01-05T10:00:02.000Z" } });
    expect(desk.state.deployments.all[0]!.plan.steps).toEqual([{ actions: [{ kind: "restart", id: "/a" }] }]);
  });

  it("of an app that is not there answers 404", () => {
    const { answer } = withApp().hand({ kind: "restart-app", id: "/b", ...NO });
    expect(answer).toEqual({ status: 404, body: { message: "App '/b' does not exist" } });
  });
});

describe("a deadline", () => {
  it("of a definition is that of the deployment, from its start", () => {
    const desk = withApp({
      upgradeStrategy: { minimumHealthCapacity: 1, maximumOverCapacity: 1, deadlineSeconds: 60 },
    });
    desk.done({ ...put, id: "/a", body: { mem: 64 } });
    expect(desk.state.deployments.all[0]!.deadlineMs).toBe(desk.nowMs + 60_000);
  });
});
