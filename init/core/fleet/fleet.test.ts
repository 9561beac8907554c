import { describe, expect, it } from "vitest";
import { anApp, aPod } from "../plan/specs.rig.ts";
import { Stage } from "./fleet.rig.ts";

function aStage(agents = 2, resources = "cpus:8;mem:8192;disk:8192;ports:[31000-31999]"): Stage {
  const stage = new Stage();
  for (let i = 1; i <= agents; i++) stage.cluster.addAgent(`a${i}`, resources);
  stage.start().run();
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
    const stage = aStage();
    stage.want([anApp("/web", { instances: 3 })]);
    stage.run(1000).want([anApp("/web", { instances: 6 })]);
    stage.run(1000).want([anApp("/web", { instances: 2 })]);
    stage.run(1000);
    expect(stage.problems()).toEqual([]);
    stage.want([anApp("/web", { instances: 2, cmd: "other" })]);
    stage.run(1000);
    expect(stage.problems()).toEqual([]);
    stage.want([]);
    stage.run(1000);
    expect([stage.problems(), stage.state.services.size]).toEqual([[], 0]);
  });

  it("that fails is launched again after a delay", () => {
    const stage = aStage();
    stage.want([anApp("/web")]);
    stage.run(1000);
    stage.cluster.update(stage.running("/web")[0]!, "TASK_FAILED", { message: "exited with 1" });
    stage.run(500);
    expect(stage.running("/web")).toEqual([]);
    stage.run(600);
    expect(stage.problems()).toEqual([]);
    expect(stage.state.services.get("/web")!.lastFailure).toMatchObject({
      state: "TASK_FAILED",
      message: "exited with 1",
    });
  });
});

describe("a pod", () => {
  it("is deployed as a group", () => {
    const stage = aStage();
    stage.want([aPod("/p", { scaling: { kind: "fixed", instances: 2 } })]);
    stage.run(1000);
    expect(stage.problems()).toEqual([]);
  });
});
