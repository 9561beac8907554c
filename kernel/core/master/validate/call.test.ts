import type * as operator from "@meseta/api/mesos/generated/master.ts";
import type { Call } from "@meseta/api/mesos/generated/scheduler.ts";
import { expect, test } from "vitest";
import { validateOffers } from "./offers.ts";
import { validateMasterCall } from "./operator-call.ts";
import { validateSchedulerCall } from "./scheduler-call.ts";

const framework_id = { value: "f" };
const info = { user: "u", name: "n" };
const uuid = "+apZVaBaS/qhCJOvxX/3wg==";

test.each<[string, Call]>([
  ["Expecting 'type' to be present", {}],
  ["Expecting 'framework_id' to be present", { type: "UNKNOWN" }],
  ["Expecting 'framework_id' to be present", { type: "TEARDOWN" }],
  ["Expecting 'subscribe' to be present", { type: "SUBSCRIBE" }],
  [
    "'framework_id' differs from 'subscribe.framework_info.id'",
    { type: "SUBSCRIBE", framework_id, subscribe: { framework_info: { ...info, id: { value: "g" } } } },
  ],
  [
    "'framework_id' differs from 'subscribe.framework_info.id'",
    { type: "SUBSCRIBE", framework_id, subscribe: { framework_info: info } },
  ],
  [
    "'framework_id' differs from 'subscribe.framework_info.id'",
    { type: "SUBSCRIBE", subscribe: { framework_info: { ...info, id: { value: "g" } } } },
  ],
  [
    "Not a valid UUID",
    {
      type: "ACKNOWLEDGE",
      framework_id,
      acknowledge: { agent_id: { value: "a" }, task_id: { value: "t" }, uuid: "aGk=" },
    },
  ],
  [
    "Not a valid UUID",
    {
      type: "ACKNOWLEDGE_OPERATION_STATUS",
      framework_id,
      acknowledge_operation_status: { uuid: "", operation_id: { value: "o" } },
    },
  ],
  [
    "Expecting 'agent_id' to be present",
    {
      type: "ACKNOWLEDGE_OPERATION_STATUS",
      framework_id,
      acknowledge_operation_status: { uuid, operation_id: { value: "o" } },
    },
  ],
  [
    "Expecting 'update_framework.framework_info.id' to be present",
    { type: "UPDATE_FRAMEWORK", framework_id, update_framework: { framework_info: info } },
  ],
  [
    "'framework_id' differs from 'update_framework.framework_info.id'",
    { type: "UPDATE_FRAMEWORK", framework_id, update_framework: { framework_info: { ...info, id: { value: "g" } } } },
  ],
])("scheduler: %s", (text, call) => {
  expect(validateSchedulerCall(call)).toEqual({ message: `Failed to validate scheduler::Call: ${text}` });
});

test("each call of a scheduler needs the part that bears its name", () => {
  const types = [
    "ACCEPT",
    "DECLINE",
    "ACCEPT_INVERSE_OFFERS",
    "DECLINE_INVERSE_OFFERS",
    "KILL",
    "SHUTDOWN",
    "ACKNOWLEDGE",
    "ACKNOWLEDGE_OPERATION_STATUS",
    "RECONCILE",
    "RECONCILE_OPERATIONS",
    "MESSAGE",
    "REQUEST",
    "UPDATE_FRAMEWORK",
  ] as const;
  for (const type of types) {
    expect(validateSchedulerCall({ type, framework_id })).toEqual({
      message: `Failed to validate scheduler::Call: Expecting '${type.toLowerCase()}' to be present`,
    });
  }
  for (const type of ["TEARDOWN", "REVIVE", "SUPPRESS", "UNKNOWN"] as const)
    expect(validateSchedulerCall({ type, framework_id })).toBeUndefined();
});

