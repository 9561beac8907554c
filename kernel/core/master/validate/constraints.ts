import type {
  AttributeConstraint,
  AttributeConstraintPredicate,
  AttributeConstraintSelector,
  OfferConstraints,
  OfferConstraintsRoleConstraints,
} from "@meseta/api/mesos/generated/scheduler.ts";
import { because, firstRefusal, isRefusal, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import { RE2JS } from "re2js";
import { MASTER_BOUNDS } from "../bounds.ts";

/** The largest program that a regular expression may compile to, as Mesos' --offer_constraints_re2_max_program_size. */
const LARGEST_PROGRAM = MASTER_BOUNDS.constraintProgram.most;
/** The longest regular expression that is looked at. */
const LONGEST_PATTERN = MASTER_BOUNDS.constraintCharacters.most;

/** Offer constraints are for roles of the framework, have no empty lists, and their selectors and predicates are such as this master knows. */
export function validateOfferConstraints(constraints: OfferConstraints, roles: readonly string[]): Refusal | undefined {
  return firstRefusal(Object.entries(constraints.role_constraints ?? {}), ([role, forRole]) => {
    if (!roles.includes(role))
      return refuse(`Offer constraints specify role '${role}', which is not among the roles of the framework`);
    return because(`Offer constraints for role '${role}' are invalid: `, validateGroups(forRole));
  });
}

/** A user's regular expression, compiled for an engine whose time is linear in the text, or why it is not accepted. */
function compilePattern(pattern: string): RE2JS | Refusal {
  if (pattern.length > LONGEST_PATTERN)
    return refuse(`regular expression is longer than ${LONGEST_PATTERN} characters`);
  try {
    const compiled = RE2JS.compile(pattern);
    return compiled.programSize() <= LARGEST_PROGRAM
      ? compiled
      : refuse(
          `regular expression '${pattern}' is too complex: its program size ${compiled.programSize()} is above ${LARGEST_PROGRAM}`,
        );
  } catch (error) {
    return refuse(
      `regular expression '${pattern}' is invalid: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function validateGroups({ groups = [] }: OfferConstraintsRoleConstraints): Refusal | undefined {
  if (groups.length === 0) return refuse("there is no group");
  return firstRefusal(groups, ({ attribute_constraints = [] }) =>
    attribute_constraints.length === 0
      ? refuse("a group has no attribute constraint")
      : firstRefusal(attribute_constraints, validateConstraint),
  );
}

function validateConstraint({ selector, predicate }: AttributeConstraint): Refusal | undefined {
  return validateSelector(selector) ?? validatePredicate(predicate);
}

function validateSelector({ pseudoattribute_type, attribute_name }: AttributeConstraintSelector): Refusal | undefined {
  if (pseudoattribute_type === "UNKNOWN") return refuse("the selector names an unknown pseudo-attribute");
  const given = [pseudoattribute_type, attribute_name].filter((one) => one !== undefined).length;
  return given === 1
    ? undefined
    : refuse("exactly one of 'attribute_name' and 'pseudoattribute_type' of the selector must be set");
}

function validatePredicate(predicate: AttributeConstraintPredicate): Refusal | undefined {
  const { exists, not_exists, text_equals, text_not_equals, text_matches, text_not_matches } = predicate;
  const given = [exists, not_exists, text_equals, text_not_equals, text_matches, text_not_matches].filter(
    (one) => one !== undefined,
  );
  if (given.length !== 1) return refuse("exactly one predicate that this master knows must be set");
  const pattern = text_matches?.regex ?? text_not_matches?.regex;
  const compiled = pattern === undefined ? undefined : compilePattern(pattern);
  return isRefusal(compiled) ? compiled : undefined;
}
