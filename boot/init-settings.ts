import type { InitConfig } from "@meseta/init/core/config.ts";
import { DEFAULT_SETTINGS, type Feature } from "@meseta/init/core/definition/settings.ts";
import type { HttpSettings } from "@meseta/init/io/front.ts";
import { badSetting, type Settings } from "./flags.ts";
import {
  countOf,
  credentialsOf,
  durationOf,
  hostnameOf,
  isOn,
  type Machine,
  oneOf,
  portOf,
  shownFlags,
  wordsIn,
} from "./settings.ts";
import { MARATHON_VERSION } from "./version.ts";

/** What `meseta init` is told, as its core wants it. */
export function initConfigOf(settings: Settings, machine: Machine): Omit<InitConfig, "address"> {
  return {
    definitions: definitionsOf(settings),
    placement: {
      gpus: oneOf(settings, "gpu-scheduling-behavior", ["restricted", "unrestricted"]),
      ...(isOn(settings, "maintenance-mode") && {
        maintenance: { drainingMs: durationOf(settings, "draining-time") },
      }),
      principal: settings["principal"],
    },
    kills: { mostAtOnce: countOf(settings, "kill-chunk-size"), retryMs: durationOf(settings, "kill-retry-timeout") },
    timeouts: {
      confirmTimeoutMs: durationOf(settings, "task-launch-confirm-timeout"),
      launchTimeoutMs: durationOf(settings, "task-launch-timeout"),
      reservationTimeoutMs: durationOf(settings, "task-reservation-timeout"),
    },
    frameworkName: settings["name"]!,
    user: settings["user"] ?? machine.user,
    hostname: hostnameOf(settings, machine),
    webuiUrl: settings["webui-url"],
    failoverTimeoutMs: durationOf(settings, "failover-timeout"),
    principal: settings["principal"],
    environmentPrefix: settings["env-vars-prefix"] ?? "",
    bridgeName: settings["bridge-name"]!,
    mostInstancesPerOffer:
      settings["max-instances-per-offer"] === undefined
        ? Number.POSITIVE_INFINITY
        : countOf(settings, "max-instances-per-offer"),
    declineMs: durationOf(settings, "decline-offer-duration"),
    mostDeployments: countOf(settings, "max-running-deployments"),
    mostVersions: countOf(settings, "max-versions"),
    reconciliationDelayMs: durationOf(settings, "reconciliation-initial-delay"),
    reconciliationIntervalMs: durationOf(settings, "reconciliation-interval"),
    version: MARATHON_VERSION,
  };
}

/** What it is told of its server. */
export function httpOf(settings: Settings): HttpSettings {
  const credentials = credentialsOf(settings, "http-credentials");
  return {
    credentials,
    ...(settings["http-max-concurrent-requests"] !== undefined && {
      mostRequests: countOf(settings, "http-max-concurrent-requests"),
    }),
    allowOrigins: wordsIn(settings["access-control-allow-origin"]),
    hostNames: wordsIn(settings["host-names"]),
    mostOutstanding: countOf(settings, "event-stream-max-outstanding-messages"),
    flags: { ...shownFlags(settings), ...(credentials !== undefined && { http_credentials: "***" }) },
  };
}

const FEATURES: readonly Feature[] = [
  "external_volumes",
  "gpu_resources",
  "secrets",
  "task_killing",
  "vips",
  "sanitize_accepted_resource_roles",
];

function definitionsOf(settings: Settings): InitConfig["definitions"] {
  const network = settings["default-network-name"];
  const min = portOf(settings, "local-port-min");
  const max = portOf(settings, "local-port-max");
  if (max < min) throw badSetting("local-port-max", String(max), `at least --local-port-min ${min}`);
  return {
    ...DEFAULT_SETTINGS,
    features: featuresOf(settings),
    defaultRole: settings["role"]!,
    ...(network !== undefined && { defaultNetworkName: network }),
    newGroupEnforceRole: oneOf(settings, "new-group-enforce-role", ["off", "top"]),
    acceptedResourceRolesDefault: oneOf(settings, "accepted-resource-roles-default-behavior", [
      "any",
      "unreserved",
      "reserved",
    ]),
    mostServices: countOf(settings, "max-apps"),
    servicePorts: { min, max },
  };
}

function featuresOf(settings: Settings): ReadonlySet<Feature> {
  const names = wordsIn(settings["enable-features"]);
  const unknown = names.find((name) => !FEATURES.includes(name as Feature));
  if (unknown !== undefined) throw badSetting("enable-features", unknown, `one of ${FEATURES.join(", ")}`);
  return new Set(names as Feature[]);
}
