import type { TaskState, TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anApp } from "../plan/specs.rig.ts";
import { Backoff, delayOnWire, launchableAtMs, raise, touch } from "./backoff.ts";
import { deadlineOf } from "./clock.ts";
import { type Condition, conditionOf, conditionOfPod } from "./condition.ts";
import { type Instance, newInstance } from "./instance.ts";
import { Kills } from "./kills.ts";
import { applyToInstance, type InstanceEffect, type InstanceEvent, type LifeSettings, TIMEOUTS } from "./life.ts";

const settings = (inactive: number, expunge: number): LifeSettings => ({
  ...TIMEOUTS,
  unreachable: { inactiveAfterSeconds: inactive, expungeAfterSeconds: expunge },
});

const HOST = { agent_id: { value: "a1" }, hostname: "h1", places: {} };

/** One instance to which things happen, and what followed. */
class Life {
  instance: Instance | undefined = newInstance(anApp("/web"), "web.instance-1", 0);
  readonly effects: InstanceEffect[] = [];
  readonly settings: LifeSettings;
  nowMs = 0;

  constructor(lifeSettings = settings(0, 0)) {
    this.settings = lifeSettings;
  }

  happens(event: InstanceEvent): this {
    const outcome = applyToInstance(this.instance!, event, this.settings, this.nowMs);
    this.instance = outcome.instance;
    this.effects.push(...outcome.effects);
    return this;
  }

  launch(...containers: string[]): this {
    const names = containers.length === 0 ? ["_app"] : containers;
    const taskIds = names.map((name) => `web.instance-1.${name}.${this.instance!.incarnation}`);
    return this.happens({
      type: "launched",
      taskIds,
      host: HOST,
      hostPorts: [31_000],
      version: "v1",
      configVersion: "v1",
    });
  }

  status(state: TaskState, more: Partial<TaskStatus> = {}, container = "_app"): this {
    const value = `web.instance-1.${container}.${this.instance!.incarnation}`;
    return this.happens({ type: "status", status: { task_id: { value }, state, ...more } });
  }

  after(ms: number): this {
    this.nowMs += ms;
    return this.happens({ type: "clock" });
  }

  /** What followed since it was last asked. */
  told(): string[] {
    return this.effects.splice(0).map((effect) => {
      if (effect.type === "changed") return `${effect.from} to ${effect.to}`;
      if (effect.type === "delay") return `delay ${effect.change}`;
      return effect.type === "kill" ? `kill for ${effect.why}` : effect.type;
    });
  }
}

const running = (lifeSettings?: LifeSettings) => {
  const life = new Life(lifeSettings).launch().status("TASK_STARTING").status("TASK_RUNNING");
  life.told();
  return life;
};

describe("conditions", () => {
  it.each<[TaskStatus["reason"], Condition]>([
    ["REASON_RECONCILIATION", "Unreachable"],
    ["REASON_AGENT_DISCONNECTED", "Unreachable"],
    ["REASON_AGENT_REMOVED", "Unreachable"],
    ["REASON_TASK_UNKNOWN", "Unknown"],
    ["REASON_INVALID_OFFERS", "Gone"],
    [undefined, "Gone"],
  ])("TASK_LOST because of %s is %s", (reason, condition) => {
    expect(conditionOf({ state: "TASK_LOST", reason })).toBe(condition);
  });

  it("a pod is as its gravest container", () => {
    expect(conditionOfPod(["Running", "Staging"])).toBe("Staging");
    expect(conditionOfPod(["Running", "Failed", "Killing"])).toBe("Failed");
    expect(conditionOfPod(["Finished", "Running"])).toBe("Running");
  });
});

describe("a launch", () => {
  it("goes from the queue to Running, and each step restarts the clock of the delay", () => {
    const life = new Life().launch().status("TASK_STAGING").status("TASK_STARTING").status("TASK_RUNNING");
    expect(life.told().filter((text) => text !== "delay touch")).toEqual([
      "Scheduled to Provisioned",
      "Provisioned to Staging",
      "Staging to Starting",
      "Starting to Running",
    ]);
  });

  it("of which nothing is heard for five minutes is killed, and so is one that does not come to run", () => {
    expect(deadlineOf(new Life().launch().instance!, settings(0, 0))).toBe(300_000);
    expect(new Life().launch().after(299_999).told()).not.toContain("kill for timeout");
    expect(new Life().launch().after(300_000).told()).toContain("kill for timeout");
    expect(new Life().launch().status("TASK_STAGING").after(300_000).told()).toContain("kill for timeout");
    expect(running().after(9e9).told()).toEqual([]);
  });
});

