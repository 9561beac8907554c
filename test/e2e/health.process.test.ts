// Health and readiness of an app on a real cluster: the agent asks, init counts, clients see.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HealthCheckResult, ReadinessCheckResult, Task } from "@meseta/api/marathon/task.ts";
import { InitClient, type InitNotice } from "@meseta/sdk/init/client.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { RunningCluster } from "./local-cluster.ts";

const SLOW = { timeout: 60_000, interval: 50 };

let cluster: RunningCluster;
let init: InitClient;
let www: string;
const notices: InitNotice[] = [];
beforeAll(async () => {
  www = mkdtempSync(join(tmpdir(), "meseta-health-"));
  mkdirSync(join(www, "app"));
  cluster = await RunningCluster.start(["--agents", "1"]);
  init = new InitClient([cluster.ready.init!]);
  await new Promise<void>((resolve) => void hear(resolve));
});
afterAll(async () => {
  init.close();
  await cluster.remove();
  rmSync(www, { recursive: true });
});

it("an app is deployed when it says that it is ready, and not before; each of its checks says that it is well", async () => {
  page("health", "fine");
  await init.change({ method: "POST", path: "/v2/apps", body: app(), what: "add" });
  await expect.poll(async () => (await readiness())[0]?.lastResponse?.status, SLOW).toBe(404);
  expect(await readiness()).toMatchObject([{ name: "readinessCheck", ready: false }]);
  await expect.poll(alive, SLOW).toEqual([true, true, true]);
  expect(await init.get("/v2/deployments")).toHaveLength(1);
  page("ready", "yes");
  await expect.poll(() => init.get("/v2/deployments"), SLOW).toEqual([]);
  expect(await shown()).toMatchObject({ tasksRunning: 1, tasksHealthy: 1, tasksUnhealthy: 0 });
  expect(typesHeard()).toEqual(
    expect.arrayContaining([
      "add_health_check_event",
      "health_status_changed_event",
      "instance_health_changed_event",
      "deployment_success",
    ]),
  );
});

it("an instance that is not well is ended and comes back, and what it says then counts", async () => {
  const [before] = (await shown()).tasks;
  rmSync(join(www, "app", "health"));
  await expect
    .poll(() => heard("unhealthy_instance_kill_event"), SLOW)
    .toMatchObject([{ appId: "/web", taskId: before!.id, reason: "HTTP status 404" }]);
  page("health", "fine again");
  const firstOfAll = before!.id.replace(/\d+$/, "1");
  await expect
    .poll(async () => (await shown()).tasks[0]!.id !== firstOfAll && (await alive()), SLOW)
    .toEqual([true, true, true]);
  expect(heard("failed_health_check_event")).not.toEqual([]);
  expect(typesHeard().indexOf("failed_health_check_event")).toBeLessThan(
    typesHeard().indexOf("unhealthy_instance_kill_event"),
  );
});

it("a new leader hears of health by itself, and leaves alone who is well", async () => {
  const [before] = (await shown()).tasks;
  process.kill(cluster.pidOf("init"), "SIGKILL");
  await expect.poll(async () => (await alive().catch(() => [])).length, SLOW).toBe(3);
  expect((await shown()).tasks[0]!.id).toBe(before!.id);
  expect(await shown()).toMatchObject({ tasksHealthy: 1 });
});

function app() {
  const often = { intervalSeconds: 1, timeoutSeconds: 1, gracePeriodSeconds: 60, maxConsecutiveFailures: 2 };
  return {
    id: "/web",
    cmd: `exec busybox httpd -f -p 127.0.0.1:$PORT0 -h ${join(www, "app")}`,
    cpus: 0.1,
    mem: 32,
    backoffSeconds: 1,
    healthChecks: [
      { protocol: "HTTP", path: "/health", portIndex: 0, ...often },
      { protocol: "TCP", portIndex: 0, ...often },
      { protocol: "COMMAND", command: { value: "true" }, delaySeconds: 0, ...often },
    ],
    readinessChecks: [
      {
        ...{ path: "/ready", portName: "default", intervalSeconds: 2, timeoutSeconds: 1 },
        preserveLastResponse: true,
      },
    ],
  };
}

function page(name: string, text: string): void {
  writeFileSync(join(www, "app", name), text);
}

interface Shown {
  readonly tasks: readonly Task[];
  readonly readinessCheckResults: readonly ReadinessCheckResult[];
}

async function shown(): Promise<Shown> {
  const path = "/v2/apps?embed=apps.tasks&embed=apps.counts&embed=apps.readiness";
  return (await init.get<{ apps: [Shown] }>(path)).apps[0];
}

async function readiness(): Promise<readonly ReadinessCheckResult[]> {
  return (await shown()).readinessCheckResults;
}

async function alive(): Promise<boolean[]> {
  const results: readonly HealthCheckResult[] = (await shown()).tasks[0]?.healthCheckResults ?? [];
  return results.map((result) => result.alive);
}

async function hear(opened: () => void): Promise<void> {
  // It ends with the init that is killed below.
  try {
    for await (const notice of init.events([], opened)) notices.push(notice);
  } catch {}
}

function heard(type: string): InitNotice[] {
  return notices.filter(({ eventType }) => eventType === type);
}

function typesHeard(): string[] {
  return notices.map(({ eventType }) => eventType);
}
