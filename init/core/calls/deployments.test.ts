import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Call } from "../call.ts";
import { InitOut } from "../out.ts";
import { CLIENT, Desk } from "./desk.rig.ts";
import { rollBack } from "./undo.ts";

const put = { kind: "update-apps", isPartial: true, mustExist: false, force: false } as const;
const cancel = { kind: "cancel-deployment", force: false } as const;
const FIRST = "2026-01-05T10:00:01.000Z";

/** A desk with the app /a, deployed, and a deployment under way that changes it. */
function underWay(body: object = { cmd: "y" }): Desk {
  const desk = new Desk();
  desk.done({ kind: "create-app", body: { id: "/a", cmd: "x", instances: 2 }, force: false });
  desk.finish();
  desk.done({ ...put, id: "/a", body });
  return desk;
}

const appIn = (desk: Desk) => desk.state.tree.apps.get("/a")!;

describe("DELETE /v2/deployments/{id}", () => {
  it("answers 200 with another deployment, which brings back what was", () => {
    const desk = underWay();
    const { id } = desk.plan;
    const { answer, notices, saved } = desk.hand({ ...cancel, id });
    expect(desk.plan.id).not.toBe(id);
    expect(answer).toEqual({
      status: 200,
      headers: { "Marathon-Deployment-Id": desk.plan.id },
      body: { version: "2026-01-05T10:00:03.000Z", deploymentId: desk.plan.id },
    });
    expect(appIn(desk)).toMatchObject({ cmd: "x", version: "2026-01-05T10:00:03.000Z" });
    expect(notices).toMatchObject([
      { eventType: "group_change_success", groupId: "/" },
      { eventType: "deployment_failed", id, reason: `replaced by deployment ${desk.plan.id}` },
    ]);
    expect(saved).toContain(`deployment/${id}`);
  });

  it("leaves the instances of before: they are up to date again", () => {
    const desk = underWay();
    desk.done({ ...cancel, id: desk.plan.id });
    expect(appIn(desk).versionInfo.lastConfigChangeAt).toBe(FIRST);
    expect(desk.plan.steps).toEqual([{ actions: [{ kind: "restart", id: "/a" }] }]);
  });

  it("takes back a restart as well", () => {
    const desk = new Desk();
    desk.done({ kind: "create-app", body: { id: "/a", cmd: "x" }, force: false });
    desk.finish();
    desk.done({ kind: "restart-app", id: "/a", force: false });
    desk.done({ ...cancel, id: desk.plan.id });
    expect(appIn(desk).versionInfo.lastConfigChangeAt).toBe(FIRST);
    expect(desk.plan.steps).toEqual([{ actions: [{ kind: "restart", id: "/a" }] }]);
  });

  it("takes back a scaling, a new app and its group, and a removal", () => {
    const scaled = underWay({ instances: 5 });
    scaled.done({ ...cancel, id: scaled.plan.id });
    expect([appIn(scaled).instances, scaled.plan.steps[0]!.actions[0]!.kind]).toEqual([2, "scale"]);

    const made = new Desk();
    made.done({ kind: "create-app", body: { id: "/g/new", cmd: "x" }, force: false });
    made.done({ ...cancel, id: made.plan.id });
    expect([made.state.tree.apps.size, [...made.state.tree.groups.keys()]]).toEqual([0, ["/"]]);

    const removed = underWay();
    removed.done({ kind: "delete-app", id: "/a", force: true });
    removed.done({ ...cancel, id: removed.plan.id });
    expect(appIn(removed)).toMatchObject({ cmd: "y", instances: 2 });
  });

  it("leaves alone what others have changed since", () => {
    const desk = underWay();
    const { id } = desk.plan;
    desk.done({ kind: "create-app", body: { id: "/b", cmd: "x" }, force: false });
    desk.done({ ...cancel, id });
    expect([...desk.state.tree.apps.keys()].sort()).toEqual(["/a", "/b"]);
  });

  it("that cannot be undone is refused, and goes on", () => {
    const desk = underWay();
    desk.finish();
    desk.done({ kind: "delete-app", id: "/a", force: false });
    const { id } = desk.plan;
    desk.done({ kind: "create-group", id: "/", body: { id: "/a" }, force: false });
    const { answer } = desk.hand({ ...cancel, id });
    expect(answer).toEqual({ status: 409, body: { message: "A group with the path /a already exists." } });
    expect(desk.state.deployments.all.some(({ plan }) => plan.id === id)).toBe(true);
  });

  it("forced answers 202 with nothing, and what it has done stays", () => {
    const desk = underWay();
    const { id } = desk.plan;
    const { answer, notices } = desk.hand({ ...cancel, id, force: true });
    expect(answer).toEqual({ status: 202 });
    expect(notices).toMatchObject([{ eventType: "deployment_failed", id, reason: "cancelled" }]);
    expect([desk.state.deployments.all, appIn(desk).cmd]).toEqual([[], "y"]);
  });

  it("of one that is not there answers 404", () => {
    expect(new Desk().hand({ ...cancel, id: "none" }).answer).toEqual({
      status: 404,
      body: { message: "DeploymentPlan none does not exist" },
    });
  });
});

