import type { Attribute } from "@meseta/api/mesos/generated/mesos.ts";
import type {
  AttributeConstraint,
  AttributeConstraintPredicate,
  OfferConstraints,
} from "@meseta/api/mesos/generated/scheduler.ts";
import { RE2JS } from "re2js";
import type { AgentSettings } from "./allocator.ts";

/**
 * A framework's offer constraints for one role, made ready: the groups are alternatives, and within a group all must hold. Regular
 * expressions come from users, so they run on an engine whose time is linear in the text, and each is compiled once.
 */
export type Constraints = readonly (readonly Constraint[])[];

export interface Constraint {
  /** As the debugging views show it: `rack text_equals "a"`. */
  readonly text: string;
  holds(agent: AgentSettings): boolean;
}

/** What is wrong with the constraints, as Mesos says it, or undefined. `roles` are the framework's own: no other may have constraints. */
export function constraintProblem(constraints: OfferConstraints, roles: ReadonlySet<string>): string | undefined {
  for (const [role, { groups = [] }] of Object.entries(constraints.role_constraints ?? {})) {
    if (!roles.has(role)) return `Offer constraints specify a role '${role}' to which the framework is not subscribed`;
    if (groups.length === 0)
      return `'OfferConstraints::role_constraints' has an empty 'RoleConstraints::groups' for role ${role}`;
    for (const { attribute_constraints: all = [] } of groups) {
      if (all.length === 0)
        return `'OfferConstraints::RoleConstraints::groups' for role ${role} contains an empty RoleConstraints::Group`;
      const problem = all.map(problemOf).find((text) => text !== undefined);
      if (problem !== undefined) return `A role ${role} has an invalid 'AttributeConstraint': ${problem}`;
    }
  }
  return undefined;
}

/** The constraints of a role, or undefined when it has none. They must have passed `constraintProblem`. */
export function compileConstraints(constraints: OfferConstraints | undefined, role: string): Constraints | undefined {
  const groups = constraints?.role_constraints?.[role]?.groups;
  if (groups === undefined || groups.length === 0) return undefined;
  return groups.map((group) => (group.attribute_constraints ?? []).map(compile));
}

/** Whether some group holds for the agent. */
export function satisfies(constraints: Constraints, agent: AgentSettings): boolean {
  return constraints.some((group) => group.every((constraint) => constraint.holds(agent)));
}

/** The first constraint of the last group that does not hold, as text. */
export function firstFailure(constraints: Constraints, agent: AgentSettings): string | undefined {
  return constraints.at(-1)?.find((constraint) => !constraint.holds(agent))?.text;
}

/** RE2's own measure, --offer_constraints_re2_max_program_size. */
export const MAX_PROGRAM_SIZE = 100;

/** What is selected of an agent: nothing, the text of a pseudo-attribute, or the attribute. */
type Selected = string | Attribute | undefined;

function problemOf({ selector, predicate }: AttributeConstraint): string | undefined {
  if (selector.attribute_name === undefined && selector.pseudoattribute_type === undefined) {
    return "Exactly one of 'AttributeConstraint::Selector::name' or 'AttributeConstraint::Selector::pseudoattribute_type' must be set";
  }
  if (selector.attribute_name === undefined && selector.pseudoattribute_type === "UNKNOWN")
    return "Unknown pseudoattribute type";
  const regex = predicate.text_matches?.regex ?? predicate.text_not_matches?.regex;
  if (regex !== undefined) return regexProblem(regex);
  return Object.values(predicate).some((value) => value !== undefined) ? undefined : "Unknown predicate type";
}

function regexProblem(regex: string): string | undefined {
  try {
    const size = RE2JS.compile(regex).programSize();
    if (size <= MAX_PROGRAM_SIZE) return undefined;
    return `Regex '${regex}' is too complex: program size of ${size} is larger than maximum of ${MAX_PROGRAM_SIZE} allowed`;
  } catch (error) {
    return `Failed to construct regex from pattern '${regex}': ${(error as Error).message}`;
  }
}

function compile({ selector, predicate }: AttributeConstraint): Constraint {
  const select = selectorOf(selector);
  const test = testOf(predicate);
  const subject = selector.attribute_name ?? selector.pseudoattribute_type ?? "";
  return { text: `${subject} ${textOf(predicate)}`, holds: (agent) => test(select(agent)) };
}

function selectorOf(selector: AttributeConstraint["selector"]): (agent: AgentSettings) => Selected {
  const { attribute_name: name } = selector;
  if (name !== undefined) return (agent) => agent.attributes?.find((attribute) => attribute.name === name);
  if (selector.pseudoattribute_type === "HOSTNAME") return (agent) => agent.hostname;
  if (selector.pseudoattribute_type === "REGION") return (agent) => agent.domain?.fault_domain?.region.name;
  return (agent) => agent.domain?.fault_domain?.zone.name;
}

function testOf(predicate: AttributeConstraintPredicate): (selected: Selected) => boolean {
  const { text_equals, text_not_equals, text_matches, text_not_matches } = predicate;
  if (text_equals !== undefined) return onText(false, (text) => text === text_equals.value);
  if (text_not_equals !== undefined) return onText(true, (text) => text !== text_not_equals.value);
  if (text_matches !== undefined) return onText(false, matcher(text_matches.regex));
  if (text_not_matches !== undefined) {
    const matches = matcher(text_not_matches.regex);
    return onText(true, (text) => !matches(text));
  }
  if (predicate.exists !== undefined) return (selected) => selected !== undefined;
  return (selected) => selected === undefined;
}

// Attributes that are not text pass every text predicate, also the negative ones.
function onText(absent: boolean, test: (text: string) => boolean): (selected: Selected) => boolean {
  return (selected) => {
    if (selected === undefined) return absent;
    if (typeof selected === "string") return test(selected);
    return selected.type !== "TEXT" || test(selected.text?.value ?? "");
  };
}

// A cluster has far fewer different values of an attribute than agents, so each answer is remembered; the bound keeps hostnames from filling the memory.
function matcher(regex: string): (text: string) => boolean {
  const compiled = RE2JS.compile(regex);
  const known = new Map<string, boolean>();
  return (text) => {
    let matches = known.get(text);
    if (matches === undefined) {
      if (known.size >= MAX_REMEMBERED) known.clear();
      known.set(text, (matches = compiled.matches(text)));
    }
    return matches;
  };
}

const MAX_REMEMBERED = 10_000;

function textOf(predicate: AttributeConstraintPredicate): string {
  for (const [name, value] of Object.entries(predicate) as [string, { value?: string; regex?: string } | undefined][]) {
    if (value === undefined) continue;
    const argument = value.value ?? value.regex;
    return argument === undefined ? name : `${name} ${JSON.stringify(argument)}`;
  }
  return "";
}
