import type { AttributeConstraint } from "@meseta/api/mesos/generated/scheduler.ts";
import { expect, test } from "vitest";
import type { AgentSettings } from "./allocator.ts";
import { compileConstraints, constraintProblem, satisfies } from "./constraints.ts";
import { bag, framework, shown, sketch } from "./sketch.rig.ts";

type Predicate = AttributeConstraint["predicate"];
type Selector = AttributeConstraint["selector"];

const groups = (...all: AttributeConstraint[][]) => ({
  role_constraints: { r: { groups: all.map((attribute_constraints) => ({ attribute_constraints })) } },
});
const on = (selector: Selector | string, predicate: Predicate): AttributeConstraint => ({
  selector: typeof selector === "string" ? { attribute_name: selector } : selector,
  predicate,
});

const AGENT: AgentSettings = {
  hostname: "node7.example.com",
  attributes: [
    { name: "rack", type: "TEXT", text: { value: "r1" } },
    { name: "rack", type: "TEXT", text: { value: "r2" } },
    { name: "level", type: "SCALAR", scalar: { value: 3 } },
  ],
  domain: { fault_domain: { region: { name: "north" }, zone: { name: "n1" } } },
};

test.each<[string, Selector | string, Predicate, boolean]>([
  ["an attribute that is there exists", "rack", { exists: {} }, true],
  ["one that is not there does not", "gone", { exists: {} }, false],
  ["not_exists is the contrary", "gone", { not_exists: {} }, true],
  ["of two attributes of a name the first counts", "rack", { text_equals: { value: "r1" } }, true],
  ["so the second does not", "rack", { text_equals: { value: "r2" } }, false],
  ["text_not_equals holds for another text", "rack", { text_not_equals: { value: "r2" } }, true],
  ["text_equals fails without the attribute", "gone", { text_equals: { value: "" } }, false],
  ["text_not_equals holds without the attribute", "gone", { text_not_equals: { value: "x" } }, true],
  ["an attribute that is no text passes text_equals", "level", { text_equals: { value: "x" } }, true],
  ["and text_not_matches", "level", { text_not_matches: { regex: ".*" } }, true],
  ["text_matches is about the whole text", "rack", { text_matches: { regex: "r" } }, false],
  ["and holds for the whole text", "rack", { text_matches: { regex: "r[0-9]" } }, true],
  ["text_not_matches holds without the attribute", "gone", { text_not_matches: { regex: ".*" } }, true],
  [
    "the hostname is a pseudo-attribute",
    { pseudoattribute_type: "HOSTNAME" },
    { text_matches: { regex: "node\\d+\\.example\\.com" } },
    true,
  ],
  ["the region too", { pseudoattribute_type: "REGION" }, { text_equals: { value: "north" } }, true],
  ["the zone too", { pseudoattribute_type: "ZONE" }, { text_not_equals: { value: "n1" } }, false],
])("%s", (_, selector, predicate, expected) => {
  const constraints = groups([on(selector, predicate)]);
  expect(constraintProblem(constraints, new Set(["r"]))).toBeUndefined();
  expect(satisfies(compileConstraints(constraints, "r")!, AGENT)).toBe(expected);
});

test("an agent without a domain has no region", () => {
  const constraints = compileConstraints(groups([on({ pseudoattribute_type: "REGION" }, { exists: {} })]), "r")!;
  expect(satisfies(constraints, { hostname: "h" })).toBe(false);
});

test("groups are alternatives, and all of a group must hold", () => {
  const [yes, no] = [on("rack", { exists: {} }), on("rack", { not_exists: {} })];
  const holds = (...all: AttributeConstraint[][]) => satisfies(compileConstraints(groups(...all), "r")!, AGENT);
  expect(holds([no], [yes])).toBe(true);
  expect(holds([yes, no])).toBe(false);
  expect(holds([yes, yes])).toBe(true);
});

test("no constraints at all is no constraint", () => {
  expect(constraintProblem({}, new Set())).toBeUndefined();
  expect(compileConstraints({}, "r")).toBeUndefined();
  expect(compileConstraints(undefined, "r")).toBeUndefined();
});

test.each<[string, Parameters<typeof constraintProblem>[0], string]>([
  ["a role that is not the framework's", { role_constraints: { other: { groups: [] } } }, "'other'"],
  ["a role without groups", groups(), "empty 'RoleConstraints::groups' for role r"],
  ["an empty group", groups([]), "empty RoleConstraints::Group"],
  ["no selector", groups([on({}, { exists: {} })]), "Exactly one of"],
  [
    "an unknown pseudo-attribute",
    groups([on({ pseudoattribute_type: "UNKNOWN" }, { exists: {} })]),
    "Unknown pseudoattribute type",
  ],
  ["no predicate", groups([on("a", {})]), "Unknown predicate type"],
  [
    "a broken regular expression",
    groups([on("a", { text_matches: { regex: "(" } })]),
    "Failed to construct regex from pattern '('",
  ],
  [
    "one that is too large",
    groups([on("a", { text_not_matches: { regex: "x{200}" } })]),
    "is larger than maximum of 100 allowed",
  ],
])("%s is refused with the reason", (_, constraints, reason) => {
  expect(constraintProblem(constraints, new Set(["r"]))).toContain(reason);
});

test("a regular expression that makes others hang takes linear time", () => {
  const constraints = compileConstraints(groups([on("rack", { text_matches: { regex: "(a*)*b" } })]), "r")!;
  const agent: AgentSettings = {
    hostname: "h",
    attributes: [{ name: "rack", type: "TEXT", text: { value: "a".repeat(3_000) } }],
  };
  expect(satisfies(constraints, agent)).toBe(false);
});

test("a constrained role is offered only agents that satisfy it, until the constraints or the agent change", () => {
  const allocator = sketch();
  const constrained = framework(["r", "free"], {
    suppressedRoles: ["free"],
    offerConstraints: groups([on("rack", { text_equals: { value: "r1" } })]),
  });
  allocator.addFramework("f", constrained, 0);
  allocator.addAgent("s", { hostname: "h" }, bag("cpus:1;mem:100"));
  expect(shown(allocator.allocate(0))).toEqual([]);
  expect(allocator.explain("f", 0).roles[0]!.agents[0]).toMatchObject({
    reasons: ["OFFER_CONSTRAINT"],
    constraint: 'rack text_equals "r1"',
  });
  allocator.updateAgent("s", { attributes: AGENT.attributes });
  expect(shown(allocator.allocate(0))).toEqual(["f r s: cpus:1;mem:100"]);
  allocator.recover("f", "r", "s", bag("cpus:1;mem:100"));
  allocator.updateFramework(
    "f",
    framework(["r"], { offerConstraints: groups([on("rack", { text_equals: { value: "r2" } })]) }),
    0,
  );
  expect(shown(allocator.allocate(0))).toEqual([]);
  allocator.updateFramework("f", framework(["r"]), 0);
  expect(shown(allocator.allocate(0))).toEqual(["f r s: cpus:1;mem:100"]);
});
