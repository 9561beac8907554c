import { describe, expect, it } from "vitest";
import { InitOut, type Notice } from "../out.ts";
import { Desk } from "./desk.rig.ts";
import { receiveSamples } from "./sampled.ts";

const POLICY = { minInstances: 1, maxInstances: 10, coolDownSeconds: 60, cpu: 0.5 };

/** A desk with the app /a of two running instances, deployed long ago. */
class Scaled extends Desk {
  readonly ids: readonly string[];

  constructor(autoscale: object = POLICY) {
    super();
    this.done({ kind: "create-app", body: { id: "/a", cmd: "x", instances: 2, autoscale }, force: false });
    this.finish();
    this.ids = this.run("/a", 2);
    this.nowMs += 3_600_000;
  }

  /** Each running instance measures this; what was told. */
  measure(value: number, ids: readonly string[] = this.ids): readonly Notice[] {
    const out = new InitOut();
    this.nowMs += 10_000;
    const values = Object.fromEntries(ids.map((id) => [id, value]));
    receiveSamples(this.state, { type: "sampled", app: "/a", values }, this.nowMs, out);
    return out.effects.flatMap((effect) => (effect.type === "publish" ? [effect.notice] : []));
  }

  get instances(): number {
    return this.state.tree.apps.get("/a")!.instances;
  }
}

describe("an app that scales itself", () => {
  it("gets a deployment with as many as are needed, and says why", () => {
    const desk = new Scaled();
    expect(desk.measure(0.9)).toEqual([
      {
        eventType: "app_autoscaled_event",
        appId: "/a",
        from: 2,
        to: 4,
        why: "instances use 90% of their cpus on average; the target is 50%",
      },
      { eventType: "group_change_success", groupId: "/", version: expect.any(String) },
    ]);
    expect([desk.instances, desk.plan.steps]).toEqual([4, [{ actions: [{ kind: "scale", id: "/a" }] }]]);
    expect(desk.state.deployments.all[0]!.deadlineMs).toBeUndefined();
  });

  it("is left alone for a cool-down, whoever changed it", () => {
    const desk = new Scaled();
    desk.done({
      kind: "update-apps",
      id: "/a",
      body: { instances: 3 },
      isPartial: true,
      mustExist: true,
      force: false,
    });
    desk.finish();
    for (let i = 0; i < 5; i++) expect(desk.measure(0.9)).toEqual([]);
    expect(desk.measure(0.9)).toHaveLength(2);
  });

  it("is left alone while somebody deploys it, but its own deployment may be replaced", () => {
    const others = new Scaled();
    others.done({ kind: "restart-app", id: "/a", force: false });
    others.nowMs += 3_600_000;
    expect(others.measure(0.9)).toEqual([]);

    const own = new Scaled();
    own.measure(0.9);
    own.nowMs += 3_600_000;
    expect(own.measure(5).map(({ eventType }) => eventType)).toEqual([
      "app_autoscaled_event",
      "group_change_success",
      "deployment_failed",
    ]);
    expect(own.instances).toBe(8);
  });

  it("shrinks after a whole cool-down of little load", () => {
    const desk = new Scaled();
    for (let i = 0; i < 6; i++) expect(desk.measure(0.01)).toEqual([]);
    expect(desk.measure(0.01)).toMatchObject([{ from: 2, to: 1 }, {}]);
  });

  it("does not listen to instances that it does not have, and to numbers that are none", () => {
    const desk = new Scaled();
    expect(desk.measure(9, ["a.instance-other"])).toEqual([]);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -1]) expect(desk.measure(value)).toEqual([]);
    expect(desk.instances).toBe(2);
  });

  it("must say that it does", () => {
    const desk = new Desk();
    const out = new InitOut();
    desk.done({ kind: "create-app", body: { id: "/a", cmd: "x" }, force: false });
    receiveSamples(desk.state, { type: "sampled", app: "/a", values: {} }, desk.nowMs, out);
    receiveSamples(desk.state, { type: "sampled", app: "/none", values: {} }, desk.nowMs, out);
    expect(out.effects).toEqual([]);
  });
});
