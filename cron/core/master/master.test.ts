import type { TaskState } from "@meseta/api/mesos/generated/mesos.ts";
import type { Sent } from "@meseta/sdk/core/cluster.rig.ts";
import { describe, expect, it } from "vitest";
import type { JobRun } from "../run.ts";
import { Stage } from "../runs/stage.rig.ts";

const AGENT = "cpus:8;mem:8192;disk:8192";

function aStage(config: ConstructorParameters<typeof Stage>[0] = {}): Stage {
  const stage = new Stage(config);
  stage.cluster.addAgent("a1", AGENT);
  return stage.start().run();
}

function byHand(stage: Stage, name: string, more: object = {}): void {
  stage.chronos({ name, schedule: "R0//PT1H", ...more });
  stage.ask({ kind: "chronos-run", name, arguments: "" });
}

/** One job whose task runs until the test says so. */
function running(): { readonly stage: Stage; readonly task: string } {
  const stage = aStage();
  stage.taskMs = undefined;
  byHand(stage, "job");
  stage.run(100);
  stage.cluster.calls.length = 0;
  return { stage, task: stage.tasks("job")[0]! };
}

const sent = (stage: Stage, type: Sent["type"]) => stage.cluster.calls.filter((call) => call.type === type);

describe("the connection to the master", () => {
  it("begins with an id that is stored before anything is launched", () => {
    const stage = new Stage();
    stage.start();
    byHand(stage, "job");
    expect(stage.records.has("framework")).toBe(false);
    stage.run(100);
    expect([stage.records.get("framework"), stage.state.master.isConnected]).toEqual(['{"id":"f1"}', true]);
  });

  it("may break: tasks go on, and nothing is launched before it is back", () => {
    const { stage, task } = running();
    stage.cluster.disconnect();
    stage.apply({ type: "disconnected" });
    byHand(stage, "other");
    stage.run(10_000);
    expect([stage.state.master.isConnected, stage.cluster.calls, stage.state.offers.size]).toEqual([false, [], 0]);
    stage.reconnect();
    stage.run(1000);
    expect([stage.tasks("job"), stage.tasks("other").length]).toEqual([[task], 1]);
  });

  it("ends the process rather than lose tasks, when it is another framework's", () => {
    const { stage } = running();
    stage.cluster.disconnect();
    stage.cluster.subscribe("f2");
    stage.run(0);
    expect([stage.aborts.length, stage.records.get("framework")]).toEqual([1, '{"id":"f1"}']);
  });

  it("is another framework's where nothing is lost by that", () => {
    const stage = aStage();
    stage.cluster.disconnect();
    stage.cluster.subscribe("f2");
    stage.run(0);
    expect([stage.aborts, stage.records.get("framework")]).toEqual([[], '{"id":"f2"}']);
  });

  it("is begun anew by the next life when the framework was removed, and what ran is lost and done again", () => {
    const { stage, task } = running();
    stage.apply({ type: "heard", event: { type: "ERROR", error: { message: "Framework has been removed" } } });
    expect([stage.aborts.length, stage.records.has("framework")]).toEqual([1, false]);
    stage.cluster.tasks.delete(task);
    stage.taskMs = 0;
    stage.crash();
    stage.run(200_000);
    expect(stage.records.get("framework")).toBe('{"id":"f1"}');
    expect(stage.past("job").map(({ isSuccess, tasks }) => [isSuccess, tasks.length])).toEqual([[true, 2]]);
  });

  it("says who leads", () => {
    const stage = aStage();
    const master_info = { id: "m", ip: 0, port: 5051, hostname: "m1" };
    const subscribed = { framework_id: { value: "f1" }, master_info };
    stage.apply({ type: "heard", event: { type: "SUBSCRIBED", subscribed } });
    expect(stage.state.master.leader).toBe("m1:5051");
  });
});

