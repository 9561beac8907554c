import type { Environment, EnvironmentVariable } from "@meseta/api/mesos/generated/mesos.ts";
import type { Job, Run } from "../job.ts";
import type { JobRun } from "../run.ts";

/** The environment of a task: what the job says, and what it is and where it runs, which the job cannot say otherwise. Source: Chronos' task environment. */
export function environmentOf(
  { id, owner, run: spec }: Job,
  run: JobRun,
  taskId: string,
  hostname: string,
): Environment {
  const builtIn: Readonly<Record<string, string>> = {
    mesos_task_id: taskId,
    MESOS_TASK_ID: taskId,
    CHRONOS_JOB_OWNER: owner,
    CHRONOS_JOB_NAME: id,
    CHRONOS_JOB_RUN_TIME: String(run.dueMs),
    CHRONOS_JOB_RUN_ATTEMPT: String(run.launches),
    CHRONOS_RESOURCE_CPU: decimal(spec.cpus),
    CHRONOS_RESOURCE_MEM: decimal(spec.mem),
    CHRONOS_RESOURCE_DISK: decimal(spec.disk),
    HOST: hostname,
  };
  const own = Object.entries(spec.env).filter(([name]) => !Object.hasOwn(builtIn, name));
  return {
    variables: [
      ...Object.entries(builtIn).map(([name, value]) => ({ name, type: "VALUE" as const, value })),
      ...own.map(([name, value]) => variableOf(name, value, spec.secrets)),
    ],
  };
}

/** A secret by the name that the definition gives it: the master's resolver knows it by its source. */
export function secretOf(name: string, secrets: Run["secrets"]) {
  const source = Object.hasOwn(secrets, name) ? secrets[name]!.source : name;
  return { type: "REFERENCE" as const, reference: { name: source } };
}

function variableOf(
  name: string,
  value: string | { readonly secret: string },
  secrets: Run["secrets"],
): EnvironmentVariable {
  return typeof value === "string"
    ? { name, type: "VALUE", value }
    : { name, type: "SECRET", secret: secretOf(value.secret, secrets) };
}

// As Java writes them.
function decimal(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}
