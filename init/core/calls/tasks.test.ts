import { describe, expect, it } from "vitest";
import { type Came, Desk } from "./desk.rig.ts";

const kill = { kind: "kill-tasks", force: false, scale: false, wipe: false } as const;
const ALL = { ...kill, of: { app: "/g/a" } };

/** A desk with the app /g/a of three instances: two run on h1, one on h2. */
function withTasks(): { desk: Desk; ids: [string, string, string] } {
  const desk = new Desk();
  desk.done({ kind: "create-app", body: { id: "/g/a", cmd: "x", instances: 3 }, force: false });
  desk.finish();
  const ids = [...desk.run("/g/a", 2, "h1"), ...desk.run("/g/a", 1, "h2")] as [string, string, string];
  return { desk, ids };
}

const task = (instance: string) => `${instance}._app.1`;
const shown = ({ answer }: Came) => (answer.body as { tasks: { id: string }[] }).tasks.map(({ id }) => id);

function killed({ effects }: Came): string[] {
  return effects.flatMap((effect) =>
    effect.type === "send" && effect.call.type === "KILL" ? [effect.call.kill!.task_id.value] : [],
  );
}

describe("DELETE /v2/apps/{id}/tasks", () => {
  it("kills all tasks, which come back, and answers 200 with them as they were", () => {
    const { desk, ids } = withTasks();
    const came = desk.hand(ALL);
    expect(came.answer).toMatchObject({
      status: 200,
      body: { tasks: [{ id: task(ids[0]), appId: "/g/a", host: "h1", state: "TASK_RUNNING" }, {}, {}] },
    });
    expect(killed(came)).toEqual(ids.map(task));
    expect(desk.state.tree.apps.get("/g/a")!.instances).toBe(3);
    expect([...desk.state.services.get("/g/a")!.instances.values()].map(({ goal }) => goal)).toEqual(
      Array(3).fill("Running"),
    );
  });

  it("kills those of one host, or of every host", () => {
    const { desk, ids } = withTasks();
    expect(shown(desk.hand({ ...ALL, host: "h2" }))).toEqual([task(ids[2])]);
    expect(shown(desk.hand({ ...ALL, host: "h3" }))).toEqual([]);
    expect(shown(desk.hand({ ...ALL, host: "*" }))).toEqual(ids.map(task));
  });

  it("with scale answers with a deployment that kills just these", () => {
    const { desk, ids } = withTasks();
    const came = desk.hand({ ...ALL, host: "h1", scale: true });
    expect(came.answer).toEqual({
      status: 200,
      headers: { "Marathon-Deployment-Id": desk.plan.id },
      body: { version: "2026-01-05T10:00:02.000Z", deploymentId: desk.plan.id },
    });
    expect(desk.plan.steps).toEqual([{ actions: [{ kind: "scale", id: "/g/a", victims: [ids[0], ids[1]] }] }]);
    expect([desk.state.tree.apps.get("/g/a")!.instances, killed(came)]).toEqual([1, []]);
  });

  it("with scale counts those that wait for their launch, and never goes below none", () => {
    const { desk } = withTasks();
    desk.queue("/g/a");
    desk.done({ ...ALL, scale: true });
    expect(desk.state.tree.apps.get("/g/a")!.instances).toBe(0);
  });

  it("with scale while a deployment acts on it answers 409", () => {
    const { desk } = withTasks();
    desk.done({ kind: "restart-app", id: "/g/a", force: false });
    expect(desk.hand({ ...ALL, scale: true }).answer).toMatchObject({
      status: 409,
      body: { deployments: [{ id: desk.plan.id }] },
    });
    expect(desk.hand({ ...ALL, scale: true, force: true }).answer.status).toBe(200);
  });

  it("as a dry run says which, and kills none", () => {
    const { desk, ids } = withTasks();
    const came = desk.hand({ ...ALL, dryRun: true });
    expect([shown(came), killed(came)]).toEqual([ids.map(task), []]);
    const steps = [{ actions: [{ action: "ScaleApplication", app: "/g/a" }] }];
    expect(desk.hand({ ...ALL, scale: true, dryRun: true }).answer).toEqual({ status: 200, body: { steps } });
  });

  it("with scale and wipe answers 400", () => {
    expect(withTasks().desk.hand({ ...ALL, scale: true, wipe: true }).answer).toEqual({
      status: 400,
      body: { message: "You cannot use scale and wipe at the same time." },
    });
  });

  it("with wipe removes the instances for good", () => {
    const { desk, ids } = withTasks();
    expect(shown(desk.hand({ ...ALL, wipe: true }))).toEqual(ids.map(task));
    const goals = [...desk.state.services.get("/g/a")!.instances.values()].map(({ goal }) => goal);
    expect(goals).toEqual(Array(3).fill("Decommissioned"));
  });

  it("of an app that is not there answers 404", () => {
    expect(new Desk().hand(ALL).answer).toEqual({ status: 404, body: { message: "App '/g/a' does not exist" } });
  });
});

