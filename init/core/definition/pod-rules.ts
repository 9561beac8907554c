import type { PodCheck } from "@meseta/api/marathon/health.ts";
import type { Endpoint } from "@meseta/api/marathon/network.ts";
import type { Image, PodContainer, PodVolume } from "@meseta/api/marathon/pod.ts";
import { isHost } from "./app-defaults.ts";
import { constraintRule } from "./constraint-rules.ts";
import { commandRule, hasOneKind, timeoutRule } from "./health-rules.ts";
import { containerNetworks, NETWORK_NAME_NEEDED, networkNameRule, networkRules } from "./network-rules.ts";
import type { PodDraft } from "./pod-defaults.ts";
import { all, asDouble, each, isUnique, must, type Rule, within } from "./rule.ts";
import { isResident } from "./spec.ts";
import * as spec from "./spec-rules.ts";

/** What a pod must be beyond the types and bounds of its fields. Source: Marathon's pod validation, paths and texts included. */
export const podRules: Rule<PodDraft> = (pod, settings) => RULES.flatMap((rule) => rule(pod, settings));

function containerRule(pod: PodDraft): Rule<PodContainer> {
  return (container, settings) =>
    all<PodContainer>([
      must("/name", "can not be _app", ({ name }) => name !== "_app"),
      within("/resourceLimits", ({ resourceLimits }) => resourceLimits, spec.limitsRule(container.resources)),
      must(
        "/resourceLimits",
        "resourceLimits cannot be defined if legacySharedCgroups is enabled",
        ({ resourceLimits }) => !(pod.legacySharedCgroups && resourceLimits),
      ),
      spec.needsFeature("gpu_resources", ({ resources }) => resources.gpus > 0),
      within("/exec/command", ({ exec }) => exec?.command, commandRule),
      each("/endpoints", ({ endpoints }) => endpoints, endpointRule(pod)),
      within("/image", ({ image }) => image, imageRule(pod)),
      ({ environment: env }) => spec.envRule("/environment")({ env, secrets: pod.secrets }, settings),
      within("/healthCheck", ({ healthCheck }) => healthCheck, checkRule(container)),
      within("/check", ({ check }) => check, checkRule(container)),
      each(
        "/volumeMounts",
        ({ volumeMounts }) => volumeMounts,
        must("/name", "Referenced Volume in VolumeMount should exist", ({ name }) =>
          pod.volumes.some((volume) => volume.name === name),
        ),
      ),
      each("/artifacts", ({ artifacts }) => artifacts, spec.fetchRule),
      within("/linuxInfo", ({ linuxInfo }) => linuxInfo, spec.linuxInfoRule),
    ])(container, settings);
}

function endpointRule({ networks }: PodDraft): Rule<Endpoint> {
  const others = containerNetworks(networks);
  return all<Endpoint>([
    must(
      "/containerPort",
      "is not allowed when using host-mode networking",
      ({ containerPort }) => !isHost(networks) || containerPort === undefined,
    ),
    must(
      "/containerPort",
      "is required when using container-mode networking",
      ({ containerPort }) => isHost(networks) || containerPort !== undefined,
    ),
    must("/protocol", "Duplicate protocols within the same endpoint are not allowed", ({ protocol }) =>
      isUnique(protocol),
    ),
    must(
      "",
      NETWORK_NAME_NEEDED,
      ({ hostPort, networkNames }) => hostPort === undefined || others <= 1 || networkNames.length === 1,
    ),
    each("/networkNames", ({ networkNames }) => networkNames, networkNameRule(networks)),
  ]);
}

function imageRule({ secrets }: PodDraft): Rule<Image> {
  return within<Image, NonNullable<Image["pullConfig"]>>(
    "/pullConfig",
    ({ pullConfig }) => pullConfig,
    all([
      spec.needsFeature("secrets", () => true),
      must("", "pullConfig.secret must refer to an existing secret", ({ secret }) => Object.hasOwn(secrets, secret)),
    ]),
  );
}

function checkRule({ endpoints }: PodContainer): Rule<PodCheck> {
  const isKnown = (kind: { readonly endpoint: string } | undefined) =>
    kind === undefined || endpoints.some(({ name }) => name === kind.endpoint);
  return all<PodCheck>([
    must("", "Only one of http, tcp, or command may be specified", hasOneKind),
    must("/http/endpoint", "contained in the container endpoints", ({ http }) => isKnown(http)),
    must("/tcp/endpoint", "contained in the container endpoints", ({ tcp }) => isKnown(tcp)),
    within("/exec/command", ({ exec }) => exec?.command, commandRule),
    timeoutRule,
  ]);
}

