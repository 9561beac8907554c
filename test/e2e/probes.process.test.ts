// Probes: what agents see of tasks goes to the framework that asks for it, from a server on the machine and from one in a network of its own.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { FrameworkInfoCapabilityType, TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type { Probe, Result } from "@meseta/api/mesos/generated/probe.ts";
import type { Event } from "@meseta/api/mesos/generated/scheduler.ts";
import { freePort } from "@meseta/lib/io/free-port.rig.ts";
import { connectScheduler } from "@meseta/sdk/scheduler/connect.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { boxImage } from "../box-image.ts";
import { RunningCluster } from "./local-cluster.ts";

let cluster: RunningCluster;
let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "meseta-probes-"));
  cluster = await RunningCluster.start(["--agents", "1"]);
});
afterAll(async () => {
  await cluster.remove();
  rmSync(dir, { recursive: true });
});

const often = { interval_seconds: 0.1, timeout_seconds: 5 };

it("of a server that is up, then down, then up again each result is told; of its answer no more than was asked for", async () => {
  const www = join(dir, "www");
  const page = join(www, "ok.txt");
  const port = await freePort();
  mkdirSync(www);
  writeFileSync(page, "all well");
  const http = { port, path: "/ok.txt" };
  const probes: Probe[] = [
    { id: "http", type: "HTTP", http, ...often },
    { id: "ready", type: "HTTP", http: { ...http, with_response: true }, until_success: true, ...often },
    { id: "tcp", type: "TCP", tcp: { port }, ...often },
    { id: "command", type: "COMMAND", command: { shell: true, value: `test -e ${page}` }, ...often },
  ];
  const task = { ...server("host", `exec busybox httpd -f -p 127.0.0.1:${port} -h ${www}`), probes };
  const seen = await run("capable", task, ["PROBES"], function* () {
    yield { http: true, tcp: true, command: true, ready: true };
    rmSync(page);
    yield { http: false, tcp: true, command: false, ready: true };
    writeFileSync(page, "again");
    yield { http: true, tcp: true, command: true, ready: true };
  });
  expect(seen.get("ready")!.response).toEqual({ status: 200, content_type: "text/plain", body: "all well" });
  expect(seen.get("http")!.response).toBeUndefined();
});

it("of a server on the loopback of a container's own network they are told as well", async () => {
  const image = boxImage(join(dir, "image"));
  const probes: Probe[] = [
    { id: "http", type: "HTTP", http: { port: 8080, path: "/passwd" }, ...often },
    { id: "gone", type: "HTTP", http: { port: 8080, path: "/nothing" }, ...often },
    { id: "tcp", type: "TCP", tcp: { port: 8080 }, ...often },
    { id: "closed", type: "TCP", tcp: { port: 8081 }, ...often },
    {
      id: "command",
      type: "COMMAND",
      command: { shell: true, value: "cat /etc/passwd | nc 127.0.0.1 8080" },
      ...often,
    },
  ];
  const container: TaskInfo["container"] = { type: "DOCKER", docker: { image, network: "NONE" } };
  const task = { ...server("inside", "exec httpd -f -p 127.0.0.1:8080 -h /etc"), container, probes };
  await run("inside", task, ["PROBES"], function* () {
    yield { http: true, gone: false, tcp: true, closed: false, command: true };
  });
});

it("they go on when the agent has died and is back, under which the task ran on", async () => {
  const www = join(dir, "kept");
  const page = join(www, "ok.txt");
  const port = await freePort();
  mkdirSync(www);
  writeFileSync(page, "all well");
  const probes: Probe[] = [{ id: "http", type: "HTTP", http: { port, path: "/ok.txt" }, ...often }];
  const task = { ...server("kept", `exec busybox httpd -f -p 127.0.0.1:${port} -h ${www}`), probes };
  await run("kept", task, ["PROBES"], function* () {
    yield { http: true };
    cluster.kill("agent-1");
    rmSync(page);
    yield { http: false };
  });
});

it("a framework that does not ask for them hears of none, though its task says what to look at", async () => {
  const port = await freePort();
  const check = { type: "TCP" as const, tcp: { port }, delay_seconds: 0, interval_seconds: 0.1 };
  const probes: Probe[] = [{ id: "tcp", type: "TCP", tcp: { port }, ...often }];
  const task = { ...server("plain", `exec busybox httpd -f -p 127.0.0.1:${port} -h /`), check, probes };
  const types: (string | undefined)[] = [];
  const client = connect("incapable", []);
  for await (const event of launching(client, task)) {
    types.push(event.type);
    // By now the agent has looked at that very port for Mesos' own check.
    if (event.update?.status.check_status?.tcp?.succeeded !== true) continue;
    await client.call({ type: "TEARDOWN" });
    break;
  }
  expect(types).toContain("UPDATE");
  expect(types).not.toContain("PROBED");
});

/** Runs the task until its probes have said each of what is expected, one after another; answers the last result of each. */
async function run(
  name: string,
  task: Omit<TaskInfo, "agent_id">,
  capabilities: FrameworkInfoCapabilityType[],
  expectations: () => Generator<Readonly<Record<string, boolean>>>,
): Promise<Map<string, Result>> {
  const client = connect(name, capabilities);
  const seen = new Map<string, Result>();
  const steps = expectations();
  let wanted = steps.next();
  for await (const { probed } of launching(client, task)) {
    for (const result of probed?.results ?? []) {
      expect(result.task_id).toEqual(task.task_id);
      seen.set(result.probe_id, result);
    }
    if (Object.entries(wanted.value ?? {}).some(([id, up]) => seen.get(id)?.succeeded !== up)) continue;
    wanted = steps.next();
    if (wanted.done !== true) continue;
    await client.call({ type: "TEARDOWN" });
    break;
  }
  return seen;
}

async function* launching(client: ReturnType<typeof connect>, task: Omit<TaskInfo, "agent_id">): AsyncGenerator<Event> {
  let launched = false;
  for await (const event of client.events()) {
    const [offer] = event.offers?.offers ?? [];
    if (offer !== undefined && !launched) {
      launched = true;
      const task_infos = [{ ...task, agent_id: offer.agent_id }];
      await client.accept([offer.id], [{ type: "LAUNCH", launch: { task_infos } }]);
    }
    expect(event.update?.status.state).not.toBe("TASK_FAILED");
    yield event;
  }
}

function connect(name: string, capabilities: FrameworkInfoCapabilityType[]) {
  const all = ["MULTI_ROLE" as const, ...capabilities].map((type) => ({ type }));
  const framework = { user: userInfo().username, name, roles: [name], checkpoint: true, capabilities: all };
  return connectScheduler({ masters: cluster.ready.masters }, { framework });
}

function server(id: string, value: string): Omit<TaskInfo, "agent_id"> {
  return {
    name: id,
    task_id: { value: id },
    resources: [
      { name: "cpus", type: "SCALAR", scalar: { value: 0.1 } },
      { name: "mem", type: "SCALAR", scalar: { value: 32 } },
    ],
    command: { shell: true, value },
  };
}
