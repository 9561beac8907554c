import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { FrameworkInfo, TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { LaunchedContainers } from "@meseta/drivers/container/containers.ts";
import { SandboxFetcher } from "@meseta/drivers/fetch/fetcher.ts";
import { openSqliteInline } from "@meseta/drivers/store/sqlite/inline.ts";
import { silentLog } from "@meseta/lib/core/ports/log.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AGENT_DEFAULTS } from "../../core/agent/state.ts";
import { MasterRig } from "./master.rig.ts";
import { type RunningAgent, startAgent } from "./server.ts";

const FRAMEWORK: FrameworkInfo = {
  user: userInfo().username,
  name: "test",
  id: { value: "rig-0000" },
  checkpoint: true,
  roles: ["test"],
  capabilities: [{ type: "MULTI_ROLE" }, { type: "PARTITION_AWARE" }],
};

let dir: string;
let master: MasterRig;
let agent: RunningAgent;

beforeEach(async () => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "agent-")));
  master = await MasterRig.open();
  agent = await start();
  await master.until(() => master.subscriptions.length === 1);
});

afterEach(async () => {
  await agent.stop();
  await master.close();
  await endLauncher();
  rmSync(dir, { recursive: true, force: true });
});

/** Ends all that a test left running, and the launcher that outlives its agents. */
async function endLauncher(): Promise<void> {
  const left = new Set<string>();
  const ended = Promise.withResolvers<void>();
  const driver = await LaunchedContainers.open({
    dir: join(dir, "launcher"),
    cgroups: "none",
    on: ({ type, id }) => type === "exited" && left.delete(id) && left.size === 0 && ended.resolve(),
  });
  for (const { id, exit } of await driver.recover()) if (exit === undefined) left.add(id);
  for (const id of left) driver.destroy(id);
  if (left.size > 0) await ended.promise;
  await driver.stop();
}

function start(): Promise<RunningAgent> {
  let driver: LaunchedContainers;
  const { username } = userInfo();
  return startAgent(
    {
      host: "127.0.0.1",
      port: 0,
      masters: [master.url],
      config: {
        ...AGENT_DEFAULTS,
        hostname: "127.0.0.1",
        ip: "127.0.0.1",
        version: "1.12.0",
        workDir: join(dir, "work"),
        resources: [
          { name: "cpus", type: "SCALAR", scalar: { value: 8 } },
          { name: "mem", type: "SCALAR", scalar: { value: 8192 } },
        ],
        user: username,
        rootTasks: true,
        executorReregistrationTimeoutMs: 60_000,
        flags: {},
      },
    },
    {
      store: openSqliteInline(join(dir, "store.db")),
      log: silentLog,
      clock: { nowMs: () => Date.now() },
      openContainers: async (on) => {
        driver = await LaunchedContainers.open({ dir: join(dir, "launcher"), on, cgroups: "none" });
        return driver;
      },
      openFetcher: () =>
        new SandboxFetcher({
          programs: driver.programs,
          userOf: () => undefined,
          rootAllowed: true,
          cacheDir: join(dir, "fetch"),
          cacheBytes: 1 << 20,
        }),
      left() {},
      fatal(reason) {
        throw reason;
      },
    },
  );
}

function task(id: string, command: string, more: Partial<TaskInfo> = {}): TaskInfo {
  const scalar = (name: string, value: number) => ({
    name,
    type: "SCALAR" as const,
    scalar: { value },
    allocation_info: { role: "test" },
  });
  return {
    name: id,
    task_id: { value: id },
    agent_id: { value: "rig-S0" },
    resources: [scalar("cpus", 0.1), scalar("mem", 32)],
    command: { value: command },
    ...more,
  };
}

function sandboxOf(taskId: string): string {
  return join(dir, `work/slaves/rig-S0/frameworks/rig-0000/executors/${taskId}/runs/latest`);
}

async function get(path: string): Promise<{ status: number; text: string }> {
  const answer = await fetch(agent.url + path);
  return { status: answer.status, text: await answer.text() };
}

