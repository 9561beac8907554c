import { descriptor } from "@meseta/api/mesos/generated/descriptor.ts";
import type { Call, Event } from "@meseta/api/mesos/generated/master.ts";
import { CallFailed } from "@meseta/lib/core/ports/transport.ts";
import { expect, test } from "vitest";
import { CallRefused, Unreachable } from "../core/errors.ts";
import { Line } from "../core/line.rig.ts";
import { AgentClient } from "./agent.ts";
import { DaemonClient } from "./daemon.ts";
import { MasterClient } from "./master.ts";

function master() {
  const line = new Line<Call, Event>();
  return { line, client: new MasterClient(line, "http://m:5050") };
}

test("answers come without their wrapping, and absent lists are empty", async () => {
  const { line, client } = master();
  line.answers(200, { type: "GET_ROLES" });
  expect(await client.getRoles()).toEqual([]);
  line.answers(200, { type: "GET_HEALTH", get_health: { healthy: true } });
  expect(await client.getHealth()).toBe(true);
  line.answers(200);
  await client.updateWeights([{ role: "a", weight: 2 }]);
  expect(line.calls.at(-1)).toEqual({
    type: "UPDATE_WEIGHTS",
    update_weights: { weight_infos: [{ role: "a", weight: 2 }] },
  });
});

test("a refusal says what was asked of whom; no answer says who is missing", async () => {
  const { line, client } = master();
  line.answers(409, "in use");
  const refusal = await client.markAgentGone({ value: "S0" }).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(CallRefused);
  expect(refusal).toMatchObject({ url: "http://m:5050", call: "MARK_AGENT_GONE", status: 409, text: "in use" });
  const agent = new AgentClient(line, "http://n1:5051");
  line.answers(new CallFailed("connection refused", true));
  const missing = await agent.getContainers().catch((error: unknown) => error);
  expect(missing).toBeInstanceOf(Unreachable);
  expect(missing).toMatchObject({ who: "agent", url: "http://n1:5051", message: "connection refused" });
});

test("the event stream leaves out heartbeats, watches them, and ends with its reader", async () => {
  const { line, client } = master();
  const losses: string[] = [];
  const events = client.events(({ reason }) => losses.push(reason));
  const first = events.next();
  line.send({ type: "SUBSCRIBED", subscribed: { heartbeat_interval_seconds: 15 } });
  expect((await first).value).toMatchObject({ type: "SUBSCRIBED" });
  expect(line.intervalMs).toBe(15_000);
  const second = events.next();
  line.send({ type: "HEARTBEAT" });
  line.lose();
  line.send({ type: "AGENT_REMOVED", agent_removed: { agent_id: { value: "S0" } } });
  expect((await second).value).toMatchObject({ type: "AGENT_REMOVED" });
  expect(losses).toEqual(["gone"]);
  await events.return();
  expect(line.closed).toBe(true);
});

test("every call of the operator APIs has its method", () => {
  const missing = (api: string, prototype: object): string[] => {
    const methods = [prototype, DaemonClient.prototype].flatMap(Object.getOwnPropertyNames);
    return callTypes(`mesos.v1.${api}.Call.Type`).filter((type) => !methods.includes(methodOf(type)));
  };
  expect(missing("master", MasterClient.prototype)).toEqual(["SUBSCRIBE"]);
  expect(missing("agent", AgentClient.prototype)).toEqual([
    "LAUNCH_NESTED_CONTAINER",
    "WAIT_NESTED_CONTAINER",
    "KILL_NESTED_CONTAINER",
    "REMOVE_NESTED_CONTAINER",
  ]);
});

function methodOf(type: string): string {
  return type.toLowerCase().replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function callTypes(name: string): string[] {
  const line = descriptor.split("\n").find((each) => each.startsWith(`enum ${name} `))!;
  return [...line.matchAll(/ ([A-Z_]+)=/g)].map((match) => match[1]!).filter((type) => type !== "UNKNOWN");
}