describe("DELETE /v2/apps/{group}/*/tasks", () => {
  it("kills those of all apps below the group", () => {
    const { desk, ids } = withTasks();
    expect(shown(desk.hand({ ...kill, of: { group: "/g" } }))).toEqual(ids.map(task));
    expect(shown(desk.hand({ ...kill, of: { group: "/" } }))).toEqual(ids.map(task));
  });

  it("of a group that is not there answers 404", () => {
    const { answer } = new Desk().hand({ ...kill, of: { group: "/h" } });
    expect(answer).toEqual({ status: 404, body: { message: "Group '/h' does not exist" } });
  });
});

describe("DELETE /v2/apps/{id}/tasks/{task}", () => {
  const one = (id: string) => ({ ...kill, of: { app: "/g/a", task: id } });

  it("kills the one, and answers 200 with it", () => {
    const { desk, ids } = withTasks();
    const came = desk.hand(one(task(ids[1])));
    expect(came.answer).toMatchObject({ status: 200, body: { task: { id: task(ids[1]), appId: "/g/a" } } });
    expect(killed(came)).toEqual([task(ids[1])]);
  });

  it("with scale answers with a deployment that kills just this one", () => {
    const { desk, ids } = withTasks();
    desk.done({ ...one(task(ids[1])), scale: true });
    expect(desk.plan.steps).toEqual([{ actions: [{ kind: "scale", id: "/g/a", victims: [ids[1]] }] }]);
    expect(desk.state.tree.apps.get("/g/a")!.instances).toBe(2);
  });

  it("of a task that is not there, or was of an earlier launch, answers 404", () => {
    const { desk, ids } = withTasks();
    for (const id of ["g_a.instance-none._app.1", `${ids[0]}._app.7`])
      expect(desk.hand(one(id)).answer).toEqual({ status: 404, body: { message: `Task '${id}' does not exist` } });
  });

  it("of what is no task id answers 400", () => {
    expect(withTasks().desk.hand(one("nonsense")).answer).toEqual({
      status: 400,
      body: { message: "Invalid task id 'nonsense'." },
    });
  });
});

describe("POST /v2/tasks/delete", () => {
  const named = (ids: unknown) => ({ ...kill, of: { body: { ids } } });

  it("kills those named, and passes over the unknown", () => {
    const { desk, ids } = withTasks();
    const came = desk.hand(named([task(ids[0]), "g_a.instance-none._app.1", task(ids[2]), task(ids[0])]));
    expect([came.answer.status, shown(came)]).toEqual([200, [task(ids[0]), task(ids[2])]]);
    expect(killed(came)).toEqual([task(ids[0]), task(ids[2])]);
  });

  it("takes the id of an instance for its task, as ids once were", () => {
    const { desk, ids } = withTasks();
    expect(shown(desk.hand(named([ids[0]])))).toEqual([task(ids[0])]);
  });

  it("with scale answers with one deployment for all apps", () => {
    const { desk, ids } = withTasks();
    desk.done({ kind: "create-app", body: { id: "/b", cmd: "x" }, force: false });
    desk.finish();
    const [other] = desk.run("/b", 1) as [string];
    desk.done({ ...named([task(ids[0]), task(other)]), scale: true });
    expect([...desk.state.tree.apps.values()].map(({ instances }) => instances)).toEqual([2, 0]);
    expect(desk.plan.steps[0]!.actions).toHaveLength(2);
  });

  it("counts one that is named twice, by its own id and by its task's, once", () => {
    const { desk, ids } = withTasks();
    desk.done({ ...named([ids[0], task(ids[0])]), scale: true });
    expect(desk.state.tree.apps.get("/g/a")!.instances).toBe(2);
  });

  it("of a malformed id answers 400 and kills none", () => {
    const { desk, ids } = withTasks();
    const came = desk.hand(named([task(ids[0]), "nonsense"]));
    expect(came.answer).toEqual({ status: 400, body: { message: "Invalid task id 'nonsense'." } });
    expect(killed(came)).toEqual([]);
  });

  it("of a body of another form answers 422 or 400", () => {
    const { desk } = withTasks();
    expect(desk.hand(named("x")).answer).toEqual({
      status: 422,
      body: { message: "Invalid JSON", details: [{ path: "/ids", errors: ["error.expected.jsarray"] }] },
    });
    expect(desk.hand({ ...kill, of: { body: {} } }).answer.status).toBe(422);
    expect(desk.hand({ ...kill, of: { body: [] } }).answer.status).toBe(400);
  });
});

describe("DELETE /v2/queue/{id}/delay", () => {
  it("of what waits for its launch answers 204, and it waits no longer", () => {
    const { desk } = withTasks();
    desk.queue("/g/a");
    const { configVersion } = [...desk.state.services.get("/g/a")!.instances.values()][0]!;
    const policy = { firstMs: 60_000, factor: 2, longestMs: 300_000 };
    desk.state.backoff.apply("/g/a", configVersion, "raise", policy, desk.nowMs);
    expect(desk.hand({ kind: "reset-delay", id: "/g/a" }).answer).toEqual({ status: 204 });
    expect(desk.state.backoff.delayOf("/g/a", configVersion)).toBeUndefined();
  });

  it("of what does not answers 404", () => {
    expect(withTasks().desk.hand({ kind: "reset-delay", id: "/g/a" }).answer).toEqual({
      status: 404,
      body: { message: "Application /g/a not found in tasks queue." },
    });
  });
});
