import type { Check, Command, HealthCheck, PodCheck, PodHealthCheck } from "@meseta/api/marathon/health.ts";
import type * as mesos from "@meseta/api/mesos/generated/mesos.ts";
import type { ResolvedPort } from "./ports.ts";

/** The one health check of an app that the executor does, if it has one: COMMAND or one of MESOS_*. */
export function healthCheckOfApp(
  checks: readonly HealthCheck[],
  ports: readonly ResolvedPort[],
): mesos.HealthCheck | undefined {
  const check = checks.find(({ protocol }) => protocol === "COMMAND" || protocol.startsWith("MESOS_"));
  if (check === undefined) return undefined;
  const times = healthTimes(check);
  if (check.protocol === "COMMAND")
    return { ...times, type: "COMMAND", command: { shell: true, value: check.command?.value ?? "" } };
  const port = check.port ?? ports[check.portIndex ?? 0]?.taskPort ?? 0;
  const protocol = check.ipProtocol;
  if (check.protocol === "MESOS_TCP") return { ...times, type: "TCP", tcp: { port, protocol } };
  const scheme = check.protocol === "MESOS_HTTPS" ? "https" : "http";
  return { ...times, type: "HTTP", http: { port, protocol, scheme, path: check.path ?? "/" } };
}

/** The check of an app that only reports. */
export function checkOfApp(check: Check, ports: readonly ResolvedPort[]): mesos.CheckInfo {
  const portOf = ({ port, portIndex }: { readonly port?: number; readonly portIndex?: number }) =>
    port ?? ports[portIndex ?? 0]?.taskPort ?? 0;
  const { http, tcp, exec } = check;
  if (http !== undefined) return { ...times(check), type: "HTTP", http: { port: portOf(http), path: http.path } };
  if (tcp !== undefined) return { ...times(check), type: "TCP", tcp: { port: portOf(tcp) } };
  return { ...times(check), type: "COMMAND", command: { command: commandOf(exec?.command) } };
}

/** The health check of a container of a pod. */
export function healthCheckOfContainer(check: PodHealthCheck, ports: readonly ResolvedPort[]): mesos.HealthCheck {
  const { http, tcp, exec } = check;
  const all = healthTimes(check);
  if (http !== undefined)
    return {
      ...all,
      type: "HTTP",
      http: { port: portNamed(http.endpoint, ports), scheme: http.scheme.toLowerCase(), path: http.path },
    };
  if (tcp !== undefined) return { ...all, type: "TCP", tcp: { port: portNamed(tcp.endpoint, ports) } };
  return { ...all, type: "COMMAND", command: commandOf(exec?.command) };
}

/** The check of a container of a pod that only reports. */
export function checkOfContainer(check: PodCheck, ports: readonly ResolvedPort[]): mesos.CheckInfo {
  const { http, tcp, exec } = check;
  if (http !== undefined)
    return { ...times(check), type: "HTTP", http: { port: portNamed(http.endpoint, ports), path: http.path } };
  if (tcp !== undefined) return { ...times(check), type: "TCP", tcp: { port: portNamed(tcp.endpoint, ports) } };
  return { ...times(check), type: "COMMAND", command: { command: commandOf(exec?.command) } };
}

function times(check: Pick<PodCheck, "delaySeconds" | "intervalSeconds" | "timeoutSeconds">) {
  return {
    delay_seconds: check.delaySeconds,
    interval_seconds: check.intervalSeconds,
    timeout_seconds: check.timeoutSeconds,
  };
}

function healthTimes(
  check: Pick<
    PodHealthCheck,
    "delaySeconds" | "intervalSeconds" | "timeoutSeconds" | "gracePeriodSeconds" | "maxConsecutiveFailures"
  >,
) {
  return {
    ...times(check),
    grace_period_seconds: check.gracePeriodSeconds,
    consecutive_failures: check.maxConsecutiveFailures,
  };
}

function commandOf({ shell, argv = [] }: Command = {}): mesos.CommandInfo {
  return shell === undefined
    ? { shell: false, value: argv[0] ?? "", arguments: [...argv] }
    : { shell: true, value: shell };
}

function portNamed(endpoint: string, ports: readonly ResolvedPort[]): number {
  return ports.find(({ name }) => name === endpoint)?.taskPort ?? 0;
}
