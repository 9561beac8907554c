import type { Reading } from "../query.ts";
import { shown } from "./reading.ts";
import type { Seen } from "./seen.ts";

/**
 * GET /v2/info, with Marathon's keys and no others: marathon-python fails on each that it does not know. /config has all settings. What Marathon would
 * throttle or wait for and we do not is null; so are the settings of a ZooKeeper that is not there.
 */
export function readInfo({ config, master }: Seen): Reading {
  return shown({
    name: "marathon",
    version: config.version,
    buildref: `meseta-${config.version}`,
    elected: true,
    leader: config.address,
    frameworkId: master.frameworkId ?? null,
    marathon_config: { ...frameworkConfig(config, master.leader), ...paceConfig(config), ...serverConfig(config) },
    zookeeper_config: {
      zk: null,
      zk_compression: null,
      zk_compression_threshold: null,
      zk_connection_timeout: null,
      zk_max_node_size: null,
      zk_max_versions: config.mostVersions,
      zk_session_timeout: null,
      zk_timeout: null,
    },
    http_config: { http_port: portOf(config.address), https_port: null },
  });
}

type Config = Seen["config"];

function frameworkConfig(config: Config, leader: string | undefined) {
  const { definitions } = config;
  return {
    framework_name: config.frameworkName,
    hostname: config.hostname,
    master: leader ?? null,
    ha: true,
    checkpoint: true,
    failover_timeout: config.failoverTimeoutMs / 1000,
    executor: "//cmd",
    features: [...definitions.features].sort(),
    env_vars_prefix: config.environmentPrefix === "" ? null : config.environmentPrefix,
    mesos_role: definitions.defaultRole,
    mesos_user: config.user ?? null,
    mesos_leader_ui_url: leader === undefined ? null : `http://${leader}/`,
    mesos_bridge_name: config.bridgeName,
    default_network_name: definitions.defaultNetworkName ?? null,
    new_group_enforce_role: definitions.newGroupEnforceRole,
    local_port_min: definitions.servicePorts.min,
    local_port_max: definitions.servicePorts.max,
  };
}

/** How fast what is done; times in ms. */
function paceConfig(config: Config) {
  const { mostInstancesPerOffer, timeouts } = config;
  return {
    max_instances_per_offer: Number.isFinite(mostInstancesPerOffer) ? mostInstancesPerOffer : null,
    min_revive_offers_interval: null,
    decline_offer_duration: config.declineMs,
    launch_token: null,
    launch_token_refresh_interval: null,
    offer_matching_timeout: null,
    reconciliation_initial_delay: config.reconciliationDelayMs,
    reconciliation_interval: config.reconciliationIntervalMs,
    scale_apps_initial_delay: null,
    scale_apps_interval: null,
    task_launch_confirm_timeout: timeouts.confirmTimeoutMs,
    task_launch_timeout: timeouts.launchTimeoutMs,
    task_lost_expunge_initial_delay: null,
    task_lost_expunge_interval: null,
    task_reservation_timeout: timeouts.reservationTimeoutMs,
    mesos_heartbeat_interval: null,
    mesos_heartbeat_failure_threshold: null,
  };
}

function serverConfig({ webuiUrl, placement }: Config) {
  return {
    store_cache: true,
    leader_proxy_connection_timeout_ms: null,
    leader_proxy_read_timeout_ms: null,
    on_elected_prepare_timeout: null,
    access_control_allow_origin: null,
    webui_url: webuiUrl ?? null,
    maintenance_mode: placement.maintenance !== undefined,
  };
}

function portOf(address: string): number | null {
  const found = /:(\d+)$/.exec(address);
  return found ? Number(found[1]) : null;
}
