import type { App } from "@meseta/api/marathon/app.ts";
import { describe, expect, it } from "vitest";
import { anApp, aPod } from "../plan/specs.rig.ts";
import { Stage } from "./fleet.rig.ts";

const AGENT = "cpus:8;mem:8192;disk:8192;ports:[31000-31999]";

function aStage(config: ConstructorParameters<typeof Stage>[0] = {}, agents = 2): Stage {
  const stage = new Stage(config);
  for (let i = 1; i <= agents; i++) stage.cluster.addAgent(`a${i}`, AGENT);
  stage.start().run();
  return stage;
}

function running(app: App, config: ConstructorParameters<typeof Stage>[0] = {}): Stage {
  const stage = aStage(config);
  stage.want([app]);
  stage.run(30_000);
  expect(stage.problems()).toEqual([]);
  stage.told();
  stage.cluster.calls.length = 0;
  return stage;
}

describe("an app", () => {
  it("is deployed: its instances run, and the deployment ends", () => {
    const stage = aStage();
    stage.want([anApp("/web", { instances: 3 })]);
    stage.run(1000);
    expect(stage.problems()).toEqual([]);
    expect(stage.told()).toContain("deployment_success");
  });

  it("is scaled up and down, upgraded and removed", () => {
    const stage = running(anApp("/web", { instances: 3 }));
    stage.want([anApp("/web", { instances: 6 })]);
    stage.run(1000).want([anApp("/web", { instances: 2 })]);
    stage.run(1000);
    expect(stage.problems()).toEqual([]);
    stage.want([anApp("/web", { instances: 2, cmd: "other" })]);
    stage.run(1000);
    expect(stage.problems()).toEqual([]);
    stage.want([]);
    stage.run(1000);
    expect([stage.problems(), stage.state.services.size, stage.told().includes("app_terminated_event")]).toEqual([
      [],
      0,
      true,
    ]);
  });

  it("that is removed leaves no record but its past", () => {
    const stage = running(anApp("/web"));
    stage.cluster.update(stage.running("/web")[0]!, "TASK_FAILED");
    stage.run(10_000);
    stage.want([]);
    stage.run(1000);
    const left = [...stage.records.keys()].map((key) => key.split("/")[0]).filter((kind) => kind !== "history");
    expect(left.sort()).toEqual(["framework", "group", "old-spec", "root"]);
  });
});

it("thousands of instances are made over several events, so that others get a turn", () => {
  const stage = new Stage().start();
  stage.run();
  stage.want([anApp("/web", { instances: 9500 })]);
  let [before, most] = [0, 0];
  for (let i = 0; i < 50; i++) {
    stage.step(1);
    const count = stage.instances("/web").length;
    most = Math.max(most, count - before);
    before = count;
  }
  expect([before, most]).toEqual([9500, 2000]);
});

describe("a task that ends by itself", () => {
  it("is launched again after a delay, which grows", () => {
    const stage = running(anApp("/web"));
    for (const delayMs of [1000, 1150]) {
      const [task] = stage.running("/web");
      stage.cluster.update(task!, "TASK_FAILED", { message: "exited with 1" });
      stage.run(delayMs - 50);
      expect(stage.running("/web")).toEqual([]);
      stage.run(100);
      expect(stage.running("/web")).toHaveLength(1);
    }
    expect(stage.state.services.get("/web")!.lastFailure).toMatchObject({
      state: "TASK_FAILED",
      message: "exited with 1",
    });
  });

  it("waits no longer when somebody says so", () => {
    const stage = running(anApp("/web", { backoffSeconds: 100 }));
    stage.cluster.update(stage.running("/web")[0]!, "TASK_FAILED");
    stage.run(1000);
    stage.apply({ type: "call", request: 1, call: { kind: "reset-delay", id: "/web" }, client: { ip: "", uri: "" } });
    stage.run(1);
    expect(stage.running("/web")).toHaveLength(1);
  });

  it("is told in order: its status, what the instance has come to, and then what follows", () => {
    const stage = running(anApp("/web"));
    stage.cluster.update(stage.running("/web")[0]!, "TASK_FINISHED");
    stage.step(1);
    expect(stage.notices).toMatchObject([
      {
        eventType: "status_update_event",
        taskStatus: "TASK_FINISHED",
        appId: "/web",
        host: expect.stringMatching(/example/),
      },
      { eventType: "instance_changed_event", condition: "Finished", runSpecId: "/web" },
      { eventType: "instance_changed_event", condition: "Scheduled" },
    ]);
  });

  it("is acknowledged when that is stored, once for each time it is told", () => {
    const stage = running(anApp("/web"));
    const [task] = stage.running("/web");
    stage.cluster.update(task!, "TASK_FAILED");
    stage.dieAt = { event: stage.applied + 1, when: "before its effects" };
    stage.run(10_000);
    expect(stage.cluster.calls.filter((call) => call.acknowledge?.task_id.value === task)).toHaveLength(1);
    expect(stage.problems()).toEqual([]);
  });
});

