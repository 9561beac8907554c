import type { App } from "@meseta/api/marathon/app.ts";
import type { Pod, PodContainer } from "@meseta/api/marathon/pod.ts";
import type { Env, Labels, Secrets } from "@meseta/api/marathon/strategy.ts";
import type { Environment, EnvironmentVariable } from "@meseta/api/mesos/generated/mesos.ts";
import type { ResolvedPort } from "./ports.ts";

/** What the environment tells besides the definition. */
export interface Surroundings {
  readonly hostname: string;
  readonly taskId: string;
  /** Of pods. */
  readonly executorId?: string | undefined;
  /** Before HOST and the names of ports, of apps. */
  readonly prefix: string;
  /** Whether the top-level group enforces its role. */
  readonly enforcesRole: boolean;
}

type Values = Record<string, string>;

/** The environment of an app's task; what the user says stands above all else. */
export function environmentOfApp(app: App, ports: readonly ResolvedPort[], around: Surroundings): Environment {
  const image = app.container?.docker?.image;
  const values: Values = {
    ...withPrefix(around.prefix, { HOST: around.hostname, ...portValues(ports) }),
    MESOS_TASK_ID: around.taskId,
    MARATHON_APP_ID: app.id,
    MARATHON_APP_VERSION: app.version,
    ...(image === undefined ? {} : { MARATHON_APP_DOCKER_IMAGE: image }),
    ...amounts("MARATHON_APP_RESOURCE_", app),
    ...labelValues(app.labels),
    MARATHON_APP_ENFORCE_GROUP_ROLE: around.enforcesRole ? "TRUE" : "FALSE",
  };
  return environmentOf(values, app.env, app.secrets);
}

/** The environment of one container of a pod, which knows the endpoints of all. */
export function environmentOfContainer(
  pod: Pod,
  container: PodContainer,
  ports: readonly (readonly ResolvedPort[])[],
  isHost: boolean,
  around: Surroundings,
): Environment {
  const values: Values = {
    HOST: around.hostname,
    ...endpointValues(ports.flat(), isHost),
    MESOS_TASK_ID: around.taskId,
    MESOS_EXECUTOR_ID: around.executorId ?? "",
    MARATHON_APP_ID: pod.id,
    MARATHON_APP_VERSION: pod.version,
    MARATHON_CONTAINER_ID: container.name,
    ...amounts("MARATHON_CONTAINER_RESOURCE_", container.resources),
    ...labelValues({ ...pod.labels, ...container.labels }),
    MARATHON_APP_ENFORCE_GROUP_ROLE: around.enforcesRole ? "TRUE" : "FALSE",
  };
  return environmentOf(values, { ...pod.environment, ...container.environment }, pod.secrets);
}

/** PORT0, PORT_<declared>, PORT_<NAME>, PORT, PORTS; fixed ports of the container alone are in neither of the last two. */
function portValues(ports: readonly ResolvedPort[]): Values {
  const values: Values = {};
  ports.forEach((port, i) => {
    const value = String(port.hostPort ?? port.taskPort);
    values[`PORT${i}`] = value;
    values[`PORT_${port.declared || value}`] = value;
    if (port.name !== undefined) values[`PORT_${port.name.toUpperCase()}`] = value;
  });
  const listed = ports.filter(({ hostPort, isDrawn }) => hostPort !== undefined || isDrawn);
  const numbers = listed.map(({ hostPort, taskPort }) => String(hostPort ?? taskPort));
  return numbers.length === 0 ? values : { ...values, PORT: numbers[0]!, PORTS: numbers.join(",") };
}

function endpointValues(ports: readonly ResolvedPort[], isHost: boolean): Values {
  const values: Values = {};
  for (const { name, hostPort, taskPort } of ports) {
    const suffix = nameOf(name ?? "");
    values[`ENDPOINT_${suffix}`] = String((isHost ? hostPort : undefined) ?? taskPort);
    if (hostPort !== undefined) values[`EP_HOST_${suffix}`] = String(hostPort);
    if (!isHost) values[`EP_CONTAINER_${suffix}`] = String(taskPort);
  }
  return values;
}

// The names of prefix and label together, and the values, must be short enough for every system's environment.
const LONGEST_LABEL_VALUE = 512;
const LONGEST_LABEL_KEY = 493;

function labelValues(labels: Labels): Values {
  const short = Object.entries(labels).filter(
    ([key, value]) => value.length < LONGEST_LABEL_VALUE && key.length < LONGEST_LABEL_KEY,
  );
  const named = short.map(([key, value]) => [nameOf(key), value] as const);
  return {
    MARATHON_APP_LABELS: named.map(([name]) => name).join(" "),
    ...Object.fromEntries(named.map(([name, value]) => [`MARATHON_APP_LABEL_${name}`, value])),
  };
}

function nameOf(text: string): string {
  return text.replaceAll(/[^a-zA-Z0-9_]+/g, "_").toUpperCase();
}

// Numbers of shares and MiB have a decimal, as Marathon writes them; gpus are whole.
function amounts(prefix: string, { cpus, mem, disk, gpus }: Pick<App, "cpus" | "mem" | "disk" | "gpus">): Values {
  const decimal = (value: number) => (Number.isInteger(value) ? value.toFixed(1) : String(value));
  return {
    [`${prefix}CPUS`]: decimal(cpus),
    [`${prefix}MEM`]: decimal(mem),
    [`${prefix}DISK`]: decimal(disk),
    [`${prefix}GPUS`]: String(gpus),
  };
}

function withPrefix(prefix: string, values: Values): Values {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]));
}

function environmentOf(values: Values, given: Env, secrets: Secrets): Environment {
  const variables = new Map<string, EnvironmentVariable>();
  for (const [name, value] of Object.entries(values)) variables.set(name, { name, type: "VALUE", value });
  for (const [name, value] of Object.entries(given))
    variables.set(
      name,
      typeof value === "string"
        ? { name, type: "VALUE", value }
        : { name, type: "SECRET", secret: secretOf(value.secret, secrets) },
    );
  return { variables: [...variables.values()] };
}

/** A secret by the name that the definition gives it: the master's resolver knows it by its source. */
export function secretOf(name: string, secrets: Secrets) {
  return { type: "REFERENCE" as const, reference: { name: secrets[name]?.source ?? name } };
}
