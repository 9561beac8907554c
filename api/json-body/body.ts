import { checkLimits } from "../mesos/codec/json-text.ts";
import { type Outcome, type Refusal, refuse } from "./outcome.ts";
import { isObject, type Json } from "./read.ts";

/** The JSON of a request's body, within the bounds of `codec/limits.ts`. What is no JSON is refused with the parser's own words. */
export function parseBody(text: string): Outcome<unknown> {
  try {
    checkLimits(text);
    return { value: JSON.parse(text) };
  } catch (error) {
    return { refusal: invalidJson((error as Error).message) };
  }
}

/** What is wrong with a text that is no JSON, or beyond the bounds; undefined: nothing. */
export function whyNoJson(text: string): string | undefined {
  const read = parseBody(text);
  return "refusal" in read ? String(read.refusal.body.details) : undefined;
}

/** The answer to a body that is no JSON, for a reason in the parser's words. */
export function invalidJson(details: string): Refusal {
  return { status: 400, body: { message: "Invalid JSON", details } };
}

/** The body as an object. */
export function objectBody(body: unknown): Outcome<Json> {
  return isObject(body) ? { value: body } : refuse(400, WRONG_SHAPE);
}

/** The body as an array. */
export function arrayBody(body: unknown): Outcome<readonly unknown[]> {
  return Array.isArray(body) ? { value: body } : refuse(400, WRONG_SHAPE);
}

const WRONG_SHAPE = "Please specify data in JSON format";
