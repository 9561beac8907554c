import { patternProblem } from "@meseta/lib/core/pattern.ts";
import { parseTimestamp } from "@meseta/lib/core/timestamp.ts";
import type { ChronosBody } from "./chronos.ts";

/** What is wrong with a body whose fields are well one by one, and what to do; undefined when nothing is. Source: Chronos' checks of jobs. */
export function chronosProblem(body: ChronosBody, isDependent: boolean): string | undefined {
  for (const rule of RULES) {
    const problem = rule(body, isDependent);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

type Rule = (body: ChronosBody, isDependent: boolean) => string | undefined;

const OPERATORS = ["EQUALS", "LIKE", "UNLIKE"];

const RULES: readonly Rule[] = [
  // As a part of a URL these mean folders, and most clients leave them out.
  ({ name }) => when(name === "." || name === "..", "name: one of dots only cannot be asked for."),
  ({ schedule, parents }) => when(Boolean(schedule) && hasSome(parents), "A job has a schedule or parents, not both."),
  ({ parents }, isDependent) =>
    when(isDependent && !hasSome(parents), "parents: a dependent job names at least one job that it follows."),
  ({ name, parents = [] }) => when(parents.includes(name), `parents: "${name}" cannot follow itself.`),
  ({ uris, fetch }) =>
    when(
      hasSome(uris) && hasSome(fetch) && !isMirror(uris, fetch),
      "Give fetch or uris, not both; uris is deprecated.",
    ),
  ({ lastSuccess }) => when(!isTime(lastSuccess), "lastSuccess is neither empty nor a time of ISO 8601."),
  ({ lastError }) => when(!isTime(lastError), "lastError is neither empty nor a time of ISO 8601."),
  ({ container }) => when(container?.type === "DOCKER" && !container.image, "container/image is missing."),
  ({ shell, command }) => when(!shell && command === "", "command: without a shell it names the executable to run."),
  ({ constraints }) => firstOf(constraints, constraintProblem),
  ({ container }) => firstOf(container?.volumes ?? [], volumeProblem),
];

function constraintProblem([attribute, operator, value, ...more]: readonly string[]): string | undefined {
  if (!attribute || !operator || value === undefined || more.length > 0)
    return `constraints: each is [attribute, operator, value], such as ["rack", "EQUALS", "r1"].`;
  if (!OPERATORS.includes(operator.toUpperCase()))
    return `constraints: "${operator}" is no operator. Write one of ${OPERATORS.join(", ")}.`;
  const problem = operator.toUpperCase() === "EQUALS" ? undefined : patternProblem(value);
  return problem && `constraints: "${value}" is no regular expression: ${problem}.`;
}

function volumeProblem({ hostPath, external }: { hostPath?: string; external?: object }): string | undefined {
  return when(
    Boolean(hostPath) && external !== undefined,
    "container/volumes: a volume has hostPath or external, not both.",
  );
}

// What is read shows the uris of fetch under both names, and clients write back what they have read.
function isMirror(uris: readonly string[], fetch: readonly { readonly uri: string }[]): boolean {
  return uris.length === fetch.length && uris.every((uri, index) => fetch[index]!.uri === uri);
}

function isTime(text: string): boolean {
  return text === "" || parseTimestamp(text) !== undefined;
}

function hasSome(list: readonly unknown[] | undefined): boolean {
  return list !== undefined && list.length > 0;
}

function when(isBroken: boolean, problem: string): string | undefined {
  return isBroken ? problem : undefined;
}

function firstOf<T>(list: readonly T[], problemOf: (item: T) => string | undefined): string | undefined {
  for (const item of list) {
    const problem = problemOf(item);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
