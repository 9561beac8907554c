import { INIT_BOUNDS } from "../bounds.ts";

/** What the operator of an init chose, as far as definitions depend on it. Source: Marathon's command line. */
export interface Settings {
  /** `--enable_features`. */
  readonly features: ReadonlySet<Feature>;
  /** `--mesos_role`. */
  readonly defaultRole: string;
  /** `--default_network_name`. */
  readonly defaultNetworkName?: string;
  /** `--new_group_enforce_role`. */
  readonly newGroupEnforceRole: "off" | "top";
  /** `--accepted_resource_roles_default_behavior`. */
  readonly acceptedResourceRolesDefault: "any" | "unreserved" | "reserved";
  /** `--max-apps`: apps and pods. */
  readonly mostServices: number;
  /** `--local_port_min` and `--local_port_max`: the service ports that are given out, both included. */
  readonly servicePorts: { readonly min: number; readonly max: number };
}

export type Feature =
  | "external_volumes"
  | "gpu_resources"
  | "secrets"
  | "task_killing"
  | "vips"
  /** Deprecated: acceptedResourceRoles that are not allowed are dropped instead of refused. */
  | "sanitize_accepted_resource_roles";

export const DEFAULT_SETTINGS: Settings = {
  features: new Set(),
  defaultRole: "*",
  newGroupEnforceRole: "off",
  acceptedResourceRolesDefault: "any",
  mostServices: INIT_BOUNDS.services.most,
  servicePorts: { min: 10000, max: 20000 },
};

/** How Marathon says that a feature is off, its missing bracket included: clients compare the text. */
export function featureMissing(feature: Feature): string {
  return `Feature ${feature} is not enabled. Enable with --enable_features ${feature})`;
}
