import type { FrameworkInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type { Call, Event } from "@meseta/api/mesos/generated/scheduler.ts";
import { silentLog } from "@meseta/lib/core/ports/log.ts";
import { expect, it } from "vitest";
import { Line } from "../core/line.rig.ts";
import { SchedulerClient } from "./client.ts";
import { MasterLink } from "./link.ts";

const SUBSCRIBED: Event = {
  type: "SUBSCRIBED",
  subscribed: { framework_id: { value: "F" }, heartbeat_interval_seconds: 15 },
};

function framework(roles: string[], id?: string): FrameworkInfo {
  return { name: "marathon", user: "", roles, checkpoint: true, ...(id !== undefined && { id: { value: id } }) };
}

function linked() {
  const lines: Line<Call, Event>[] = [];
  const said: string[] = [];
  const link = new MasterLink({
    connect: (options) => {
      lines.push(new Line());
      return new SchedulerClient(lines.at(-1)!, options);
    },
    heard: ({ type }) => said.push(type!),
    disconnected: () => said.push("disconnected"),
    failed: ({ type }, refusal) => said.push(`${type} failed: ${refusal}`),
    ended: (why) => said.push(`ended: ${why}`),
    log: silentLog,
  });
  return { link, lines, said };
}

it("subscribes when it is known as whom", () => {
  const { link, lines } = linked();
  expect(lines).toEqual([]);
  link.want(framework(["*", "prod"], "F"), ["*"]);
  expect(lines[0]!.subscribeCall()).toMatchObject({
    framework_id: { value: "F" },
    subscribe: {
      framework_info: { name: "marathon", roles: ["*", "prod"], checkpoint: true },
      suppressed_roles: ["*"],
    },
  });
});

it("changes its roles without a new subscription, and later ones carry them", () => {
  const { link, lines } = linked();
  link.want(framework(["*"]), []);
  lines[0]!.send(SUBSCRIBED);
  link.want(framework(["*", "dev"], "F"), ["dev"]);
  expect(lines[0]!.calls).toMatchObject([
    {
      type: "UPDATE_FRAMEWORK",
      update_framework: { framework_info: { id: { value: "F" }, roles: ["*", "dev"] }, suppressed_roles: ["dev"] },
    },
  ]);
  expect(lines[0]!.subscribeCall()).toMatchObject({
    subscribe: { framework_info: { roles: ["*", "dev"] }, suppressed_roles: ["dev"] },
  });
});

it("says again what has changed while a subscription was on its way", () => {
  const { link, lines } = linked();
  link.want(framework(["*"]), []);
  link.want(framework(["dev"]), []);
  expect(lines[0]!.calls).toEqual([]);
  lines[0]!.send(SUBSCRIBED);
  expect(lines[0]!.calls).toMatchObject([
    { type: "UPDATE_FRAMEWORK", update_framework: { framework_info: { roles: ["dev"] } } },
  ]);
  lines[0]!.lose();
  lines[0]!.send(SUBSCRIBED);
  expect(lines[0]!.calls).toHaveLength(1);
});

it("subscribes anew when nobody knows whether the master has heard of a change; not when it was refused", async () => {
  const { link, lines, said } = linked();
  link.want(framework(["*"]), []);
  lines[0]!.send(SUBSCRIBED);
  lines[0]!.answers(new Error("timed out"));
  link.want(framework(["dev"]), []);
  await expect.poll(() => lines.length).toBe(2);
  expect(lines[1]!.subscribeCall()).toMatchObject({ subscribe: { framework_info: { roles: ["dev"] } } });
  expect(said).toEqual(["SUBSCRIBED", "disconnected"]);
  lines[1]!.send(SUBSCRIBED);
  lines[1]!.answers(400, "no such role");
  link.want(framework(["prod"]), []);
  await new Promise(setImmediate);
  expect([lines.length, lines[1]!.calls.length]).toEqual([2, 1]);
});

it("loses calls while there is no stream, and tells that there is none once", () => {
  const { link, lines, said } = linked();
  link.send({ type: "REVIVE" });
  link.want(framework(["*"]), []);
  link.send({ type: "REVIVE" });
  lines[0]!.send(SUBSCRIBED);
  link.send({ type: "SUPPRESS" });
  lines[0]!.lose();
  lines[0]!.lose({ wasOpen: false });
  link.send({ type: "REVIVE" });
  expect(lines[0]!.calls).toEqual([{ type: "SUPPRESS", framework_id: { value: "F" } }]);
  expect(said).toEqual(["SUBSCRIBED", "disconnected"]);
});

it("acknowledges nothing by itself: that is for the core to do, when what it learned is durable", () => {
  const { link, lines, said } = linked();
  link.want(framework(["*"]), []);
  lines[0]!.send(SUBSCRIBED);
  const status = { task_id: { value: "t" }, agent_id: { value: "S" }, state: "TASK_RUNNING" as const, uuid: "dQ==" };
  lines[0]!.send({ type: "UPDATE", update: { status } });
  expect([said, lines[0]!.calls]).toEqual([["SUBSCRIBED", "UPDATE"], []]);
});

it("tells when the master wants no more of it, but not what it ended itself", () => {
  const { link, lines, said } = linked();
  link.want(framework(["*"]), []);
  link.close();
  lines[0]!.send(SUBSCRIBED);
  expect(said).toEqual([]);
  link.want(framework(["*"], "F"), []);
  lines[1]!.send({ type: "ERROR", error: { message: "removed" } });
  expect(said).toEqual(["ERROR", "ended: removed"]);
});

it("tells which calls came to nothing, and what the master said to them", async () => {
  const { link, lines, said } = linked();
  link.want(framework(["*"]), []);
  lines[0]!.send(SUBSCRIBED);
  lines[0]!.answers(413, "too long");
  link.send({ type: "ACCEPT" });
  await expect.poll(() => said.at(-1)).toBe("ACCEPT failed: 413 too long");
  lines[0]!.answers(503, "Nothing was changed, as far as it is known");
  link.send({ type: "KILL" });
  await expect.poll(() => said.at(-1)).toBe("KILL failed: undefined");
  lines[0]!.answers(new Error("timed out"));
  link.send({ type: "REVIVE" });
  await expect.poll(() => said.at(-1)).toBe("REVIVE failed: undefined");
});

it("says that it is registered after the framework has heard so itself", async () => {
  const { link, lines, said } = linked();
  const heard = link.registered.then(() => [...said]);
  link.want(framework(["*"]), []);
  lines[0]!.send(SUBSCRIBED);
  expect(await heard).toEqual(["SUBSCRIBED"]);
});
