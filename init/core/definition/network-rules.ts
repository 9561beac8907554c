import type { Network } from "@meseta/api/marathon/network.ts";
import { all, isUnique, must, type Rule } from "./rule.ts";

/** What networks may stand together, for apps and pods. Source: Marathon's network validation, texts included. */
export const networkRules: Rule<readonly Network[]> = all<readonly Network[]>([
  must("", "Host networks may not have names or labels", (networks) =>
    of(networks, "host").every(({ name, labels }) => !name && Object.keys(labels).length === 0),
  ),
  must("", "Bridge networks may not have names", (networks) =>
    of(networks, "container/bridge").every(({ name }) => !name),
  ),
  must("", "Duplicate networks are not allowed", (networks) =>
    isUnique(of(networks, "container").map(({ name }) => name)),
  ),
  must(
    "",
    "May specify a single host network, single bridge network, or else 1-to-n container networks",
    (networks) => networks.length === 1 || of(networks, "container").length === networks.length,
  ),
  must("", "Network name must be specified when container network is selected.", (networks) =>
    of(networks, "container").every(({ name }) => name !== undefined),
  ),
]);

export const NETWORK_NAME_NEEDED =
  "networkNames must be a single item list when hostPort is specified and more than 1 container network is defined";

/** How many networks of mode `container` there are. */
export function containerNetworks(networks: readonly Network[]): number {
  return of(networks, "container").length;
}

/** The names that a port's networkNames may hold. */
export function namesOf(networks: readonly Network[]): string[] {
  return networks.flatMap(({ name }) => name ?? []);
}

/** The rule for a port's networkNames on these networks. */
export function networkNameRule(networks: readonly Network[]): Rule<string> {
  const names = namesOf(networks);
  return must("", `is not one of (${names.join(",")})`, (name) => names.includes(name));
}

function of(networks: readonly Network[], mode: Network["mode"]): readonly Network[] {
  return networks.filter((network) => network.mode === mode);
}
