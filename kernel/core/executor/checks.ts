import type { CheckInfo, CheckStatusInfo, HealthCheck, TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import type { ProbeTarget } from "../agent/outside.ts";
import type { ExecutorHost, ProbeCommand, ProbeOutcome, Run } from "./host.ts";

/**
 * One check or health check of a task: waits `delayMs`, probes, and probes again `intervalMs` after each answer.
 * A health check tells when the task becomes healthy or unhealthy, and has it killed after so many failures in a row; a
 * check only tells what it saw, when that changes.
 */
export interface Checker {
  readonly target: ProbeTarget | ProbeCommand;
  readonly intervalMs: number;
  /** 0: no limit. */
  readonly timeoutMs: number;
  /** Failures before this instant and before the first success do not count. */
  readonly graceUntilMs: number;
  readonly maxFailures: number;
  /** Numbers the probes; an outcome of an older one means nothing. */
  nth: number;
  failures: number;
  succeeded: boolean;
  healthy: boolean | undefined;
  seen: CheckStatusInfo | undefined;
}

/** What checks have told of a task so far. */
export type Seen = Pick<TaskStatus, "healthy" | "check_status">;

/** Begins the checks that the task asks for. */
export function startChecks(run: Run, host: ExecutorHost, seen: Seen = {}): void {
  const { health_check: health, check } = run.task;
  if (health !== undefined) {
    run.health = newChecker(health, healthTarget(health), host.nowMs);
    run.health.healthy = seen.healthy;
    run.health.succeeded = seen.healthy === true;
    host.wake(run, host.nowMs + seconds(health.delay_seconds, 15), { for: "health", nth: 0 });
  }
  if (check !== undefined) {
    run.check = newChecker(check, checkTarget(check), host.nowMs);
    run.check.seen = seen.check_status;
    host.wake(run, host.nowMs + seconds(check.delay_seconds, 15), { for: "check", nth: 0 });
  }
}

/** No more probes: the task ends or is being killed. */
export function stopChecks(run: Run, host: ExecutorHost): void {
  for (const which of ["health", "check"] as const) {
    const checker = run[which];
    if (checker?.target.kind === "command") host.stopProbe(run, which, checker.nth);
    run[which] = undefined;
  }
}

/** It is time for probe `nth`. */
export function probeNow(run: Run, which: "health" | "check", nth: number, host: ExecutorHost): void {
  const checker = run[which];
  if (checker === undefined || checker.nth !== nth || run.phase !== "running") return;
  host.probe(run, which, nth, checker.target, checker.timeoutMs);
  if (checker.target.kind === "command" && checker.timeoutMs > 0)
    host.wake(run, host.nowMs + checker.timeoutMs, { for: "probe-timeout", which, nth });
}

/**
 * Probe `nth` ended. Answers whether the task is to be killed as unhealthy.
 */
export function probeEnded(
  run: Run,
  which: "health" | "check",
  nth: number,
  outcome: ProbeOutcome,
  host: ExecutorHost,
): boolean {
  const checker = run[which];
  if (checker === undefined || checker.nth !== nth || run.phase !== "running") return false;
  checker.nth++;
  const kill = which === "health" && judgeHealth(run, checker, outcome, host);
  if (which === "check") tellCheck(run, checker, outcome, host);
  if (!kill) host.wake(run, host.nowMs + checker.intervalMs, { for: which, nth: checker.nth });
  return kill;
}

/** What a status says of a check that has seen nothing yet: its kind alone. */
export function emptyCheckStatus(check: CheckInfo | undefined): CheckStatusInfo | undefined {
  switch (check?.type) {
    case "COMMAND":
      return { type: "COMMAND", command: {} };
    case "HTTP":
      return { type: "HTTP", http: {} };
    case "TCP":
      return { type: "TCP", tcp: {} };
    default:
      return undefined;
  }
}

type Timing = Pick<
  HealthCheck,
  "delay_seconds" | "interval_seconds" | "timeout_seconds" | "grace_period_seconds" | "consecutive_failures"
>;

function newChecker(settings: Timing, target: ProbeTarget | ProbeCommand, nowMs: number): Checker {
  return {
    target,
    intervalMs: seconds(settings.interval_seconds, 10),
    timeoutMs: seconds(settings.timeout_seconds, 20),
    graceUntilMs: nowMs + seconds(settings.grace_period_seconds, 10),
    maxFailures: settings.consecutive_failures ?? 3,
    nth: 0,
    failures: 0,
    succeeded: false,
    healthy: undefined,
    seen: undefined,
  };
}

function judgeHealth(run: Run, checker: Checker, outcome: ProbeOutcome, host: ExecutorHost): boolean {
  if (isHealthy(outcome)) {
    checker.failures = 0;
    checker.succeeded = true;
    if (checker.healthy !== true) tellHealth(run, checker, true, host);
    return false;
  }
  if (!checker.succeeded && host.nowMs < checker.graceUntilMs) return false;
  checker.failures++;
  const kill = checker.failures >= checker.maxFailures;
  // The failure that ends the task is told even when the one before was, so that the reader sees what did it.
  if (checker.healthy !== false || kill) tellHealth(run, checker, false, host);
  return kill;
}

function tellHealth(run: Run, checker: Checker, healthy: boolean, host: ExecutorHost): void {
  checker.healthy = healthy;
  host.report(run, {
    state: "TASK_RUNNING",
    reason: "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED",
    healthy,
    check_status: run.check?.seen ?? emptyCheckStatus(run.task.check),
  });
}

function tellCheck(run: Run, checker: Checker, outcome: ProbeOutcome, host: ExecutorHost): void {
  const seen = checkStatus(run.task.check!, outcome);
  if (JSON.stringify(seen) === JSON.stringify(checker.seen)) return;
  checker.seen = seen;
  const healthy = run.health?.healthy;
  host.report(run, { state: "TASK_RUNNING", reason: "REASON_TASK_CHECK_STATUS_UPDATED", healthy, check_status: seen });
}

function checkStatus(check: CheckInfo, outcome: ProbeOutcome): CheckStatusInfo {
  if (check.type === "TCP") return { type: "TCP", tcp: { succeeded: outcome.kind === "reached" } };
  if (check.type === "HTTP" && outcome.kind === "status")
    return { type: "HTTP", http: { status_code: outcome.status } };
  if (check.type === "COMMAND" && outcome.kind === "exit" && outcome.waitStatus !== "lost")
    return { type: "COMMAND", command: { exit_code: exitCode(outcome.waitStatus) } };
  return emptyCheckStatus(check)!;
}

// As a shell tells it: the exit code, or 128 and the signal.
function exitCode(waitStatus: number): number {
  const signal = waitStatus & 0x7f;
  return signal === 0 ? (waitStatus >> 8) & 0xff : 128 + signal;
}

function isHealthy(outcome: ProbeOutcome): boolean {
  switch (outcome.kind) {
    case "exit":
      return outcome.waitStatus === 0;
    case "status":
      return outcome.status >= 200 && outcome.status < 400;
    case "reached":
      return true;
    case "failed":
    case "timeout":
      return false;
  }
}

function healthTarget(check: HealthCheck): ProbeTarget | ProbeCommand {
  if (check.http !== undefined) {
    const { port, path, scheme, protocol } = check.http;
    return {
      kind: "http",
      host: loopback(protocol),
      port,
      scheme: scheme === "https" ? "https" : "http",
      path: path ?? "/",
    };
  }
  if (check.tcp !== undefined) return { kind: "tcp", host: loopback(check.tcp.protocol), port: check.tcp.port };
  return { kind: "command", command: check.command ?? {} };
}

function checkTarget(check: CheckInfo): ProbeTarget | ProbeCommand {
  if (check.http !== undefined)
    return { kind: "http", host: "127.0.0.1", port: check.http.port, scheme: "http", path: check.http.path ?? "/" };
  if (check.tcp !== undefined) return { kind: "tcp", host: "127.0.0.1", port: check.tcp.port };
  return { kind: "command", command: check.command?.command ?? {} };
}

const loopback = (protocol: string | undefined): string => (protocol === "IPv6" ? "::1" : "127.0.0.1");

const seconds = (value: number | undefined, otherwise: number): number => Math.max(0, value ?? otherwise) * 1_000;