describe("an end", () => {
  it.each<[TaskState, boolean]>([
    ["TASK_FAILED", true],
    ["TASK_FINISHED", true],
    ["TASK_ERROR", true],
    ["TASK_DROPPED", true],
    ["TASK_GONE", true],
    ["TASK_KILLED", false],
  ])("%s is followed by another launch of the same instance, and the delay grows: %s", (state, grows) => {
    const life = running().status(state);
    expect(life.instance).toMatchObject({ condition: "Scheduled", incarnation: 2, tasks: {}, id: "web.instance-1" });
    expect(life.instance!.host).toBeUndefined();
    expect(life.told().includes("delay raise")).toBe(grows);
  });

  it("because the agent is drained clears the delay", () => {
    expect(running().status("TASK_KILLED", { reason: "REASON_AGENT_DRAINING" }).told()).toContain("delay clear");
  });

  it("of one that was to be stopped leaves it resting, of one to be removed removes it", () => {
    const stopped = running().happens({ type: "goal", goal: "Stopped" });
    expect(stopped.told()).toEqual(["kill for goal"]);
    expect(stopped.status("TASK_KILLED").instance).toMatchObject({ goal: "Stopped", condition: "Killed", tasks: {} });
    expect(stopped.happens({ type: "goal", goal: "Running" }).instance).toMatchObject({
      condition: "Scheduled",
      incarnation: 2,
    });
    expect(running().happens({ type: "goal", goal: "Decommissioned" }).status("TASK_KILLED").instance).toBeUndefined();
  });

  it("that is told twice happens once", () => {
    const life = running().status("TASK_FAILED");
    const before = life.instance;
    life.happens({ type: "status", status: { task_id: { value: "web.instance-1._app.1" }, state: "TASK_FAILED" } });
    expect(life.instance).toBe(before);
  });

  it("of one container is the end of the pod only when all have ended", () => {
    const life = new Life().launch("a", "b").status("TASK_RUNNING", {}, "a").status("TASK_RUNNING", {}, "b");
    expect(life.status("TASK_FAILED", {}, "a").instance).toMatchObject({ condition: "Failed", incarnation: 1 });
    expect(life.status("TASK_KILLED", {}, "b").instance).toMatchObject({ condition: "Scheduled", incarnation: 2 });
    expect(life.told().filter((text) => text === "delay raise")).toHaveLength(1);
  });
});

describe("an instance that somebody kills", () => {
  it("comes back, since its goal stays", () => {
    const life = running();
    life.told();
    expect(life.happens({ type: "kill" }).told()).toEqual(["kill for asked"]);
    life.status("TASK_KILLED");
    expect(life.instance).toMatchObject({ goal: "Running", condition: "Scheduled", incarnation: 2 });
  });

  it("that has no task loses nothing", () => {
    const life = new Life();
    expect(life.happens({ type: "kill" }).told()).toEqual([]);
  });
});

describe("an instance whose checks fail too often", () => {
  it("is to end, and its next launch waits longer", () => {
    const life = new Life().launch().status("TASK_RUNNING");
    life.effects.length = 0;
    life.happens({ type: "unhealthy" });
    expect(life.effects).toEqual([
      { type: "kill", why: "asked" },
      { type: "delay", change: "raise" },
    ]);
  });

  it("and that its executor ended waits longer as well", () => {
    const life = new Life().launch().status("TASK_RUNNING");
    life.status("TASK_KILLED", { healthy: false });
    expect(life.effects).toContainEqual({ type: "delay", change: "raise" });
  });

  it("that is queued already loses nothing", () => {
    const life = new Life();
    expect(life.happens({ type: "unhealthy" }).effects).toEqual([]);
  });
});

describe("a queued instance", () => {
  it("that is to be removed is gone at once", () => {
    const life = new Life().happens({ type: "goal", goal: "Decommissioned" });
    expect([life.instance, life.told()]).toEqual([undefined, ["unqueue"]]);
  });

  it("never comes back from being removed", () => {
    const life = running().happens({ type: "goal", goal: "Decommissioned" }).happens({ type: "goal", goal: "Running" });
    expect(life.instance!.goal).toBe("Decommissioned");
  });
});

