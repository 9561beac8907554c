import type { TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { firstRefusal, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import { quantities } from "@meseta/api/mesos/resources/quantities.ts";
import { fromMilli, toMilli } from "@meseta/api/mesos/resources/scalar.ts";

/** Limits are of cpus and mem, not below what the task asks for (infinity is no limit), and for agents that know them. */
export function validateLimits({ limits, resources }: TaskInfo, agentTakesLimits: boolean): Refusal | undefined {
  const given = Object.entries(limits ?? {});
  if (given.length === 0) return undefined;
  if (!agentTakesLimits)
    return refuse("Task has resource limits, but its agent lacks the capability TASK_RESOURCE_LIMITS");
  const requests = quantities(resources ?? []);
  return firstRefusal(given, ([name, { value }]) => validateLimit(name, value, requests.get(name) ?? 0));
}

function validateLimit(name: string, value: number, requestMilli: number): Refusal | undefined {
  if (name !== "cpus" && name !== "mem")
    return refuse(`Task has a limit of '${name}'; only 'cpus' and 'mem' can be limited`);
  if (Number.isNaN(value) || toMilli(value) <= 0) return refuse(`Task's limit of '${name}' must be more than 0`);
  return toMilli(value) >= requestMilli
    ? undefined
    : refuse(`Task's limit of '${name}', ${value}, is below the ${fromMilli(requestMilli)} that it requests`);
}
