import type { CheckInfo, CheckStatusInfo, CommandInfo, HealthCheck } from "@meseta/api/mesos/generated/mesos.ts";
import { because, firstRefusal, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import { validateCommand } from "./environment.ts";

/** A check that tells and never kills. */
export function validateCheck(check: CheckInfo): Refusal | undefined {
  return validateKind(check) ?? validateTimes(check, CHECK_TIMES);
}

/** A health check, after whose failures the task is killed. */
export function validateHealthCheck(check: HealthCheck): Refusal | undefined {
  return validateHealthKind(check) ?? validateTimes(check, HEALTH_TIMES);
}

/** What an executor says of a check: its type, and the part that belongs to it. */
export function validateCheckStatus(status: CheckStatusInfo): Refusal | undefined {
  const { type = "UNKNOWN", command, http, tcp } = status;
  if (type === "UNKNOWN") return refuse("CheckStatusInfo must specify 'type'");
  const { part, given } = {
    COMMAND: { part: "command", given: command },
    HTTP: { part: "http", given: http },
    TCP: { part: "tcp", given: tcp },
  }[type];
  if (given === undefined) return refuse(`Expecting '${part}' to be set for ${type} check's status`);
  const code = http?.status_code;
  return code !== undefined && (code < 100 || code >= 600)
    ? refuse(`'${code}' is not a valid HTTP status code`)
    : undefined;
}

const CHECK_TIMES = ["delay_seconds", "interval_seconds", "timeout_seconds"] as const;
const HEALTH_TIMES = [...CHECK_TIMES, "grace_period_seconds"] as const;

type Times = { readonly [name in (typeof HEALTH_TIMES)[number]]?: number | undefined };

function validateTimes(check: Times, names: readonly (keyof Times)[]): Refusal | undefined {
  return firstRefusal(names, (name) =>
    (check[name] ?? 0) >= 0 ? undefined : refuse(`Expecting '${name}' to be non-negative`),
  );
}

function validateKind({ type, command, http, tcp }: CheckInfo): Refusal | undefined {
  switch (type) {
    case "COMMAND":
      if (command === undefined) return refuse("Expecting 'command' to be set for COMMAND check");
      return because("Check's `CommandInfo` is invalid: ", validateCheckCommand(command.command));
    case "HTTP":
      return http === undefined
        ? refuse("Expecting 'http' to be set for HTTP check")
        : (validatePath("HTTP check", http.path) ?? validatePort(http.port));
    case "TCP":
      return tcp === undefined ? refuse("Expecting 'tcp' to be set for TCP check") : validatePort(tcp.port);
    case "UNKNOWN":
      return refuse("'UNKNOWN' is not a valid check type");
    default:
      return refuse("CheckInfo must specify 'type'");
  }
}

function validateHealthKind({ type, command, http, tcp }: HealthCheck): Refusal | undefined {
  switch (type) {
    case "COMMAND":
      if (command === undefined) return refuse("Expecting 'command' to be set for COMMAND health check");
      return because("Health check's `CommandInfo` is invalid: ", validateCheckCommand(command));
    case "HTTP":
      return http === undefined ? refuse("Expecting 'http' to be set for HTTP health check") : validateHealthHttp(http);
    case "TCP":
      return tcp === undefined ? refuse("Expecting 'tcp' to be set for TCP health check") : validatePort(tcp.port);
    case "UNKNOWN":
      return refuse("'UNKNOWN' is not a valid health check type");
    default:
      return refuse("HealthCheck must specify 'type'");
  }
}

function validateHealthHttp({ scheme, path, port }: NonNullable<HealthCheck["http"]>): Refusal | undefined {
  if (scheme !== undefined && scheme !== "http" && scheme !== "https")
    return refuse(`Unsupported HTTP health check scheme: '${scheme}'`);
  return validatePath("HTTP health check", path) ?? validatePort(port);
}

/** What a check runs: a line or a program, and a sound environment. */
export function validateCheckCommand(command: CommandInfo): Refusal | undefined {
  if (command.value === undefined)
    return refuse(command.shell === false ? "the path of a program is missing" : "the line for the shell is missing");
  return validateCommand(command);
}

export function validatePath(check: string, path: string | undefined): Refusal | undefined {
  return path === undefined || path.startsWith("/")
    ? undefined
    : refuse(`The path '${path}' of ${check} must start with '/'`);
}

export function validatePort(port: number): Refusal | undefined {
  return port >= 1 && port <= 65535 ? undefined : refuse(`Port ${port} is not between 1 and 65535`);
}
