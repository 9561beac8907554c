import type { FrameworkInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type { AttributeConstraint, OfferConstraints } from "@meseta/api/mesos/generated/scheduler.ts";
import { expect, test } from "vitest";
import {
  rolesOf,
  type SubscriptionContext,
  validateFrameworkInfo,
  validateSubscribe,
  validateSuppressedRoles,
  validateUpdateFramework,
} from "./framework.ts";

const single: FrameworkInfo = { user: "u", name: "n" };
const multi = (...roles: string[]): FrameworkInfo => ({ ...single, roles, capabilities: [{ type: "MULTI_ROLE" }] });
const anyone: SubscriptionContext = {
  roleWhitelist: undefined,
  rootSubmissions: true,
  isRemoved: () => false,
  known: undefined,
  principal: undefined,
};
const subscribe = (info: FrameworkInfo, more: Partial<SubscriptionContext> = {}) =>
  validateSubscribe(info, [], undefined, { ...anyone, ...more });

test("a framework has its roles, one or many", () => {
  expect([rolesOf(single), rolesOf({ ...single, role: "a" }), rolesOf(multi()), rolesOf(multi("a", "b"))]).toEqual([
    ["*"],
    ["a"],
    [],
    ["a", "b"],
  ]);
  for (const info of [single, multi(), multi("a", "a/b", "*")]) expect(subscribe(info)).toBeUndefined();
});

test.each<[string, FrameworkInfo]>([
  ["'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable", { ...multi("b"), role: "a" }],
  ["'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable", { ...single, roles: ["a"] }],
  ["'FrameworkInfo.roles' contains invalid role: Role '/a' cannot start with a slash", multi("/a")],
  ["'FrameworkInfo.roles' contains invalid role: Role 'a/' cannot end with a slash", multi("a/")],
  ["'FrameworkInfo.roles' contains invalid role: Role '.' cannot include '.' as a component", multi(".")],
  ["'FrameworkInfo.roles' contains invalid role: Role '..' cannot include '..' as a component", multi("..")],
  ["'FrameworkInfo.roles' contains invalid role: Role 'a/*' cannot include '*' as a component", multi("a/*")],
  ["'FrameworkInfo.roles' contains invalid role: Role names cannot be the empty string", multi("")],
  ["'FrameworkInfo.role' is not a valid role: Role 'a/' cannot end with a slash", { ...single, role: "a/" }],
  ["'FrameworkInfo.roles' contains the role 'a' more than once", multi("a", "b", "a")],
  ["The framework failover_timeout (1e+300) is invalid", { ...single, failover_timeout: 1e300 }],
  ["The framework failover_timeout (-1.25e+10) is invalid", { ...single, failover_timeout: -1.25e10 }],
  ["The framework failover_timeout (NaN) is invalid", { ...single, failover_timeout: Number.NaN }],
  ["'..' is disallowed", { ...single, id: { value: ".." } }],
  [
    "'FrameworkInfo.offer_filters' of role 'a' is invalid: the quantity of 'cpus' must be a number that is not negative",
    {
      ...single,
      offer_filters: { a: { min_allocatable_resources: { quantities: [{ quantities: { cpus: { value: -1 } } }] } } },
    },
  ],
])("%s", (message, info) => {
  expect(validateFrameworkInfo(info)).toEqual({ message });
  expect(subscribe(info)).toEqual({ message });
});

test("a negative failover timeout was accepted when it was recorded", () => {
  expect(subscribe({ ...single, failover_timeout: -5 })).toBeUndefined();
});

test("who and what may subscribe is decided by the master's settings and memory", () => {
  expect(subscribe(multi("a", "b"), { roleWhitelist: ["a"] })).toEqual({
    message: "Role 'b' is not present in the master's --roles",
  });
  expect(subscribe({ ...single, user: "root" }, { rootSubmissions: false })).toEqual({
    message: "User 'root' is not allowed to run frameworks without --root_submissions set",
  });
  expect(subscribe({ ...single, id: { value: "f" } }, { isRemoved: (id) => id === "f" })).toEqual({
    message: "Framework has been removed",
  });
  expect(subscribe({ ...single, principal: "p" }, { principal: "q" })).toEqual({
    message: "Authenticated principal 'q' does not match principal 'p' set in 'FrameworkInfo'",
  });
  expect(subscribe({ ...single, principal: "p" }, { known: single })).toEqual({
    message: "Updating 'FrameworkInfo.principal' is unsupported; attempted to update from '' to 'p'",
  });
  expect(subscribe({ ...single, user: "other", checkpoint: true }, { known: single })).toBeUndefined();
});

test("suppressed roles are the framework's own", () => {
  expect(validateSubscribe(multi("a"), ["a"], undefined, anyone)).toBeUndefined();
  expect(validateSubscribe(multi("a"), ["b"], undefined, anyone)).toEqual({
    message: "Suppressed role 'b' is not among the roles of the framework",
  });
  expect(validateSuppressedRoles(single, ["*"])).toBeUndefined();
});

test("an update changes neither user nor principal nor checkpoint", () => {
  const known: FrameworkInfo = { ...multi("bad"), user: "root", principal: "p" };
  const update = (more: Partial<FrameworkInfo>) =>
    validateUpdateFramework({ ...known, ...more }, [], undefined, { ...anyone, known });
  const words = "FrameworkInfo update is not valid: Updating 'FrameworkInfo";
  expect(update({ name: "other", roles: ["x"], hostname: "h", checkpoint: false })).toBeUndefined();
  expect(update({ user: "nobody" })).toEqual({
    message: `${words}.user' is unsupported; attempted to update from 'root' to 'nobody'`,
  });
  expect(update({ principal: "q" })).toEqual({
    message: `${words}.principal' is unsupported; attempted to update from 'p' to 'q'`,
  });
  expect(update({ checkpoint: true })).toEqual({
    message: `${words}.checkpoint' is unsupported; attempted to update from 'false' to 'true'`,
  });
  expect(update({ roles: ["/"] })).toHaveProperty(
    "message",
    expect.stringContaining("Supplied FrameworkInfo is not valid: "),
  );
});

const constraint = (
  predicate: AttributeConstraint["predicate"],
  selector: AttributeConstraint["selector"] = { attribute_name: "rack" },
): OfferConstraints => ({
  role_constraints: { a: { groups: [{ attribute_constraints: [{ selector, predicate }] }] } },
});

test.each<[string, OfferConstraints]>([
  ["there is no group", { role_constraints: { a: {} } }],
  ["a group has no attribute constraint", { role_constraints: { a: { groups: [{}] } } }],
  ["exactly one predicate that this master knows must be set", constraint({})],
  ["exactly one predicate that this master knows must be set", constraint({ exists: {}, not_exists: {} })],
  [
    "exactly one of 'attribute_name' and 'pseudoattribute_type' of the selector must be set",
    constraint({ exists: {} }, {}),
  ],
  ["the selector names an unknown pseudo-attribute", constraint({ exists: {} }, { pseudoattribute_type: "UNKNOWN" })],
])("offer constraints: %s", (message, constraints) => {
  expect(validateSubscribe(multi("a"), [], constraints, anyone)).toEqual({
    message: `Offer constraints for role 'a' are invalid: ${message}`,
  });
});

test("offer constraints are for roles of the framework, and none at all is fine", () => {
  expect(validateSubscribe(multi("a"), [], {}, anyone)).toBeUndefined();
  expect(
    validateSubscribe(
      multi("a"),
      [],
      constraint({ text_matches: { regex: "r[12]" } }, { pseudoattribute_type: "ZONE" }),
      anyone,
    ),
  ).toBeUndefined();
  expect(validateSubscribe(multi("b"), [], constraint({ exists: {} }), anyone)).toEqual({
    message: "Offer constraints specify role 'a', which is not among the roles of the framework",
  });
});

test("a regular expression that is wrong, long or complex is refused", () => {
  const refusal = (regex: string) =>
    validateSubscribe(multi("a"), [], constraint({ text_not_matches: { regex } }), anyone)?.message;
  expect(refusal("(")).toContain("regular expression '(' is invalid");
  expect(refusal("a{200}")).toContain("is too complex");
  expect(refusal("a".repeat(5000))).toContain("is longer than 4096 characters");
  expect(refusal("(?=a)")).toContain("is invalid");
});
