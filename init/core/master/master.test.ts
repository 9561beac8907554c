import type { TaskState } from "@meseta/api/mesos/generated/mesos.ts";
import { describe, expect, it } from "vitest";
import { Stage } from "../fleet/fleet.rig.ts";
import { placementOf } from "../placement.ts";
import { anApp } from "../plan/specs.rig.ts";

function running(): Stage {
  const stage = new Stage();
  stage.cluster.addAgent("a1", "cpus:8;mem:8192;ports:[31000-31999]");
  stage.start();
  stage.want([anApp("/web", { instances: 2 })]);
  stage.run(30_000);
  expect(stage.problems()).toEqual([]);
  stage.told();
  return stage;
}

describe("the connection to the master", () => {
  it("begins with an id that is stored before anything is launched", () => {
    const stage = new Stage();
    stage.start();
    stage.want([anApp("/web")]);
    stage.run();
    expect([stage.records.get("framework"), stage.aborts]).toEqual(['{"id":"f1"}', []]);
    expect(stage.told()).toContain("scheduler_registered_event");
  });

  it("is told when it breaks and when it is back, and tasks go on", () => {
    const stage = running();
    const tasks = stage.running("/web");
    stage.reconnect();
    stage.run(20_000);
    expect(stage.told()).toEqual(["scheduler_disconnected_event", "scheduler_reregistered_event"]);
    expect([stage.problems(), stage.running("/web")]).toEqual([[], tasks]);
  });

  it("ends the process rather than lose tasks: under another id, or when the framework was removed", () => {
    const other = running();
    other.cluster.disconnect();
    other.cluster.subscribe("f2");
    other.run();
    expect([other.aborts.length, other.records.get("framework")]).toEqual([1, '{"id":"f1"}']);
    const removed = running();
    removed.apply({ type: "heard", event: { type: "ERROR", error: { message: "Framework has been removed" } } });
    expect([removed.aborts.length, removed.records.has("framework")]).toEqual([1, true]);
  });

  it("starts anew under another id where nothing is lost by that", () => {
    const stage = new Stage();
    stage.start().run();
    stage.apply({ type: "heard", event: { type: "ERROR", error: { message: "Framework has been removed" } } });
    expect([stage.aborts.length, stage.records.has("framework")]).toEqual([1, false]);
    stage.cluster.disconnect();
    stage.cluster.subscribe("f2");
    stage.run();
    expect(stage.records.get("framework")).toBe('{"id":"f2"}');
  });

  it("says in which region the master is, where services stay that name no other", () => {
    const stage = running();
    const domain = { fault_domain: { region: { name: "east" }, zone: { name: "a" } } };
    const master_info = { id: "m", ip: 1, port: 5050, domain };
    const subscribed = { framework_id: { value: "f1" }, heartbeat_interval_seconds: 15, master_info };
    stage.apply({ type: "heard", event: { type: "SUBSCRIBED", subscribed } });
    expect(placementOf(stage.state)).toMatchObject({ region: "east" });
  });

  it("passes on what executors say", () => {
    const stage = running();
    const message = { agent_id: { value: "a1" }, executor_id: { value: "e" }, data: "aGVsbG8=" };
    stage.apply({ type: "heard", event: { type: "MESSAGE", message } });
    expect(stage.notices).toEqual([
      { eventType: "framework_message_event", slaveId: "a1", executorId: "e", message: "aGVsbG8=" },
    ]);
  });
});