describe("a reconciliation", () => {
  it("follows when the master has given up an agent: it may never have heard of what was launched there", () => {
    const stage = new Stage();
    stage.cluster.addAgent("a1", "cpus:8;mem:8192;ports:[31000-31999]");
    stage.start();
    stage.want([anApp("/web", { instances: 2 })]);
    stage.run(30_000);
    stage.cluster.calls.length = 0;
    const asked = () => stage.cluster.calls.flatMap(({ reconcile }) => reconcile?.tasks ?? []);
    stage.apply({ type: "heard", event: { type: "FAILURE", failure: { executor_id: { value: "x" } } } });
    stage.run(60_000);
    expect(asked()).toEqual([]);
    stage.apply({ type: "heard", event: { type: "FAILURE", failure: { agent_id: { value: "a9" } } } });
    stage.run(15_000);
    expect(asked().map(({ task_id }) => task_id.value)).toEqual(stage.running("/web"));
  });

  it("asks for all known tasks and then for all others, soon after a start and then from time to time", () => {
    const stage = running(anApp("/web", { instances: 2 }));
    stage.run(15_000);
    const asked = () =>
      stage.cluster.calls
        .splice(0)
        .filter(({ type }) => type === "RECONCILE")
        .map(({ reconcile }) => reconcile!.tasks?.length ?? 0);
    expect(asked()).toEqual([]);
    stage.run(600_000);
    expect(asked()).toEqual([2, 0]);
    stage.crash();
    stage.run(20_000);
    expect(asked()).toEqual([2, 0]);
  });

  it("needs not ask, the first time, for what the master has told since it is connected", () => {
    const stage = new Stage();
    stage.cluster.addAgent("a1", AGENT);
    stage.start().run(1000);
    stage.want([anApp("/web", { instances: 2 })]);
    stage.run(20_000);
    const asked = stage.cluster.calls.filter(({ type }) => type === "RECONCILE");
    expect([stage.running("/web").length, asked.map(({ reconcile }) => reconcile!.tasks?.length ?? 0)]).toEqual([
      2,
      [0],
    ]);
  });

  it("changes, stores and tells nothing where all is as it was", () => {
    const stage = running(anApp("/web", { instances: 2 }));
    const before = new Map(stage.records);
    stage.run(700_000);
    expect([stage.told(), stage.records]).toEqual([[], before]);
  });

  it("brings tasks to light that are lost, and those that are nobody's", () => {
    const stage = running(anApp("/web", { instances: 2 }));
    const [lost] = stage.running("/web");
    const task = stage.cluster.tasks.get(lost!)!;
    stage.cluster.tasks.delete(lost!);
    stage.cluster.tasks.set("web.instance-0._app.1", { ...task, id: "web.instance-0._app.1" });
    stage.run(700_000);
    expect(stage.problems()).toEqual([]);
    expect(stage.notices.find(({ eventType }) => eventType.startsWith("unknown"))).toEqual({
      eventType: "unknown_instance_terminated_event",
      instanceId: "web.instance-0",
      runSpecId: "/web",
      condition: "Killed",
    });
  });
});

describe("an agent that is lost", () => {
  const patient = anApp("/web", { unreachableStrategy: { inactiveAfterSeconds: 60, expungeAfterSeconds: 600 } });

  it("has its instances replaced at once, unless they are waited for", () => {
    const stage = running(anApp("/web", { instances: 2, constraints: [["hostname", "UNIQUE"]] }));
    stage.cluster.addAgent("a3", AGENT);
    stage.cluster.setReachable("a1", false);
    stage.run(1000);
    expect(
      stage
        .instances("/web")
        .map(({ host }) => host!.agent_id.value)
        .sort(),
    ).toEqual(["a2", "a3"]);
    stage.cluster.setReachable("a1", true);
    stage.run(1000);
    expect(stage.problems()).toEqual([]);
  });

  it("is waited for, replaced when it is inactive, and forgotten at last", () => {
    const stage = running(patient);
    const { id, host } = stage.instances("/web")[0]!;
    stage.cluster.setReachable(host!.agent_id.value, false);
    stage.run(59_000);
    expect(stage.instances("/web")).toMatchObject([{ id, condition: "Unreachable" }]);
    stage.run(2000);
    expect(stage.instances("/web").map(({ condition }) => condition)).toEqual(["UnreachableInactive", "Running"]);
    stage.run(540_000);
    expect(stage.instances("/web").map(({ condition }) => condition)).toEqual(["Running"]);
    stage.cluster.setReachable(host!.agent_id.value, true);
    stage.run(1000);
    expect(stage.problems()).toEqual([]);
  });

  it("and comes back before it is forgotten has one too many: one goes", () => {
    const stage = running(patient);
    const agent = stage.instances("/web")[0]!.host!.agent_id.value;
    stage.cluster.setReachable(agent, false);
    stage.run(70_000);
    stage.cluster.setReachable(agent, true);
    stage.run(10_000);
    expect(stage.problems()).toEqual([]);
  });

  it("and comes back in time has what it had", () => {
    const stage = running(patient);
    const [task] = stage.running("/web");
    stage.cluster.setReachable("a1", false);
    stage.cluster.setReachable("a2", false);
    stage.run(30_000);
    stage.cluster.setReachable("a1", true);
    stage.cluster.setReachable("a2", true);
    stage.run(10_000);
    expect([stage.problems(), stage.running("/web")]).toEqual([[], [task]]);
  });
});

