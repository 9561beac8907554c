import type { Settings as DefinitionSettings } from "./definition/settings.ts";
import type { KillSettings } from "./instance/kills.ts";
import type { TIMEOUTS } from "./instance/life.ts";
import type { Settings as PlacementSettings } from "./place.ts";

/** All that the operator of an init chose. Source: Marathon's command line; defaults in boot. Times in ms. */
export interface InitConfig {
  readonly definitions: DefinitionSettings;
  readonly placement: PlacementSettings;
  readonly kills: KillSettings;
  readonly timeouts: { readonly [name in keyof typeof TIMEOUTS]: number };
  /** `--name`: of the framework. */
  readonly frameworkName: string;
  /** `--mesos_user`, `--hostname`, `--webui_url`, `--failover_timeout`: of the framework as well. */
  readonly user?: string | undefined;
  readonly hostname: string;
  readonly webuiUrl?: string | undefined;
  readonly failoverTimeoutMs: number;
  readonly principal?: string | undefined;
  /** `--env_vars_prefix`. */
  readonly environmentPrefix: string;
  /** `--mesos_bridge_name`. */
  readonly bridgeName: string;
  /** `--max_instances_per_offer`; Infinity unless said. */
  readonly mostInstancesPerOffer: number;
  /** `--decline_offer_duration`: how long an agent's refused resources are not offered again, unless something new is queued. */
  readonly declineMs: number;
  /** `--max_running_deployments`. */
  readonly mostDeployments: number;
  /** `--zk_max_versions`: how many versions of the root, and so of each definition, can be gone back to. */
  readonly mostVersions: number;
  readonly reconciliationDelayMs: number;
  readonly reconciliationIntervalMs: number;
  /** host:port as clients reach it, for /v2/info and /v2/leader. */
  readonly address: string;
  readonly version: string;
}