describe("a status", () => {
  it("of a task that is nobody's has it killed, each time, and its end is told", () => {
    const stage = running();
    const status = { task_id: { value: "old.instance-1._app.1" }, agent_id: { value: "a1" } };
    const hear = (state: "TASK_RUNNING" | "TASK_KILLED") =>
      stage.apply({ type: "heard", event: { type: "UPDATE", update: { status: { ...status, state, uuid: "dQ==" } } } });
    stage.cluster.calls.length = 0;
    hear("TASK_RUNNING");
    hear("TASK_RUNNING");
    hear("TASK_KILLED");
    const types = stage.cluster.calls.map(({ type }) => type);
    expect(types).toEqual(["KILL", "ACKNOWLEDGE", "KILL", "ACKNOWLEDGE", "ACKNOWLEDGE"]);
    expect(stage.told()).toEqual(["unknown_instance_terminated_event"]);
  });

  it("of a task that is nobody's has it killed until its end is told, whatever becomes of the master meanwhile", () => {
    const stage = running();
    const status = { task_id: { value: "old.instance-1._app.1" }, agent_id: { value: "a1" } };
    const hear = (state: TaskState) =>
      stage.apply({ type: "heard", event: { type: "UPDATE", update: { status: { ...status, state } } } });
    const killed = () => stage.cluster.calls.filter(({ kill }) => kill?.task_id.value === status.task_id.value).length;
    // Of what is said after the kill nothing arrives.
    const killsAfter = (...states: TaskState[]): number => {
      stage.cluster.calls.length = 0;
      for (const each of states) hear(each);
      stage.cluster.events.length = 0;
      stage.run(60_000);
      return killed();
    };
    expect(killsAfter("TASK_RUNNING")).toBe(2);
    expect(killsAfter("TASK_RUNNING", "TASK_KILLED")).toBe(1);
    expect(killsAfter("TASK_RUNNING", "TASK_UNREACHABLE")).toBe(1);
  });

  it("of an earlier launch has that task killed, and the present one goes on", () => {
    const stage = running();
    const [task] = stage.running("/web");
    stage.cluster.update(task!, "TASK_FAILED");
    stage.run(10_000);
    stage.cluster.update(task!, "TASK_RUNNING");
    stage.run(10_000);
    expect(stage.problems()).toEqual([]);
  });

  it("that is told again changes nothing, and is acknowledged again", () => {
    const stage = running();
    const update = stage.cluster.tasks.get(stage.running("/web")[0]!)!.status!;
    stage.cluster.calls.length = 0;
    const before = new Map(stage.records);
    stage.apply({ type: "heard", event: { type: "UPDATE", update: { status: update } } });
    expect([stage.told(), stage.records, stage.cluster.calls.length]).toEqual([[], before, 1]);
  });
});

describe("a call that comes to nothing", () => {
  function asked(refusal: string, isRefused: (apps: string[]) => boolean = () => true): Stage {
    const stage = new Stage();
    stage.cluster.addAgent("a1", "cpus:8;mem:8192;ports:[31000-31999]");
    stage.start().run(20_000);
    stage.refusalOf = (call) => (isRefused(appsOf(call)) && appsOf(call).length > 0 ? refusal : undefined);
    return stage;
  }
  const appsOf = ({ accept }: Stage["cluster"]["calls"][number]) =>
    (accept?.operations ?? []).flatMap(({ launch }) => launch?.task_infos ?? []).map(({ name }) => name);

  it("has its instances wait for the next launch at once, with what the master said; their offers are given back", () => {
    const stage = asked("400 Expecting 'x'");
    stage.want([anApp("/web", { instances: 2 })]);
    stage.run(1);
    expect(stage.instances("/web").map(({ condition, incarnation }) => [condition, incarnation])).toEqual([
      ["Scheduled", 2],
      ["Scheduled", 2],
    ]);
    expect(stage.state.services.get("/web")!.lastFailure).toMatchObject({
      state: "TASK_DROPPED",
      message: "The master refused the launch: 400 Expecting 'x'",
    });
    expect(stage.cluster.offers.size).toBe(0);
    stage.refusalOf = () => undefined;
    stage.run(30_000);
    expect(stage.problems()).toEqual([]);
  });

  it("keeps no other service from its launches for long", () => {
    const stage = asked("413 too large", (apps) => apps.includes("bad"));
    stage.want([anApp("/bad"), anApp("/good", { instances: 3 })]);
    stage.run(30_000);
    expect([stage.running("/good").length, stage.running("/bad").length]).toEqual([3, 0]);
  });

  it("and got no answer has the master asked what came of it", () => {
    const stage = asked("");
    stage.want([anApp("/web")]);
    stage.run(1000);
    expect(stage.instances("/web")[0]!.condition).toBe("Provisioned");
    stage.refusalOf = () => undefined;
    stage.run(30_000);
    expect(stage.problems()).toEqual([]);
  });

  it("and asked for offers is made again", () => {
    const stage = asked("");
    let lost = 0;
    stage.refusalOf = ({ type }) => (type === "REVIVE" && ++lost < 3 ? "" : undefined);
    stage.want([anApp("/web")]);
    stage.run(1000);
    expect(stage.running("/web")).toEqual([]);
    stage.run(20_000);
    expect([stage.problems(), lost]).toEqual([[], 3]);
  });
});
