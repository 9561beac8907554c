import { describe, expect, it } from "vitest";
import { Desk, START } from "./desk.rig.ts";

const NO = { force: false } as const;
const create = { kind: "create-group", id: "/", ...NO } as const;
const put = { kind: "update-group", id: "/g", ...NO } as const;
const FIRST = "2026-01-05T10:00:01.000Z";
const notValid = (path: string, error: string) => ({
  status: 422,
  body: { message: "Object is not valid", details: [{ path, errors: [error] }] },
});

/** A desk with the group /g of the apps /g/a (2 instances) and /g/b (3), all deployed. */
function withGroup(): Desk {
  const desk = new Desk();
  const apps = [
    { id: "a", cmd: "x", instances: 2 },
    { id: "b", cmd: "x", instances: 3 },
  ];
  desk.done({ ...create, body: { id: "/g", apps } });
  desk.finish();
  return desk;
}

const instancesIn = (desk: Desk) =>
  [...desk.state.tree.apps.values()].map(({ id, instances }) => [id, instances]).sort();

describe("POST /v2/groups", () => {
  it("answers 201 with the deployment and where the group is", () => {
    const desk = new Desk();
    const { answer, notices } = desk.hand({ ...create, body: { id: "g", apps: [{ id: "a", cmd: "x" }] } });
    expect(answer).toEqual({
      status: 201,
      headers: { "Marathon-Deployment-Id": desk.plan.id, Location: "/v2/groups/g" },
      body: { version: FIRST, deploymentId: desk.plan.id },
    });
    expect(notices).toEqual([{ eventType: "group_change_success", groupId: "/g", version: FIRST }]);
    expect([...desk.state.tree.apps.keys()]).toEqual(["/g/a"]);
  });

  it("of a group that is there answers 409", () => {
    const answers = [{ id: "/g" }, {}].map((body) => withGroup().hand({ ...create, body }).answer);
    expect(answers).toEqual(
      ["/g", "/"].map((id) => ({
        status: 409,
        body: { message: `Group ${id} is already created. Use PUT to change this group.` },
      })),
    );
  });

  it("of a group where an app is answers 409", () => {
    const { answer } = withGroup().hand({ ...create, body: { id: "/g/a" } });
    expect(answer).toEqual({ status: 409, body: { message: "An app with the path /g/a already exists." } });
  });

  it("of a group that only scales, and is not there, answers 404", () => {
    const { answer } = withGroup().hand({ ...create, id: "/new", body: { scaleBy: 2 } });
    expect(answer).toEqual({ status: 404, body: { message: "Group '/new' does not exist" } });
  });

  it("of dependencies in a circle answers 422 and says which", () => {
    const apps = [
      { id: "a", cmd: "x", dependencies: ["b"] },
      { id: "b", cmd: "x", dependencies: ["a"] },
    ];
    const { answer } = new Desk().hand({ ...create, body: { id: "/g", apps } });
    expect(answer.status).toBe(422);
    expect(JSON.stringify(answer.body)).toContain("/g/a -> /g/b -> /g/a");
  });
});

