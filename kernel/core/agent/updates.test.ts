import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commandTask, FRAMEWORK, Rig } from "./agent.rig.ts";

describe("a status update", () => {
  test("is stored before it is sent", () => {
    const rig = new Rig().register().run(commandTask("t"));
    const saved = JSON.parse(rig.store.get("progress/m-0000/t")!);
    expect(saved.pending.map((status: { state: string }) => status.state)).toEqual(["TASK_STARTING", "TASK_RUNNING"]);
    expect(saved.pending[0].uuid).toBe(rig.statuses()[0]!.uuid);
  });

  test("is sent again after 10 s, then after twice the wait each time, up to 10 min", () => {
    const rig = new Rig().register().run(commandTask("t")).take();
    const sent: number[] = [];
    const fromMs = rig.nowMs;
    for (let second = 0; second < 3_600; second++) {
      rig.pass(1_000);
      // The master is alive.
      if (second % 15 === 0) rig.link({ type: "PING" });
      if (rig.statuses().length > 0) sent.push((rig.nowMs - fromMs) / 1_000);
      rig.take();
    }
    expect(sent.map((at, i) => at - (sent[i - 1] ?? 0))).toEqual([10, 20, 40, 80, 160, 320, 600, 600, 600, 600]);
  });

  test("has its retry on time, whoever waits longer, and all of them share one timer", () => {
    const rig = new Rig().register().run(commandTask("old"));
    for (let second = 0; second < 600; second += 15) rig.pass(15_000).link({ type: "PING" });
    rig.run(commandTask("new")).take().pass(10_000);
    expect(rig.statuses().map(({ task_id }) => task_id.value)).toEqual(["new"]);
    const wakes = rig.of("wake").filter(({ wake }) => wake.for === "update-retry");
    expect(wakes).toHaveLength(1);
  });

  test("is sent at once to a master that has just accepted the agent", () => {
    const rig = new Rig().register().run(commandTask("t"));
    const first = rig.statuses()[0]!;
    rig.apply({ type: "link-closed", link: rig.agent.state.link.id, reason: "test" }).take().pass(60_000);
    expect(rig.statuses()).toEqual([]);
    rig.subscribe();
    expect(rig.statuses()).toEqual([first]);
  });

  test("is sent again at once when the master says that its framework is there anew, and only that one's", () => {
    const rig = new Rig().register().run(commandTask("t"));
    const first = rig.statuses()[0]!;
    const told = (framework_info: typeof FRAMEWORK) =>
      rig.take().link({ type: "UPDATE_FRAMEWORK", update_framework: { framework_info } });
    told({ ...FRAMEWORK, id: { value: "another" } });
    expect(rig.statuses()).toEqual([]);
    told(FRAMEWORK);
    expect(rig.statuses()).toEqual([first]);
    rig.take().acknowledge(first);
    expect(rig.statuses().map(({ state }) => state)).toEqual(["TASK_RUNNING"]);
  });

  test("that is acknowledged with another uuid stays", () => {
    const rig = new Rig().register().run(commandTask("t"));
    rig.acknowledge({ ...rig.statuses()[0]!, uuid: "AAAAAAAAAAAAAAAAAAAAAA==" });
    expect(rig.statuses()).toHaveLength(1);
  });

  test("that was acknowledged before a crash is not sent again after it", () => {
    const rig = new Rig().register().run(commandTask("t"));
    rig.acknowledge(rig.statuses()[0]!);
    rig.crash().register();
    expect(rig.statuses().map((status) => status.state)).toEqual(["TASK_RUNNING"]);
  });

  test("keeps its uuid over a crash", () => {
    const rig = new Rig().register().run(commandTask("t"));
    const first = rig.statuses()[0]!;
    rig.crash().register();
    expect(rig.statuses()).toEqual([first]);
  });

  test("of a task is the last that there is to know after its end is acknowledged: all records of it are gone", () => {
    const rig = new Rig().register().run(commandTask("t"));
    rig.exit(rig.containerOf("t"), 0).settle();
    const left = [...rig.store.keys()].filter((key) => key.startsWith("task/") || key.startsWith("progress/"));
    expect(left).toEqual([]);
    expect([...rig.store.keys()].filter((key) => key.startsWith("completed/"))).toHaveLength(1);
  });

  test("comes in order, once for each acknowledgement, whatever is lost, repeated or crashes", () => {
    const step = fc.constantFrom("acknowledge", "acknowledge twice", "break", "crash", "wait", "end", "kill");
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const rig = new Rig().register().run(commandTask("t"));
        const acknowledged: string[] = [];
        const container = rig.containerOf("t");
        const last = () => rig.statuses().at(-1);
        for (const what of [...steps, ...DRAIN]) {
          if (what === "end" && rig.launcher.get(container)?.exit === undefined && rig.launcher.has(container))
            rig.exit(container, 0);
          if (what === "kill")
            rig.link({ type: "KILL", kill: { framework_id: FRAMEWORK.id!, task_id: { value: "t" } } });
          if (what === "wait") rig.pass(30_000);
          if (what === "break")
            rig.apply({ type: "link-closed", link: rig.agent.state.link.id, reason: "" }).pass(60_000).subscribe();
          if (what === "crash") rig.crash().register();
          const status = rig.agent.state.link.status === "subscribed" ? last() : undefined;
          if (what.startsWith("acknowledge") && status !== undefined) {
            const pending = rig.agent.state.updates.get("m-0000/t")?.pending[0]?.uuid;
            if (pending === status.uuid) acknowledged.push(status.state);
            rig.acknowledge(status);
            if (what === "acknowledge twice") rig.acknowledge(status);
          }
        }
        expect(acknowledged.slice(0, 2)).toEqual(["TASK_STARTING", "TASK_RUNNING"]);
        expect(acknowledged).toHaveLength(3);
        expect(["TASK_FINISHED", "TASK_KILLED"]).toContain(acknowledged[2]);
        expect(rig.agent.state.updates.size).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});

const DRAIN = ["break", "end", "acknowledge", "acknowledge", "acknowledge"] as const;
