import type { Container } from "@meseta/api/marathon/container.ts";
import { type AppDraft, isHost } from "./app-defaults.ts";
import { autoscaleRule } from "./autoscale-rules.ts";
import { appConstraintRule } from "./constraint-rules.ts";
import { healthRules } from "./health-rules.ts";
import { containerNetworks, NETWORK_NAME_NEEDED, networkNameRule, networkRules } from "./network-rules.ts";
import { all, asDouble, each, isUnique, must, type Rule, within } from "./rule.ts";
import { isResident } from "./spec.ts";
import * as spec from "./spec-rules.ts";
import { volumesRule } from "./volume-rules.ts";

/** What an app must be beyond the types and bounds of its fields. Source: Marathon's app validation, paths and texts included. */
export const appRules: Rule<AppDraft> = (app, settings) => RULES.flatMap((rule) => rule(app, settings));

const COMMAND: readonly Rule<AppDraft>[] = [
  must(
    "",
    "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.",
    ({ cmd, args, container }) => {
      const isBoth = cmd !== undefined && args.length > 0;
      const hasEntrypoint = container !== undefined && (container.docker !== undefined || container.type === "MESOS");
      return !isBoth && (cmd !== undefined || args.length > 0 || hasEntrypoint);
    },
  ),
  must(
    "",
    "DCOS_PACKAGE_FRAMEWORK_NAME and DCOS_MIGRATION_API_PATH must be defined when using DCOS_MIGRATION_API_VERSION",
    ({ labels }) => {
      const { DCOS_MIGRATION_API_VERSION: version } = labels;
      const isWhole = Boolean(labels["DCOS_PACKAGE_FRAMEWORK_NAME"] && labels["DCOS_MIGRATION_API_PATH"]);
      return !version || (version === "v1" && isWhole);
    },
  ),
];

const NETWORKING: readonly Rule<AppDraft>[] = [
  within("/networks", ({ networks }) => networks, networkRules),
  must(
    "",
    "portDefinitions are only allowed with host-networking",
    ({ networks, portDefinitions }) => isHost(networks) || portDefinitions.length === 0,
  ),
  must(
    "",
    "portMappings are not allowed with host-networking",
    ({ networks, container }) => !isHost(networks) || !container?.portMappings.length,
  ),
  must("/portDefinitions", "Port names must be unique.", ({ portDefinitions }) =>
    isUnique(portDefinitions.flatMap(({ name }) => name ?? [])),
  ),
  must("/portDefinitions", "Ports must be unique.", ({ portDefinitions }) =>
    isUnique(portDefinitions.map(({ port }) => port).filter((port) => port !== 0)),
  ),
  must(
    "",
    "may only specify a single container network when using the Docker container engine",
    ({ container, networks }) => container?.type !== "DOCKER" || containerNetworks(networks) <= 1,
  ),
];

const CONTAINER: readonly Rule<AppDraft>[] = [
  (app, settings) =>
    within<AppDraft, Container>("/container", ({ container }) => container, containerRule(app))(app, settings),
];

function containerRule({ networks, secrets }: AppDraft): Rule<Container> {
  return all<Container>([
    must("/portMappings", "Port names must be unique.", ({ portMappings }) =>
      isUnique(portMappings.flatMap(({ name }) => name ?? [])),
    ),
    each(
      "/portMappings",
      ({ portMappings }) => portMappings,
      all([
        must(
          "",
          NETWORK_NAME_NEEDED,
          ({ hostPort, networkNames }) =>
            hostPort === undefined || containerNetworks(networks) <= 1 || networkNames.length === 1,
        ),
        each("/networkNames", ({ networkNames }) => networkNames, networkNameRule(networks)),
      ]),
    ),
    volumesRule(secrets),
    within("/linuxInfo", ({ linuxInfo }) => linuxInfo, spec.linuxInfoRule),
    must("/docker", "not defined", ({ type, docker }) => type === "MESOS" || docker !== undefined),
    ...engineRules,
    must(
      "/docker",
      "pullConfig.secret must refer to an existing secret",
      ({ docker }) => docker?.pullConfig === undefined || Object.hasOwn(secrets, docker.pullConfig.secret),
    ),
  ]);
}

const engineRules: readonly Rule<Container>[] = [
  must(
    "/docker",
    "pullConfig is not supported with Docker containerizer",
    ({ type, docker }) => type === "MESOS" || docker?.pullConfig === undefined,
  ),
  within(
    "/docker/pullConfig",
    ({ docker }) => docker?.pullConfig,
    spec.needsFeature("secrets", () => true),
  ),
  must("/docker/parameters", "must be empty", ({ type, docker }) => type === "DOCKER" || !docker?.parameters.length),
  must(
    "/docker/privileged",
    "is only supported with the Docker engine",
    ({ type, docker }) => type === "DOCKER" || !docker?.privileged,
  ),
];

const RESOURCES: readonly Rule<AppDraft>[] = [
  must(
    "",
    "GPU resources only work with the Mesos containerizer",
    ({ gpus, container }) => gpus === 0 || container?.type !== "DOCKER",
  ),
  spec.needsFeature("gpu_resources", ({ gpus }) => gpus > 0),
  (app, settings) => within("/resourceLimits", () => app.resourceLimits, spec.limitsRule(app))(app, settings),
  within("/secrets", ({ secrets }) => secrets, spec.secretsRule),
  spec.envRule("/env"),
  each("/fetch", ({ fetch }) => fetch, spec.fetchRule),
  each("/constraints", ({ constraints }) => constraints, appConstraintRule),
];

const ROLES: readonly Rule<AppDraft>[] = [
  must(
    "/acceptedResourceRoles",
    "must not be empty",
    ({ acceptedResourceRoles }) => acceptedResourceRoles?.length !== 0,
  ),
  within("/acceptedResourceRoles", ({ acceptedResourceRoles }) => acceptedResourceRoles, spec.roleNamesRule),
  must(
    "/acceptedResourceRoles",
    'A resident app must have `acceptedResourceRoles = ["*"]`.',
    (app) => !isResident(app) || (app.acceptedResourceRoles ?? ["*"]).join() === "*",
  ),
];

const STRATEGIES: readonly Rule<AppDraft>[] = [
  must("", "Single instance app may only have one instance", (app) => !isSingle(app) || app.instances <= 1),
  noCapacity("minimumHealthCapacity", isSingle),
  noCapacity("maximumOverCapacity", (app) => isSingle(app) || isResident(app)),
  must(
    "",
    "unreachableStrategy must be disabled for resident tasks",
    (app) => !isResident(app) || app.unreachableStrategy === "disabled",
  ),
  within("/unreachableStrategy", ({ unreachableStrategy }) => unreachableStrategy, spec.unreachableRule),
];

function noCapacity(
  name: "minimumHealthCapacity" | "maximumOverCapacity",
  isMeant: (app: AppDraft) => boolean,
): Rule<AppDraft> {
  return (app, settings) => {
    const given = app.upgradeStrategy[name];
    const text = `got ${asDouble(given)}, expected 0.0`;
    return must<AppDraft>(`/upgradeStrategy/${name}`, text, () => !isMeant(app) || given === 0)(app, settings);
  };
}

function isSingle({ labels }: AppDraft): boolean {
  return labels["MARATHON_SINGLE_INSTANCE_APP"] === "true";
}

const RULES: readonly Rule<AppDraft>[] = [
  ...COMMAND,
  ...NETWORKING,
  ...CONTAINER,
  ...RESOURCES,
  ...ROLES,
  healthRules,
  ...STRATEGIES,
  autoscaleRule,
];