describe("an unreachable instance", () => {
  it("is replaced after one time, and forgotten after another", () => {
    const life = running(settings(60, 600)).status("TASK_UNREACHABLE");
    expect(life.after(59_999).instance!.condition).toBe("Unreachable");
    expect(life.after(1).instance!.condition).toBe("UnreachableInactive");
    expect(life.after(539_999).instance!.condition).toBe("UnreachableInactive");
    expect(life.after(1).instance).toBeUndefined();
  });

  it("is forgotten at once where both times are one", () => {
    expect(running(settings(0, 0)).status("TASK_UNREACHABLE").after(0).instance).toBeUndefined();
    const life = running(settings(60, 60)).status("TASK_UNREACHABLE");
    expect(life.after(59_999).instance!.condition).toBe("Unreachable");
    expect(life.after(1).instance).toBeUndefined();
  });

  it("is waited for for ever where the strategy is disabled", () => {
    const life = running({ ...TIMEOUTS, unreachable: "disabled" }).status("TASK_UNREACHABLE");
    expect(life.after(1e12).instance!.condition).toBe("Unreachable");
  });

  it("comes back as it was", () => {
    const life = running(settings(60, 600)).status("TASK_UNREACHABLE").after(60_000).status("TASK_UNREACHABLE");
    expect(life.instance!.condition).toBe("UnreachableInactive");
    expect(life.status("TASK_RUNNING").instance).toMatchObject({
      condition: "Running",
      incarnation: 1,
      startedAtMs: 0,
    });
    expect(life.instance!.unreachableSinceMs).toBeUndefined();
  });

  it("that is to be removed is forgotten at once, because nobody can tell it", () => {
    const life = running(settings(60, 600))
      .status("TASK_UNREACHABLE")
      .happens({ type: "goal", goal: "Decommissioned" });
    expect(life.instance).toBeUndefined();
  });

  it("that was told to go before it was lost is forgotten too", () => {
    const life = running({ ...TIMEOUTS, unreachable: "disabled" }).happens({ type: "goal", goal: "Decommissioned" });
    expect(life.status("TASK_UNREACHABLE").instance).toBeUndefined();
  });

  it("counts from when the master lost it", () => {
    const life = running(settings(60, 600));
    life.nowMs = 100_000;
    life.status("TASK_UNREACHABLE", { unreachable_time: { nanoseconds: 40_000e6 } });
    expect(deadlineOf(life.instance!, life.settings)).toBe(100_000);
  });
});

it("a task of an earlier launch that still lives is killed by its own id", () => {
  const life = running().status("TASK_FAILED").launch();
  life.told();
  life.happens({ type: "status", status: { task_id: { value: "web.instance-1._app.1" }, state: "TASK_RUNNING" } });
  expect(life.told()).toEqual(["kill-task"]);
});

describe("a resident instance", () => {
  const kept = { labels: { labels: [{ key: "k", value: "v" }] }, volumeIds: ["web#data#1"], host: HOST };
  const resident = () => new Life({ ...TIMEOUTS, unreachable: "disabled" }).happens({ type: "reserved", kept });

  it("whose reservation comes to nothing gives it back and looks again", () => {
    expect(resident().after(19_999).instance!.kept).toBeDefined();
    const life = resident().after(20_000);
    expect([life.instance!.kept, life.told()]).toEqual([undefined, ["release"]]);
  });

  it("keeps its volume through failures, and gives it back when it is removed", () => {
    const life = resident().launch().status("TASK_RUNNING").status("TASK_FAILED").after(1e9);
    expect(life.instance!.kept).toMatchObject({ volumeIds: ["web#data#1"], isUsed: true });
    expect(life.happens({ type: "goal", goal: "Decommissioned" }).told()).toContain("release");
  });

  it("begins anew when its agent is gone for ever", () => {
    const life = resident().launch().status("TASK_GONE_BY_OPERATOR");
    expect(life.instance).toMatchObject({ condition: "Scheduled", kept: undefined });
  });
});

it("whatever is told in whatever order, incarnations only grow, and what is to be removed never runs again", () => {
  const states = [
    "TASK_STAGING",
    "TASK_RUNNING",
    "TASK_FAILED",
    "TASK_KILLED",
    "TASK_UNREACHABLE",
    "TASK_LOST",
    "TASK_KILLING",
  ] as const;
  const event = fc.oneof(
    fc.constantFrom(...states).map((state) => (life: Life) => life.status(state)),
    fc.constant((life: Life) =>
      life.instance!.condition === "Scheduled" && life.instance!.goal === "Running" ? life.launch() : life,
    ),
    fc
      .constantFrom("Running", "Stopped", "Decommissioned")
      .map((goal) => (life: Life) => life.happens({ type: "goal", goal } as InstanceEvent)),
    fc.nat(400_000).map((ms) => (life: Life) => life.after(ms)),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      const life = new Life(settings(60, 600));
      for (const happen of events) {
        const before = life.instance!;
        happen(life);
        if (life.instance === undefined) return;
        expect(life.instance.incarnation).toBeGreaterThanOrEqual(before.incarnation);
        if (before.goal === "Decommissioned") expect(life.instance.incarnation).toBe(before.incarnation);
        if (life.instance.condition === "Scheduled") expect(life.instance.tasks).toEqual({});
      }
    }),
  );
});

