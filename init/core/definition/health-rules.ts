import type { Check, HealthCheck, ReadinessCheck } from "@meseta/api/marathon/health.ts";
import type { AppDraft } from "./app-defaults.ts";
import { all, each, must, type Rule, within } from "./rule.ts";

const BY_SCHEDULER = new Set(["HTTP", "HTTPS", "TCP"]);
const BY_MESOS_ON_PORTS = new Set(["MESOS_HTTP", "MESOS_HTTPS", "MESOS_TCP"]);

/** What an app's health checks, check and readiness checks must be. Source: Marathon's app validation, texts included. */
export const healthRules: Rule<AppDraft> = all<AppDraft>([
  (app, settings) => each("/healthChecks", () => app.healthChecks, healthCheckRule(app))(app, settings),
  must(
    "",
    "AppDefinition can contain at most one Mesos health check",
    ({ healthChecks }) => healthChecks.filter(({ protocol }) => BY_MESOS_ON_PORTS.has(protocol)).length <= 1,
  ),
  (app, settings) => within("/check", () => app.check, checkRule(app))(app, settings),
  must("/readinessChecks", "must not have more than 1 element", ({ readinessChecks }) => readinessChecks.length <= 1),
  (app, settings) => each("/readinessChecks", () => app.readinessChecks, readinessRule(app))(app, settings),
]);

function healthCheckRule(app: AppDraft): Rule<HealthCheck> {
  const ports = portsOf(app).length;
  return all<HealthCheck>([
    must(
      "",
      "Health check port indices must address an element of the ports array or container port mappings.",
      ({ protocol, portIndex }) =>
        portIndex === undefined ||
        portIndex < ports ||
        !(BY_SCHEDULER.has(protocol) || BY_MESOS_ON_PORTS.has(protocol)),
    ),
    must(
      "",
      "port and portIndex may not be given together",
      ({ port, portIndex }) => port === undefined || portIndex === undefined,
    ),
    must(
      "",
      "COMMAND health checks need a command, and no other may have one",
      ({ protocol, command }) => (protocol === "COMMAND") === (command !== undefined),
    ),
    must("/command/value", "must not be empty", ({ command }) => command === undefined || command.value !== ""),
    must(
      "",
      "IPv6 can only be used for container type DOCKER and Mesos http/https/tcp health checks",
      ({ protocol, ipProtocol }) =>
        ipProtocol === "IPv4" || (BY_MESOS_ON_PORTS.has(protocol) && app.container?.type === "DOCKER"),
    ),
  ]);
}

function checkRule(app: AppDraft): Rule<Check> {
  const ports = portsOf(app).length;
  return all<Check>([
    must("", "Only one of http, tcp, or command may be specified", hasOneKind),
    must("", "checks are not supported with the Docker engine", () => app.container?.type !== "DOCKER"),
    must(
      "",
      "Check port indices must address an element of the ports array or container port mappings.",
      ({ http, tcp }) => [http, tcp].every((kind) => kind?.portIndex === undefined || kind.portIndex < ports),
    ),
    within("/exec/command", ({ exec }) => exec?.command, commandRule),
  ]);
}

function readinessRule(app: AppDraft): Rule<ReadinessCheck> {
  const names = portsOf(app).map(({ name }) => name);
  return (check) =>
    all<ReadinessCheck>([
      must("/portName", `No port definition reference for portName ${check.portName}`, ({ portName }) =>
        names.includes(portName),
      ),
      timeoutRule,
    ])(check, undefined as never);
}

/** An answer is late before the next question is asked. */
export const timeoutRule: Rule<{ readonly timeoutSeconds: number; readonly intervalSeconds: number }> = (
  times,
  settings,
) =>
  must<typeof times>(
    "/timeoutSeconds",
    `got ${times.timeoutSeconds}, expected less than ${times.intervalSeconds}`,
    ({ timeoutSeconds, intervalSeconds }) => timeoutSeconds < intervalSeconds,
  )(times, settings);

/** Exactly one of http, tcp, exec. */
export function hasOneKind({ http, tcp, exec }: { http?: unknown; tcp?: unknown; exec?: unknown }): boolean {
  return [http, tcp, exec].filter((kind) => kind !== undefined).length === 1;
}

/** Exactly one of shell and argv. */
export const commandRule: Rule<{ readonly shell?: string; readonly argv?: readonly string[] }> = must(
  "",
  "exactly one of shell and argv must be specified",
  ({ shell, argv }) => (shell === undefined) !== (argv === undefined),
);

/** The ports of an app in order, whichever networking. */
export function portsOf(app: Pick<AppDraft, "container" | "portDefinitions">): readonly { readonly name?: string }[] {
  const mappings = app.container?.portMappings ?? [];
  return mappings.length > 0 ? mappings : app.portDefinitions;
}