describe("PUT /v2/groups/{id}", () => {
  it("answers 200 with the deployment, also when it makes the group", () => {
    const desk = new Desk();
    const { answer } = desk.hand({ ...put, body: { apps: [{ id: "a", cmd: "x" }] } });
    expect(answer).toMatchObject({ status: 200, body: { version: FIRST, deploymentId: desk.plan.id } });
  });

  it("makes the apps that are given the whole set", () => {
    const desk = withGroup();
    desk.done({ ...put, body: { apps: [{ id: "b", cmd: "x", instances: 3 }] } });
    expect(instancesIn(desk)).toEqual([["/g/b", 3]]);
  });

  it("scales all that is in it", () => {
    const desk = withGroup();
    desk.done({ ...put, body: { scaleBy: 1.5 } });
    expect(instancesIn(desk)).toEqual([
      ["/g/a", 3],
      ["/g/b", 5],
    ]);
  });

  it("does not scale to numbers that no app may have", () => {
    const desk = withGroup();
    expect(desk.hand({ ...put, body: { scaleBy: 1e300 } }).answer.status).toBe(422);
    expect(desk.hand({ ...put, body: { scaleBy: -1 } }).answer.status).toBe(422);
    const labels = { MARATHON_SINGLE_INSTANCE_APP: "true" };
    desk.done({ kind: "create-app", body: { id: "/s/one", cmd: "x", labels }, ...NO });
    desk.finish();
    const text = "Single instance app may only have one instance";
    expect(desk.hand({ ...put, id: "/s", body: { scaleBy: 2 } }).answer).toEqual(notValid("/", text));
  });

  it("brings back an older version", () => {
    const desk = withGroup();
    desk.done({ ...put, body: { apps: [{ id: "b", cmd: "y" }] } });
    desk.finish();
    desk.done({ ...put, body: { version: FIRST } });
    expect(instancesIn(desk)).toEqual([
      ["/g/a", 2],
      ["/g/b", 3],
    ]);
    expect(desk.state.tree.apps.get("/g/b")!.cmd).toBe("x");
  });

  it("of a version in which it was not answers 422", () => {
    const { answer } = withGroup().hand({ ...put, body: { version: START } });
    expect(answer).toEqual({ status: 422, body: { message: `Group /g not available in version ${START}` } });
    const never = "2020-01-01T00:00:00.000Z";
    expect(withGroup().hand({ ...put, body: { version: never } }).answer.status).toBe(422);
  });

  it("of a group that is not there answers 404 when it is to be scaled or brought back", () => {
    const missing = { status: 404, body: { message: "Group '/h' does not exist" } };
    for (const body of [{ scaleBy: 2 }, { version: FIRST }])
      expect(withGroup().hand({ ...put, id: "/h", body }).answer).toEqual(missing);
  });

  it("takes a version or a factor only alone", () => {
    const text = "not allowed in conjunction with other properties.";
    expect(withGroup().hand({ ...put, body: { version: FIRST, apps: [] } }).answer).toEqual(notValid("/version", text));
    expect(withGroup().hand({ ...put, body: { scaleBy: 2, apps: [] } }).answer).toEqual(notValid("/scaleBy", text));
  });

  it("as a dry run answers with the steps", () => {
    const desk = withGroup();
    const { answer, saved } = desk.hand({ ...put, body: { scaleBy: 2 }, dryRun: true });
    const actions = ["/g/a", "/g/b"].map((app) => ({ action: "ScaleApplication", app }));
    expect([answer, saved]).toEqual([{ status: 200, body: { steps: [{ actions }] } }, []]);
  });

  it("of one locked member answers 409, and changes none", () => {
    const desk = withGroup();
    desk.done({ kind: "restart-app", id: "/g/a", ...NO });
    const { answer } = desk.hand({ ...put, body: { scaleBy: 2 } });
    expect(answer).toMatchObject({ status: 409, body: { deployments: [{ id: desk.plan.id }] } });
    expect(instancesIn(desk)).toEqual([
      ["/g/a", 2],
      ["/g/b", 3],
    ]);
  });
});

describe("PATCH /v2/groups/{id}", () => {
  const patch = { kind: "patch-group", id: "/g", body: { enforceRole: true } } as const;

  it("answers 200 with nothing, and deploys nothing", () => {
    const desk = withGroup();
    const { answer, notices } = desk.hand(patch);
    expect(answer).toEqual({ status: 200 });
    expect(notices).toMatchObject([{ eventType: "group_change_success", groupId: "/g" }]);
    expect([desk.state.tree.groups.get("/g")!.enforceRole, desk.state.deployments.all]).toEqual([true, []]);
  });

  it("of a group that is not there answers 404", () => {
    expect(withGroup().hand({ ...patch, id: "/h" }).answer).toEqual({
      status: 404,
      body: { message: "Group '/h' does not exist" },
    });
  });

  it("of a group within another answers 422", () => {
    const desk = withGroup();
    desk.done({ ...put, id: "/g/inner", body: {} });
    const text = "Only top-level groups can specify role enforcement.";
    expect(desk.hand({ ...patch, id: "/g/inner" }).answer).toEqual(notValid("/enforceRole", text));
    expect(desk.hand({ ...patch, id: "/" }).answer.status).toBe(422);
  });

  it("of something else answers 422", () => {
    expect(withGroup().hand({ ...patch, body: { enforceRole: "yes" } }).answer).toEqual({
      status: 422,
      body: { message: "Invalid JSON", details: [{ path: "/enforceRole", errors: ["error.expected.jsboolean"] }] },
    });
  });
});

describe("DELETE /v2/groups/{id}", () => {
  it("answers 200 with the deployment, and all below it goes", () => {
    const desk = withGroup();
    desk.done({ kind: "create-app", body: { id: "/gg", cmd: "x" }, ...NO });
    desk.finish();
    const { answer } = desk.hand({ kind: "delete-group", id: "/g", ...NO });
    expect(answer).toMatchObject({ status: 200, body: { deploymentId: desk.plan.id } });
    expect(instancesIn(desk)).toEqual([["/gg", 1]]);
    expect([...desk.state.tree.groups.keys()]).toEqual(["/"]);
  });

  it("of the root takes all but the root", () => {
    const desk = withGroup();
    desk.done({ kind: "delete-group", id: "/", ...NO });
    expect([instancesIn(desk), [...desk.state.tree.groups.keys()]]).toEqual([[], ["/"]]);
  });

  it("of a group that is not there answers 404", () => {
    expect(withGroup().hand({ kind: "delete-group", id: "/h", ...NO }).answer).toEqual({
      status: 404,
      body: { message: "Group '/h' does not exist" },
    });
  });
});
