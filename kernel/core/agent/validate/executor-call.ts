import type { Call } from "@meseta/api/mesos/generated/executor.ts";
import type { TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import { because, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import { validateCheckStatus } from "../../validate/checks.ts";
import { validateUuid } from "../../validate/ids.ts";
import { validatePresence } from "../../validate/presence.ts";

/** What is wrong with an executor's call, as the text of the 400 that answers it. Source: the answers that Mesos was recorded giving. */
export function validateExecutorCall(call: Call): Refusal | undefined {
  const refusal = validatePresence(call, NEEDING) ?? validateUpdates(call);
  return because("Failed to validate Executor::Call: ", refusal);
}

/** SUBSCRIBE too, but the executors of the npm package mesos-framework send none: see {@link missingSubscribe}. */
const NEEDING: ReadonlySet<string> = new Set(["UPDATE", "MESSAGE"]);

/** What is wrong with a SUBSCRIBE from whom the agent does not know. */
export function missingSubscribe(call: Call): Refusal | undefined {
  return because("Failed to validate Executor::Call: ", validatePresence(call, new Set(["SUBSCRIBE"])));
}

/** What a SUBSCRIBE tells again is held to what was true when it was told first. */
function validateUpdates(call: Call): Refusal | undefined {
  if (call.type === "UPDATE") return validateStatus(call, call.update!.status);
  if (call.type !== "SUBSCRIBE") return undefined;
  for (const { status } of call.subscribe?.unacknowledged_updates ?? []) {
    const refusal = validateStatus(call, status);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function validateStatus(call: Call, status: TaskStatus): Refusal | undefined {
  const { uuid, executor_id, check_status } = status;
  if (uuid === undefined) return refuse("Expecting 'uuid' to be present");
  return (
    validateUuid(uuid) ??
    (executor_id !== undefined && executor_id.value !== call.executor_id.value
      ? refuse(
          `ExecutorID in Call: ${call.executor_id.value} does not match ExecutorID in TaskStatus: ${executor_id.value}`,
        )
      : undefined) ??
    validateOrigin(call, status) ??
    (check_status === undefined ? undefined : validateCheckStatus(check_status))
  );
}

function validateOrigin({ executor_id, framework_id }: Call, { source, state }: TaskStatus): Refusal | undefined {
  const whose = `Received Call from executor ${executor_id.value} of framework ${framework_id.value}`;
  if (source !== "SOURCE_EXECUTOR") return refuse(`${whose} with invalid source, expecting 'SOURCE_EXECUTOR'`);
  return state === "TASK_STAGING"
    ? refuse(`${whose} with the state TASK_STAGING, which an executor may not report`)
    : undefined;
}
