import { describe, expect, it } from "vitest";
import { anApp } from "../plan/specs.rig.ts";
import { readQuery } from "../views/read.ts";
import { Stage } from "./fleet.rig.ts";

const HOUR = 3_600_000;
const web = anApp("/shop/web", { instances: 3, cpus: 2, dependencies: ["/shop/db"] });
const db = anApp("/shop/db", { instances: 1, cmd: "db" });

function stageOn(agents: readonly string[] = ["a1"]): Stage {
  const stage = new Stage();
  for (const id of agents) addAgent(stage, id);
  return stage.start();
}

function addAgent(stage: Stage, id: string, cpus = 8): void {
  stage.cluster.addAgent(id, `cpus:${cpus};mem:8192;disk:8192;ports:[31000-31099]`);
}

describe("a process that dies", () => {
  it("before the settling that ends a service leaves nothing of it, its failure included", () => {
    const stage = stageOn();
    stage.want([db]);
    stage.run();
    stage.cluster.update(stage.running("/shop/db")[0]!, "TASK_FAILED");
    stage.want([{ ...db, instances: 0 }], { force: true });
    stage.run(HOUR);
    expect([...stage.records.keys()]).toContain("failure//shop/db");
    stage.want([]);
    stage.crash();
    stage.run(HOUR);
    expect([...stage.records.keys()].filter((key) => key.startsWith("failure/"))).toEqual([]);
    expect(stage.state.services.size).toBe(0);
  });
});

describe("a clock that was set back by an hour when the process begins again", () => {
  it("does not keep it from giving up what was launched and never heard of", () => {
    const stage = stageOn();
    stage.isSmooth = false;
    stage.want([db]);
    stage.run();
    stage.nowMs -= HOUR;
    stage.crash();
    stage.run(310_000);
    expect(stage.cluster.live).toMatchObject([{ isKilled: true }]);
  });

  it("does not keep deployments from their end", () => {
    const stage = stageOn([]);
    stage.want([db]);
    stage.run();
    stage.nowMs -= HOUR;
    stage.crash();
    addAgent(stage, "a1");
    stage.run(HOUR);
    stage.crash();
    stage.run(HOUR);
    expect(stage.problems()).toEqual([]);
  });
});

describe("queued instances that are not wanted any more", () => {
  it("are not launched on an offer that comes before their service is settled", () => {
    const stage = stageOn([]);
    stage.want([{ ...web, dependencies: [] }]);
    stage.run();
    addAgent(stage, "a1");
    stage.cluster.offer(stage.nowMs);
    stage.want([{ ...web, dependencies: [], instances: 1 }], { force: true });
    stage.run(HOUR);
    expect(stage.cluster.tasks.size).toBe(1);
    expect(stage.problems()).toEqual([]);
  });

  it("are not launched while their deployment is at what they depend on", () => {
    const stage = stageOn([]);
    addAgent(stage, "a1", 3);
    stage.want([db, web]);
    stage.run(HOUR);
    stage.isSmooth = false;
    stage.want(
      [
        { ...db, cmd: "db 2" },
        { ...web, instances: 1 },
      ],
      { force: true },
    );
    stage.run();
    addAgent(stage, "a2");
    stage.run(1000);
    expect(stage.running("/shop/web")).toHaveLength(1);
    stage.want(
      [
        { ...db, cmd: "db 3" },
        { ...web, instances: 0 },
      ],
      { force: true },
    );
    stage.run();
    stage.cluster.update(stage.running("/shop/web")[0]!, "TASK_FAILED");
    stage.run(30_000);
    expect(stage.running("/shop/web")).toHaveLength(0);
    stage.want(
      [
        { ...db, cmd: "db 4" },
        { ...web, instances: 1 },
      ],
      { force: true },
    );
    stage.isSmooth = true;
    stage.run(HOUR);
    expect(stage.problems()).toEqual([]);
  });
});

describe("an instance that ends while others of its service are on their way out", () => {
  const strategy = { minimumHealthCapacity: 1, maximumOverCapacity: 0 };
  const small = anApp("/small", { instances: 4, upgradeStrategy: strategy });

  it("is launched again when there is room for it, so that no more live than the upgrade strategy allows", () => {
    const stage = stageOn();
    stage.want([small]);
    stage.run(HOUR);
    stage.isSmooth = false;
    stage.want([{ ...small, instances: 2 }]);
    stage.run();
    const leaving = stage.cluster.live.filter(({ isKilled }) => isKilled);
    expect(leaving).toHaveLength(2);
    stage.cluster.update(stage.cluster.live.find(({ isKilled }) => !isKilled)!.id, "TASK_FAILED");
    stage.run(HOUR);
    expect(stage.cluster.live).toHaveLength(3);
    const { pieces } = readQuery(stage.state, { kind: "explain", id: "/small" }, stage.nowMs);
    expect([...pieces].join("")).toContain(
      "The next launch waits until 2 instances that are ending are gone: 3 live, and 3 may by its upgradeStrategy.",
    );
    stage.cluster.update(leaving[0]!.id, "TASK_KILLED");
    stage.run(HOUR);
    expect(stage.cluster.live).toHaveLength(3);
    stage.isSmooth = true;
    stage.run(HOUR);
    expect(stage.problems()).toEqual([]);
  });
});
