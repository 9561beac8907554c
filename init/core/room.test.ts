import type { App } from "@meseta/api/marathon/app.ts";
import { describe, expect, it } from "vitest";
import { Stage } from "./fleet/fleet.rig.ts";
import { anApp } from "./plan/specs.rig.ts";
import { readQuery } from "./views/read.ts";

const UNIQUE = [["hostname", "UNIQUE"]] as App["constraints"];
const ROOM = "cpus:8;mem:8192;disk:8192;ports:[31000-31999]";

function stageOn(agents: number, resources = ROOM): Stage {
  const stage = new Stage();
  for (let i = 1; i <= agents; i++) stage.cluster.addAgent(`a${i}`, resources);
  return stage.start();
}

function explained(stage: Stage): string[] {
  const { pieces } = readQuery(stage.state, { kind: "explain", id: "/web" }, stage.nowMs);
  return JSON.parse([...pieces].join("")).sentences;
}

const upgrade = (minimumHealthCapacity: number, maximumOverCapacity = 1) => ({
  upgradeStrategy: { minimumHealthCapacity, maximumOverCapacity },
});

describe("an upgrade of a service that has an instance on each agent, and may have one only", () => {
  it("goes on where it is made larger at once, and never has fewer than before", () => {
    const stage = stageOn(5);
    const web = anApp("/web", { instances: 3, constraints: UNIQUE });
    stage.want([web]);
    stage.run(10_000);
    stage.want([{ ...web, instances: 5, cmd: "new" }]);
    stage.run(120_000);
    expect(stage.problems()).toEqual([]);
  });

  it("also when init dies on the way", () => {
    for (let after = 1; after < 40; after++) {
      const stage = stageOn(3);
      const web = anApp("/web", { instances: 2, constraints: UNIQUE });
      stage.want([web]);
      stage.run(10_000);
      stage.dieAt = { event: stage.applied + after, when: "before its effects" };
      stage.want([{ ...web, instances: 3, cmd: "new" }]);
      stage.run(120_000);
      expect([after, stage.problems()]).toEqual([after, []]);
    }
  });

  it("takes unhealthy old ones, which are nothing to keep", () => {
    const stage = stageOn(3);
    const web = anApp("/web", { instances: 3, constraints: UNIQUE, ...upgrade(0.5) });
    stage.want([web]);
    stage.run(10_000);
    for (const { id } of stage.instances("/web")) stage.sicken(id);
    stage.want([{ ...web, cmd: "new", ...upgrade(1) }]);
    stage.run(120_000);
    expect(stage.problems()).toEqual([]);
  });

  it("goes on when what it is advised is done", () => {
    const stage = stageOn(3);
    const web = anApp("/web", { instances: 3, constraints: UNIQUE, ...upgrade(1) });
    stage.want([web]);
    stage.run(10_000);
    stage.want([{ ...web, cmd: "new" }]);
    stage.run(60_000);
    stage.want([{ ...web, cmd: "new", ...upgrade(0.66) }], { force: true });
    stage.run(120_000);
    expect(stage.problems()).toEqual([]);
  });

  it("waits where each of them is to stay healthy", () => {
    const stage = stageOn(3);
    const web = anApp("/web", { instances: 3, constraints: UNIQUE, ...upgrade(1) });
    stage.want([web]);
    stage.run(10_000);
    const before = stage.running("/web");
    stage.want([{ ...web, cmd: "new" }]);
    stage.run(600_000);
    expect([stage.running("/web"), stage.state.deployments.count]).toEqual([before, 1]);
    expect(explained(stage).slice(-2)).toEqual([
      "Its 3 old instances are where new ones could be, and minimumHealthCapacity 1 keeps them all: at most 0.66 would let one of them go first (such an update needs force).",
      `It fits on one more agent that fulfils ["hostname","UNIQUE"], or with a looser constraint.`,
    ]);
    stage.cluster.addAgent("a4", ROOM);
    stage.run(120_000);
    expect(stage.problems()).toEqual([]);
  });
});

it("an upgrade on a full cluster takes unhealthy old ones where they have what new ones need, and none where that is no help", () => {
  for (const [cpus, isDone] of [
    [2, true],
    [4, false],
  ] as const) {
    const stage = stageOn(2, "cpus:2.5;mem:8192;ports:[31000-31999]");
    const web = anApp("/web", { instances: 2, cpus: 2 });
    stage.want([web]);
    stage.run(10_000);
    const before = stage.running("/web");
    for (const { id } of stage.instances("/web")) stage.sicken(id);
    stage.want([{ ...web, cpus, cmd: "new" }]);
    stage.run(120_000);
    if (isDone) expect(stage.problems()).toEqual([]);
    else expect(stage.running("/web")).toEqual(before);
  }
});
