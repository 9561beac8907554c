import { describe, expect, it } from "vitest";
import { Stage } from "../fleet/fleet.rig.ts";
import { anApp } from "../plan/specs.rig.ts";
import { loadDeployment, savedDeployment } from "./saved.ts";

/** A stage on which /web runs, and a deployment that can never be done gives it a thousand cpus. */
function stuck(): Stage {
  const stage = new Stage({ mostVersions: 2 });
  stage.cluster.addAgent("a1", "cpus:10;mem:8192;disk:8192;ports:[31000-31999]");
  stage.start().run();
  stage.want([web(1)]);
  stage.run(60_000);
  stage.want([web(1000)]);
  stage.run(1000);
  return stage;
}

// Its old instance goes at once, so that none names the old definition.
function web(cpus: number) {
  const upgradeStrategy = { minimumHealthCapacity: 0, maximumOverCapacity: 0 };
  return anApp("/web", { cpus, upgradeStrategy, labels: { long: "x".repeat(10_000) } });
}

const running = (stage: Stage) => stage.state.deployments.all[0]!;

describe("the record of a deployment", () => {
  it("names definitions by their versions, however large they are", () => {
    const stage = stuck();
    const { plan } = running(stage);
    const text = stage.records.get(`deployment/${plan.id}`)!;
    expect(text.length).toBeLessThan(1000);
    const { before, after } = plan.changes["/web"]!;
    expect(JSON.parse(text).plan.changes).toEqual({ "/web": { before: before!.version, after: after!.version } });
  });

  it("is read as it was written", () => {
    const stage = stuck();
    const before = running(stage);
    stage.crash();
    expect(running(stage)).toEqual(before);
    expect(running(stage).plan.changes["/web"]!.after).toBe(stage.state.tree.apps.get("/web"));
  });

  it("keeps the definitions that it names, also when the history does not reach back to them; when it is over they go", () => {
    const stage = stuck();
    const { before } = running(stage).plan.changes["/web"]!;
    for (let i = 0; i < 5; i++) {
      stage.want([stage.state.tree.apps.get("/web")!, anApp("/other", { cmd: `sleep ${i}` })]);
      stage.run(60_000);
    }
    expect(stage.records.has(`old-spec//web@${before!.version}`)).toBe(true);
    stage.crash();
    expect(running(stage).plan.changes["/web"]!.before).toEqual(before);
    stage.cluster.addAgent("large", "cpus:2000;mem:8192;disk:8192;ports:[31000-31999]");
    stage.run(200_000);
    expect(stage.state.deployments.count).toBe(0);
    expect(stage.records.has(`old-spec//web@${before!.version}`)).toBe(false);
  });

  it("holds a definition whole of which there is no other record", () => {
    const { state } = stuck();
    const [deployment] = state.deployments.all;
    const saved = savedDeployment({ ...state, olderSpecs: new Map() }, deployment!);
    expect(saved.plan.changes["/web"]!.before).toBe(deployment!.plan.changes["/web"]!.before);
    expect(loadDeployment({ ...state, olderSpecs: new Map() }, saved)).toEqual(deployment);
  });

  it("means nothing when a definition is lost: its service is kept at its number", () => {
    const stage = stuck();
    const [lost] = [...stage.records.keys()].filter((key) => key.startsWith("old-spec//web"));
    stage.records.delete(lost!);
    stage.crash();
    expect(stage.state.deployments.all).toEqual([]);
  });

  it("knows a group again that nobody has changed since", () => {
    const stage = stuck();
    stage.want([anApp("/shop/web", { cpus: 1000 })], { force: true, groups: { "/shop": ["/web"] } });
    stage.run(1000);
    stage.crash();
    const deployment = stage.state.deployments.all.at(-1)!;
    expect(deployment.plan.groups["/shop"]!.after).toBe(stage.state.tree.groups.get("/shop"));
  });
});
