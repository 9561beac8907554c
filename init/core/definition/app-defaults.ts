import { fillDefaults, type Json } from "@meseta/api/json-body/read.ts";
import type { App, Residency } from "@meseta/api/marathon/app.ts";
import type { AppVolume, Container } from "@meseta/api/marathon/container.ts";
import type { HealthCheck } from "@meseta/api/marathon/health.ts";
import type { Network, PortMapping } from "@meseta/api/marathon/network.ts";
import { APP_FIELDS } from "./app-fields.ts";
import type { Settings } from "./settings.ts";
import { isResident } from "./spec.ts";

/** An app before its service ports, role and version are settled. A service port may still be 0. */
export type AppDraft = Omit<App, "version" | "versionInfo" | "role"> & { readonly role?: string };

/** What of an app may be missing while its defaults are filled. */
type Unfinished = Omit<AppDraft, Filled> & Partial<Pick<AppDraft, Filled>>;
type Filled = "networks" | "portDefinitions" | "upgradeStrategy" | "unreachableStrategy";

/** An app with every default: those of the table, then those that depend on other fields. `given` has been read by the table and has no legacy form. */
export function fillApp(given: Json, settings: Settings): AppDraft {
  const app = fillDefaults(APP_FIELDS, given) as unknown as Unfinished;
  const networks = (app.networks?.length ? app.networks : HOST).map((network) => named(network, settings));
  const container = containerOf(app.container, networks);
  const { residency: _given, ...rest } = app;
  const withContainer = { ...rest, networks, ...(container && { container }) };
  return {
    ...withContainer,
    ...strategiesOf(withContainer),
    ...residencyOf(withContainer, app.residency),
    ...(app.executor !== "" && { executorResources: app.executorResources ?? EXECUTOR }),
    requirePorts: isHost(networks) && app.requirePorts,
    portDefinitions: app.portDefinitions ?? (isHost(networks) ? [PORT] : []),
    healthChecks: app.healthChecks.map(fillCheck),
    constraints: app.constraints.map(upperCased),
  };
}

/** Whether tasks share the network of their agent. */
export function isHost(networks: readonly Network[]): boolean {
  return networks.every(({ mode }) => mode === "host");
}

const HOST: readonly Network[] = [{ mode: "host", labels: {} }];
const PORT = { port: 0, name: "default", protocol: "tcp", labels: {} } as const;
const MAPPING = {
  containerPort: 0,
  servicePort: 0,
  name: "default",
  protocol: "tcp",
  labels: {},
  networkNames: [],
} as const;
const EXECUTOR = { cpus: 0.1, mem: 32, disk: 10 };
const RESIDENCY: Residency = { relaunchEscalationTimeoutSeconds: 3600, taskLostBehavior: "WAIT_FOREVER" };

function named(network: Network, { defaultNetworkName }: Settings): Network {
  const needsName = network.mode === "container" && network.name === undefined && defaultNetworkName !== undefined;
  return needsName ? { ...network, name: defaultNetworkName } : network;
}

// An app off host networking without a container runs in one of Mesos' own.
function containerOf(given: Container | undefined, networks: readonly Network[]): Container | undefined {
  const onHost = isHost(networks);
  if (given === undefined)
    return onHost ? undefined : { type: "MESOS", portMappings: [mappingOn(networks, MAPPING)], volumes: [] };
  const mappings = given.portMappings ?? (onHost ? [] : [MAPPING]);
  return {
    ...given,
    portMappings: onHost ? mappings : mappings.map((mapping) => mappingOn(networks, mapping)),
    volumes: given.volumes.map(fillVolume),
  };
}

// Behind a bridge a port is of no use unless the host has one for it.
function mappingOn(networks: readonly Network[], mapping: PortMapping): PortMapping {
  const isBridge = networks.some(({ mode }) => mode === "container/bridge");
  return isBridge ? { ...mapping, hostPort: mapping.hostPort ?? 0 } : mapping;
}

function fillVolume(volume: AppVolume): AppVolume {
  return volume.secret !== undefined ? volume : { ...volume, mode: volume.mode ?? "RW" };
}

function strategiesOf(app: Unfinished): Pick<AppDraft, "upgradeStrategy" | "unreachableStrategy"> {
  return {
    upgradeStrategy: app.upgradeStrategy ?? upgradeOf(app),
    unreachableStrategy:
      app.unreachableStrategy ?? (isResident(app) ? "disabled" : { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 }),
  };
}

function upgradeOf(app: Unfinished): AppDraft["upgradeStrategy"] {
  if (app.labels["MARATHON_SINGLE_INSTANCE_APP"] === "true")
    return { minimumHealthCapacity: 0, maximumOverCapacity: 0 };
  const isAlone = isResident(app) || app.container?.volumes.some(({ external }) => external !== undefined);
  return isAlone
    ? { minimumHealthCapacity: 0.5, maximumOverCapacity: 0 }
    : { minimumHealthCapacity: 1, maximumOverCapacity: 1 };
}

function residencyOf(app: Unfinished, given: Residency | undefined): Pick<AppDraft, "residency"> {
  return isResident(app) ? { residency: given ?? RESIDENCY } : {};
}

const HTTP = new Set(["HTTP", "HTTPS", "MESOS_HTTP", "MESOS_HTTPS"]);

// `command` without a protocol means COMMAND, as it did before there were protocols.
function fillCheck(given: HealthCheck): HealthCheck {
  const protocol = given.protocol ?? (given.command === undefined ? "HTTP" : "COMMAND");
  const isPortNeeded = protocol !== "COMMAND" && given.port === undefined && given.portIndex === undefined;
  return {
    ...given,
    protocol,
    ...(isPortNeeded && { portIndex: 0 }),
    ...(HTTP.has(protocol) && { path: given.path ?? "/" }),
  };
}

// Marathon takes operators in any case; what is wrong with a constraint the rules say.
function upperCased(constraint: AppDraft["constraints"][number]): AppDraft["constraints"][number] {
  const [field, operator, ...value] = constraint as readonly string[];
  if (operator === undefined) return constraint;
  return [field, operator.toUpperCase(), ...value] as unknown as AppDraft["constraints"][number];
}