describe("a kill", () => {
  it("is asked for again until it is heard", () => {
    const stage = running(anApp("/web", { taskKillGracePeriodSeconds: 7 }));
    stage.isSmooth = false;
    stage.want([]);
    stage.run(70_000);
    const kills = stage.cluster.calls.filter(({ type }) => type === "KILL");
    expect(kills.map(({ kill }) => kill!.kill_policy?.grace_period?.nanoseconds)).toEqual([7e9, 7e9, 7e9]);
    stage.isSmooth = true;
    stage.run(1000);
    expect(stage.problems()).toEqual([]);
  });

  it("of many goes out a hundred at a time", () => {
    const stage = aStage({ kills: { mostAtOnce: 3, retryMs: 30_000 } });
    stage.want([anApp("/web", { instances: 10, cpus: 0.1 })]);
    stage.run(30_000);
    stage.cluster.calls.length = 0;
    stage.isSmooth = false;
    stage.want([anApp("/web", { instances: 0, cpus: 0.1 })]);
    stage.run(1000);
    expect(stage.cluster.calls.filter(({ type }) => type === "KILL")).toHaveLength(3);
    stage.isSmooth = true;
    stage.run(1000);
    expect(stage.problems()).toEqual([]);
  });

  it("is sent again when the connection is back", () => {
    const stage = running(anApp("/web"));
    stage.cluster.disconnect();
    stage.apply({ type: "disconnected" });
    stage.want([]);
    stage.run(1000);
    stage.cluster.subscribe();
    stage.run(1000);
    expect(stage.problems()).toEqual([]);
  });
});

describe("a launch", () => {
  it("of which nothing is heard is killed and made again", () => {
    const stage = aStage();
    stage.isSmooth = false;
    stage.want([anApp("/web")]);
    stage.run(299_000);
    const [task] = stage.running("/web");
    stage.run(2000);
    expect(stage.cluster.calls.find(({ type }) => type === "KILL")!.kill!.task_id.value).toBe(task);
    stage.isSmooth = true;
    stage.run(60_000);
    expect([stage.problems(), stage.running("/web")]).toEqual([[], [task!.replace(/1$/, "2")]]);
  });

  it("on an offer that is no more is made again", () => {
    const stage = aStage();
    stage.want([anApp("/web")]);
    stage.cluster.late = 1;
    stage.run(10_000);
    expect(stage.problems()).toEqual([]);
    expect(stage.cluster.calls.filter(({ type }) => type === "ACCEPT")).toHaveLength(2);
  });

  it("takes as many of an offer as are allowed", () => {
    const stage = aStage({ mostInstancesPerOffer: 2 });
    stage.want([anApp("/web", { instances: 7 })]);
    stage.run(1000);
    expect(stage.problems()).toEqual([]);
    const accepted = stage.cluster.calls.flatMap(({ accept }) => accept?.operations ?? []);
    expect(accepted.map(({ launch }) => launch!.task_infos!.length)).toEqual([2, 2, 2, 1]);
  });
});

describe("a deployment that takes too long", () => {
  it("is undone", () => {
    const stage = running(anApp("/web", { instances: 1 }));
    const upgradeStrategy = { minimumHealthCapacity: 1, maximumOverCapacity: 1, deadlineSeconds: 60 };
    stage.want([anApp("/web", { instances: 1, cpus: 100, upgradeStrategy })]);
    stage.run(59_000);
    expect(stage.state.deployments.all).toHaveLength(1);
    stage.run(30_000);
    expect(stage.problems()).toEqual([]);
    expect(stage.state.tree.apps.get("/web")!.cpus).toBe(1);
    expect(stage.told()).toContain("deployment_failed");
  });

  it("is undone as well when the process died in between", () => {
    const stage = running(anApp("/web", { instances: 1 }));
    const upgradeStrategy = { minimumHealthCapacity: 1, maximumOverCapacity: 1, deadlineSeconds: 60 };
    stage.want([anApp("/web", { instances: 1, cpus: 100, upgradeStrategy })]);
    stage.run(10_000);
    stage.crash();
    stage.run(100_000);
    expect([stage.problems(), stage.state.tree.apps.get("/web")!.cpus]).toEqual([[], 1]);
  });
});

