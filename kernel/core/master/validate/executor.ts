import type { ExecutorInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { because, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import { asBag, equal } from "@meseta/api/mesos/resources/bag.ts";
import { quantities } from "@meseta/api/mesos/resources/quantities.ts";
import { fromMilli } from "@meseta/api/mesos/resources/scalar.ts";
import { shared } from "@meseta/api/mesos/resources/select.ts";
import { validateContainer } from "../../validate/container.ts";
import { isNonNegative } from "../../validate/duration.ts";
import { validateCommand } from "../../validate/environment.ts";
import { validateId } from "../../validate/ids.ts";
import { validateHeld } from "./holding.ts";
import type { LaunchContext } from "./task.ts";

/** The least that an executor may have: a hundredth of a cpu and 32 MB. */
const LEAST_CPUS_MILLI = 10;
const LEAST_MEM_MILLI = 32_000;

/** What is wrong with an executor that tasks are launched in. Source: the answers that Mesos was recorded giving. */
export function validateExecutor(executor: ExecutorInfo, context: LaunchContext): Refusal | undefined {
  return (
    validateType(executor) ??
    validateId(executor.executor_id) ??
    validateFramework(executor, context.frameworkId) ??
    (isNonNegative(executor.shutdown_grace_period)
      ? undefined
      : refuse("ExecutorInfo's 'shutdown_grace_period' must be non-negative")) ??
    validateSame(executor, context.runningExecutor(executor.executor_id.value)) ??
    validateResourcesOf(executor) ??
    because("Executor's `CommandInfo` is invalid: ", executor.command && validateCommand(executor.command)) ??
    because("Executor's `ContainerInfo` is invalid: ", executor.container && validateContainer(executor.container))
  );
}

/** An executor of a task group has enough to live: cpus, memory and disk. For other executors the lack of it is only unwise. */
export function validateExecutorSize({ executor_id, resources = [] }: ExecutorInfo): Refusal | undefined {
  const amounts = quantities(resources);
  const [cpus, mem] = [amounts.get("cpus"), amounts.get("mem")];
  const who = `Executor '${executor_id.value}' uses`;
  if ((cpus ?? 0) < LEAST_CPUS_MILLI)
    return refuse(
      `${who} less CPUs (${cpus === undefined ? "None" : fromMilli(cpus)}) than the minimum required (${fromMilli(LEAST_CPUS_MILLI)})`,
    );
  if ((mem ?? 0) < LEAST_MEM_MILLI)
    return refuse(
      `${who} less memory (${mem === undefined ? "None" : `${fromMilli(mem)}MB`}) than the minimum required (${fromMilli(LEAST_MEM_MILLI)}MB)`,
    );
  return amounts.has("disk") ? undefined : refuse(`${who} no disk`);
}

function validateType({ type, command, container }: ExecutorInfo): Refusal | undefined {
  switch (type) {
    case "CUSTOM":
      return command === undefined ? refuse("'ExecutorInfo.command' must be set") : undefined;
    case "DEFAULT":
      if (command !== undefined) return refuse("'ExecutorInfo.command' must not be set for 'DEFAULT' executor");
      if (container !== undefined && container.type !== "MESOS")
        return refuse("'ExecutorInfo.container.type' must be 'MESOS' for 'DEFAULT' executor");
      return container?.mesos?.image === undefined
        ? undefined
        : refuse("'ExecutorInfo.container.mesos.image' must not be set for 'DEFAULT' executor");
    default:
      return refuse("Unknown executor type");
  }
}

function validateFramework({ framework_id }: ExecutorInfo, expected: string): Refusal | undefined {
  if (framework_id === undefined || framework_id.value === expected) return undefined;
  return refuse(`ExecutorInfo has an invalid FrameworkID (Actual: ${framework_id.value} vs Expected: ${expected})`);
}

function validateSame(executor: ExecutorInfo, running: ExecutorInfo | undefined): Refusal | undefined {
  if (running === undefined || sameExecutor(executor, running)) return undefined;
  return refuse(
    `ExecutorInfo is not compatible with existing ExecutorInfo with the same ExecutorID '${executor.executor_id.value}': they differ`,
  );
}

/** Whether two descriptions are of one executor: same in everything, resources as bags, and the framework only where both name it. */
export function sameExecutor(a: ExecutorInfo, b: ExecutorInfo): boolean {
  return equal(a.resources ?? [], b.resources ?? []) && sameShape(rest(a), rest(b));
}

function rest({ resources: _, framework_id: __, type = "CUSTOM", ...others }: ExecutorInfo): object {
  return { type, ...others };
}

/** Deep equality of wire objects, in which a field that is absent, undefined or an empty list is one and the same. */
function sameShape(a: unknown, b: unknown): boolean {
  if (a === b || (isAbsent(a) && isAbsent(b))) return true;
  if (
    typeof a !== "object" ||
    typeof b !== "object" ||
    a === null ||
    b === null ||
    Array.isArray(a) !== Array.isArray(b)
  )
    return false;
  const [left, right] = [a as Readonly<Record<string, unknown>>, b as Readonly<Record<string, unknown>>];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) => sameShape(left[key], right[key]));
}

function isAbsent(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}

function validateResourcesOf({ resources = [] }: ExecutorInfo): Refusal | undefined {
  if (asBag(resources).length === 0) return undefined;
  return (
    validateHeld("Executor", resources) ??
    (shared(resources).length > 0 ? refuse("Executor uses shared resources, which only tasks can") : undefined)
  );
}
