import { expect, test } from "vitest";
import { capabilitiesNamed, Stage, task } from "./stage.rig.ts";

test("an offer says where the agent is, what it has, for which role, and what of the framework runs there", () => {
  const stage = new Stage();
  const attributes = [{ name: "rack", type: "TEXT" as const, text: { value: "r1" } }];
  const agent = stage.agent("cpus:4;mem:1024", { agent_info: { hostname: "host", port: 5055, attributes } });
  const framework = stage.framework();
  expect(framework.takeOffers()).toEqual([
    {
      id: { value: `${stage.state.id}-O0` },
      framework_id: { value: framework.id },
      agent_id: { value: agent.id },
      hostname: "host",
      url: { scheme: "http", address: { hostname: "host", ip: "10.0.0.1", port: 5055 }, path: "/slave(1)" },
      resources: [
        { name: "cpus", type: "SCALAR", scalar: { value: 4 }, allocation_info: { role: "eng" } },
        { name: "mem", type: "SCALAR", scalar: { value: 1024 }, allocation_info: { role: "eng" } },
      ],
      attributes,
      allocation_info: { role: "eng" },
    },
  ]);
});

test("a framework from before roles and refined reservations is offered what it can read", () => {
  const stage = new Stage();
  stage.agent("cpus:4;mem:1024");
  const framework = stage.framework({ capabilities: [], roles: [], role: "eng" });
  const [offer] = framework.takeOffers();
  expect(offer!.allocation_info).toBeUndefined();
  expect(offer!.resources).toEqual([
    { name: "cpus", type: "SCALAR", scalar: { value: 4 }, role: "*" },
    { name: "mem", type: "SCALAR", scalar: { value: 1024 }, role: "*" },
  ]);
  const plain = offer!.resources!;
  framework.accept(
    [offer!],
    [{ type: "LAUNCH", launch: { task_infos: [task("t", offer!.agent_id.value, "", { resources: plain })] } }],
  );
  expect(framework.held!.tasks.get("t")!.task.resources!.map((resource) => resource.allocation_info)).toEqual([
    { role: "eng" },
    { role: "eng" },
  ]);
});

test("what one declines the other is offered at once, and unknown offers are ignored", () => {
  const stage = new Stage();
  const agent = stage.agent();
  const [first, second] = [stage.framework(), stage.framework()];
  const [offer] = first.takeOffers();
  second.take();
  const offer_ids = [{ value: "nothing" }, offer!.id];
  expect(first.call({ type: "DECLINE", decline: { offer_ids, filters: { refuse_seconds: 10 } } }).status).toBe(202);
  expect(second.shownOffers()).toEqual([`${agent.id}: cpus:4; mem:1024; disk:1000`]);
  expect(first.takeOffers()).toEqual([]);
});

test("what was declined is offered again when the filter ends, without anything else happening", () => {
  const stage = new Stage();
  stage.agent();
  const framework = stage.framework();
  const [offer] = framework.takeOffers();
  framework.call({ type: "DECLINE", decline: { offer_ids: [offer!.id], filters: { refuse_seconds: 100 } } });
  stage.pass(99_999);
  expect(framework.takeOffers()).toEqual([]);
  stage.pass(1);
  expect(framework.takeOffers()).toHaveLength(1);
});

test("an offer that nobody answers is rescinded after the timeout, and only then", () => {
  const stage = new Stage();
  stage.agent();
  const framework = stage.framework();
  const [offer] = framework.takeOffers();
  stage.pass(59_999);
  expect(framework.take().map(({ type }) => type)).not.toContain("RESCIND");
  stage.pass(1);
  const events = framework.take().filter(({ type }) => type !== "HEARTBEAT");
  expect(events[0]).toEqual({ type: "RESCIND", rescind: { offer_id: offer!.id } });
  expect(events[1]!.type).toBe("OFFERS");
});

test("without a timeout an offer stands for ever", () => {
  const stage = new Stage({ offerTimeoutMs: undefined });
  stage.agent();
  const framework = stage.framework();
  stage.pass(24 * 3_600_000);
  expect(framework.take("RESCIND")).toEqual([]);
  expect(stage.state.offers.size).toBe(1);
});

test("when an agent is disconnected its offers are rescinded, and it is offered again when it is back", () => {
  const stage = new Stage();
  const agent = stage.agent();
  const framework = stage.framework();
  framework.take();
  agent.leave();
  expect(framework.take().map(({ type }) => type)).toEqual(["RESCIND"]);
  agent.subscribe();
  expect(framework.shownOffers()).toEqual([`${agent.id}: cpus:4; mem:1024; disk:1000`]);
});

test("only hosts on the whitelist are offered", () => {
  const stage = new Stage();
  const framework = stage.framework();
  stage.apply({ type: "whitelist", hostnames: ["other"] });
  stage.agent();
  expect(framework.takeOffers()).toEqual([]);
  stage.apply({ type: "whitelist", hostnames: undefined });
  expect(framework.takeOffers()).toHaveLength(1);
});

test("inverse offers go to frameworks that use an agent whose maintenance is planned; their answers are kept", () => {
  const stage = new Stage();
  const agent = stage.agent();
  const framework = stage.framework({ capabilities: capabilitiesNamed(["MULTI_ROLE"]) });
  framework.launch(agent, "t");
  const unavailability = { start: { nanoseconds: 5e15 } };
  const windows = [{ machine_ids: [{ hostname: "host", ip: "10.0.0.1" }], unavailability }];
  stage.operate({ type: "UPDATE_MAINTENANCE_SCHEDULE", update_maintenance_schedule: { schedule: { windows } } });
  const events = framework.take();
  const [inverse] = events.flatMap(({ inverse_offers }) => inverse_offers?.inverse_offers ?? []);
  expect(inverse).toMatchObject({
    framework_id: { value: framework.id },
    agent_id: { value: agent.id },
    unavailability,
  });
  expect(events.some(({ type }) => type === "RESCIND")).toBe(true);
  framework.call({ type: "ACCEPT_INVERSE_OFFERS", accept_inverse_offers: { inverse_offer_ids: [inverse!.id] } });
  expect(stage.state.allocator.inverseStatuses(agent.id)).toMatchObject([
    { status: "ACCEPT", framework_id: { value: framework.id } },
  ]);
});