describe("an agent with its launcher", () => {
  test("runs a command to its end, with its output in its sandbox", async () => {
    master.run(task("t", "echo hello; exit 3"), FRAMEWORK);
    const last = await master.status("t", "TASK_FAILED");
    expect(last.message).toBe("Command exited with status 3");
    expect(master.statesOf("t")).toEqual(["TASK_STARTING", "TASK_RUNNING", "TASK_FAILED"]);
    expect(readFileSync(join(sandboxOf("t"), "stdout"), "utf8")).toBe("hello\n");
  });

  test("fetches a command's files before it starts it, and says of one that fails which it was and why", async () => {
    const file = join(dir, "words");
    writeFileSync(file, "fetched\n");
    master.run(task("t", "cat words", { command: { value: "cat words", uris: [{ value: file }] } }), FRAMEWORK);
    await master.status("t", "TASK_FINISHED");
    expect(readFileSync(join(sandboxOf("t"), "stdout"), "utf8")).toBe("fetched\n");
    master.run(task("u", "", { command: { value: "true", uris: [{ value: "/no/such/file" }] } }), FRAMEWORK);
    expect(await master.status("u", "TASK_FAILED")).toMatchObject({
      reason: "REASON_CONTAINER_LAUNCH_FAILED",
      message: expect.stringMatching(/'\/no\/such\/file' could not be fetched: ENOENT/),
    });
  });

  test("ends the fetch of a task that is killed, and nothing of it runs on", async () => {
    const asked = Promise.withResolvers<Socket>();
    const server = createServer(({ socket }) => asked.resolve(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const value = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
    master.run(task("t", "", { command: { value: "true", uris: [{ value }] } }), FRAMEWORK);
    const socket = await asked.promise;
    const closed = new Promise((resolve) => socket.once("close", resolve));
    master.send({ type: "KILL", kill: { framework_id: FRAMEWORK.id!, task_id: { value: "t" } } });
    await master.status("t", "TASK_KILLED");
    await closed;
    server.close();
  });

  test("shows its endpoints and its one process, and is not profiled over HTTP", async () => {
    expect((await get("/help")).text).toMatch(/^\/containers +What containers use now/m);
    expect((await get("/slave(1)/help/slave(1)/files?format=json")).text).toContain('"id":"slave(1)"');
    expect((await get("/help/nowhere")).status).toBe(404);
    expect((await get("/__processes__")).text).toBe('[{"id":"slave(1)","events":[]}]');
    for (const path of ["/profiler/start", "/memory-profiler/state"])
      expect(await get(path)).toMatchObject({ status: 400, text: expect.stringContaining("not enabled") });
  });

  test("kills a task with SIGTERM", async () => {
    master.run(task("t", "sleep 1000"), FRAMEWORK);
    await master.status("t", "TASK_RUNNING");
    master.send({ type: "KILL", kill: { framework_id: FRAMEWORK.id!, task_id: { value: "t" } } });
    expect((await master.status("t", "TASK_KILLED")).message).toBe("Command terminated with signal Terminated");
  });

  test("finds its tasks again after it died, and tells how those ended that ended meanwhile", async () => {
    master.run(task("stays", "sleep 1000"), FRAMEWORK);
    master.run(task("ends", `while [ ! -e ${dir}/go ]; do sleep 0.05; done; exit 7`), FRAMEWORK);
    await master.status("stays", "TASK_RUNNING");
    await master.status("ends", "TASK_RUNNING");
    await agent.stop();
    writeGo();
    agent = await start();
    expect((await master.status("ends", "TASK_FAILED")).message).toBe("Command exited with status 7");
    expect(master.subscriptions.at(-1)!.subscribe!.tasks!.find((one) => one.task_id.value === "stays")!.state).toBe(
      "TASK_RUNNING",
    );
    master.send({ type: "KILL", kill: { framework_id: FRAMEWORK.id!, task_id: { value: "stays" } } });
    await master.status("stays", "TASK_KILLED");
  });

  test("runs a group in one executor, and ends it whole when one task fails", async () => {
    const executor = {
      type: "DEFAULT" as const,
      executor_id: { value: "pod" },
      framework_id: FRAMEWORK.id!,
      resources: [],
    };
    const tasks = [task("a", "sleep 1000"), task("b", `while [ ! -e ${dir}/go ]; do sleep 0.05; done; exit 1`)];
    master.send({
      type: "RUN",
      run: {
        framework_info: FRAMEWORK,
        executor,
        task_group: { tasks },
        launch_executor: true,
        resource_version: master.resourceVersion,
      },
    });
    await master.status("a", "TASK_RUNNING");
    await master.status("b", "TASK_RUNNING");
    writeGo();
    await master.status("b", "TASK_FAILED");
    await master.status("a", "TASK_KILLED");
    await master.until(() => master.messages.some((message) => message.type === "EXECUTOR_EXITED"));
    expect(existsSync(join(sandboxOf("pod"), "tasks/a/stdout"))).toBe(true);
  });

  test("checks a task with a command beside it", async () => {
    const check = { type: "COMMAND" as const, command: { command: { value: "exit 4" } }, delay_seconds: 0 };
    master.run(task("t", "sleep 1000", { check }), FRAMEWORK);
    const told = () => master.statuses.find((status) => status.check_status?.command?.exit_code !== undefined);
    await master.until(() => told() !== undefined);
    expect(told()!.check_status).toEqual({ type: "COMMAND", command: { exit_code: 4 } });
    master.send({ type: "KILL", kill: { framework_id: FRAMEWORK.id!, task_id: { value: "t" } } });
    await master.status("t", "TASK_KILLED");
  });

  test("shows sandboxes and nothing else", async () => {
    master.run(task("t", "echo hello; ln -s /etc evil; ln -s /etc/passwd pw; mkdir sub; echo x > sub/f"), FRAMEWORK);
    await master.status("t", "TASK_FINISHED");
    const path = encodeURIComponent("/frameworks/rig-0000/executors/t/runs/latest");
    expect(
      JSON.parse((await get(`/files/browse?path=${path}`)).text).map((file: { path: string }) =>
        file.path.split("/").at(-1),
      ),
    ).toEqual(["evil", "pw", "stderr", "stdout", "sub"]);
    expect(JSON.parse((await get(`/files/read?path=${path}/stdout&offset=0`)).text)).toEqual({
      data: "hello\n",
      offset: 0,
    });
    expect((await get(`/files/download?path=${path}/sub/f`)).text).toBe("x\n");
    for (const bad of [
      "/etc/passwd",
      `${dir}/store.db`,
      "/frameworks/rig-0000/executors/t/runs/latest/evil/passwd",
      "/frameworks/rig-0000/executors/t/runs/latest/pw",
      "/frameworks/rig-0000/executors/t/runs/latest/../../../../../../../../store.db",
    ])
      expect((await get(`/files/read?path=${encodeURIComponent(bad)}&offset=0`)).status).toBe(404);
  });

  test("answers what tools ask", async () => {
    master.run(task("t", "sleep 1000"), FRAMEWORK);
    await master.status("t", "TASK_RUNNING");
    for (const path of [
      "/state",
      "/slave(1)/state",
      "/flags",
      "/health",
      "/version",
      "/monitor/statistics",
      "/containers",
      "/metrics/snapshot",
      "/metrics",
      "/files/debug",
    ])
      expect((await get(path)).status, path).toBe(200);
    const state = JSON.parse((await get("/state")).text);
    expect(state.frameworks[0].executors[0].tasks[0]).toMatchObject({
      id: "t",
      state: "TASK_RUNNING",
      executor_id: "",
    });
    master.send({ type: "KILL", kill: { framework_id: FRAMEWORK.id!, task_id: { value: "t" } } });
    await master.status("t", "TASK_KILLED");
  });

  test("starts, awaits and removes a container for an operator", async () => {
    const call = async (body: object) => {
      const answer = await fetch(`${agent.url}/api/v1`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
      return { status: answer.status, text: await answer.text() };
    };
    const container_id = { value: "standalone-1" };
    const launch = {
      type: "LAUNCH_CONTAINER",
      launch_container: { container_id, command: { value: `while [ ! -e ${dir}/go ]; do sleep 0.05; done` } },
    };
    expect((await call(launch)).status).toBe(200);
    expect((await call(launch)).status).toBe(202);
    const child = { value: "child", parent: container_id };
    expect(
      (
        await call({
          type: "LAUNCH_CONTAINER",
          launch_container: { container_id: child, command: { value: "sleep 60" } },
        })
      ).status,
    ).toBe(200);
    expect((await call({ type: "KILL_CONTAINER", kill_container: { container_id: child, signal: 9 } })).status).toBe(
      200,
    );
    expect(JSON.parse((await call({ type: "WAIT_CONTAINER", wait_container: { container_id: child } })).text)).toEqual({
      type: "WAIT_CONTAINER",
      wait_container: { exit_status: 9 },
    });
    expect((await call({ type: "REMOVE_CONTAINER", remove_container: { container_id: child } })).status).toBe(200);
    writeGo();
    expect(
      JSON.parse((await call({ type: "WAIT_CONTAINER", wait_container: { container_id } })).text).wait_container,
    ).toEqual({ exit_status: 0 });
  });

  test("streams what a container beside a task says, and ends it with its reader", async () => {
    master.run(task("t", "sleep 1000"), FRAMEWORK);
    const { container_status } = await master.status("t", "TASK_RUNNING");
    const session = (id: string, command: string) =>
      fetch(`${agent.url}/api/v1`, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          Accept: "application/recordio",
          "Message-Accept": "application/json",
        },
        body: JSON.stringify({
          type: "LAUNCH_NESTED_CONTAINER_SESSION",
          launch_nested_container_session: {
            container_id: { value: id, parent: container_status!.container_id },
            command: { value: command },
          },
        }),
      });
    const answer = await session("s1", "echo hello; echo oops >&2");
    expect(answer.headers.get("message-content-type")).toBe("application/json");
    const records = (await answer.text())
      .split(/\d+\n(?=\{)/)
      .filter(Boolean)
      .map((text) => JSON.parse(text));
    const said = records.map(({ data }) => `${data.type} ${Buffer.from(data.data, "base64")}`);
    expect(said.sort()).toEqual(["STDERR oops\n", "STDOUT hello\n"]);

    const reader = (await session("s2", `trap 'touch ${dir}/ended' EXIT; echo on; sleep 1000`)).body!.getReader();
    await reader.read();
    await reader.cancel();
    await fetch(`${agent.url}/api/v1`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        type: "WAIT_CONTAINER",
        wait_container: { container_id: { value: "s2", parent: container_status!.container_id } },
      }),
    });
    master.send({ type: "KILL", kill: { framework_id: FRAMEWORK.id!, task_id: { value: "t" } } });
    await master.status("t", "TASK_KILLED");
  });
});

/** Lets the tasks end that wait for it. */
function writeGo(): void {
  writeFileSync(`${dir}/go`, "");
}