describe("a status", () => {
  const hear = (stage: Stage, id: string, state: TaskState, uuid: string | undefined = "dQ==") => {
    const status = { task_id: { value: id }, agent_id: { value: "a1" }, state, ...(uuid !== "" && { uuid }) };
    stage.apply({ type: "heard", event: { type: "UPDATE", update: { status } } });
    return stage.cluster.calls.splice(0).map(({ type }) => type);
  };

  it("of a task that is nobody's has it killed until it has ended", () => {
    const { stage } = running();
    expect(hear(stage, "ct:1:0:gone:", "TASK_RUNNING")).toEqual(["KILL", "ACKNOWLEDGE"]);
    expect(hear(stage, "ct:1:0:gone:", "TASK_RUNNING")).toEqual(["ACKNOWLEDGE"]);
    stage.apply({ type: "wake", wake: { for: "clock", atMs: stage.state.clockAtMs } });
    stage.nowMs += stage.config.killRetryMs;
    stage.apply({ type: "wake", wake: { for: "clock", atMs: stage.state.clockAtMs } });
    expect(sent(stage, "KILL").map(({ kill }) => kill!.task_id.value)).toEqual(["ct:1:0:gone:"]);
    stage.cluster.calls.length = 0;
    expect(hear(stage, "ct:1:0:gone:", "TASK_KILLED")).toEqual(["ACKNOWLEDGE"]);
    expect(stage.state.kills.size).toBe(0);
  });

  it("of a task that is nobody's and not to be reached leaves it alone", () => {
    const { stage } = running();
    expect(hear(stage, "ct:1:0:gone:", "TASK_UNREACHABLE")).toEqual(["ACKNOWLEDGE"]);
    expect(hear(stage, "ct:1:0:gone:", "TASK_LOST")).toEqual(["ACKNOWLEDGE"]);
  });

  it("that is told again changes nothing, and is acknowledged again", () => {
    const { stage, task } = running();
    const before = new Map(stage.records);
    expect(hear(stage, task, "TASK_RUNNING")).toEqual(["ACKNOWLEDGE"]);
    expect(stage.records).toEqual(before);
  });

  it("of an answer has nothing to acknowledge", () => {
    const { stage, task } = running();
    expect(hear(stage, task, "TASK_RUNNING", "")).toEqual([]);
  });

  it("tells when it was so, where the container is and why, all of which is kept", () => {
    const { stage, task } = running();
    const status = {
      task_id: { value: task },
      agent_id: { value: "a1" },
      state: "TASK_FAILED" as const,
      reason: "REASON_CONTAINER_LIMITATION_MEMORY" as const,
      message: "too much",
      container_status: { container_id: { value: "c1" } },
      timestamp: (stage.nowMs - 20) / 1000,
    };
    stage.apply({ type: "heard", event: { type: "UPDATE", update: { status } } });
    expect(stage.runs("job")[0]!.tasks[0]).toMatchObject({
      state: "TASK_FAILED",
      reason: "REASON_CONTAINER_LIMITATION_MEMORY",
      message: "too much",
      containerId: "c1",
      endedMs: stage.nowMs - 20,
    });
  });
});

