import { ruleProblem } from "@meseta/api/json-body/outcome.ts";
import type { AppConstraint, Constraint, Operator } from "@meseta/api/marathon/strategy.ts";
import { RE2JS } from "re2js";
import type { Rule } from "./rule.ts";

const OPERATORS: readonly Operator[] = ["UNIQUE", "CLUSTER", "GROUP_BY", "LIKE", "UNLIKE", "MAX_PER", "IS"];
const INTEGER = /^[+-]?\d{1,10}$/;
const LITERAL = /^[a-zA-Z0-9_/.-]*$/;

/** What each operator asks of its value: undefined when it is well. Texts as Marathon's. */
const VALUE_ERROR: Readonly<Record<Operator, (value: string | undefined) => string | undefined>> = {
  UNIQUE: (value) => (value === undefined ? undefined : "UNIQUE does not accept a value"),
  CLUSTER: () => undefined,
  GROUP_BY: (value) =>
    value === undefined || INTEGER.test(value)
      ? undefined
      : "GROUP BY must define an integer value or else no value at all",
  MAX_PER: (value) => (value !== undefined && INTEGER.test(value) ? undefined : "MAX_PER requires an integer value"),
  LIKE: (value) => regexError(value),
  UNLIKE: (value) => regexError(value),
  IS: (value) =>
    LITERAL.test(value ?? "")
      ? undefined
      : "IS only supports Mesos text and float values (see http://mesos.apache.org/documentation/latest/attributes-resources/)",
};

export const constraintRule: Rule<Constraint> = ({ fieldName, operator, value }) => {
  const error = fieldName === "" ? "missing field for constraint declaration" : VALUE_ERROR[operator](value);
  return error === undefined ? [] : [ruleProblem("", error)];
};

/** The same for an app's constraint, whose form the table of fields leaves open. */
export const appConstraintRule: Rule<AppConstraint> = (constraint, settings) => {
  const [fieldName, operator, value] = constraint as readonly string[];
  if (constraint.length < 2 || constraint.length > 3) {
    return [ruleProblem("", "Each constraint must have either 2 or 3 fields")];
  }
  if (!fieldName) return [ruleProblem("", "illegal constraint specification")];
  if (!isOperator(operator)) return [ruleProblem("", UNKNOWN_OPERATOR)];
  return constraintRule({ fieldName, operator, ...(value !== undefined && { value }) }, settings);
};

/** Of a persistent volume: only its path can be asked for. */
export const volumeConstraintRule: Rule<AppConstraint> = (constraint) => {
  const [field, operator, value] = constraint as readonly string[];
  if (field === undefined || operator === undefined) return [ruleProblem("", "Missing field and operator")];
  if (field !== "path" || value === undefined) {
    return [ruleProblem("", `Unsupported constraint ${constraint.join(",")}`)];
  }
  if (!isOperator(operator)) return [ruleProblem("", `unknown constraint operator ${operator}`)];
  if (operator !== "LIKE" && operator !== "UNLIKE") return [ruleProblem("", "Operator must be one of LIKE, UNLIKE")];
  return isRegex(value) ? [] : [ruleProblem("", "Invalid regular expression")];
};

const UNKNOWN_OPERATOR = "operator must be one of the following UNIQUE, CLUSTER, GROUP_BY, LIKE, MAX_PER, UNLIKE or IS";

function isOperator(word: string | undefined): word is Operator {
  return (OPERATORS as readonly (string | undefined)[]).includes(word);
}

function regexError(value: string | undefined): string | undefined {
  if (value === undefined) return "LIKE and UNLIKE require a non-empty, regular expression value";
  return isRegex(value) ? undefined : "is not a valid regular expression";
}

// The engine that placement uses; it cannot be made to run for ever.
function isRegex(value: string): boolean {
  try {
    RE2JS.compile(value);
    return true;
  } catch {
    return false;
  }
}
