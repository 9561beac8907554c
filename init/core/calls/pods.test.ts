import { describe, expect, it } from "vitest";
import { CLIENT, Desk } from "./desk.rig.ts";

const NO = { force: false } as const;
const POD = { id: "/p", containers: [{ name: "c", exec: { command: { shell: "x" } }, resources: {} }] };
const FIRST = "2026-01-05T10:00:01.000Z";

function withPod(more: object = {}): Desk {
  const desk = new Desk();
  desk.done({ kind: "create-pod", body: { ...POD, ...more }, ...NO });
  desk.finish();
  return desk;
}

describe("POST /v2/pods", () => {
  it("answers 201 with the pod as it is stored, its deployment and where it is", () => {
    const desk = new Desk();
    const { answer, notices } = desk.hand({ kind: "create-pod", body: POD, ...NO });
    expect(answer).toMatchObject({
      status: 201,
      headers: { "Marathon-Deployment-Id": desk.plan.id, Location: "/v2/pods/p" },
      body: { id: "/p", version: FIRST, scaling: { kind: "fixed", instances: 1 }, role: "*" },
    });
    expect(answer.body).not.toHaveProperty("versionInfo");
    expect(notices).toEqual([
      { eventType: "pod_created_event", clientIp: CLIENT.ip, uri: CLIENT.uri },
      { eventType: "group_change_success", groupId: "/", version: FIRST },
    ]);
  });

  it("of a pod that is there answers 409", () => {
    const { answer } = withPod().hand({ kind: "create-pod", body: POD, ...NO });
    expect(answer).toEqual({ status: 409, body: { message: 'Pod "/p" already exists' } });
  });

  it("where an app is answers 409", () => {
    const desk = new Desk();
    desk.done({ kind: "create-app", body: { id: "/p", cmd: "x" }, ...NO });
    const { answer } = desk.hand({ kind: "create-pod", body: POD, ...NO });
    expect(answer).toEqual({ status: 409, body: { message: "An app with the path /p already exists." } });
  });

  it("of what is no pod answers 422", () => {
    expect(new Desk().hand({ kind: "create-pod", body: { id: "/p" }, ...NO }).answer.status).toBe(422);
  });

  it("as a dry run answers with the steps", () => {
    const { answer, saved } = new Desk().hand({ kind: "create-pod", body: POD, ...NO, dryRun: true });
    const steps = [{ actions: [{ action: "StartPod", pod: "/p" }] }, { actions: [{ action: "ScalePod", pod: "/p" }] }];
    expect([answer, saved]).toEqual([{ status: 200, body: { steps } }, []]);
  });
});

describe("PUT /v2/pods/{id}", () => {
  it("answers 200 with the pod as it is stored now", () => {
    const desk = withPod();
    const { answer, notices } = desk.hand({ kind: "update-pod", id: "/p", body: { ...POD, user: "u" }, ...NO });
    expect(answer).toMatchObject({
      status: 200,
      headers: { "Marathon-Deployment-Id": desk.plan.id },
      body: { id: "/p", user: "u", version: "2026-01-05T10:00:02.000Z" },
    });
    expect(notices.map(({ eventType }) => eventType)).toEqual(["pod_updated_event", "group_change_success"]);
  });

  it("with the id of another pod answers 400", () => {
    const { answer } = withPod().hand({ kind: "update-pod", id: "/foo", body: { ...POD, id: "/bla" }, ...NO });
    expect(answer).toEqual({ status: 400, body: { message: "'/foo' does not match definition's id ('/bla')" } });
  });

  it("of a pod that is not there answers 404", () => {
    const { answer } = new Desk().hand({ kind: "update-pod", id: "/p", body: POD, ...NO });
    expect(answer).toEqual({ status: 404, body: { message: "Pod '/p' does not exist" } });
  });

  it("while a deployment acts on it answers 409", () => {
    const desk = new Desk();
    desk.done({ kind: "create-pod", body: POD, ...NO });
    const { answer } = desk.hand({ kind: "update-pod", id: "/p", body: { ...POD, user: "u" }, ...NO });
    expect(answer).toMatchObject({ status: 409, body: { deployments: [{ id: desk.plan.id }] } });
  });
});

describe("DELETE /v2/pods/{id}", () => {
  it("answers 202 with nothing but the deployment and where to look", () => {
    const desk = withPod();
    const { answer, notices } = desk.hand({ kind: "delete-pod", id: "/p", ...NO });
    const { id } = desk.plan;
    expect(answer).toEqual({
      status: 202,
      headers: { "Marathon-Deployment-Id": id, Location: `/v2/deployments/${id}` },
    });
    expect(notices.map(({ eventType }) => eventType)).toEqual(["pod_deleted_event", "group_change_success"]);
    expect(desk.state.tree.pods.size).toBe(0);
  });

  it("of a pod that is not there, or is an app, answers 404", () => {
    const desk = new Desk();
    desk.done({ kind: "create-app", body: { id: "/p", cmd: "x" }, ...NO });
    const { answer } = desk.hand({ kind: "delete-pod", id: "/p", ...NO });
    expect(answer).toEqual({ status: 404, body: { message: "Pod '/p' does not exist" } });
  });
});

describe("DELETE /v2/pods/{id}::instances", () => {
  const kill = { kind: "kill-instances", pod: "/p", isOne: false, wipe: false } as const;

  it("answers 200 with those that are killed, and passes over the unknown", () => {
    const desk = withPod({ scaling: { kind: "fixed", instances: 2 } });
    const [first] = desk.run("/p", 2) as [string, string];
    const { answer, effects } = desk.hand({ ...kill, ids: [first, "p.instance-none"] });
    expect(answer).toMatchObject({ status: 200, body: [{ id: first, agentHostname: "h1", status: "STABLE" }] });
    const killed = effects.flatMap((effect) => (effect.type === "send" ? [effect.call] : []));
    expect(killed).toMatchObject([{ type: "KILL", kill: { task_id: { value: `${first}.c.1` } } }]);
    expect(desk.state.tree.pods.get("/p")!.scaling.instances).toBe(2);
  });

  it("of one answers with that one, or 404", () => {
    const desk = withPod();
    const [id] = desk.run("/p", 1) as [string];
    expect(desk.hand({ ...kill, ids: [id], isOne: true }).answer).toMatchObject({ status: 200, body: { id } });
    expect(desk.hand({ ...kill, ids: ["p.instance-none"], isOne: true }).answer).toEqual({
      status: 404,
      body: { message: "Task 'p.instance-none' does not exist" },
    });
  });

  it("of what are no ids answers 400, of what is no list of texts 422 or 400", () => {
    const desk = withPod();
    expect(desk.hand({ ...kill, ids: ["nonsense"] }).answer).toEqual({
      status: 400,
      body: { message: "Invalid instance id 'nonsense'." },
    });
    expect(desk.hand({ ...kill, ids: [5] }).answer.status).toBe(422);
    expect(desk.hand({ ...kill, ids: {} }).answer.status).toBe(400);
  });

  it("of a pod that is not there answers 404", () => {
    expect(new Desk().hand({ ...kill, ids: [] }).answer).toEqual({
      status: 404,
      body: { message: "Pod '/p' does not exist" },
    });
  });

  it("wiped, removes them for good", () => {
    const desk = withPod();
    const [id] = desk.run("/p", 1) as [string];
    desk.done({ ...kill, ids: [id], wipe: true });
    expect(desk.state.services.get("/p")!.instances.get(id)!.goal).toBe("Decommissioned");
  });
});