describe("a decision that takes many events", () => {
  it("gives way to what is wanted in between", () => {
    const many = anApp("/web", { instances: 300, cpus: 0.01, mem: 1, portDefinitions: [] });
    const stage = running(many);
    for (const steps of [1, 2, 3, 4]) {
      stage.want([{ ...many, instances: 0 }], { force: true });
      stage.step(steps).want([{ ...many, cmd: `sleep ${steps}` }], { force: true });
      stage.step(steps).want([{ ...many, instances: 250 }], { force: true });
      stage.run(200_000);
      expect(stage.problems()).toEqual([]);
      expect([...stage.records.keys()].filter((key) => key.startsWith("deployment/"))).toEqual([]);
    }
  });
});

describe("a start", () => {
  it("ends what nobody wants", () => {
    const stage = running(anApp("/web", { instances: 2 }));
    stage.records.delete("spec//web");
    stage.crash();
    stage.run(30_000);
    expect([stage.problems(), stage.state.services.size]).toEqual([[], 0]);
  });

  it("undoes deployments whose time was over before it", () => {
    const stage = running(anApp("/web", { instances: 1 }));
    const upgradeStrategy = { minimumHealthCapacity: 1, maximumOverCapacity: 1, deadlineSeconds: 60 };
    stage.want([anApp("/web", { instances: 1, cpus: 100, upgradeStrategy })]);
    stage.run(1000);
    stage.nowMs += 3_600_000;
    stage.crash();
    stage.run(30_000);
    expect([stage.problems(), stage.state.tree.apps.get("/web")!.cpus]).toEqual([[], 1]);
  });

  it("gives up who was lost for too long before it, and keeps who was not", () => {
    const stage = running(
      anApp("/web", { unreachableStrategy: { inactiveAfterSeconds: 60, expungeAfterSeconds: 60 } }),
    );
    const { id } = stage.instances("/web")[0]!;
    for (const agent of ["a1", "a2"]) stage.cluster.setReachable(agent, false);
    stage.run(10_000);
    stage.crash();
    stage.run(10_000);
    expect(stage.instances("/web").map((one) => one.id)).toEqual([id]);
    stage.nowMs += 3_600_000;
    stage.crash();
    stage.run(1000);
    expect(stage.instances("/web")).toMatchObject([{ condition: "Scheduled", incarnation: 1 }]);
  });
});

describe("a clock that is set back", () => {
  it("stops nothing", () => {
    const stage = running(anApp("/web", { instances: 2 }));
    stage.nowMs -= 3_600_000;
    stage.want([anApp("/web", { instances: 4, cmd: "other" })]);
    stage.run(60_000);
    expect(stage.problems()).toEqual([]);
  });
});

describe("a pod", () => {
  it("is deployed as a group, and ends as one", () => {
    const stage = aStage();
    const [main] = aPod("/p").containers;
    const containers = [main!, { ...main!, name: "side" }];
    stage.want([aPod("/p", { containers, scaling: { kind: "fixed", instances: 2 } })]);
    stage.run(1000);
    expect(stage.problems()).toEqual([]);
    const [task, other] = stage.running("/p");
    stage.cluster.update(task!, "TASK_FAILED", { message: "Command exited with status 3" });
    stage.cluster.update(other!, "TASK_KILLED");
    stage.run(10_000);
    expect(stage.problems()).toEqual([]);
    expect(stage.state.services.get("/p")!.terminations).toHaveLength(1);
  });
});

describe("definitions of before", () => {
  it("are forgotten when neither the history nor an instance names them", () => {
    const stage = aStage({ mostVersions: 3 });
    for (let i = 0; i < 8; i++) {
      stage.want([anApp("/web", { cmd: `sleep ${i}` })]);
      stage.run(60_000);
    }
    expect([stage.state.history.length, stage.state.olderSpecs.get("/web")!.size]).toEqual([3, 3]);
    const kinds = [...stage.records.keys()].map((key) => key.split("/")[0]);
    expect(kinds.filter((kind) => kind === "old-spec" || kind === "history")).toHaveLength(6);
    expect(stage.problems()).toEqual([]);
  });
});