describe("back-off", () => {
  const policy = { firstMs: 1000, factor: 2, longestMs: 3000 };

  it("grows by the factor up to the longest, from the time of the failure", () => {
    const first = raise(undefined, policy, 0);
    const third = raise(raise(first, policy, 10), policy, 20);
    expect([first.lengthMs, third]).toEqual([1000, { lengthMs: 3000, sinceMs: 20 }]);
    expect(launchableAtMs(third)).toBe(3020);
    expect(raise(undefined, { ...policy, firstMs: 9000 }, 0).lengthMs).toBe(3000);
  });

  it("a step forward restarts the clock with the same length", () => {
    expect(touch({ lengthMs: 1000, sinceMs: 0 }, 500)).toEqual({ lengthMs: 1000, sinceMs: 500 });
    expect(delayOnWire({ lengthMs: 1000, sinceMs: 500 }, 600)).toEqual({ timeLeftSeconds: 1, overdue: false });
    expect(delayOnWire({ lengthMs: 1000, sinceMs: 500 }, 1500)).toEqual({ timeLeftSeconds: 0, overdue: true });
  });

  it("is forgiven after the longest delay, by a new configuration, and by request", () => {
    const backoff = new Backoff();
    backoff.apply("/a", "v1", "touch", policy, 0);
    expect(backoff.delayOf("/a", "v1")).toBeUndefined();
    backoff.apply("/a", "v1", "raise", policy, 0);
    backoff.apply("/a", "v1", "raise", policy, 3000);
    expect(backoff.delayOf("/a", "v1")!.lengthMs).toBe(2000);
    expect(backoff.delayOf("/a", "v2")).toBeUndefined();
    backoff.tidy(6000);
    expect(backoff.delayOf("/a", "v1")).toBeDefined();
    backoff.tidy(6001);
    expect(backoff.delayOf("/a", "v1")).toBeUndefined();
  });
});

describe("the kill service", () => {
  const killing = (n: number) => ({ instanceId: `i${n}`, taskIds: [`t${n}`], agent_id: { value: "a" }, graceMs: 3000 });

  it("asks for so many at a time, and for the next when one is over", () => {
    const kills = new Kills({ mostAtOnce: 2, retryMs: 30_000 });
    expect([1, 2, 3].flatMap((n) => kills.ask(killing(n), 0)).map((call) => call.task_id.value)).toEqual(["t1", "t2"]);
    expect(kills.forget("i1", 5).map((call) => call.task_id.value)).toEqual(["t3"]);
    expect(kills.ask(killing(3), 6)).toEqual([]);
  });

  it("has them wait in the order in which they came, also who comes back", () => {
    const kills = new Kills({ mostAtOnce: 1, retryMs: 30_000 });
    const told = [1, 2, 3].flatMap((n) => kills.ask(killing(n), 0));
    kills.forget("i2", 1);
    told.push(...kills.ask(killing(2), 2));
    for (const n of [1, 3, 2]) told.push(...kills.forget(`i${n}`, 3));
    told.push(...kills.ask(killing(4), 4));
    expect(told.map((call) => call.task_id.value)).toEqual(["t1", "t3", "t2", "t4"]);
  });

  it("asks again each half minute until it is over, with the grace that was wished", () => {
    const kills = new Kills();
    expect(kills.ask(killing(1), 0)[0]!.kill_policy).toEqual({ grace_period: { nanoseconds: 3e9 } });
    expect(kills.tick(29_999)).toEqual([]);
    expect(kills.tick(30_000)).toHaveLength(1);
    expect(kills.wakeAtMs).toBe(60_000);
    kills.forget("i1", 31_000);
    expect([kills.tick(90_000), kills.wakeAtMs]).toEqual([[], undefined]);
  });

  it("one that still waits for its turn can be forgotten", () => {
    const kills = new Kills({ mostAtOnce: 1, retryMs: 1 });
    kills.ask(killing(1), 0);
    kills.ask(killing(2), 0);
    kills.forget("i2", 0);
    expect(kills.forget("i1", 0)).toEqual([]);
  });
});
