import type { Call, Event } from "@meseta/api/mesos/generated/executor.ts";
import { CallFailed } from "@meseta/lib/core/ports/transport.ts";
import { expect, test } from "vitest";
import type { ExecutorEnvironment } from "../core/executor-environment.ts";
import { answer, Line } from "../core/line.rig.ts";
import { ExecutorClient } from "./client.ts";

const environment: ExecutorEnvironment = {
  agentUrl: "http://127.0.0.1:5051",
  frameworkId: "F",
  executorId: "E",
  sandbox: "/sandbox",
  checkpoint: true,
  recoveryTimeoutMs: 900_000,
  subscriptionBackoffMaxMs: 2000,
  shutdownGraceMs: 5000,
};
const task = { name: "t", task_id: { value: "t" }, agent_id: { value: "S0" } };

function started(more: Partial<ExecutorEnvironment> = {}) {
  const line = new Line<Call, Event>();
  const seen: string[] = [];
  const timers: { ms: number; run: () => void; cancelled: boolean }[] = [];
  let updates = 0;
  const client = new ExecutorClient(line, {
    environment: { ...environment, ...more },
    uuid: () => `uuid-${++updates}`,
    nowSeconds: () => 7,
    after(ms, run) {
      const timer = { ms, run, cancelled: false };
      timers.push(timer);
      return () => void (timer.cancelled = true);
    },
  });
  client.start({
    event: (event) => seen.push(event.type!),
    disconnected: () => seen.push("lost"),
    ended: (why) => seen.push(`ended: ${why}`),
  });
  return { line, seen, client, timers };
}

test("an update carries who says it, when, and a uuid of its own", async () => {
  const { line, client } = started();
  await client.update({ task_id: { value: "t" }, state: "TASK_RUNNING" });
  expect(line.calls).toEqual([
    {
      framework_id: { value: "F" },
      executor_id: { value: "E" },
      type: "UPDATE",
      update: {
        status: {
          timestamp: 7,
          task_id: { value: "t" },
          state: "TASK_RUNNING",
          uuid: "uuid-1",
          source: "SOURCE_EXECUTOR",
          executor_id: { value: "E" },
        },
      },
    },
  ]);
});

test("what the agent has not acknowledged is told again when it is back", async () => {
  const { line, client, timers } = started();
  line.open();
  line.send({ type: "LAUNCH", launch: { task } });
  line.answers(new CallFailed("gone", false));
  await client.update({ task_id: task.task_id, state: "TASK_RUNNING" });
  line.answers(503, "recovering");
  await client.update({ task_id: task.task_id, state: "TASK_FINISHED" });
  line.lose();
  expect(line.subscribeCall().subscribe).toMatchObject({
    unacknowledged_tasks: [{ name: "t" }],
    unacknowledged_updates: [{ status: { uuid: "uuid-1" } }, { status: { uuid: "uuid-2" } }],
  });
  line.open();
  expect(timers).toMatchObject([{ ms: 900_000, cancelled: true }]);
  line.send({ type: "ACKNOWLEDGED", acknowledged: { task_id: task.task_id, uuid: "uuid-1" } });
  line.send({ type: "ACKNOWLEDGED", acknowledged: { task_id: task.task_id, uuid: "uuid-2" } });
  expect(client.unacknowledgedUpdates).toBe(0);
});

test("a refused update is the executor's own mistake, and is told", async () => {
  const { line, client } = started();
  line.answers(400, "no uuid");
  await expect(client.update({ task_id: { value: "t" }, state: "TASK_RUNNING" })).rejects.toThrow("no uuid");
});

test("without checkpointing the executor ends with its agent; with it, after the recovery timeout", () => {
  const plain = started({ checkpoint: false });
  plain.line.open();
  plain.line.lose();
  expect(plain.seen).toEqual(["lost", "ended: the agent is gone, and the framework does not checkpoint"]);
  const kept = started();
  kept.line.open();
  kept.line.lose();
  kept.line.lose({ wasOpen: false });
  expect(kept.seen).toEqual(["lost", "lost"]);
  expect(kept.timers).toHaveLength(1);
  kept.timers[0]!.run();
  expect(kept.seen.at(-1)).toBe("ended: the agent has been away for 900000 ms");
  expect(kept.line.closed).toBe(true);
});

test("an agent that refuses the subscription, or says ERROR, ends the session", () => {
  const refused = started();
  refused.line.lose({ wasOpen: false, answer: answer(403, "wrong token") });
  expect(refused.seen).toEqual(["lost", "ended: the agent refuses the subscription: wrong token"]);
  const told = started();
  told.line.send({ type: "ERROR", error: { message: "no" } });
  expect(told.seen).toEqual(["ERROR", "ended: no"]);
});

test("agents are silent for half an hour at a time, and their heartbeats are no events", () => {
  const { line, seen } = started();
  expect(line.intervalMs).toBe(1_800_000);
  line.send({ type: "HEARTBEAT" });
  expect(seen).toEqual([]);
});
