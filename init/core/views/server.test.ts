import { expect, test } from "vitest";
import { DEFAULT_SETTINGS } from "../definition/settings.ts";
import { anApp, aPod, aTree } from "../plan/specs.rig.ts";
import { planOf } from "../plan.ts";
import { Rig } from "./state.rig.ts";

const V = "2026-01-05T10:00:00.000Z";

test("a running deployment is listed until it ends, and each app that it acts on names it", () => {
  const [web, pod] = [anApp("/web"), aPod("/pod")];
  const rig = new Rig([web, pod, anApp("/other")]);
  expect(rig.json({ kind: "deployments" })).toEqual([]);
  const plan = planOf(aTree([]), aTree([web, pod]), { id: "d1", version: V });
  rig.state.deployments.start(plan, { force: false }, rig.nowMs);
  expect(rig.json({ kind: "deployments" })).toEqual([
    {
      id: "d1",
      version: V,
      affectedApps: ["/web"],
      affectedPods: ["/pod"],
      steps: [
        {
          actions: [
            { action: "StartPod", pod: "/pod" },
            { action: "StartApplication", app: "/web" },
          ],
        },
        {
          actions: [
            { action: "ScalePod", pod: "/pod" },
            { action: "ScaleApplication", app: "/web" },
          ],
        },
      ],
      currentActions: [
        { action: "StartPod", pod: "/pod", readinessCheckResults: [] },
        { action: "StartApplication", app: "/web", readinessCheckResults: [] },
      ],
      currentStep: 1,
      totalSteps: 2,
    },
  ]);
  const { apps } = rig.json({ kind: "apps", filter: {}, embed: [] }) as { apps: { deployments: unknown }[] };
  expect(apps.map(({ deployments }) => deployments)).toEqual([[{ id: "d1" }], []]);
  rig.state.deployments.cancel("d1", "");
  expect(rig.json({ kind: "deployments" })).toEqual([]);
});

test("readiness is told with the deployment and with the app", () => {
  const check = { name: "ready", protocol: "HTTP", path: "/", portName: "default", intervalSeconds: 30 } as const;
  const rest = { timeoutSeconds: 10, httpStatusCodesForReady: [200], preserveLastResponse: false };
  const web = anApp("/web", { readinessChecks: [{ ...check, ...rest }] });
  const rig = new Rig([web]);
  const id = rig.running(web);
  rig.state.deployments.start(planOf(aTree([]), aTree([web]), { id: "d1", version: V }), { force: false }, rig.nowMs);
  const told = () => [
    (rig.json({ kind: "deployments" }) as { currentActions: object[] }[])[0]!.currentActions,
    rig.json({ kind: "app", id: "/web", embed: ["app.readiness"] }),
  ];
  expect(told()).toMatchObject([[{ readinessCheckResults: [] }], { app: { readinessCheckResults: [] } }]);
  rig.happens(web, id, { type: "ready" });
  const results = [{ name: "ready", taskId: `${id}._app.1`, ready: true }];
  expect(told()).toMatchObject([[{ readinessCheckResults: results }], { app: { readinessCheckResults: results } }]);
});

test("/v2/info says what is in force", () => {
  const features = new Set(["vips", "gpu_resources"] as const);
  const rig = new Rig([], { definitions: { ...DEFAULT_SETTINGS, features, defaultRole: "web" } });
  expect(rig.json({ kind: "info" })).toMatchObject({
    name: "marathon",
    version: "0.1.0",
    elected: true,
    leader: "10.0.0.1:8080",
    frameworkId: "f-1",
    marathon_config: {
      framework_name: "marathon",
      master: "m1:5050",
      features: ["gpu_resources", "vips"],
      mesos_role: "web",
      mesos_user: "root",
      failover_timeout: 604800,
      local_port_min: 10000,
      local_port_max: 20000,
      max_instances_per_offer: null,
      launch_token: null,
      decline_offer_duration: 120000,
      task_launch_timeout: 300000,
      webui_url: null,
    },
    zookeeper_config: { zk_max_versions: 50 },
    http_config: { http_port: 8080, https_port: null },
  });
});

test("the keys of Marathon's /v2/info are there, and no others", () => {
  const info = new Rig().json({ kind: "info" }) as Record<string, object>;
  expect(Object.keys(info["marathon_config"]!).sort()).toEqual(KEYS.split(" ").sort());
});

const KEYS =
  `framework_name hostname master ha checkpoint failover_timeout executor features env_vars_prefix mesos_role mesos_user mesos_leader_ui_url
mesos_bridge_name default_network_name new_group_enforce_role local_port_min local_port_max max_instances_per_offer min_revive_offers_interval
decline_offer_duration launch_token launch_token_refresh_interval offer_matching_timeout reconciliation_initial_delay reconciliation_interval
scale_apps_initial_delay scale_apps_interval store_cache task_launch_confirm_timeout task_launch_timeout task_lost_expunge_initial_delay
task_lost_expunge_interval task_reservation_timeout mesos_heartbeat_interval mesos_heartbeat_failure_threshold leader_proxy_connection_timeout_ms
leader_proxy_read_timeout_ms on_elected_prepare_timeout access_control_allow_origin webui_url maintenance_mode`.replaceAll(
    "\n",
    " ",
  );
