import { parseDurationMs } from "@meseta/lib/core/duration.ts";

/** What an agent tells an executor that it starts, from the variables MESOS_… (Executor HTTP API, "Executor environment"). */
export interface ExecutorEnvironment {
  /** Base URL of the agent. */
  readonly agentUrl: string;
  readonly frameworkId: string;
  readonly executorId: string;
  readonly sandbox: string;
  /** Whether the executor outlives its agent's absence, and for how long. */
  readonly checkpoint: boolean;
  readonly recoveryTimeoutMs: number;
  readonly subscriptionBackoffMaxMs: number;
  /** After a SHUTDOWN event the agent waits so long before it kills. */
  readonly shutdownGraceMs: number;
  readonly token?: string | undefined;
}

/** The environment, or the names of the variables that are missing: then no agent started this process. */
export function readExecutorEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): ExecutorEnvironment | { readonly missing: readonly string[] } {
  const needed = ["MESOS_AGENT_ENDPOINT", "MESOS_FRAMEWORK_ID", "MESOS_EXECUTOR_ID"] as const;
  const missing = needed.filter((name) => !env[name]);
  if (missing.length > 0) return { missing };
  const duration = (name: string, preset: number): number => parseDurationMs(env[name] ?? "") ?? preset;
  return {
    agentUrl: `http://${env["MESOS_AGENT_ENDPOINT"]}`,
    frameworkId: env["MESOS_FRAMEWORK_ID"]!,
    executorId: env["MESOS_EXECUTOR_ID"]!,
    sandbox: env["MESOS_SANDBOX"] ?? env["MESOS_DIRECTORY"] ?? ".",
    checkpoint: env["MESOS_CHECKPOINT"] === "1",
    recoveryTimeoutMs: duration("MESOS_RECOVERY_TIMEOUT", 15 * 60_000),
    subscriptionBackoffMaxMs: duration("MESOS_SUBSCRIPTION_BACKOFF_MAX", 2000),
    shutdownGraceMs: duration("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", 5000),
    token: env["MESOS_EXECUTOR_AUTHENTICATION_TOKEN"],
  };
}
