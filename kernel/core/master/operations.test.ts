import type { OfferOperation, OperationState } from "@meseta/api/mesos/generated/mesos.ts";
import { expect, test } from "vitest";
import { bag } from "../allocator/sketch.rig.ts";
import { type LinkAgent, Stage, shown } from "./stage.rig.ts";

const reservations = [{ type: "DYNAMIC" as const, role: "eng", principal: "p" }];

function reserve(id?: string): OfferOperation {
  const resources = bag("cpus:1").map((resource) => ({ ...resource, reservations }));
  return { type: "RESERVE", ...(id === undefined ? {} : { id: { value: id } }), reserve: { resources } };
}

function cast(operation: OfferOperation) {
  const stage = new Stage();
  const agent = stage.agent();
  const framework = stage.framework();
  framework.accept(framework.takeOffers(), [operation]);
  const applied = agent.take("APPLY_OPERATION")[0]!.apply_operation!;
  framework.take();
  return { stage, agent, framework, applied };
}

const UUID = "BBBBBBBBBBBBBBBBBBBBBB==";

function report(agent: LinkAgent, operation_uuid: string, state: OperationState): void {
  const status = { state, uuid: { value: UUID } };
  agent.send({ type: "UPDATE_OPERATION", update_operation: { operation_uuid, status, latest_status: status } });
}

test("the agent is sent the operation with the version of its resources, and a pending operation is held", () => {
  const { stage, applied, framework } = cast(reserve("op"));
  expect(applied).toMatchObject({ operation: { id: { value: "op" } }, resource_version: "v1" });
  const held = stage.state.operations.get(applied.operation_uuid)!;
  expect(held.operation.latest_status.state).toBe("OPERATION_PENDING");
  expect(held.frameworkId).toBe(framework.id);
});

test("a framework that gave its operation an id is told how it ended until it acknowledges that", () => {
  const { stage, agent, framework, applied } = cast(reserve("op"));
  report(agent, applied.operation_uuid, "OPERATION_FINISHED");
  report(agent, applied.operation_uuid, "OPERATION_FINISHED");
  const told = framework.takeOperationUpdates();
  expect(told).toHaveLength(2);
  expect(told[0]).toEqual({
    operation_id: { value: "op" },
    state: "OPERATION_FINISHED",
    uuid: { value: UUID },
    agent_id: { value: agent.id },
  });
  framework.call({ type: "RECONCILE_OPERATIONS", reconcile_operations: {} });
  expect(framework.takeOperationUpdates()).toEqual([
    { operation_id: { value: "op" }, state: "OPERATION_FINISHED", agent_id: { value: agent.id } },
  ]);
  const acknowledge = (uuid: string) => {
    const ids = { agent_id: { value: agent.id }, operation_id: { value: "op" } };
    framework.call({ type: "ACKNOWLEDGE_OPERATION_STATUS", acknowledge_operation_status: { ...ids, uuid } });
    return agent.take("ACKNOWLEDGE_OPERATION");
  };
  expect(acknowledge("CCCCCCCCCCCCCCCCCCCCCC==")).toEqual([]);
  expect(acknowledge(UUID)).toHaveLength(1);
  expect(acknowledge(UUID)).toEqual([]);
  expect(stage.state.operations.size).toBe(0);
  expect(framework.held!.operations.size).toBe(0);
});

test("nobody waits for an operation without an id: the master acknowledges and forgets it", () => {
  const { stage, agent, framework, applied } = cast(reserve());
  report(agent, applied.operation_uuid, "OPERATION_FINISHED");
  expect(framework.takeOperationUpdates()).toEqual([]);
  expect(agent.take("ACKNOWLEDGE_OPERATION")).toHaveLength(1);
  expect(stage.state.operations.size).toBe(0);
});

test("a status without a uuid, as of an operation that the agent never got, is the end of it", () => {
  const { stage, agent, framework, applied } = cast(reserve("op"));
  const status = { state: "OPERATION_DROPPED" as const };
  const update_operation = { operation_uuid: applied.operation_uuid, status, latest_status: status };
  agent.send({ type: "UPDATE_OPERATION", update_operation });
  expect(framework.takeOperationUpdates()).toMatchObject([
    { operation_id: { value: "op" }, state: "OPERATION_DROPPED" },
  ]);
  expect(stage.state.operations.size).toBe(0);
});