describe("a reconciliation", () => {
  it("asks with each connection at once for all that the master knows, as ends may have been told to who then died", () => {
    const { stage } = running();
    stage.crash();
    stage.run(stage.config.reconciliationDelayMs - 1);
    expect(sent(stage, "RECONCILE")).toEqual([{ type: "RECONCILE", reconcile: {} }]);
  });

  it("learns a success from that, and waits for who says why a task has failed", () => {
    for (const [state, phases] of [
      ["TASK_FINISHED", []],
      ["TASK_FAILED", ["active"]],
    ] as const) {
      const { stage, task } = running();
      stage.crash();
      stage.run(1000);
      const answer = { task_id: { value: task }, agent_id: { value: "a1" }, state, message: "Reconciliation: Latest" };
      const status = { ...answer, reason: "REASON_RECONCILIATION" as const };
      stage.apply({ type: "heard", event: { type: "UPDATE", update: { status } } });
      expect(stage.runs("job").map(({ phase }) => phase)).toEqual(phases);
      stage.run(stage.config.reconciliationDelayMs);
      stage.apply({ type: "heard", event: { type: "UPDATE", update: { status } } });
      expect(stage.runs("job").map(({ phase }) => phase)).toEqual(state === "TASK_FINISHED" ? [] : ["waiting"]);
    }
  });

  it("asks at once for launches of which no word has come: what never left the life that ended is launched without waiting", () => {
    const stage = aStage();
    stage.taskMs = undefined;
    const receive = stage.cluster.receive.bind(stage.cluster);
    stage.cluster.receive = (call, nowMs) => (call.type === "ACCEPT" ? undefined : receive(call, nowMs));
    byHand(stage, "job");
    stage.run(100);
    const [lost] = stage.runs("job")[0]!.tasks;
    stage.cluster.receive = receive;
    stage.crash();
    stage.run(1000);
    const [{ tasks, phase }] = stage.runs("job") as [JobRun];
    expect([phase, tasks.map(({ id }) => id === lost!.id)]).toEqual(["active", [true, false]]);
    expect(stage.tasks("job")).toEqual([tasks[1]!.id]);
  });

  it("asks again soon for such, as their agents may have yet to find a new master", () => {
    const stage = aStage();
    stage.taskMs = undefined;
    const receive = stage.cluster.receive.bind(stage.cluster);
    stage.cluster.receive = (call, nowMs) =>
      call.type === "ACCEPT" || call.type === "RECONCILE" ? undefined : receive(call, nowMs);
    byHand(stage, "job");
    stage.run(100);
    const [lost] = stage.runs("job")[0]!.tasks;
    const fromMs = stage.nowMs;
    const askedMs: number[] = [];
    stage.cluster.receive = (call, nowMs) => {
      const asked =
        call.type === "RECONCILE" && (call.reconcile?.tasks ?? []).some(({ task_id }) => task_id.value === lost!.id);
      if (asked) askedMs.push(nowMs - fromMs);
      return asked && askedMs.length < 3 ? undefined : receive(call, nowMs);
    };
    stage.crash();
    stage.run(10_000);
    expect(askedMs.map((ms) => Math.round(ms / 1000))).toEqual([0, 1, 3]);
    expect(stage.runs("job")[0]!.phase).toBe("active");
  });

  it("finds at once that a launch did arrive, and makes no other", () => {
    const stage = aStage();
    stage.taskMs = undefined;
    const { events } = stage.cluster;
    byHand(stage, "job");
    stage.step(1);
    stage.run(100);
    const tasks = stage.tasks("job");
    events.length = 0;
    stage.crash();
    stage.run(20_000);
    expect([stage.tasks("job"), stage.runs("job")[0]!.launches]).toEqual([tasks, 1]);
  });

  it("asks for all tasks some time after each connection, then for those that nobody knows of", () => {
    const { stage, task } = running();
    stage.reconnect();
    stage.run(stage.config.reconciliationDelayMs - 1);
    stage.cluster.calls.length = 0;
    stage.run(1);
    expect(sent(stage, "RECONCILE").map(({ reconcile }) => reconcile!.tasks)).toEqual([
      [{ task_id: { value: task }, agent_id: { value: "a1" } }],
      undefined,
    ]);
    stage.cluster.calls.length = 0;
    stage.run(stage.config.reconciliationIntervalMs);
    expect(sent(stage, "RECONCILE")).toHaveLength(2);
  });

  it("does not ask for what was just launched, of which the master may not know yet", () => {
    const stage = aStage();
    stage.taskMs = undefined;
    stage.run(stage.config.reconciliationDelayMs - 10);
    byHand(stage, "job");
    stage.cluster.calls.length = 0;
    stage.run(10);
    expect(sent(stage, "RECONCILE").map(({ reconcile }) => reconcile!.tasks)).toEqual([undefined]);
  });

  it("finds what was lost on the way, in both directions", () => {
    const { stage, task } = running();
    stage.cluster.tasks.get(task)!.state = "TASK_FINISHED";
    stage.reconnect();
    stage.run(20_000);
    expect(stage.past("job").map(({ isSuccess }) => isSuccess)).toEqual([true]);
  });
});

describe("what a task says of itself", () => {
  it("is kept as far as a thousand characters", () => {
    const { stage, task } = running();
    stage.cluster.update(task, "TASK_FAILED", { message: "x".repeat(1_000_000) });
    stage.run(1000);
    expect([...stage.records.values()].every((text) => text.length < 5000)).toBe(true);
  });
});

