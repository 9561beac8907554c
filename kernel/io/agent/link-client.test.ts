import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Message } from "@meseta/api/mesos/generated/link.ts";
import { LEADER_WATCH } from "@meseta/lib/io/leader-watch.ts";
import { afterEach, expect, test } from "vitest";
import { AGENT_BOUNDS } from "../../core/agent/bounds.ts";
import { LinkClient } from "./link-client.ts";
import { MasterRig } from "./master.rig.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A client whose link to a master is open. */
async function linked() {
  const master = await MasterRig.open();
  const subscribed = Promise.withResolvers<void>();
  const client = new LinkClient({
    masters: [master.url],
    processId: "boot",
    event: (_, { type }) => type === "SUBSCRIBED" && subscribed.resolve(),
    closed: (_, reason) => subscribed.reject(new Error(reason)),
  });
  closing.push(
    () => master.close(),
    () => client.close(),
  );
  client.connect(1, undefined, 0, { agent_info: { hostname: "h" }, version: "1.12.0", resource_version: "v" });
  await subscribed.promise;
  return { master, client };
}

test("a master that takes a link and says nothing is left for who leads, of whom another one knows", async () => {
  const leader = await MasterRig.open();
  const silent = createServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  const knows = createServer((request, response) => {
    if (!request.url!.startsWith(LEADER_WATCH)) return void response.writeHead(503).end("No leader elected");
    const { hostname, port } = new URL(leader.url);
    response
      .writeHead(200, { "Content-Type": "application/json" })
      .end(JSON.stringify({ hostname, port: Number(port) }));
  }).listen(0, "127.0.0.1");
  await once(knows, "listening");
  const subscribed = Promise.withResolvers<void>();
  const client = new LinkClient({
    masters: [silent, knows].map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    processId: "boot",
    event: (_, { type }) => type === "SUBSCRIBED" && subscribed.resolve(),
    closed: (_, reason) => subscribed.reject(new Error(reason)),
  });
  closing.push(
    () => leader.close(),
    () => [silent, knows].map((server) => server.close().closeAllConnections()),
    () => client.close(),
  );
  client.connect(1, undefined, 0, { agent_info: { hostname: "h" }, version: "1.12.0", resource_version: "v" });
  await subscribed.promise;
});

const update = (id: number, bytes: number): Message => ({
  type: "UPDATE",
  update: {
    framework_id: { value: "f" },
    status: { task_id: { value: `t${id}` }, state: "TASK_RUNNING", message: "x".repeat(bytes) },
  },
});

const message = (bytes: number): Message => ({
  type: "FRAMEWORK_MESSAGE",
  framework_message: { framework_id: { value: "f" }, executor_id: { value: "e" }, data: "eHh4".repeat(bytes / 4) },
});

test("updates that would be too large for one call travel in several, whole and in their order", async () => {
  const { master, client } = await linked();
  const bytes = AGENT_BOUNDS.linkBytes.most / 2;
  for (const id of [1, 2, 3]) client.tell(1, update(id, bytes));
  await master.until(() => master.messages.length === 3);
  expect(master.messages.map(({ update: told }) => told?.status.task_id.value)).toEqual(["t1", "t2", "t3"]);
  expect(master.calls).toBe(3);
});

test("of messages between executors and schedulers too many are lost, and counted; an update never is", async () => {
  const { master, client } = await linked();
  const half = AGENT_BOUNDS.linkDroppableBytes.most / 2;
  for (let i = 0; i < 4; i++) client.tell(1, message(half));
  client.tell(1, update(1, 10));
  await master.until(() => master.messages.some(({ type }) => type === "UPDATE"));
  expect(master.messages.map(({ type }) => type)).toEqual(["FRAMEWORK_MESSAGE", "FRAMEWORK_MESSAGE", "UPDATE"]);
  expect(client.dropped).toBe(2);
  client.tell(1, message(half));
  await master.until(() => master.messages.length === 4);
});
