// One framework whose servers drip a byte now and then, and the tasks of others beside it on the same agent.
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { AgentID, TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { connectScheduler } from "@meseta/sdk/scheduler/connect.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { boxImage } from "../box-image.ts";
import { RunningCluster } from "./local-cluster.ts";

let cluster: RunningCluster;
let dir: string;
const dripping = new Set<string>();
/** A registry and a server of files whose answers never end. */
const slow = createServer((request, response) => {
  if (request.method === "HEAD") return void response.end();
  if (request.url === "/file") return void response.end("hello");
  dripping.add(request.url!);
  drip(response);
});
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "meseta-neighbours-"));
  await new Promise<void>((resolve) => slow.listen(0, "127.0.0.1", resolve));
  cluster = await RunningCluster.start(["--agents", "1"]);
});
afterAll(async () => {
  slow.closeAllConnections();
  slow.close();
  await cluster.remove();
  rmSync(dir, { recursive: true });
});

function drip(response: ServerResponse): void {
  response.writeHead(200, { "content-length": 1e6 });
  const timer = setInterval(() => response.write("x"), 1000);
  response.on("close", () => clearInterval(timer));
}

const host = () => `127.0.0.1:${(slow.address() as AddressInfo).port}`;

it("a neighbour's tasks start while another framework's 16 fetches and 6 pulls drip", async () => {
  const hogging = run("hog", (agent) => [
    ...Array.from({ length: 16 }, (_, i) => fetching(`fetch-${i}`, agent, `drip/${i}`)),
    ...Array.from({ length: 6 }, (_, i) => pulling(`pull-${i}`, agent, `${host()}/${i}:1`)),
  ]);
  const of = (kind: string) => [...dripping].filter((path) => path.includes(kind)).length;
  await expect.poll(() => of("/drip"), { timeout: 60_000 }).toBeGreaterThanOrEqual(3);
  await expect.poll(() => of("/v2/"), { timeout: 60_000 }).toBe(3);
  const image = boxImage(join(dir, "image"));
  const neighbour = run("neighbour", (agent) => [fetching("fetched", agent, "file"), pulling("pulled", agent, image)]);
  expect(await neighbour.ended).toEqual({ fetched: "TASK_FINISHED", pulled: "TASK_FINISHED" });
  expect(hogging.states).toEqual({});
  await hogging.stop();
});

/** A framework that launches its tasks once, and how they went; what only starts does not count. */
function run(name: string, tasks: (agent: AgentID) => TaskInfo[]) {
  const client = connectScheduler(
    { masters: cluster.ready.masters },
    { framework: { user: userInfo().username, name, roles: [name], capabilities: [{ type: "MULTI_ROLE" }] } },
  );
  const states: Record<string, string> = {};
  let wanted: TaskInfo[] | undefined;
  const follow = async () => {
    for await (const { offers, update } of client.events()) {
      const [offer] = offers?.offers ?? [];
      if (offer && wanted === undefined) {
        wanted = tasks(offer.agent_id);
        await client.accept([offer.id], [{ type: "LAUNCH", launch: { task_infos: wanted } }], { refuse_seconds: 3600 });
      }
      const { state, task_id } = update?.status ?? {};
      if (task_id && state !== "TASK_STARTING" && state !== "TASK_RUNNING") states[task_id.value] = state!;
      if (wanted === undefined || Object.keys(states).length < wanted.length) continue;
      await client.call({ type: "TEARDOWN" });
      break;
    }
    return states;
  };
  const ended = follow();
  ended.catch(() => {});
  return { states, ended, stop: () => client.call({ type: "TEARDOWN" }) };
}

function task(id: string, agent_id: AgentID): TaskInfo {
  const scalar = (name: string, value: number) => ({ name, type: "SCALAR" as const, scalar: { value } });
  return { name: id, task_id: { value: id }, agent_id, resources: [scalar("cpus", 0.01), scalar("mem", 1)] };
}

function fetching(id: string, agent: AgentID, path: string): TaskInfo {
  const uris = [{ value: `http://${host()}/${path}`, output_file: "file", extract: false }];
  return { ...task(id, agent), command: { value: "test -s file", uris } };
}

function pulling(id: string, agent: AgentID, name: string): TaskInfo {
  const container = { type: "MESOS" as const, mesos: { image: { type: "DOCKER" as const, docker: { name } } } };
  return { ...task(id, agent), command: { value: "true" }, container };
}