describe("a task of a job that was removed", () => {
  it("is not asked to end for ever when the master does not know it", () => {
    const { stage, task } = running();
    stage.cluster.tasks.delete(task);
    stage.cluster.receive = () => {};
    stage.ask({ kind: "chronos-delete", name: stage.runs("job")[0]!.job });
    expect(stage.state.kills.size).toBe(1);
    const status = { task_id: { value: task }, state: "TASK_UNKNOWN" as const };
    stage.apply({ type: "heard", event: { type: "UPDATE", update: { status } } });
    expect(stage.state.kills.size).toBe(0);
  });
});

describe("a call that comes to nothing", () => {
  /** The master answers some calls so; undefined: it takes them. "" is no answer. */
  function refusing(stage: Stage, refusalOf: (call: Sent) => string | undefined): void {
    const receive = stage.cluster.receive.bind(stage.cluster);
    stage.cluster.receive = (call, nowMs) => {
      const refusal = refusalOf(call);
      if (refusal === undefined) return receive(call, nowMs);
      stage.apply({ type: "call-failed", call, ...(refusal !== "" && { refusal }) });
    };
  }
  const jobsOf = ({ accept }: Sent) =>
    (accept?.operations ?? []).flatMap(({ launch }) => launch?.task_infos ?? []).map(({ name }) => name.slice(12));

  it("and launches one task is a failure of its run, with what the master said; the offer is given back", () => {
    const stage = aStage();
    refusing(stage, (call) => (jobsOf(call).length > 0 ? "400 Expecting 'x'" : undefined));
    byHand(stage, "job", { retries: 0 });
    stage.run(1000);
    expect(stage.past("job").map(({ isSuccess, why }) => [isSuccess, why])).toEqual([
      [false, "The master refused the launch: 400 Expecting 'x'"],
    ]);
    expect(stage.cluster.offers.size).toBe(0);
  });

  it("and launches several keeps only the one that is to blame from its launch", () => {
    const stage = aStage();
    refusing(stage, (call) => (jobsOf(call).includes("bad") ? "413 too large" : undefined));
    stage.cluster.agents.get("a1")!.isReachable = false;
    for (const name of ["one", "bad", "two", "three"]) byHand(stage, name, { retries: 0 });
    stage.cluster.agents.get("a1")!.isReachable = true;
    stage.run(30_000);
    const ends = ["one", "bad", "two", "three"].map((name) => stage.past(name).map(({ isSuccess }) => isSuccess));
    expect(ends).toEqual([[true], [false], [true], [true]]);
  });

  it("and got no answer has the master asked what came of it", () => {
    const stage = aStage();
    stage.run(60_000);
    let lost = 0;
    refusing(stage, ({ type }) => (type === "ACCEPT" && lost++ === 0 ? "" : undefined));
    byHand(stage, "job");
    stage.run(1000);
    expect(stage.runs("job")[0]!.phase).toBe("launched");
    stage.run(60_000);
    expect(stage.past("job").map(({ isSuccess, tasks }) => [isSuccess, tasks.length])).toEqual([[true, 2]]);
  });

  it("and gave offers back is made again, until the master has them", () => {
    const stage = aStage();
    let lost = 0;
    refusing(stage, ({ type }) => (type === "DECLINE" && ++lost < 3 ? "" : undefined));
    byHand(stage, "job", { cpus: 100 });
    stage.run(1000);
    expect(stage.cluster.offers.size).toBe(1);
    stage.run(20_000);
    expect([stage.cluster.offers.size, stage.state.offers.undeclined]).toEqual([0, []]);
    expect(lost).toBeGreaterThanOrEqual(3);
  });

  it("and asked for offers is made again", () => {
    const stage = aStage();
    let lost = 0;
    refusing(stage, ({ type }) => (type === "REVIVE" && ++lost < 3 ? "" : undefined));
    byHand(stage, "job");
    stage.run(1000);
    expect(stage.past("job")).toEqual([]);
    stage.run(20_000);
    expect([stage.past("job").length, lost]).toEqual([1, 3]);
  });
});
