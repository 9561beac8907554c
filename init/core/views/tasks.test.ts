import type { App } from "@meseta/api/marathon/app.ts";
import { expect, test } from "vitest";
import { putHealth } from "../health/instance-health.ts";
import { anApp } from "../plan/specs.rig.ts";
import { Rig } from "./state.rig.ts";

const V = "2026-01-05T10:00:00.000Z";
const WEB = anApp("/shop/web", { instances: 2 });
const tasks = (rig: Rig, states: string[] = []) =>
  (rig.json({ kind: "tasks", states }) as { tasks: Record<string, unknown>[] }).tasks;
const text = (rig: Rig, ...containerNetworks: string[]) =>
  rig.read({ kind: "tasks", states: [], text: { containerNetworks } }).text;

test("without tasks there is an empty list", () => {
  expect(new Rig([WEB]).read({ kind: "tasks", states: [] }).text).toBe(`{"tasks":[]}`);
});

test("all tasks of all apps are listed, or those that are running or staging", () => {
  const db = anApp("/db");
  const rig = new Rig([WEB, db]);
  const running = rig.running(WEB, [31007]);
  const waiting = rig.add(WEB);
  const starting = rig.status(db, rig.launch(db), { state: "TASK_STARTING" });
  const lost = rig.status(db, rig.running(db), { state: "TASK_UNREACHABLE" });
  const ids = (...states: string[]) => tasks(rig, states).map(({ id }) => String(id).replace("._app.1", ""));
  expect(ids()).toEqual([running, waiting, starting, lost]);
  expect(ids("running")).toEqual([running]);
  expect(ids("STAGING")).toEqual([waiting, starting]);
  expect(ids("running", "staging")).toEqual([running, waiting, starting]);
  expect(ids("nonsense")).toHaveLength(4);
});

test("what checks said is shown from their first result on", () => {
  const rig = new Rig([WEB]);
  const id = rig.running(WEB, [31007]);
  expect(tasks(rig)[0]).not.toHaveProperty("healthCheckResults");
  const record = { firstSuccessMs: rig.nowMs, lastSuccessMs: rig.nowMs + 1500, consecutiveFailures: 0 };
  putHealth(rig.state, rig.get(WEB, id)!, { incarnation: 1, checks: { 0: record }, seen: {} });
  expect(tasks(rig)[0]!["healthCheckResults"]).toEqual([
    {
      alive: true,
      consecutiveFailures: 0,
      firstSuccess: V,
      lastSuccess: "2026-01-05T10:00:01.500Z",
      lastFailure: null,
      lastFailureCause: null,
      instanceId: id,
    },
  ]);
});

test("a check that only reports, an agent's place and kept volumes are shown", () => {
  const rig = new Rig([WEB]);
  const id = rig.running(WEB, [31007], { check_status: { type: "HTTP", http: { status_code: 204 } } });
  const instance = rig.get(WEB, id)!;
  const host = { ...instance.host!, region: "east", zone: "a" };
  const kept = { labels: {}, volumeIds: ["shop_web#data#u1"], host, sinceMs: 0, isUsed: true };
  rig.serviceOf(WEB).instances.set(id, { ...instance, host, kept });
  expect(tasks(rig)[0]).toMatchObject({
    checkResult: { http: { statusCode: 204 } },
    region: "east",
    zone: "a",
    localVolumes: [{ runSpecId: "/shop/web", containerPath: "data", uuid: "u1", persistenceId: "shop_web#data#u1" }],
  });
});

test("ports that are only in the container are none of the host", () => {
  const rig = new Rig([WEB]);
  rig.running(WEB, [31007, null, 31009]);
  expect(tasks(rig)[0]!["ports"]).toEqual([31007, 31009]);
});

test("load balancers of old get one line for each port, with the running tasks", () => {
  const two = [10000, 10001].map((port) => ({ port, protocol: "tcp" as const, labels: {} }));
  const api = anApp("/api", { portDefinitions: two });
  const none = anApp("/batch", { portDefinitions: [] });
  const idle = anApp("/idle", { portDefinitions: [two[0]!] });
  const rig = new Rig([api, none, idle]);
  rig.running(api, [31000, 31001]);
  rig.running(api, [31002, 31003]);
  rig.launch(api);
  rig.running(none);
  expect(text(rig)).toBe(
    [
      "api\t10000\t10.0.0.7:31000\t10.0.0.7:31002",
      "api\t10001\t10.0.0.7:31001\t10.0.0.7:31003",
      "batch\t \t10.0.0.7",
      "idle\t10000",
      "",
    ].join("\n"),
  );
});

test("the same lines are there for one app, and for those of a group", () => {
  const rig = new Rig([WEB, anApp("/shop/api"), anApp("/other")]);
  rig.running(WEB, [31007]);
  const form = { containerNetworks: [] };
  const lines = (of: { app: string } | { group: string }) => rig.read({ kind: "app-tasks", of, text: form });
  expect(lines({ app: "/shop/web" })).toMatchObject({ status: 200, text: "shop_web\t10000\t10.0.0.7:31007\n" });
  expect(lines({ group: "/shop" }).text).toBe("shop_web\t10000\t10.0.0.7:31007\nshop_api\t10000\n");
  expect(lines({ group: "/" }).text).toBe(text(rig));
  expect(lines({ app: "/none" })).toMatchObject({ status: 404, text: `{"message":"App '/none' does not exist"}` });
});

test("a port without one of the host is served at the container's own address", () => {
  const mapping = { containerPort: 80, servicePort: 10000, protocol: "tcp", labels: {}, networkNames: [] } as const;
  const app: App = anApp("/own", {
    networks: [{ mode: "container", name: "net", labels: {} }],
    portDefinitions: [],
    container: { type: "MESOS", portMappings: [mapping], volumes: [] },
  });
  const rig = new Rig([app]);
  rig.running(app, [null], {
    container_status: { network_infos: [{ ip_addresses: [{ ip_address: "192.168.1.2" }] }] },
  });
  expect(text(rig)).toBe("own\t10000\t192.168.1.2:80\n");
});

test("tasks of the container networks that are named are shown at their own addresses", () => {
  const mapping = {
    containerPort: 80,
    hostPort: 0,
    servicePort: 10000,
    protocol: "tcp",
    labels: {},
    networkNames: [],
  } as const;
  const app: App = anApp("/own", {
    networks: [{ mode: "container", name: "net", labels: {} }],
    portDefinitions: [],
    container: { type: "MESOS", portMappings: [mapping], volumes: [] },
  });
  const rig = new Rig([app]);
  rig.running(app, [31000], {
    container_status: { network_infos: [{ ip_addresses: [{ ip_address: "192.168.1.2" }] }] },
  });
  for (const named of [[], ["other"]]) expect(text(rig, ...named)).toBe("own\t10000\t10.0.0.7:31000\n");
  for (const named of [["net"], ["*"]]) expect(text(rig, ...named)).toBe("own\t10000\t192.168.1.2:80\n");
});
