// Secrets that a framework sends by value: no file of the cluster ever holds one, and the tasks have them as long as they run.
import { execFileSync } from "node:child_process";
import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { ContainerInfo, Secret, TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { connectScheduler } from "@meseta/sdk/scheduler/connect.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { boxImage } from "../box-image.ts";
import { RunningCluster } from "./local-cluster.ts";

let cluster: RunningCluster;
let dir: string;
let image: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "meseta-secrets-"));
  image = boxImage(join(dir, "image"));
  cluster = await RunningCluster.start(["--agents", "1"]);
});
afterAll(async () => {
  await cluster.remove();
  rmSync(dir, { recursive: true });
});

const text = "an unguessable sentence";
const secret: Secret = { type: "VALUE", value: { data: Buffer.from(text).toString("base64") } };

it("would be found in a file of the cluster", () => {
  const file = join(cluster.dir, "leak");
  writeFileSync(file, `before ${text} after`);
  expect(leaks()).toEqual([file]);
  rmSync(file);
});

it("stand in no file of master and agent: while their tasks run, when the agent was killed, and after; checks have them throughout", async () => {
  const client = connectScheduler(
    { masters: cluster.ready.masters },
    {
      framework: {
        user: userInfo().username,
        name: "s",
        checkpoint: true,
        roles: ["s"],
        capabilities: [{ type: "MULTI_ROLE" }],
      },
    },
  );
  const volume = { mode: "RO", container_path: "/key", source: { type: "SECRET", secret } } as const;
  const inImage: ContainerInfo = {
    type: "MESOS",
    mesos: { image: { type: "DOCKER", docker: { name: image } } },
    volumes: [volume],
  };
  const tasks = [
    task("plain", "exec sleep 1000"),
    { ...task("image", 'test "$KEY" = "$(cat /key)" && exec sleep 1000'), container: inImage },
  ];
  const codes = new Map<string, number | undefined>();
  const ended = new Set<string>();
  let [launched, killed] = [false, false];
  for await (const { offers, update } of client.events()) {
    const [offer] = offers?.offers ?? [];
    if (offer && !launched) {
      launched = true;
      const task_infos = tasks.map((one) => ({ ...one, agent_id: offer.agent_id }));
      await client.accept([offer.id], [{ type: "LAUNCH", launch: { task_infos } }]);
    }
    const { task_id, check_status, state, message } = update?.status ?? {};
    if (task_id === undefined) continue;
    expect(state, message).not.toBe("TASK_FAILED");
    if (state === "TASK_KILLED") ended.add(task_id.value);
    codes.set(task_id.value, check_status?.command?.exit_code ?? codes.get(task_id.value));
    if (all(codes, 7) && !killed) {
      killed = true;
      expect(leaks()).toEqual([]);
      cluster.kill("agent-1");
      for (const sandbox of globSync(join(cluster.dir, "agent-1", "work", "slaves/*/frameworks/*/executors/*/runs/*")))
        writeFileSync(join(sandbox, "again"), "");
    }
    if (all(codes, 9) && ended.size === 0) {
      expect(leaks()).toEqual([]);
      for (const { task_id } of tasks) await client.call({ type: "KILL", kill: { task_id } });
    }
    if (ended.size < 2) continue;
    await client.call({ type: "TEARDOWN" });
    break;
  }
  await cluster.stop();
  expect(leaks()).toEqual([]);
});

// Its check says 7, then 9 when the second half of the test has begun, and 8 when it has no secret.
function task(id: string, value: string): Omit<TaskInfo, "agent_id"> {
  const variables = [{ name: "KEY", type: "SECRET", secret } as const];
  const environment = { variables };
  const check = 'test -n "$KEY" || exit 8; test -e $MESOS_SANDBOX/again && exit 9; exit 7';
  return {
    name: id,
    task_id: { value: id },
    resources: [
      { name: "cpus", type: "SCALAR", scalar: { value: 0.1 } },
      { name: "mem", type: "SCALAR", scalar: { value: 32 } },
    ],
    command: { shell: true, value, environment },
    check: {
      type: "COMMAND",
      command: { command: { shell: true, value: check, environment } },
      delay_seconds: 0,
      interval_seconds: 0.1,
    },
  };
}

function all(codes: ReadonlyMap<string, number | undefined>, code: number): boolean {
  return codes.size === 2 && [...codes.values()].every((one) => one === code);
}

/** Files of the cluster that hold it, as it is or in base64. */
function leaks(): string[] {
  const input = `${text}\n${secret.value!.data.slice(0, -2)}`;
  try {
    const found = execFileSync("grep", ["-srlF", "-D", "skip", "-f", "-", cluster.dir], { input, encoding: "utf8" });
    return found.trim().split("\n");
  } catch {
    return [];
  }
}
