// Checks of a container that has a network of its own: only from within it is the server on its loopback heard.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { CheckInfo, CheckStatusInfo, TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { connectScheduler } from "@meseta/sdk/scheduler/connect.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { boxImage } from "../box-image.ts";
import { meseta, RunningCluster } from "./local-cluster.ts";

let cluster: RunningCluster;
let dir: string;
let image: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "meseta-checks-"));
  image = boxImage(join(dir, "image"));
  cluster = await RunningCluster.start(["--agents", "1"]);
});
afterAll(async () => {
  await cluster.remove();
  rmSync(dir, { recursive: true });
});

const often = { delay_seconds: 0, interval_seconds: 0.1 };
const checks: Record<string, CheckInfo> = {
  http: { type: "HTTP", http: { port: 8080, path: "/passwd" }, ...often },
  tcp: { type: "TCP", tcp: { port: 8080 }, ...often },
  command: {
    type: "COMMAND",
    command: { command: { shell: true, value: "cat /etc/passwd | nc 127.0.0.1 8080; exit 7" } },
    ...often,
  },
};
const wanted: Record<string, CheckStatusInfo> = {
  http: { type: "HTTP", http: { status_code: 200 } },
  tcp: { type: "TCP", tcp: { succeeded: true } },
  command: { type: "COMMAND", command: { exit_code: 7 } },
};

it("HTTP, TCP and COMMAND look at the container's own loopback, and its traffic is counted", async () => {
  const client = connectScheduler(
    { masters: cluster.ready.masters },
    {
      framework: {
        user: userInfo().username,
        name: "checks",
        roles: ["checks"],
        capabilities: [{ type: "MULTI_ROLE" }],
      },
    },
  );
  const seen = new Map<string, CheckStatusInfo>();
  let launched = false;
  for await (const { offers, update } of client.events()) {
    const [offer] = offers?.offers ?? [];
    if (offer && !launched) {
      launched = true;
      const task_infos = Object.keys(checks).map((id) => ({ ...server(id), agent_id: offer.agent_id }));
      await client.accept([offer.id], [{ type: "LAUNCH", launch: { task_infos } }]);
    }
    const { task_id, check_status, state } = update?.status ?? {};
    expect(state).not.toBe("TASK_FAILED");
    if (task_id && check_status?.type && isEqual(check_status, wanted[task_id.value]))
      seen.set(task_id.value, check_status);
    if (seen.size < 3) continue;
    const [usage] = JSON.parse((await meseta(cluster, "task", "stats", "http", "--json")).out);
    expect(usage.statistics).toMatchObject({ net_rx_bytes: 0, net_tx_errors: 0 });
    await client.call({ type: "TEARDOWN" });
    break;
  }
  expect(Object.fromEntries(seen)).toEqual(wanted);
});

function server(id: string): Omit<TaskInfo, "agent_id"> {
  return {
    name: id,
    task_id: { value: id },
    resources: [
      { name: "cpus", type: "SCALAR", scalar: { value: 0.1 } },
      { name: "mem", type: "SCALAR", scalar: { value: 32 } },
    ],
    command: { shell: true, value: "exec httpd -f -p 127.0.0.1:8080 -h /etc" },
    container: { type: "DOCKER", docker: { image, network: "NONE" } },
    check: checks[id]!,
  };
}

function isEqual(one: CheckStatusInfo, other: CheckStatusInfo | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
