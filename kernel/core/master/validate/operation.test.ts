import type {
  AgentInfoCapabilityType,
  FrameworkInfo,
  OfferOperation,
  Resource,
} from "@meseta/api/mesos/generated/mesos.ts";
import { expect, test } from "vitest";
import type { OperationContext } from "./asker.ts";
import { validateOperation, validateOperationId } from "./operation.ts";

const capabilities = (...types: AgentInfoCapabilityType[]): ReadonlySet<AgentInfoCapabilityType> => new Set(types);
const full = capabilities("RESOURCE_PROVIDER", "AGENT_OPERATION_FEEDBACK", "RESIZE_VOLUME");
const framework: FrameworkInfo = {
  user: "u",
  name: "n",
  principal: "golden",
  roles: ["bad"],
  capabilities: [{ type: "MULTI_ROLE" }],
};
const disk = (more: Partial<Resource> = {}, value = 8): Resource => ({
  name: "disk",
  type: "SCALAR",
  scalar: { value },
  ...more,
});
const mine: Partial<Resource> = { reservations: [{ type: "DYNAMIC", role: "bad", principal: "golden" }] };
const volume = (id = "v", more: Partial<Resource> = {}, owner: string | undefined = "golden"): Resource =>
  disk({
    ...mine,
    disk: {
      persistence: owner === undefined ? { id } : { id, principal: owner },
      volume: { mode: "RW", container_path: "d" },
    },
    ...more,
  });
const asFramework: OperationContext = {
  framework,
  principal: "golden",
  agentCapabilities: full,
  total: [disk(mine, 100), volume("old")],
  used: [],
};
const asOperator: OperationContext = { ...asFramework, framework: undefined, principal: undefined };

const reserve = (...resources: Resource[]): OfferOperation => ({ type: "RESERVE", reserve: { resources } });
const rereserve = (source: Resource[], ...resources: Resource[]): OfferOperation => ({
  type: "RESERVE",
  reserve: { source, resources },
});
const unreserve = (...resources: Resource[]): OfferOperation => ({ type: "UNRESERVE", unreserve: { resources } });
const create = (...volumes: Resource[]): OfferOperation => ({ type: "CREATE", create: { volumes } });
const destroy = (...volumes: Resource[]): OfferOperation => ({ type: "DESTROY", destroy: { volumes } });
const grow = (old: Resource, addition: Resource): OfferOperation => ({
  type: "GROW_VOLUME",
  grow_volume: { volume: old, addition },
});
const shrink = (old: Resource, value: number): OfferOperation => ({
  type: "SHRINK_VOLUME",
  shrink_volume: { volume: old, subtract: { value } },
});
const stack = (...roles: string[]): Partial<Resource> => ({
  reservations: roles.map((role) => ({ type: "DYNAMIC", role, principal: "golden" })),
});

test("good operations pass", () => {
  for (const good of [
    reserve(disk(mine)),
    unreserve(disk(mine)),
    create(volume()),
    destroy(volume("old")),
    grow(volume(), disk(mine)),
    shrink(volume(), 1),
  ]) {
    expect(validateOperation(good, asFramework)).toBeUndefined();
    expect(validateOperation(good, asOperator)).toBeUndefined();
  }
  expect(validateOperation(rereserve([disk(stack("a"))], disk(stack("b"))), asOperator)).toBeUndefined();
  expect(validateOperation(reserve(disk(stack("any"))), asOperator)).toBeUndefined();
});

const source = { type: "MOUNT" as const, mount: { root: "/m" } };

