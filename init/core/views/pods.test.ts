import type { Pod, PodContainer } from "@meseta/api/marathon/pod.ts";
import type { PodStatus } from "@meseta/api/marathon/pod-status.ts";
import { expect, test } from "vitest";
import { withTermination } from "../instance/termination.ts";
import { aPod } from "../plan/specs.rig.ts";
import { Rig } from "./state.rig.ts";

const V = "2026-01-05T10:00:00.000Z";
const [BASE] = aPod("/x").containers as [PodContainer];
const CHECK = {
  http: { endpoint: "web", path: "/", scheme: "HTTP" },
  gracePeriodSeconds: 0,
  intervalSeconds: 10,
  timeoutSeconds: 5,
  maxConsecutiveFailures: 3,
  delaySeconds: 0,
} as const;
const ENDPOINT = { name: "web", containerPort: 80, hostPort: 0, protocol: ["tcp"], labels: {}, networkNames: [] };
const POD = aPod("/shop/pod", {
  containers: [
    { ...BASE, name: "front", endpoints: [ENDPOINT], healthCheck: CHECK },
    { ...BASE, name: "side", resources: { cpus: 0.1, mem: 32, disk: 1, gpus: 0 } },
  ],
  networks: [{ mode: "container", name: "net", labels: {} }],
});
const status = (rig: Rig, id = "/shop/pod") => rig.json({ kind: "pod-status", id }) as PodStatus;
const ADDRESS = { network_infos: [{ name: "net", ip_addresses: [{ ip_address: "192.168.1.2" }] }] };

test("pods are shown as they were defined, without what is ours", () => {
  const rig = new Rig([POD]);
  const [listed] = rig.json({ kind: "pods" }) as [Pod];
  expect(listed).toMatchObject({ id: "/shop/pod", labels: {}, networks: [{ mode: "container", name: "net" }] });
  expect(listed).not.toHaveProperty("versionInfo");
  expect(rig.json({ kind: "pod", id: "/shop/pod" })).toEqual(listed);
  expect(rig.read({ kind: "pod", id: "/no" })).toEqual({
    status: 404,
    text: `{"message":"pod with /no does not exist"}`,
  });
});

test("a pod that runs is stable, and tells of its containers, endpoints and networks", () => {
  const rig = new Rig([POD]);
  const id = rig.running(POD, [31000], { healthy: true, container_status: ADDRESS, timestamp: rig.nowMs / 1000 });
  const since = { lastUpdated: V, lastChanged: V };
  const task = (name: string) => ({
    name,
    status: "TASK_RUNNING",
    statusSince: V,
    containerId: `${id}.${name}.1`,
    ...since,
  });
  expect(status(rig)).toEqual({
    id: "/shop/pod",
    spec: rig.json({ kind: "pod", id: "/shop/pod" }),
    status: "STABLE",
    statusSince: V,
    instances: [
      {
        id,
        status: "STABLE",
        statusSince: V,
        conditions: [],
        agentHostname: "10.0.0.7",
        agentId: "S1",
        resources: { cpus: 1.2, mem: 192, disk: 11, gpus: 0 },
        networks: [{ name: "net", addresses: ["192.168.1.2"] }],
        containers: [
          {
            ...task("front"),
            conditions: [{ name: "healthy", value: "true", reason: "health-reported-by-mesos", ...since }],
            endpoints: [{ name: "web", allocatedHostPort: 31000, healthy: true }],
            resources: { cpus: 1, mem: 128, disk: 0, gpus: 0 },
          },
          { ...task("side"), conditions: [], endpoints: [], resources: { cpus: 0.1, mem: 32, disk: 1, gpus: 0 } },
        ],
        specReference: `/v2/pods/shop/pod::versions/${V}`,
        localVolumes: [],
        role: "*",
        ...since,
      },
    ],
    terminationHistory: [],
    ...since,
  });
});

