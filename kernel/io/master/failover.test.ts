import { createMemoryDisk, createMemoryStore } from "@meseta/drivers/store/memory.ts";
import { expect, test } from "vitest";
import { ask, Listener, operate, post, rehearse } from "./rehearsal.rig.ts";

const resources = [{ name: "cpus", type: "SCALAR", scalar: { value: 4 } }];

const registration = (id?: object) => ({
  ...{ type: "SUBSCRIBE", link_version: 1, boot_id: "b", ...(id && { agent_id: id }) },
  subscribe: {
    agent_info: { hostname: "h", resources },
    version: "1.12.0",
    resource_version: "v",
    total_resources: resources,
  },
});

const subscribing = (id?: object) => {
  const framework_info = { user: "root", name: "f", failover_timeout: 3600, ...(id && { id }) };
  return { type: "SUBSCRIBE", ...(id && { framework_id: id }), subscribe: { framework_info } };
};

test("a master that takes over shows who has not come back yet as recovered, leaves what they could know open, and says how many there are", async () => {
  const disk = createMemoryDisk();
  const first = await rehearse(createMemoryStore(disk));
  const link = await Listener.open(first, "/api/v1/agent-link", registration());
  const agentId = ((await link.next()) as { subscribed: { agent_id: { value: string } } }).subscribed.agent_id;
  const stream = await Listener.open(first, "/api/v1/scheduler", subscribing());
  const { framework_id } = ((await stream.next()) as { subscribed: { framework_id: { value: string } } }).subscribed;
  await first.stop();

  await using next = await rehearse(createMemoryStore(disk));
  const json = async (path: string) => JSON.parse((await ask(next, path)).text);
  const agents = async () => (await operate(next, { type: "GET_AGENTS" })).body.get_agents;
  expect(await agents()).toMatchObject({ recovered_agents: [{ id: agentId, hostname: "h" }] });
  expect(await json("/slaves")).toMatchObject({ slaves: [], recovered_slaves: [{ id: agentId.value }] });
  const shown = { id: framework_id.value, recovered: true, connected: false, active: false };
  expect((await json("/frameworks")).frameworks).toMatchObject([shown]);
  const numbers = await json("/metrics/snapshot");
  expect([numbers["meseta/agents_recovered"], numbers["meseta/frameworks_recovered"]]).toEqual([1, 1]);

  const back = await Listener.open(next, "/api/v1/scheduler", subscribing(framework_id));
  await back.next();
  const headers = { "Mesos-Stream-Id": back.headers.get("mesos-stream-id")! };
  const reconcile = (agent_id: object) =>
    post(
      next,
      "/api/v1/scheduler",
      { framework_id, type: "RECONCILE", reconcile: { tasks: [{ task_id: { value: "t" }, agent_id }] } },
      headers,
    );
  const answer = async () => {
    for (;;) {
      const event = (await back.next()) as { type: string; update?: { status: { agent_id: object; state: string } } };
      if (event.type === "UPDATE") return event.update!.status;
    }
  };
  // Of the agent that has not come back there is no answer; of one that nobody knows there is, at once.
  await reconcile(agentId);
  await reconcile({ value: "nobody" });
  expect(await answer()).toMatchObject({ state: "TASK_LOST", agent_id: { value: "nobody" } });
  const linked = await Listener.open(next, "/api/v1/agent-link", registration(agentId));
  await linked.next();
  await reconcile(agentId);
  expect(await answer()).toMatchObject({ state: "TASK_LOST", agent_id: agentId });
  expect((await agents()).recovered_agents).toEqual([]);
  expect((await json("/frameworks")).frameworks).toMatchObject([{ recovered: false, connected: true }]);
});