test("an operation that the master does not know is acknowledged, so that the agent gets rid of it", () => {
  const { agent } = cast(reserve());
  report(agent, "DDDDDDDDDDDDDDDDDDDDDD==", "OPERATION_FAILED");
  expect(agent.take("ACKNOWLEDGE_OPERATION")).toHaveLength(1);
});

test("operations of a framework that was removed are acknowledged by the master, now or when they end", () => {
  const over = cast(reserve("op"));
  report(over.agent, over.applied.operation_uuid, "OPERATION_FINISHED");
  over.framework.call({ type: "TEARDOWN" });
  expect(over.agent.take("ACKNOWLEDGE_OPERATION")).toHaveLength(1);
  const pending = cast(reserve("op"));
  pending.framework.call({ type: "TEARDOWN" });
  report(pending.agent, pending.applied.operation_uuid, "OPERATION_FINISHED");
  expect(pending.agent.take("ACKNOWLEDGE_OPERATION")).toHaveLength(1);
  for (const { stage } of [over, pending]) expect(stage.state.operations.size).toBe(0);
});

test("with its agent an operation becomes unreachable, or gone", () => {
  const { agent, stage, framework } = cast(reserve("op"));
  agent.isSilent = true;
  stage.pass(90_000);
  expect(framework.takeOperationUpdates()).toMatchObject([{ state: "OPERATION_UNREACHABLE" }]);
  const second = cast(reserve("op"));
  second.stage.operate({ type: "MARK_AGENT_GONE", mark_agent_gone: { agent_id: { value: second.agent.id } } });
  expect(second.framework.takeOperationUpdates()).toMatchObject([{ state: "OPERATION_GONE_BY_OPERATOR" }]);
});

test("operations that the agent does not know when it comes back are asked back, those that only it knows are taken over", () => {
  const { stage, agent, applied } = cast(reserve("op"));
  agent.leave();
  agent.subscribe();
  expect(agent.take("SUBSCRIBED")[0]!.subscribed!.missing_operations).toEqual([applied.operation_uuid]);
  const held = stage.state.operations.get(applied.operation_uuid)!.operation;
  stage.restart();
  agent.subscribe({ operations: [held] });
  expect(stage.state.operations.get(applied.operation_uuid)!.operation).toEqual(held);
});

test("an operation that has ended, and that the agent does not know when it comes back, was acknowledged: it is not asked back but forgotten", () => {
  const { stage, agent, framework, applied } = cast(reserve("op"));
  report(agent, applied.operation_uuid, "OPERATION_FINISHED");
  agent.leave();
  agent.subscribe();
  expect(agent.take("SUBSCRIBED")[0]!.subscribed!.missing_operations).toEqual([]);
  expect(stage.state.operations.size).toBe(0);
  expect(framework.held!.operations.size).toBe(0);
});

test("an operator reserves what stands in offers: only as many are rescinded as it takes", () => {
  const stage = new Stage();
  const agent = stage.agent();
  const framework = stage.framework();
  framework.take();
  const resources = bag("cpus:1").map((resource) => ({
    ...resource,
    reservations: [{ type: "DYNAMIC" as const, role: "ops" }],
  }));
  const reserve_resources = { agent_id: { value: agent.id }, resources };
  expect(stage.operate({ type: "RESERVE_RESOURCES", reserve_resources }).status).toBe(202);
  expect(framework.take("RESCIND")).toHaveLength(1);
  expect(agent.take("APPLY_OPERATION")[0]!.apply_operation!.framework_info).toBeUndefined();
  expect(shown(stage.state.agents.get(agent.id)!.total)).toContain("cpus(reservations: [(DYNAMIC,ops)]):1");
});

test("an agent whose resources changed is offered afresh, with the new version", () => {
  const stage = new Stage();
  const agent = stage.agent();
  const framework = stage.framework();
  framework.take();
  const agent_info = agent.subscribed.agent_info;
  const total_resources = bag("cpus:8;mem:64");
  agent.send({ type: "UPDATE_AGENT", update_agent: { agent_info, total_resources, resource_version: "v2" } });
  expect(framework.take().map(({ type }) => type)).toEqual(["RESCIND", "OFFERS"]);
  expect(stage.state.agents.get(agent.id)).toMatchObject({ resourceVersion: "v2" });
  const bad = [{ name: "cpus", type: "SCALAR" as const, scalar: { value: -1 } }];
  agent.send({ type: "UPDATE_AGENT", update_agent: { agent_info, total_resources: bad, resource_version: "v3" } });
  expect(stage.state.agents.get(agent.id)).toMatchObject({ resourceVersion: "v2" });
});