describe("undoing", () => {
  const ids = fc.constantFrom("/a", "/b", "/g/a", "/g/h/b", "/p");
  const pod = (user: string) => ({
    id: "/p",
    user,
    containers: [{ name: "c", exec: { command: { shell: "x" } }, resources: {} }],
  });
  const members = fc.uniqueArray(fc.constantFrom("a", "c", "d"), { maxLength: 3 });
  const calls: fc.Arbitrary<Call> = fc.oneof(
    fc.tuple(ids, fc.nat(2), fc.constantFrom("x", "y")).map(([id, instances, cmd]) => ({
      ...put,
      id,
      isPartial: false,
      body: { cmd, instances },
    })),
    ids.map((id) => ({ kind: "delete-app" as const, id, force: false })),
    ids.map((id) => ({ kind: "restart-app" as const, id, force: false })),
    fc.constantFrom("/g", "/g/h", "/").map((id) => ({ kind: "delete-group" as const, id, force: false })),
    members.map((names) => ({
      kind: "update-group" as const,
      id: "/g",
      body: { apps: names.map((id) => ({ id, cmd: "x" })), dependencies: ["/a"] },
      force: false,
    })),
    fc.constantFrom("u", "v").map((user) => ({ kind: "create-pod" as const, body: pod(user), force: false })),
    fc.constantFrom("u", "v").map((user) => ({ kind: "update-pod" as const, id: "/p", body: pod(user), force: false })),
    fc.constant({ kind: "delete-pod" as const, id: "/p", force: false }),
  );

  it("any deployment brings back all that it changed", () => {
    fc.assert(
      fc.property(fc.array(calls, { maxLength: 6 }), calls, (first, last) => {
        const desk = new Desk();
        for (const call of first) {
          desk.hand(call);
          desk.finish();
        }
        const before = wanted(desk);
        desk.hand(last);
        const [deployment] = desk.state.deployments.all;
        if (deployment === undefined) return;
        expect(desk.hand({ ...cancel, id: deployment.plan.id }).answer.status).toBe(200);
        expect(wanted(desk)).toEqual(before);
      }),
    );
  });

  /** All that is wanted, but for versions; a restart is one of these. */
  function wanted({ state: { tree } }: Desk) {
    const specs = [...tree.apps.values(), ...tree.pods.values()].map(({ version: _, versionInfo, ...spec }) => ({
      ...spec,
      configVersion: versionInfo.lastConfigChangeAt,
    }));
    const groups = [...tree.groups.values()].map(({ version: _, ...group }) => group);
    return [...specs, ...groups].sort((a, b) => (a.id < b.id ? -1 : 1));
  }
});

describe("a deployment whose time is over", () => {
  const body = { cmd: "y", upgradeStrategy: { deadlineSeconds: 60 } };

  function over(desk: Desk): InitOut {
    const out = new InitOut();
    desk.nowMs += 60_000;
    for (const effect of desk.state.deployments.expire(desk.nowMs))
      if (effect.type === "expired") rollBack(desk.state, effect.deployment, desk.nowMs, out);
    return out;
  }

  const told = (out: InitOut) =>
    out.effects.flatMap((effect) =>
      effect.type === "publish" ? [[effect.notice.eventType, effect.notice["reason"]]] : [],
    );

  it("fails, and what was is brought back by one without a deadline", () => {
    const desk = underWay(body);
    const out = over(desk);
    expect(told(out)).toEqual([
      ["deployment_failed", "not done 60 s after its start, as its deadlineSeconds asks"],
      ["group_change_success", undefined],
    ]);
    expect(appIn(desk).cmd).toBe("x");
    expect(desk.state.deployments.all[0]!.deadlineMs).toBeUndefined();
  });

  it("and that cannot be undone is ended as it is", () => {
    const desk = underWay();
    desk.finish();
    desk.done({ ...put, id: "/g/new", body });
    const { id } = desk.plan;
    desk.state.tree = { ...desk.state.tree, apps: new Map() };
    over(desk);
    expect(desk.state.deployments.all.some(({ plan }) => plan.id === id)).toBe(false);
  });

  it("has until then", () => {
    const desk = underWay(body);
    expect(desk.state.deployments.expire(desk.nowMs + 59_999)).toEqual([]);
  });
});

it("who asks is told apart by the event", () => {
  const desk = new Desk();
  const { notices } = desk.hand({ kind: "create-app", body: { id: "/a", cmd: "x" }, force: false });
  expect(notices[0]).toMatchObject({ clientIp: CLIENT.ip, uri: CLIENT.uri });
});
