import type { App } from "@meseta/api/marathon/app.ts";
import { describe, expect, it } from "vitest";
import { CONFIG, Stage } from "../fleet/fleet.rig.ts";
import { anApp } from "../plan/specs.rig.ts";

const AGENT = "cpus:8;mem:8192;disk:8192;ports:[31000-31999]";
const DRAINING_MS = 60_000;
const UNIQUE = [["hostname", "UNIQUE"]] as App["constraints"];
const VOLUME = {
  type: "MESOS",
  volumes: [{ containerPath: "data", mode: "RW", persistent: { type: "root", size: 64, constraints: [] } }],
  portMappings: [],
} as unknown as NonNullable<App["container"]>;

/** In maintenance mode unless said otherwise. */
function aStage(apps: readonly App[], agents = 3, isMode = true): Stage {
  const placement = { gpus: "unrestricted" as const, ...(isMode && { maintenance: { drainingMs: DRAINING_MS } }) };
  const stage = new Stage({ ...CONFIG, placement });
  for (let i = 1; i <= agents; i++) stage.cluster.addAgent(`a${i}`, AGENT);
  stage.start();
  stage.want(apps);
  stage.run(60_000);
  expect(stage.problems()).toEqual([]);
  stage.cluster.calls.length = 0;
  return stage;
}

const agents = (stage: Stage, id: string): string[] =>
  stage
    .instances(id)
    .map(({ host }) => host?.agent_id.value ?? "none")
    .sort();
const answers = (stage: Stage): string[] =>
  stage.cluster.calls.flatMap(({ type }) => (type?.endsWith("INVERSE_OFFERS") ? [type] : []));

describe("an agent whose maintenance is near", () => {
  it("is left by all that runs there: others start elsewhere before, and nothing comes back to it", () => {
    const web = anApp("/web", { instances: 3, constraints: UNIQUE });
    const stage = aStage([web], 4);
    const from = agents(stage, "/web")[0]!;
    stage.cluster.maintain(from, stage.nowMs + 30_000);
    let fewest = 3;
    for (let i = 0; i < 60; i++) {
      stage.run(1000);
      fewest = Math.min(fewest, stage.running("/web").length);
    }
    expect([answers(stage), fewest, stage.problems()]).toEqual([["ACCEPT_INVERSE_OFFERS"], 3, []]);
    expect(agents(stage, "/web")).not.toContain(from);
  });

  it("is left within the bounds of the strategy", () => {
    const upgradeStrategy = { minimumHealthCapacity: 0.5, maximumOverCapacity: 0 };
    const stage = aStage([anApp("/web", { instances: 4, cpus: 2, upgradeStrategy })], 2);
    stage.cluster.maintain("a1", stage.nowMs);
    let most = 0;
    for (let i = 0; i < 60; i++) {
      stage.run(1000);
      most = Math.max(most, stage.running("/web").length);
    }
    expect([stage.problems(), agents(stage, "/web"), most]).toEqual([[], ["a2", "a2", "a2", "a2"], 4]);
  });

  it("is left when init begins anew on the way as well", () => {
    const stage = aStage([anApp("/web", { instances: 3, constraints: UNIQUE })], 4);
    const from = agents(stage, "/web")[0]!;
    stage.cluster.maintain(from, stage.nowMs);
    stage.step(3);
    stage.crash();
    stage.cluster.askBack(from, stage.cluster.agents.get(from)!.unavailability!);
    stage.run(60_000);
    expect(stage.problems()).toEqual([]);
    expect(agents(stage, "/web")).not.toContain(from);
  });

  it("keeps what it has while its maintenance is far, and what has no other place; the latter goes when there is one", () => {
    const stage = aStage([anApp("/web", { instances: 3, constraints: UNIQUE })]);
    stage.cluster.maintain("a1", stage.nowMs + DRAINING_MS + 10_000);
    stage.run(5000);
    expect([agents(stage, "/web"), stage.instances("/web").length]).toEqual([["a1", "a2", "a3"], 3]);
    stage.run(60_000);
    const ask = () => stage.cluster.askBack("a1", stage.cluster.agents.get("a1")!.unavailability!);
    ask();
    stage.run(10_000);
    expect([agents(stage, "/web"), stage.running("/web").length]).toEqual([["a1", "a2", "a3", "none"], 3]);
    stage.cluster.addAgent("a4", AGENT);
    ask();
    stage.run(60_000);
    expect([stage.problems(), agents(stage, "/web")]).toEqual([[], ["a2", "a3", "a4"]]);
  });

  it("that stays after all keeps what has not gone yet, and those that wait for a place are taken back", () => {
    const stage = aStage([anApp("/web", { instances: 3, constraints: UNIQUE })]);
    stage.cluster.maintain("a1", stage.nowMs);
    stage.run(10_000);
    expect(stage.instances("/web").length).toBe(4);
    delete stage.cluster.agents.get("a1")!.unavailability;
    stage.run(300_000);
    expect([stage.problems(), agents(stage, "/web")]).toEqual([[], ["a1", "a2", "a3"]]);
  });
});

it("the master is told which agents are free to go: those without volumes of ours", () => {
  const stage = aStage([anApp("/db", { container: VOLUME, unreachableStrategy: "disabled" })], 2);
  const [holder] = agents(stage, "/db");
  for (const id of ["a1", "a2"]) {
    stage.cluster.calls.length = 0;
    stage.cluster.maintain(id, stage.nowMs);
    stage.run(10_000);
    expect(answers(stage)).toEqual([id === holder ? "DECLINE_INVERSE_OFFERS" : "ACCEPT_INVERSE_OFFERS"]);
  }
  expect([stage.problems(), agents(stage, "/db")]).toEqual([[], [holder]]);
});

it("without maintenance mode it is answered, and nothing moves before it must", () => {
  const stage = aStage([anApp("/web", { instances: 2 })], 2, false);
  const before = agents(stage, "/web");
  for (const id of ["a1", "a2"]) stage.cluster.maintain(id, stage.nowMs);
  stage.run(60_000);
  expect([answers(stage).length, agents(stage, "/web")]).toEqual([2, before]);
});