test.each([
  ["PENDING", (rig: Rig) => rig.add(POD)],
  ["PENDING", (rig: Rig) => rig.launch(POD)],
  ["STAGING", (rig: Rig) => rig.status(POD, rig.launch(POD), { state: "TASK_STAGING" })],
  ["STAGING", (rig: Rig) => rig.status(POD, rig.launch(POD), { state: "TASK_STARTING" })],
  ["DEGRADED", (rig: Rig) => rig.running(POD)],
  ["DEGRADED", (rig: Rig) => rig.running(POD, [], { healthy: false })],
  ["STABLE", (rig: Rig) => rig.running(POD, [], { healthy: true })],
  ["DEGRADED", (rig: Rig) => rig.status(POD, rig.running(POD), { state: "TASK_UNREACHABLE" })],
  ["TERMINAL", (rig: Rig) => rig.status(POD, rig.running(POD), { state: "TASK_KILLING" })],
  ["TERMINAL", (rig: Rig) => rig.status(POD, rig.running(POD), { state: "TASK_FAILED" }, "side")],
] as const)("an instance is %s when its tasks are so far", (expected, make) => {
  const pod = { ...POD, scheduling: { ...POD.scheduling, unreachableStrategy: "disabled" } } as Pod;
  const rig = new Rig([pod]);
  make(rig);
  const { status: overall, instances } = status(rig);
  expect(instances.map((one) => one.status)).toEqual([expected]);
  expect(overall).toBe(expected === "STABLE" ? "STABLE" : "DEGRADED");
});

test("what waits for its first launch has no containers and no agent yet", () => {
  const rig = new Rig([POD]);
  rig.add(POD);
  const [instance] = status(rig).instances;
  expect(instance).toMatchObject({ containers: [], networks: [], resources: { mem: 192 } });
  expect(instance).not.toHaveProperty("agentId");
  expect(status(rig)).toMatchObject({ status: "DEGRADED", message: "0 of 1 instances are stable" });
});

test("a container that is over says how", () => {
  const rig = new Rig([POD]);
  const id = rig.running(POD, [], { healthy: true });
  rig.status(POD, id, { state: "TASK_FAILED", message: "Command exited with status 3" }, "side");
  const [{ containers, message }] = status(rig).instances as [PodStatus["instances"][number]];
  expect(message).toBe("Command exited with status 3");
  expect(containers[1]).toMatchObject({
    status: "TASK_FAILED",
    termination: { exitCode: 3, message: "Command exited with status 3" },
  });
  expect(containers[0]).not.toHaveProperty("termination");
});

test("how the last launches ended is remembered", () => {
  const rig = new Rig([POD]);
  const id = rig.running(POD);
  const service = rig.serviceOf(POD);
  service.terminations = withTermination(undefined, rig.get(POD, id)!, rig.nowMs + 1000);
  expect(status(rig).terminationHistory).toEqual([
    {
      instanceID: id,
      startedAt: V,
      terminatedAt: "2026-01-05T10:00:01.000Z",
      containers: ["front", "side"].map((name) => ({
        containerId: `${id}.${name}.1`,
        lastKnownState: "TASK_RUNNING",
        termination: {},
      })),
    },
  ]);
});

test("a pod that is being removed is shown as ending for as long as it has instances", () => {
  const rig = new Rig([POD]);
  rig.running(POD);
  rig.state.olderSpecs.set(POD.id, new Map([[POD.version, POD]]));
  rig.want([]);
  expect(status(rig)).toMatchObject({ id: "/shop/pod", status: "TERMINAL", instances: [{ status: "DEGRADED" }] });
  expect(rig.json({ kind: "pod-statuses" })).toEqual([]);
  rig.serviceOf(POD).instances.clear();
  expect(rig.read({ kind: "pod-status", id: "/shop/pod" }).status).toBe(404);
});

test("an instance refers to the definition that it was launched with", () => {
  const rig = new Rig([POD]);
  rig.running(POD, [31000]);
  rig.state.olderSpecs.set(POD.id, new Map([[POD.version, POD]]));
  const next = aPod("/shop/pod", { version: "2026-01-05T11:00:00.000Z" });
  rig.want([next]);
  expect(status(rig)).toMatchObject({
    spec: { version: next.version, containers: [{ name: "main" }] },
    instances: [
      { specReference: `/v2/pods/shop/pod::versions/${V}`, containers: [{ name: "front" }, { name: "side" }] },
    ],
  });
});
