import { type Problem, ruleProblem } from "@meseta/api/json-body/outcome.ts";
import { isObject, type Json } from "@meseta/api/json-body/read.ts";

/**
 * What was read of an app, old forms rewritten: `ports` as portDefinitions, `uris` as fetch, `ipAddress` and `container.docker.network` as networks,
 * docker's and discovery's ports as the container's portMappings. Giving the old and the new form of one thing at once is refused.
 */
export function withoutLegacyForms(given: Json, problems: Problem[]): Json {
  for (const { error, isBroken } of RULES) if (isBroken(given)) problems.push(ruleProblem("/", error));
  const { ports, uris, ipAddress, ...rest } = given;
  const networks = networksOf(given);
  const container = containerOf(given);
  return {
    ...rest,
    ...(Array.isArray(ports) &&
      rest["portDefinitions"] === undefined && { portDefinitions: ports.map(portDefinition) }),
    ...(Array.isArray(uris) && uris.length > 0 && { fetch: uris.map(fetchOf) }),
    ...(networks && { networks }),
    ...(container && { container }),
  };
}

const RULES: readonly { error: string; isBroken: (given: Json) => boolean }[] = [
  {
    error: "must not specify both container.docker.network and networks",
    isBroken: (given) => dockerOf(given)["network"] !== undefined && isFilled(given["networks"]),
  },
  {
    error: "must not specify both networks and ipAddress",
    isBroken: (given) => given["ipAddress"] !== undefined && isFilled(given["networks"]),
  },
  {
    error: "cannot specify both an IP address and port",
    isBroken: (given) =>
      given["ipAddress"] !== undefined && (isFilled(given["ports"]) || isFilled(given["portDefinitions"])),
  },
  {
    error: "cannot specify both ports and port definitions",
    isBroken: ({ ports, portDefinitions }) =>
      Array.isArray(ports) && Array.isArray(portDefinitions) && !isSamePorts(ports, portDefinitions),
  },
  { error: "ports must be unique", isBroken: ({ ports }) => Array.isArray(ports) && hasDouble(ports.filter(Boolean)) },
  {
    error: "uris may not be set in conjunction with fetch",
    isBroken: ({ uris, fetch }) => isFilled(uris) && isFilled(fetch),
  },
  {
    error: "ipAddress/discovery is not allowed for Docker containers",
    isBroken: (given) => discoveredOf(given).length > 0 && isOf(given["container"], "DOCKER"),
  },
  {
    error: "unsupported docker network type NONE",
    isBroken: (given) => dockerOf(given)["network"] === "NONE",
  },
  {
    error: "container.docker.credential is not supported",
    isBroken: (given) => dockerOf(given)["credential"] !== undefined,
  },
  {
    error: "container.docker.network and container.docker.portMappings are only for the Docker engine",
    isBroken: (given) =>
      isOf(given["container"], "MESOS") &&
      (dockerOf(given)["network"] !== undefined || isFilled(dockerOf(given)["portMappings"])),
  },
];

function networksOf(given: Json): readonly Json[] | undefined {
  const address = given["ipAddress"];
  const old = dockerOf(given)["network"];
  const labels = isObject(address) ? address["labels"] : {};
  if (old === "HOST" || old === "NONE") return [{ mode: "host", labels: {} }];
  if (old === "BRIDGE") return [{ mode: "container/bridge", labels }];
  if (!isObject(address)) return old === "USER" ? [{ mode: "container", labels: {} }] : undefined;
  const name = address["networkName"];
  return [{ mode: "container", ...(name !== undefined && { name }), labels }];
}

function containerOf(given: Json): Json | undefined {
  const discovered = discoveredOf(given);
  const container = given["container"];
  if (!isObject(container)) {
    return discovered.length === 0 ? undefined : { type: "MESOS", volumes: [], portMappings: discovered.map(mapping) };
  }
  const { network, portMappings, credential, ...docker } = dockerOf(given);
  const mappings =
    container["portMappings"] ?? portMappings ?? (discovered.length > 0 ? discovered.map(mapping) : undefined);
  return {
    ...container,
    ...(container["docker"] !== undefined && { docker }),
    ...(mappings !== undefined && { portMappings: mappings }),
  };
}

function mapping({ number, name, protocol, labels }: Json): Json {
  return { containerPort: number, servicePort: 0, name, protocol, labels, networkNames: [] };
}

function discoveredOf({ ipAddress }: Json): readonly Json[] {
  const discovery = isObject(ipAddress) ? ipAddress["discovery"] : undefined;
  const ports = isObject(discovery) ? discovery["ports"] : undefined;
  return Array.isArray(ports) ? ports : [];
}

function dockerOf({ container }: Json): Json {
  const docker = isObject(container) ? container["docker"] : undefined;
  return isObject(docker) ? docker : {};
}

function portDefinition(port: unknown): Json {
  return { port, protocol: "tcp", labels: {} };
}

function fetchOf(uri: unknown): Json {
  return { uri, extract: true, executable: false, cache: false };
}

function isFilled(list: unknown): boolean {
  return Array.isArray(list) && list.length > 0;
}

function isOf(container: unknown, engine: string): boolean {
  return isObject(container) && container["type"] === engine;
}

function isSamePorts(ports: readonly unknown[], definitions: readonly Json[]): boolean {
  return ports.length === definitions.length && ports.every((port, index) => port === definitions[index]?.["port"]);
}

function hasDouble(list: readonly unknown[]): boolean {
  return new Set(list).size < list.length;
}
