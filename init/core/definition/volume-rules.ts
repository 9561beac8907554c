import type { AppVolume, Container } from "@meseta/api/marathon/container.ts";
import type { Secrets } from "@meseta/api/marathon/strategy.ts";
import { all, each, isUnique, must, type Rule, within } from "./rule.ts";
import { needsFeature, persistentRule } from "./spec-rules.ts";

/** What an app's volumes must be; secret ones name one of the app's secrets. Source: Marathon's volume validation. */
export function volumesRule(secrets: Secrets): Rule<Container> {
  return all<Container>([
    each("/volumes", ({ volumes }) => volumes, volumeRule(secrets)),
    must("/volumes", "Volume names must be unique", ({ volumes }) =>
      isUnique(volumes.flatMap(({ external }) => external?.name ?? [])),
    ),
    must("/volumes", "Volume paths must be unique", ({ volumes }) =>
      isUnique(volumes.map(({ containerPath }) => containerPath)),
    ),
  ]);
}

function volumeRule(secrets: Secrets): Rule<AppVolume> {
  return all<AppVolume>([
    must("", "Unknown app volume type", (volume) => kindsOf(volume) === 1),
    must(
      "",
      "volume.secret must refer to an existing secret",
      ({ secret }) => secret === undefined || Object.hasOwn(secrets, secret),
    ),
    needsFeature("secrets", ({ secret }) => secret !== undefined),
    needsFeature("external_volumes", ({ external }) => external !== undefined),
    ...PERSISTENT,
    ...EXTERNAL,
  ]);
}

const PERSISTENT: readonly Rule<AppVolume>[] = [
  must(
    "/containerPath",
    "can not be one of (.,..)",
    ({ persistent, containerPath }) => persistent === undefined || (containerPath !== "." && containerPath !== ".."),
  ),
  must(
    "/containerPath",
    'value must not contain "/"',
    ({ persistent, containerPath }) => persistent === undefined || !containerPath.includes("/"),
  ),
  must("/mode", "got RO, expected RW", ({ persistent, mode }) => persistent === undefined || mode === "RW"),
  within("/persistent", ({ persistent }) => persistent, persistentRule),
];

const PROVIDERS = ["dvdi", "csi"];

const EXTERNAL: readonly Rule<AppVolume>[] = [
  must(
    "/external/provider",
    `is not one of (${PROVIDERS.join(",")})`,
    ({ external }) => external === undefined || PROVIDERS.includes(external.provider),
  ),
  must("/external/name", "must not be empty", ({ external }) => external === undefined || Boolean(external.name)),
];

function kindsOf({ hostPath, persistent, external, secret }: AppVolume): number {
  return [hostPath, persistent, external, secret].filter((kind) => kind !== undefined).length;
}