test.each<[string, OfferOperation, OperationContext?]>([
  ["Invalid RESERVE operation: no resources are given", reserve()],
  ["Invalid RESERVE operation: Expecting 'reserve' to be present", { type: "RESERVE" }],
  [
    "Invalid RESERVE operation: Resource 'disk:-1' is invalid: Invalid scalar resource: value <= 0",
    reserve(disk({}, -1)),
  ],
  ["Invalid RESERVE operation: Resource disk:8 is not dynamically reserved", reserve(disk())],
  [
    "Invalid RESERVE operation: Resource disk(reservations: [(STATIC,bad)]):8 is not dynamically reserved",
    reserve(disk({ reservations: [{ type: "STATIC", role: "bad" }] })),
  ],
  [
    "Invalid RESERVE operation: Resource 'disk(reservations: [(DYNAMIC,bad,golden)]){REV}:8' is invalid: Revocable resources cannot be reserved",
    reserve(disk({ ...mine, revocable: {} })),
  ],
  [
    "Invalid RESERVE operation: The resources have several resource providers",
    reserve(disk(mine), disk({ ...mine, provider_id: { value: "p" } })),
  ],
  [
    "Invalid RESERVE operation: A reserve operation was attempted for a resource with role 'zz', but the framework can only reserve resources with roles 'bad'",
    reserve(disk(stack("zz"))),
  ],
  [
    "Invalid RESERVE operation: A reserve operation was attempted for a resource with role 'bad', but the resource is allocated to role 'other'",
    reserve(disk({ ...mine, allocation_info: { role: "other" } })),
  ],
  [
    "Invalid RESERVE operation: A reserve operation was attempted by principal 'golden', but there is a reserved resource in the request with principal 'someone-else' set in `ReservationInfo`",
    reserve(disk({ reservations: [{ type: "DYNAMIC", role: "bad", principal: "someone-else" }] })),
  ],
  [
    "Invalid RESERVE operation: A reserve operation was attempted by principal 'golden', but there is a reserved resource in the request with no principal set in `ReservationInfo`",
    reserve(disk({ reservations: [{ type: "DYNAMIC", role: "bad" }] })),
  ],
  [
    "Invalid RESERVE operation: Resource disk(reservations: [(DYNAMIC,bad,golden),(DYNAMIC,bad/x,golden)]):8 has refined reservations, but the framework lacks the capability RESERVATION_REFINEMENT",
    reserve(disk(stack("bad", "bad/x"))),
  ],
  [
    "Invalid RESERVE operation: Only an operator can change reservations with 'source'",
    rereserve([disk(mine)], disk(mine)),
  ],
  [
    "Invalid RESERVE operation: 'source' and 'resources' must each have one and the same reservations throughout",
    rereserve([disk(stack("a")), disk(stack("b"))], disk(stack("c"))),
    asOperator,
  ],
  [
    "Invalid RESERVE operation: Persistent volumes in 'source' cannot be reserved otherwise",
    rereserve([volume()], disk(mine)),
    asOperator,
  ],
  ["Invalid UNRESERVE operation: no resources are given", unreserve()],
  ["Invalid UNRESERVE operation: Resource disk:8 is not dynamically reserved", unreserve(disk())],
  [
    "Invalid UNRESERVE operation: A dynamically reserved persistent volume disk(reservations: [(DYNAMIC,bad,golden)])[v:d]:8 cannot be unreserved directly. Please destroy the persistent volume first then unreserve the resource",
    unreserve(volume()),
  ],
  ["Invalid CREATE operation: no volumes are given", create()],
  ["Invalid CREATE operation: 'persistence' is not set in DiskInfo", create(disk(mine))],
  [
    "Invalid CREATE operation: Resource 'disk[v:d]:8' is invalid: Persistent volumes cannot be created from unreserved resources",
    create(volume("v", { reservations: [] })),
  ],
  [
    "Invalid CREATE operation: Persistence ID 'old' of role 'bad' is already in use on the agent",
    create(volume("old")),
  ],
  [
    "Invalid CREATE operation: Persistence ID 'v' of role 'bad' is already in use on the agent",
    create(volume("v"), volume("v")),
  ],
  [
    "Invalid CREATE operation: The framework lacks the capability SHARED_RESOURCES, without which it cannot create shared volumes",
    create(volume("v", { shared: {} })),
  ],
  [
    "Invalid CREATE operation: The framework lacks the capability RESERVATION_REFINEMENT, without which it cannot use refined reservations",
    create(volume("v", stack("bad", "bad/x"))),
  ],
  [
    "Invalid CREATE operation: A create operation was attempted by principal 'golden', but there is a volume in the operation with principal 'x' set in 'DiskInfo.Persistence'",
    create(volume("v", {}, "x")),
  ],
  ["Invalid DESTROY operation: no volumes are given", destroy()],
  ["Invalid DESTROY operation: disk:8 is not a persistent volume", destroy(disk())],
  [
    "Invalid DESTROY operation: Persistent volume disk(reservations: [(DYNAMIC,bad,golden)])[v:d]:8 not found",
    destroy(volume("v", { allocation_info: { role: "bad" } })),
  ],
  [
    "Invalid DESTROY operation: Persistent volume disk(reservations: [(DYNAMIC,bad,golden)])[old:d]:8 is in use",
    destroy(volume("old")),
    { ...asFramework, used: [volume("old", { allocation_info: { role: "bad" } })] },
  ],
  [
    "Invalid GROW_VOLUME operation: The agent lacks the capability RESIZE_VOLUME",
    grow(volume(), disk(mine)),
    { ...asFramework, agentCapabilities: capabilities() },
  ],
  ["Invalid GROW_VOLUME operation: 'volume' is not a persistent volume", grow(disk(mine), disk(mine))],
  [
    "Invalid GROW_VOLUME operation: The size of a shared persistent volume cannot be changed",
    grow(volume("v", { shared: {} }), disk(mine)),
  ],
  [
    "Invalid GROW_VOLUME operation: The size of a volume of a resource provider cannot be changed",
    grow(volume("v", { provider_id: { value: "p" } }), disk(mine)),
  ],
  [
    "Invalid GROW_VOLUME operation: The size of a volume on a MOUNT disk cannot be changed",
    grow(volume("v", { disk: { ...volume().disk, source } }), disk({ ...mine, disk: { source } })),
  ],
  ["Invalid GROW_VOLUME operation: The size of 'addition' must be greater than zero", grow(volume(), disk(mine, 0))],
  ["Invalid GROW_VOLUME operation: 'addition' must not be a persistent volume", grow(volume(), volume("w"))],
  [
    "Invalid GROW_VOLUME operation: 'volume' and 'addition' must be disk of the same reservations and source",
    grow(volume(), disk()),
  ],
  ["Invalid SHRINK_VOLUME operation: Value of 'subtract' must be greater than zero", shrink(volume(), 0)],
  [
    "Invalid SHRINK_VOLUME operation: Value of 'subtract' must be smaller than the size of 'volume'",
    shrink(volume(), 8),
  ],
  [
    "Invalid CREATE_DISK operation: 'source' is not managed by a resource provider",
    { type: "CREATE_DISK", create_disk: { source: disk(), target_type: "MOUNT" } },
  ],
  [
    "Invalid DESTROY_DISK operation: no resource provider 'p' is known",
    { type: "DESTROY_DISK", destroy_disk: { source: disk({ provider_id: { value: "p" } }) } },
  ],
  ["Invalid LAUNCH operation: Expecting 'launch' to be present", { type: "LAUNCH" }],
  ["Invalid UNKNOWN operation: the type is unknown", {}],
])("%s", (message, operation, context = asFramework) => {
  expect(validateOperation(operation, context)).toEqual({ message });
});

test("an id asks for feedback, which launches do not have and old agents do not give", () => {
  const id = { value: "o" };
  expect(validateOperationId({ ...reserve(disk(mine)), id }, { agentCapabilities: full })).toBeUndefined();
  expect(validateOperationId({ type: "LAUNCH", id }, { agentCapabilities: full })).toEqual({
    message: "The 'id' field cannot be set on LAUNCH operations",
  });
  expect(validateOperationId({ type: "RESERVE", id: { value: "" } }, { agentCapabilities: full })).toEqual({
    message: "Operation ID must not be empty",
  });
  expect(
    validateOperationId({ type: "RESERVE", id }, { agentCapabilities: capabilities("RESOURCE_PROVIDER") }),
  ).toHaveProperty("message");
});
