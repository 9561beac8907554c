import { describe, expect, it } from "vitest";
import type { Call } from "../call.ts";
import { Stage } from "../fleet/fleet.rig.ts";
import { CLIENT } from "./desk.rig.ts";

// What calls come to on a cluster.

const update = { kind: "update-apps", id: "/a", isPartial: true, mustExist: false, force: false } as const;

/** An init with an agent of 8 cpus, on which the app /a runs with its instances. */
class Story extends Stage {
  constructor(app: object = {}) {
    super();
    this.cluster.addAgent("a1", "cpus:8;mem:8192;disk:8192;ports:[31000-31999]");
    this.start().run();
    this.call({ ...update, body: { cmd: "x", instances: 2, ...app } });
    this.run(1000).told();
  }

  /** It is answered, whatever with. */
  call(call: Call): this {
    this.apply({ type: "call", request: 1, call, client: CLIENT });
    return this;
  }

  get deployment(): string {
    return this.state.deployments.all[0]!.plan.id;
  }
}

describe("a deployment that cannot go on", () => {
  const tooLarge = { cpus: 9 };

  it("is undone, and the instances of before have never stopped", () => {
    const story = new Story();
    const before = story.running("/a");
    story.call({ ...update, body: tooLarge }).run(60_000);
    expect(story.state.deployments.count).toBe(1);
    story.call({ kind: "cancel-deployment", id: story.deployment, force: false }).run(1000);
    expect([story.problems(), story.running("/a")]).toEqual([[], before]);
  });

  it("is undone by itself when its time is over, also after a restart of ours", () => {
    const story = new Story();
    const before = story.running("/a");
    const upgradeStrategy = { minimumHealthCapacity: 1, maximumOverCapacity: 1, deadlineSeconds: 60 };
    story.call({ ...update, body: { ...tooLarge, upgradeStrategy } }).run(30_000);
    story.crash();
    story.run(29_000);
    expect([story.state.tree.apps.get("/a")!.cpus, story.state.deployments.count]).toEqual([9, 1]);
    story.run(2000);
    expect([story.problems(), story.running("/a"), story.state.tree.apps.get("/a")!.cpus]).toEqual([[], before, 1]);
    expect(story.told().filter((type) => type.startsWith("deployment_"))).toContain("deployment_failed");
  });

  it("is ended by force, and what is wanted stays so", () => {
    const story = new Story();
    story.call({ ...update, body: tooLarge }).run(1000);
    story.call({ kind: "cancel-deployment", id: story.deployment, force: true }).run(60_000);
    expect([story.state.deployments.count, story.state.tree.apps.get("/a")!.cpus]).toEqual([0, 9]);
  });
});

describe("a large deployment that is ended while it is carried out", () => {
  const upgradeStrategy = { minimumHealthCapacity: 0, maximumOverCapacity: 0 };

  it("goes no further, and a restart of ours does not go on with it", () => {
    const story = new Story({ instances: 150, cpus: 0.01, mem: 1 });
    story.call({ ...update, id: "/b", body: { cmd: "x", cpus: 0.01, mem: 1 } }).run(1000);
    const before = story.running("/a");
    const { id: _, ...list } = update;
    story.call({
      ...list,
      body: [
        { id: "/a", cmd: "y", upgradeStrategy },
        { id: "/b", instances: 2 },
      ],
    });
    story.step(1);
    expect(story.state.pending.next).toBeLessThan(story.state.pending.effects.length);
    story.call({ kind: "cancel-deployment", id: story.deployment, force: true }).run(60_000);
    expect(story.running("/a").filter((id) => before.includes(id)).length).toBeGreaterThan(0);
    expect([...story.records.keys()].filter((key) => key.startsWith("deployment/"))).toEqual([]);
  });
});

describe("a restart that is taken back", () => {
  it("leaves all instances of one version", () => {
    const story = new Story({ instances: 4, cpus: 1.5 });
    story.call({ kind: "restart-app", id: "/a", force: false }).step(6);
    story.call({ kind: "cancel-deployment", id: story.deployment, force: false }).run(60_000);
    expect(story.problems()).toEqual([]);
  });
});

describe("tasks that are killed", () => {
  const kill = { kind: "kill-tasks", force: false, scale: false, wipe: false } as const;

  it("come back as the next launch of the same instance", () => {
    const story = new Story();
    const [first, second] = story.running("/a") as [string, string];
    story.call({ ...kill, of: { app: "/a", task: first } }).run(1000);
    expect(story.problems()).toEqual([]);
    expect(story.running("/a").sort()).toEqual([second, first.replace(/1$/, "2")].sort());
  });

  it("with scale stay away, and just they", () => {
    const story = new Story({ instances: 3 });
    const [first, second, third] = story.running("/a") as [string, string, string];
    story.call({ ...kill, scale: true, of: { body: { ids: [first, third] } } }).run(1000);
    expect([story.problems(), story.running("/a")]).toEqual([[], [second]]);
  });

  it("and wiped are replaced by others", () => {
    const story = new Story();
    const before = story.running("/a");
    story.call({ ...kill, wipe: true, of: { app: "/a" } }).run(1000);
    expect(story.problems()).toEqual([]);
    expect(story.running("/a").filter((id) => before.includes(id.replace(/\d+$/, "1")))).toEqual([]);
  });
});

describe("an app that scales itself", () => {
  it("grows with its load, and shrinks after it", () => {
    const story = new Story({ autoscale: { maxInstances: 6, coolDownSeconds: 60, cpu: 0.5 } });
    const counts: number[] = [];
    for (const load of [...Array<number>(6).fill(2.4), ...Array<number>(12).fill(0.2)]) {
      story.run(15_000);
      const ids = story.instances("/a").map(({ id }) => id);
      const values = Object.fromEntries(ids.map((id) => [id, load / ids.length]));
      story.apply({ type: "sampled", app: "/a", values });
      story.run(1000);
      counts.push(story.running("/a").length);
    }
    expect(story.problems()).toEqual([]);
    expect([...new Set(counts)]).toEqual([2, 5, 1]);
    expect(story.told().filter((type) => type === "app_autoscaled_event")).toHaveLength(2);
  });
});