function volumeRule({ containers, secrets }: PodDraft): Rule<PodVolume> {
  return all<PodVolume>([
    must("", "volume must be referenced by at least one container", ({ name }) =>
      containers.some(({ volumeMounts }) => volumeMounts.some((mount) => mount.name === name)),
    ),
    must(
      "",
      "only one of host, secret and persistent may be specified",
      ({ host, secret, persistent }) => [host, secret, persistent].filter((kind) => kind !== undefined).length <= 1,
    ),
    must(
      "/secret",
      "volume.secret must refer to an existing secret",
      ({ secret }) => secret === undefined || Object.hasOwn(secrets, secret),
    ),
    spec.needsFeature("secrets", ({ secret }) => secret !== undefined),
    within("/persistent", ({ persistent }) => persistent, spec.persistentRule),
  ]);
}

const endpointsOf = ({ containers }: PodDraft) => containers.flatMap(({ endpoints }) => endpoints);
const fixed = (port: number | undefined) => (port === undefined || port === 0 ? [] : [port]);

const UNIQUE: readonly Rule<PodDraft>[] = [
  must("/volumes", "volume names must be unique", ({ volumes }) => isUnique(volumes.map(({ name }) => name))),
  must("/containers", "container names must be unique", ({ containers }) =>
    isUnique(containers.map(({ name }) => name)),
  ),
  // The spelling is what Marathon's clients have seen.
  must("", "endpoint names nust be unique across all containers", (pod) =>
    isUnique(endpointsOf(pod).map(({ name }) => name)),
  ),
  must("", "container ports must be unique across all containers", (pod) =>
    isUnique(endpointsOf(pod).flatMap(({ containerPort }) => fixed(containerPort))),
  ),
  must("", "host ports must be unique across all containers", (pod) =>
    isUnique(endpointsOf(pod).flatMap(({ hostPort }) => fixed(hostPort))),
  ),
];

const SCHEDULING: readonly Rule<PodDraft>[] = [
  each("/scheduling/placement/constraints", ({ scheduling }) => scheduling.placement.constraints, constraintRule),
  within(
    "/scheduling/placement/acceptedResourceRoles",
    ({ scheduling }) => scheduling.placement.acceptedResourceRoles,
    spec.roleNamesRule,
  ),
  must(
    "/acceptedResourceRoles",
    'A resident pod must have `acceptedResourceRoles = ["*"]`.',
    (pod) => !isResident(pod) || pod.scheduling.placement.acceptedResourceRoles.every((role) => role === "*"),
  ),
  (pod, settings) => {
    const { maximumOverCapacity } = pod.scheduling.upgrade;
    const text = `got ${asDouble(maximumOverCapacity)}, expected 0.0`;
    return must<PodDraft>(
      "/upgrade/maximumOverCapacity",
      text,
      () => !isResident(pod) || maximumOverCapacity === 0,
    )(pod, settings);
  },
  must(
    "",
    "unreachableStrategy must be disabled for pods with persistent volumes",
    (pod) => !isResident(pod) || pod.scheduling.unreachableStrategy === "disabled",
  ),
  within("/scheduling/unreachableStrategy", ({ scheduling }) => scheduling.unreachableStrategy, spec.unreachableRule),
  must(
    "/scaling/maxInstances",
    "must not be less than instances",
    ({ scaling }) => scaling.maxInstances === undefined || scaling.maxInstances >= scaling.instances,
  ),
];

const RULES: readonly Rule<PodDraft>[] = [
  ({ environment: env, secrets }, settings) => spec.envRule("/environment")({ env, secrets }, settings),
  within("/secrets", ({ secrets }) => secrets, spec.secretsRule),
  within("/networks", ({ networks }) => networks, networkRules),
  (pod, settings) => each("/containers", () => pod.containers, containerRule(pod))(pod, settings),
  (pod, settings) => each("/volumes", () => pod.volumes, volumeRule(pod))(pod, settings),
  ...UNIQUE,
  ...SCHEDULING,
  must(
    "/linuxInfo/seccomp",
    "Seccomp configuration on executor level is not supported",
    ({ linuxInfo }) => linuxInfo?.seccomp === undefined,
  ),
];
