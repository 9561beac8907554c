import type { Attribute, Offer, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { readResources } from "@meseta/api/mesos/resources/read.ts";
import { describe, expect, it } from "vitest";
import { Stage } from "../runs/stage.rig.ts";

const MINUTE = 60_000;
const AGENT = "cpus:4;mem:4096;disk:8192;ports:[31000-31001]";

function aStage(agents = 2, config: ConstructorParameters<typeof Stage>[0] = {}): Stage {
  const stage = new Stage(config);
  for (let i = 1; i <= agents; i++) stage.cluster.addAgent(`a${i}`, AGENT);
  stage.start().run(20_000);
  stage.cluster.calls.length = 0;
  return stage;
}

const QUIET = new Set(["RECONCILE", "ACKNOWLEDGE", "KILL"]);
const types = (stage: Stage) => stage.cluster.calls.splice(0).flatMap(({ type }) => (QUIET.has(type!) ? [] : [type]));

const byHand = (stage: Stage, name: string, more: object = {}): void => {
  stage.chronos({ name, schedule: "R0//PT1H", ...more });
  runNow(stage, name);
};
const runNow = (stage: Stage, name: string) => stage.ask({ kind: "chronos-run", name, arguments: "" });

const resourceOf = (stage: Stage, name: string, resource: string) =>
  stage.cluster.tasks.get(stage.tasks(name)[0]!)!.resources.find((one) => one.name === resource);

describe("offers", () => {
  it("are not wanted before anything is to run", () => {
    const stage = new Stage();
    stage.cluster.addAgent("a1", AGENT);
    stage.start().run(MINUTE);
    expect(types(stage)).toEqual([]);
  });

  it("are asked for when a run waits, used at once, and then not wanted any more", () => {
    const stage = aStage();
    byHand(stage, "job");
    stage.run(1000);
    expect(types(stage)).toEqual(["REVIVE", "ACCEPT", "DECLINE", "SUPPRESS"]);
    expect(stage.past("job")).toHaveLength(1);
  });

  it("of many runs are one launch each, on as few of them as there is room", () => {
    const stage = aStage();
    stage.taskMs = undefined;
    stage.chronos({ name: "job", schedule: "R0//PT1H", concurrent: true, cpus: 1 });
    for (let i = 0; i < 6; i++) runNow(stage, "job");
    stage.run(1000);
    const accepts = stage.cluster.calls.flatMap(({ accept }) =>
      accept === undefined ? [] : [accept.operations!.flatMap(({ launch }) => launch!.task_infos!).length],
    );
    expect([stage.tasks("job").length, accepts, stage.cluster.refusals]).toEqual([6, [4, 2], []]);
  });

  it("are at hand when a firing is due: they were asked for before, and kept", () => {
    const stage = aStage();
    stage.taskMs = undefined;
    stage.chronos({ name: "job", schedule: "R/2026-01-05T10:01:00Z/PT1M" });
    const dueMs = Date.parse("2026-01-05T10:01:00Z");
    stage.run(dueMs - 1 - stage.nowMs);
    expect(types(stage)).toEqual(["REVIVE", "DECLINE"]);
    expect([stage.state.offers.size, stage.tasks("job")]).toEqual([1, []]);
    stage.run(1);
    expect(stage.runs("job")[0]!.tasks[0]!.launchedMs).toBe(dueMs);
    expect(types(stage)).toEqual(["ACCEPT"]);
    stage.run(1000);
    expect(types(stage)).toEqual(["SUPPRESS"]);
  });

  it("of several agents are kept for several firings, since one that is used is away for a moment", () => {
    const stage = aStage(5);
    for (let i = 0; i < 3; i++) stage.chronos({ name: `j${i}`, schedule: `R/2026-01-05T10:01:00.${i}00Z/PT1M` });
    stage.run(Date.parse("2026-01-05T10:01:00Z") - 1 - stage.nowMs);
    expect(stage.state.offers.size).toBe(3);
  });

  it("are kept no longer than twice the time ahead, and are not kept for what is paused meanwhile", () => {
    const stage = aStage();
    stage.chronos({ name: "job", schedule: "R/2026-01-05T10:01:00Z/PT1M" });
    stage.run(Date.parse("2026-01-05T10:01:00Z") - 100 - stage.nowMs);
    stage.chronos({ name: "job", schedule: "R/2026-01-05T10:01:00Z/PT1M", disabled: true });
    types(stage);
    stage.run(100);
    expect([types(stage), stage.state.offers.size]).toEqual([["DECLINE", "SUPPRESS"], 0]);
  });

  it("that were refused are wanted again at once by what has not been tried on them", () => {
    const stage = aStage();
    byHand(stage, "huge", { cpus: 100 });
    stage.run(1000);
    expect(types(stage)).toEqual(["REVIVE", "DECLINE"]);
    byHand(stage, "job");
    stage.run(1000);
    expect([stage.past("job").length, types(stage)]).toEqual([1, ["REVIVE", "ACCEPT", "DECLINE", "DECLINE"]]);
  });

  it("are not asked for again and again by what found no place on any of them", () => {
    const stage = aStage();
    stage.chronos({ name: "huge", schedule: "R0//PT1H", cpus: 100, concurrent: true });
    for (let i = 0; i < 50; i++) {
      runNow(stage, "huge");
      stage.run(200);
    }
    expect(types(stage)).toEqual(["REVIVE", "DECLINE"]);
    stage.cluster.addAgent("big", "cpus:128;mem:16384;disk:16384");
    stage.run(1000);
    expect(stage.runs("huge").length).toBe(0);
  });

  it("come when room is made by what ends", () => {
    const stage = aStage(1);
    stage.taskMs = 5000;
    for (const name of ["a", "b", "c"]) byHand(stage, name, { cpus: 3 });
    stage.run(20_000);
    expect(["a", "b", "c"].map((name) => stage.past(name).length)).toEqual([1, 1, 1]);
    expect(stage.cluster.refusals).toEqual([]);
  });

  it("are taken by what is urgent first, then by who came first", () => {
    const stage = aStage(1);
    stage.cluster.agents.get("a1")!.isReachable = false;
    for (const name of ["a", "b"]) byHand(stage, name, { cpus: 2 });
    byHand(stage, "c", { cpus: 3 });
    byHand(stage, "urgent", { cpus: 2, highPriority: true });
    stage.taskMs = undefined;
    stage.cluster.agents.get("a1")!.isReachable = true;
    stage.run(1000);
    expect(["a", "b", "c", "urgent"].map((name) => stage.tasks(name).length)).toEqual([1, 0, 0, 1]);
  });

  it("are used for a job as it is now, not as it was when its run began to wait", () => {
    const stage = aStage(1);
    byHand(stage, "job", { cpus: 100 });
    stage.run(1000);
    stage.chronos({ name: "job", schedule: "R0//PT1H", cpus: 1 });
    stage.run(1000);
    expect(stage.past("job")).toHaveLength(1);
  });

  it("that the master takes back are not used", () => {
    const stage = aStage();
    stage.chronos({ name: "job", schedule: "R/2026-01-05T10:01:00Z/PT1M" });
    stage.run(Date.parse("2026-01-05T10:01:00Z") - 100 - stage.nowMs);
    const [held] = stage.state.offers.values();
    stage.apply({ type: "heard", event: { type: "RESCIND", rescind: { offer_id: held!.offer.id } } });
    expect(stage.state.offers.size).toBe(0);
    stage.run(1000);
    expect([stage.past("job").length, stage.cluster.refusals]).toEqual([1, []]);
  });

  it("that were lost on the way are as if the launch had not been", () => {
    const stage = aStage();
    stage.cluster.late = 2;
    byHand(stage, "job");
    stage.run(5000);
    expect(
      stage.past("job").map(({ isSuccess, tasks }) => [isSuccess, tasks.map(({ id }) => id.split(":")[2])]),
    ).toEqual([[true, ["0", "1", "2"]]]);
  });

  it("are all given back when the cluster is about to stop", () => {
    const stage = aStage();
    stage.chronos({ name: "job", schedule: "R/2026-01-05T10:01:00Z/PT1M" });
    stage.run(Date.parse("2026-01-05T10:01:00Z") - 100 - stage.nowMs);
    types(stage);
    stage.apply({ type: "rest" });
    expect(types(stage)).toEqual(["DECLINE", "SUPPRESS"]);
    byHand(stage, "other");
    stage.run(MINUTE);
    expect([types(stage), stage.tasks("other"), stage.tasks("job")]).toEqual([[], [], []]);
  });

  it("are asked for again by each connection", () => {
    const stage = aStage();
    byHand(stage, "huge", { cpus: 100 });
    stage.run(1000);
    types(stage);
    stage.reconnect();
    stage.run(1000);
    expect(types(stage)).toEqual(["REVIVE", "DECLINE"]);
  });

  it("are those that constraints allow", () => {
    const stage = new Stage();
    const rack = (value: string): Attribute => ({ name: "rack", type: "TEXT", text: { value } });
    for (const value of ["r1", "r2", "x1"]) stage.cluster.addAgent(value, AGENT, [rack(value)]);
    stage.taskMs = undefined;
    stage.start();
    byHand(stage, "equal", { constraints: [["rack", "EQUALS", "r2"]] });
    byHand(stage, "like", { constraints: [["rack", "LIKE", "x[0-9]"]] });
    byHand(stage, "unlike", {
      constraints: [
        ["rack", "UNLIKE", "r.*"],
        ["hostname", "UNLIKE", "r1.example"],
      ],
    });
    byHand(stage, "none", { constraints: [["zone", "EQUALS", "z"]] });
    stage.run(1000);
    const where = (name: string) => stage.runs(name)[0]!.tasks[0]?.hostname;
    expect(["equal", "like", "unlike", "none"].map(where)).toEqual([
      "r2.example",
      "x1.example",
      "x1.example",
      undefined,
    ]);
  });

  it("of agents with GPUs are for who needs some", () => {
    const stage = new Stage();
    stage.cluster.addAgent("gpus", `${AGENT};gpus:2`);
    stage.taskMs = undefined;
    stage.start();
    byHand(stage, "plain");
    stage.metronome("deep", { run: { gpus: 1 } });
    stage.ask({ kind: "start-run", job: "deep", body: undefined });
    stage.run(1000);
    expect([stage.tasks("plain").length, stage.tasks("deep").length]).toEqual([0, 1]);
  });

  it("of other regions are for who names one", () => {
    const domainOf = (name: string) => ({ fault_domain: { region: { name }, zone: { name: "z" } } });
    const stage = aStage(1);
    const master_info = { id: "m", ip: 0, port: 5050, domain: domainOf("east") };
    const subscribed = { framework_id: { value: "f1" }, master_info };
    stage.apply({ type: "heard", event: { type: "SUBSCRIBED", subscribed } });
    byHand(stage, "plain");
    byHand(stage, "far", { constraints: [["@region", "EQUALS", "west"]] });
    const [west, east] = ["west", "east"].map((region) => ({
      id: { value: region },
      framework_id: { value: "f1" },
      agent_id: { value: region },
      hostname: region,
      domain: domainOf(region),
      resources: readResources(AGENT) as Resource[],
    }));
    const launchedOn = (offer: Offer) => {
      stage.cluster.calls.length = 0;
      stage.apply({ type: "heard", event: { type: "OFFERS", offers: { offers: [offer] } } });
      return stage.cluster.calls
        .flatMap(({ accept }) => accept?.operations ?? [])
        .map(({ launch }) => launch?.task_infos);
    };
    const names = (offer: Offer) => launchedOn(offer).flatMap((tasks) => (tasks ?? []).map(({ name }) => name));
    expect([names(west!), names(east!)]).toEqual([["ChronosTask:far"], ["ChronosTask:plain"]]);
  });

  it("give fixed ports as they are, any ports otherwise, and none twice", () => {
    const stage = aStage(1);
    stage.taskMs = undefined;
    const container = (hostPort: number) => ({
      type: "DOCKER",
      image: "nginx",
      network: "BRIDGE",
      networkInfos: [{ name: "n", portMappings: [{ hostPort, containerPort: 80 }] }],
    });
    byHand(stage, "fixed", { container: container(31_001) });
    byHand(stage, "any", { container: container(0) });
    byHand(stage, "late", { container: container(0) });
    stage.run(1000);
    expect([stage.tasks("late"), stage.cluster.refusals]).toEqual([[], []]);
    expect(["fixed", "any"].map((name) => resourceOf(stage, name, "ports")!.ranges!.range)).toEqual([
      [{ begin: 31_001, end: 31_001 }],
      [{ begin: 31_000, end: 31_000 }],
    ]);
  });

  it("reserved for the role are used first", () => {
    const stage = new Stage({ role: "batch" });
    stage.cluster.addAgent("a1", "cpus(batch):0.5;cpus:4;mem:4096;disk:8192");
    stage.taskMs = undefined;
    stage.start();
    byHand(stage, "job", { cpus: 1 });
    stage.run(1000);
    const [task] = stage.cluster.live;
    const cpus = task!.resources.filter(({ name }) => name === "cpus");
    expect(cpus.map(({ scalar, reservations }) => [scalar!.value, reservations?.length ?? 0])).toEqual([
      [0.5, 1],
      [0.5, 0],
    ]);
  });
});

describe("thousands of runs", () => {
  it("that fit nowhere are looked at once for all of the same need, and once they fit all run", () => {
    const stage = aStage(1, { mostRuns: 10_000 });
    stage.chronos({ name: "huge", schedule: "R0//PT1H", cpus: 100, concurrent: true });
    for (let i = 0; i < 600; i++) runNow(stage, "huge");
    stage.run(1000);
    expect([types(stage), stage.state.offers.lines.size]).toEqual([["REVIVE", "DECLINE"], 600]);
    stage.chronos({ name: "huge", schedule: "R0//PT1H", cpus: 0.001, mem: 0.1, disk: 0.1, concurrent: true });
    stage.run(30_000);
    expect([stage.runs("huge").length, stage.state.offers.lines.size, stage.cluster.refusals]).toEqual([0, 0, []]);
  });

  it("that are stopped while they wait leave nothing behind", () => {
    const stage = aStage(1, { mostRuns: 10_000 });
    for (let round = 0; round < 5; round++) {
      stage.chronos({ name: "huge", schedule: "R0//PT1H", cpus: 100, concurrent: true });
      for (let i = 0; i < 200; i++) runNow(stage, "huge");
      stage.ask({ kind: "chronos-delete", name: "huge" });
      stage.run(10);
    }
    byHand(stage, "job");
    stage.run(1000);
    expect([stage.past("job").length, stage.state.offers.lines.size]).toEqual([1, 0]);
  });
});
