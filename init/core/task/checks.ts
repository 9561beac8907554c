import type { App } from "@meseta/api/marathon/app.ts";
import type {
  Check,
  Command,
  HealthCheck,
  PodCheck,
  PodHealthCheck,
  ReadinessCheck,
} from "@meseta/api/marathon/health.ts";
import type * as mesos from "@meseta/api/mesos/generated/mesos.ts";
import type { Probe } from "@meseta/api/mesos/generated/probe.ts";
import type { ResolvedPort } from "./ports.ts";

/** Which of an app's health checks its executor does, by its place: the one of MESOS_*, else the first COMMAND; -1 for none. All others are probes. */
export function nativeCheckOf(checks: readonly HealthCheck[]): number {
  const native = checks.findIndex(({ protocol }) => protocol.startsWith("MESOS_"));
  return native >= 0 ? native : checks.findIndex(({ protocol }) => protocol === "COMMAND");
}

/** The probes that an app's task is sent with: its health checks but the one of the executor, and its readiness check. */
export function probesOfApp(
  app: Pick<App, "healthChecks" | "readinessChecks">,
  ports: readonly ResolvedPort[],
): Probe[] {
  const native = nativeCheckOf(app.healthChecks);
  return [
    ...app.healthChecks.flatMap((check, i) => (i === native ? [] : [healthProbe(check, `${HEALTH}${i}`, ports)])),
    ...app.readinessChecks.map((check, i) => readinessProbe(check, `${READINESS}${i}`, ports)),
  ];
}

/** What the probe of this id is for, and the place of its check in the definition; undefined when it is none of ours. */
export function purposeOf(probeId: string): Purpose | undefined {
  const found = PURPOSE.exec(probeId);
  return found === null ? undefined : { kind: found[1] as Purpose["kind"], index: Number(found[2]) };
}

interface Purpose {
  readonly kind: "health" | "readiness";
  readonly index: number;
}

const PURPOSE = /^(health|readiness)-(0|[1-9]\d{0,2})$/;
const HEALTH = "health-";
const READINESS = "readiness-";

/** The one health check of an app that the executor does, if it has one. */
export function healthCheckOfApp(
  checks: readonly HealthCheck[],
  ports: readonly ResolvedPort[],
): mesos.HealthCheck | undefined {
  const check = checks[nativeCheckOf(checks)];
  if (check === undefined) return undefined;
  const times = healthTimes(check);
  if (check.protocol === "COMMAND")
    return { ...times, type: "COMMAND", command: { shell: true, value: check.command?.value ?? "" } };
  const port = check.port ?? ports[check.portIndex ?? 0]?.taskPort ?? 0;
  const protocol = check.ipProtocol;
  if (check.protocol === "MESOS_TCP") return { ...times, type: "TCP", tcp: { port, protocol } };
  const scheme = check.protocol === "MESOS_HTTPS" ? "https" : "http";
  return { ...times, type: "HTTP", http: { port, protocol, scheme, path: pathOf(check.path) } };
}

// Marathon looks first after the interval or 5 s. Where a failure would not count it may as well be sooner.
const FIRST_LOOK_SECONDS = 5;
const FIRST_LOOK_IN_GRACE_SECONDS = 1;

function healthProbe(check: HealthCheck, id: string, ports: readonly ResolvedPort[]): Probe {
  const { protocol, intervalSeconds, timeoutSeconds, gracePeriodSeconds } = check;
  const common = { id, interval_seconds: intervalSeconds, timeout_seconds: timeoutSeconds };
  if (protocol === "COMMAND") {
    const command = { shell: true, value: check.command?.value ?? "" };
    return { ...common, type: "COMMAND", command, delay_seconds: check.delaySeconds };
  }
  const firstSeconds = gracePeriodSeconds > 0 ? FIRST_LOOK_IN_GRACE_SECONDS : FIRST_LOOK_SECONDS;
  const times = { delay_seconds: Math.min(intervalSeconds, firstSeconds), grace_period_seconds: gracePeriodSeconds };
  const where = { port: portOf(check, ports), protocol: check.ipProtocol };
  if (protocol === "TCP") return { ...common, ...times, type: "TCP", tcp: where };
  const scheme = protocol === "HTTPS" ? "https" : "http";
  const http = { ...where, scheme, path: pathOf(check.path), ...(check.ignoreHttp1xx && { ignore_1xx: true }) };
  return { ...common, ...times, type: "HTTP", http };
}

// Marathon comes from outside, so a port by its number is one of the agent; probes come from where the task is.
function portOf({ port, portIndex = 0 }: HealthCheck, ports: readonly ResolvedPort[]): number {
  if (port === undefined) return ports[portIndex]?.taskPort ?? 0;
  return ports.find(({ hostPort }) => hostPort === port)?.taskPort ?? port;
}

function readinessProbe(check: ReadinessCheck, id: string, ports: readonly ResolvedPort[]): Probe {
  const http = {
    port: portNamed(check.portName, ports),
    scheme: check.protocol === "HTTPS" ? "https" : "http",
    path: pathOf(check.path),
    statuses: [...check.httpStatusCodesForReady],
    ...(check.preserveLastResponse && { with_response: true }),
  };
  const { intervalSeconds: interval_seconds, timeoutSeconds: timeout_seconds } = check;
  return { id, type: "HTTP", http, interval_seconds, timeout_seconds, until_success: true };
}

// Agents refuse a path without its slash, which Marathon's users may leave out.
function pathOf(path = "/"): string {
  return path.startsWith("/") ? path : `/${path}`;
}

/** The check of an app that only reports. */
export function checkOfApp(check: Check, ports: readonly ResolvedPort[]): mesos.CheckInfo {
  const portOf = ({ port, portIndex }: { readonly port?: number; readonly portIndex?: number }) =>
    port ?? ports[portIndex ?? 0]?.taskPort ?? 0;
  const { http, tcp, exec } = check;
  if (http !== undefined)
    return { ...times(check), type: "HTTP", http: { port: portOf(http), path: pathOf(http.path) } };
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
