import { matches } from "@meseta/lib/core/pattern.ts";

/** What a constraint says of a field's value by itself, whatever else runs there. */
export type ValueOperator = "IS" | "LIKE" | "UNLIKE";

/** Whether an agent with this value of the field fulfils the constraint. An agent without one fulfils UNLIKE only. Source: Marathon's documentation of constraints. */
export function fulfils(operator: ValueOperator, value: string | undefined, argument = ""): boolean {
  if (value === undefined) return operator === "UNLIKE";
  switch (operator) {
    case "IS":
      return value === argument || isSameNumber(value, argument);
    case "LIKE":
      return matches(argument, value);
    case "UNLIKE":
      return !matches(argument, value);
  }
}

// 1 and 1.000 are the same; an attribute of text "1" and a value of "1.0" are compared as numbers too, which no cluster will miss.
function isSameNumber(value: string, argument: string): boolean {
  return NUMBER.test(value) && NUMBER.test(argument) && Math.abs(Number(value) - Number(argument)) < 0.0005;
}

const NUMBER = /^-?\d+(\.\d+)?$/;
