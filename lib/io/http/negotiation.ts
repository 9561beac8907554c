import { type Answer, textAnswer } from "./answer.ts";
import type { Headers } from "./request.ts";

/** What calls come in and their answers go out in. JSON first: it wins where both are welcome. */
export const callTypes = ["application/json", "application/x-protobuf"] as const;

/** The agent's operator API also takes and gives streams. */
export const agentTypes = [...callTypes, "application/recordio"] as const;

/** The type of a request's body, or the refusal. Mesos compares it exactly: a charset makes it another type. */
export function contentTypeOf<T extends string>(headers: Headers, allowed: readonly T[]): T | Answer {
  const given = headers["content-type"];
  if (given === undefined) return textAnswer(400, "Expecting 'Content-Type' to be present");
  const type = allowed.find((one) => one === given);
  return type ?? textAnswer(415, `Expecting 'Content-Type' of ${allowed.join(" or ")}`);
}

/** The first of these types that the peer takes, or the refusal. No Accept header takes everything. */
export function acceptedTypeOf<T extends string>(headers: Headers, offered: readonly T[]): T | Answer {
  const type = offered.find((one) => accepts(headers.accept, one));
  return type ?? textAnswer(406, `Expecting 'Accept' to allow ${listTypes(offered)}`);
}

/** Whether an Accept header allows a type: by name, by "type/*" or by "*\/*"; a quality of 0 forbids. */
export function accepts(accept: string | string[] | undefined, type: string): boolean {
  if (accept === undefined) return true;
  return String(accept)
    .split(",")
    .some((range) => allows(range, type));
}

function allows(range: string, type: string): boolean {
  const [pattern = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
  if (parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))) return false;
  return pattern === type || pattern === "*/*" || pattern === `${type.split("/")[0]}/*`;
}

/** Mesos words the two lists in two ways. */
function listTypes(offered: readonly string[]): string {
  if (offered.length !== 2) return offered.join(" or ");
  return [...offered]
    .reverse()
    .map((type) => `'${type}'`)
    .join(" or ");
}
