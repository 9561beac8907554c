import type { WeightInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { firstRefusal, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import { roleProblem } from "@meseta/api/mesos/resources/roles.ts";

/** What is wrong with an UPDATE_WEIGHTS, as the text of the 400 that answers it. Source: the answers that Mesos was recorded giving. */
export function validateWeights(
  weights: readonly WeightInfo[],
  roleWhitelist: readonly string[] | undefined,
): Refusal | undefined {
  return firstRefusal(weights, ({ role, weight }) => {
    const problem = roleIssue(role ?? "", roleWhitelist) ?? weightIssue(weight);
    return problem === undefined
      ? undefined
      : refuse(`Failed to validate update weights request JSON for role '${role ?? ""}': ${problem}`);
  });
}

function roleIssue(role: string, whitelist: readonly string[] | undefined): string | undefined {
  const problem = roleProblem(role);
  if (problem !== undefined) return `Invalid role: ${problem}`;
  return whitelist !== undefined && role !== "*" && !whitelist.includes(role) ? `Unknown role '${role}'` : undefined;
}

function weightIssue(weight: number): string | undefined {
  return Number.isFinite(weight) && weight > 0 ? undefined : `Invalid weight '${weight}': Weights must be positive`;
}
