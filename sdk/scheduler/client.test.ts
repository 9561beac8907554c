import type { Call, Event } from "@meseta/api/mesos/generated/scheduler.ts";
import { expect, test } from "vitest";
import { Line as AnyLine, answer } from "../core/line.rig.ts";
import { SchedulerClient } from "./client.ts";

class Line extends AnyLine<Call, Event> {}

const framework = { user: "me", name: "test" };
const subscribed: Event = {
  type: "SUBSCRIBED",
  subscribed: { framework_id: { value: "F" }, heartbeat_interval_seconds: 15 },
};
const update: Event = {
  type: "UPDATE",
  update: { status: { task_id: { value: "t" }, agent_id: { value: "S0" }, state: "TASK_RUNNING", uuid: "dQ==" } },
};

function started(options = {}) {
  const line = new Line();
  const seen: string[] = [];
  const client = new SchedulerClient(line, { framework, ...options });
  client.start({
    event: (event) => seen.push(event.type!),
    disconnected: () => seen.push("lost"),
    ended: (why) => seen.push(`ended: ${why}`),
  });
  return { line, seen, client };
}

test("the id that the master gives is carried by all calls and by later subscriptions", async () => {
  const { line, client } = started();
  expect(line.subscribeCall()).toEqual({ type: "SUBSCRIBE", subscribe: { framework_info: framework } });
  line.send(subscribed);
  expect(client.frameworkId).toEqual({ value: "F" });
  await client.revive(["web"]);
  expect(line.calls).toEqual([{ framework_id: { value: "F" }, type: "REVIVE", revive: { roles: ["web"] } }]);
  line.lose();
  expect(line.subscribeCall()).toMatchObject({
    framework_id: { value: "F" },
    subscribe: { framework_info: { id: { value: "F" } } },
  });
});

test("heartbeats are watched at the master's own interval and kept from the framework", () => {
  const { line, seen } = started();
  line.send(subscribed);
  line.send({ type: "HEARTBEAT" });
  expect(line.intervalMs).toBe(15_000);
  expect(seen).toEqual(["SUBSCRIBED"]);
});

test("updates with a uuid are acknowledged after they were handled, others never", () => {
  const { line } = started();
  line.send(subscribed);
  line.send(update);
  line.send({ type: "UPDATE", update: { status: { ...update.update!.status, uuid: undefined } } });
  expect(line.calls.map(({ type, acknowledge }) => [type, acknowledge?.uuid])).toEqual([["ACKNOWLEDGE", "dQ=="]]);
});

test("a loop acknowledges an update by coming back for the next event", async () => {
  const line = new Line();
  const client = new SchedulerClient(line, { framework });
  const events = client.events();
  const first = events.next();
  line.send(subscribed);
  await first;
  line.send(update);
  await events.next();
  expect(line.calls).toEqual([]);
  const last = events.next();
  line.send({ type: "OFFERS" });
  await last;
  expect(line.calls.map(({ type }) => type)).toEqual(["ACKNOWLEDGE"]);
});

test("without a stream calls are refused here, and a refusal of the master is told", async () => {
  const { line, client } = started();
  await expect(client.suppress()).rejects.toThrow("not subscribed");
  line.send(subscribed);
  line.answers(403, "Framework is not subscribed");
  await expect(client.suppress()).rejects.toThrow("403: Framework is not subscribed");
});

test("a framework that is torn down ends its own loop in peace", async () => {
  const line = new Line();
  const client = new SchedulerClient(line, { framework });
  const seen: string[] = [];
  const loop = (async () => {
    for await (const event of client.events()) {
      seen.push(event.type!);
      if (event.type === "SUBSCRIBED") await client.teardown();
    }
  })();
  await Promise.resolve();
  line.send(subscribed);
  await loop;
  expect(seen).toEqual(["SUBSCRIBED"]);
  expect(line.calls.map(({ type }) => type)).toEqual(["TEARDOWN"]);
});

test("an ERROR event and a refused subscription end the session; a lost stream does not", () => {
  const one = started();
  one.line.send(subscribed);
  one.line.lose();
  one.line.send({ type: "ERROR", error: { message: "Framework failed over" } });
  expect(one.seen).toEqual(["SUBSCRIBED", "lost", "ERROR", "ended: Framework failed over"]);
  expect(one.line.closed).toBe(true);
  const two = started();
  two.line.lose({ wasOpen: false, answer: answer(401, "who?") });
  expect(two.seen).toEqual(["lost", "ended: the master refuses the subscription with 401: who?"]);
});

test("roles that are suppressed can change; what changed is said by later subscriptions, also when there is no stream", async () => {
  const { line, client } = started({ suppressedRoles: ["a"] });
  client.describe({ ...framework, roles: ["a", "b"] }, ["b"]);
  expect(line.subscribeCall().subscribe).toMatchObject({
    framework_info: { roles: ["a", "b"] },
    suppressed_roles: ["b"],
  });
  line.send(subscribed);
  await client.updateFramework({ ...framework, roles: ["a"] }, []);
  expect(line.calls[0]!.update_framework).toMatchObject({ framework_info: { roles: ["a"] }, suppressed_roles: [] });
  expect(line.subscribeCall().subscribe).toMatchObject({ framework_info: { id: { value: "F" }, roles: ["a"] } });
});