test("good subscriptions and empty lists pass", () => {
  expect(validateSchedulerCall({ type: "SUBSCRIBE", subscribe: { framework_info: info } })).toBeUndefined();
  expect(
    validateSchedulerCall({
      type: "SUBSCRIBE",
      framework_id,
      subscribe: { framework_info: { ...info, id: framework_id } },
    }),
  ).toBeUndefined();
  expect(validateSchedulerCall({ type: "DECLINE", framework_id, decline: {} })).toBeUndefined();
});

test("each call of an operator to the master needs the part that bears its name", () => {
  const types = [
    "GET_METRICS",
    "SET_LOGGING_LEVEL",
    "LIST_FILES",
    "READ_FILE",
    "UPDATE_WEIGHTS",
    "RESERVE_RESOURCES",
    "UNRESERVE_RESOURCES",
    "CREATE_VOLUMES",
    "DESTROY_VOLUMES",
    "GROW_VOLUME",
    "SHRINK_VOLUME",
    "UPDATE_MAINTENANCE_SCHEDULE",
    "START_MAINTENANCE",
    "STOP_MAINTENANCE",
    "DRAIN_AGENT",
    "DEACTIVATE_AGENT",
    "REACTIVATE_AGENT",
    "UPDATE_QUOTA",
    "SET_QUOTA",
    "REMOVE_QUOTA",
    "TEARDOWN",
    "MARK_AGENT_GONE",
  ] as const;
  for (const type of types)
    expect(validateMasterCall({ type })).toEqual({
      message: `Failed to validate master::Call: Expecting '${type.toLowerCase()}' to be present`,
    });
  expect(validateMasterCall({})).toEqual({
    message: "Failed to validate master::Call: Expecting 'type' to be present",
  });
  for (const type of ["GET_STATE", "SUBSCRIBE", "UNKNOWN"] as const)
    expect(validateMasterCall({ type })).toBeUndefined();
});

test.each<[string, operator.Call]>([
  [
    "Expecting 'grow_volume.agent_id' to be present",
    {
      type: "GROW_VOLUME",
      grow_volume: { volume: { name: "disk", type: "SCALAR" }, addition: { name: "disk", type: "SCALAR" } },
    },
  ],
  [
    "Expecting 'shrink_volume.agent_id' to be present",
    { type: "SHRINK_VOLUME", shrink_volume: { volume: { name: "disk", type: "SCALAR" }, subtract: { value: 1 } } },
  ],
  [
    "'drain_agent.max_grace_period' must not be negative",
    { type: "DRAIN_AGENT", drain_agent: { agent_id: { value: "a" }, max_grace_period: { seconds: -1 } } },
  ],
])("master: %s", (text, call) => {
  expect(validateMasterCall(call)).toEqual({ message: `Failed to validate master::Call: ${text}` });
});

test("the offers of one ACCEPT are outstanding, each given once, the framework's own, of one role on one agent", () => {
  const offers = new Map([
    ["O1", { frameworkId: "f", agentId: "a", role: "r" }],
    ["O2", { frameworkId: "f", agentId: "a", role: "r" }],
    ["O3", { frameworkId: "g", agentId: "a", role: "r" }],
    ["O4", { frameworkId: "f", agentId: "a", role: "s" }],
    ["O5", { frameworkId: "f", agentId: "b", role: "r" }],
  ]);
  const check = (...ids: string[]) =>
    validateOffers(
      ids.map((value) => ({ value })),
      "f",
      (id) => offers.get(id),
    )?.message;
  expect(check("O1", "O2")).toBeUndefined();
  expect(check()).toBe("No offers specified");
  expect(check("O1", "O1")).toBe("Duplicate offer O1 in offer list");
  expect(check("O1", "no-such-offer")).toBe("Offer no-such-offer is no longer valid");
  expect(check("O3")).toBe("Offer O3 has invalid framework g while framework f is expected");
  expect(check("O1", "O4")).toBe(
    "Aggregated offers must be allocated to the same role. Offer O4 uses role 's' but another is using role 'r'",
  );
  expect(check("O1", "O5")).toBe(
    "Aggregated offers must belong to one single agent. Offer O5 uses agent b and agent a",
  );
});
