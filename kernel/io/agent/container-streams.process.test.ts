import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { ContainerID, FrameworkInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { createMemoryDisk, createMemoryStore } from "@meseta/drivers/store/memory.ts";
import { silentLog } from "@meseta/lib/core/ports/log.ts";
import { protobuf } from "@meseta/sdk/core/protobuf.ts";
import type { AgentClient } from "@meseta/sdk/operator/agent.ts";
import { connectAgent } from "@meseta/sdk/operator/connect.ts";
import type { ContainerOutput } from "@meseta/sdk/operator/container-output.ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AGENT_DEFAULTS } from "../../core/agent/state.ts";
import { ChildContainers } from "./child-containers.rig.ts";
import { MasterRig } from "./master.rig.ts";
import { type RunningAgent, startAgent } from "./server.ts";

const FRAMEWORK: FrameworkInfo = {
  user: userInfo().username,
  name: "f",
  id: { value: "f-0" },
  checkpoint: true,
  roles: ["r"],
  capabilities: [{ type: "MULTI_ROLE" }],
};

let dir: string;
let master: MasterRig;
let agent: RunningAgent;
let containers: ChildContainers;
let client: AgentClient;
let parent: ContainerID;

beforeEach(async () => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "streams-")));
  master = await MasterRig.open();
  containers = new ChildContainers();
  agent = await startAgent(
    {
      host: "127.0.0.1",
      port: 0,
      masters: [master.url],
      config: {
        ...AGENT_DEFAULTS,
        hostname: "h",
        ip: "127.0.0.1",
        version: "1",
        workDir: dir,
        resources: [],
        user: userInfo().username,
        rootTasks: true,
        flags: {},
      },
    },
    {
      store: createMemoryStore(createMemoryDisk()),
      log: silentLog,
      clock: { nowMs: () => Date.now() },
      openContainers: containers.open,
      left() {},
      fatal(reason) {
        throw reason;
      },
    },
  );
  await master.until(() => master.subscriptions.length === 1);
  const command = { value: "echo before; while read -r line; do echo got $line; done; sleep 1000" };
  master.run({ name: "t", task_id: { value: "t" }, agent_id: { value: "rig-S0" }, resources: [], command }, FRAMEWORK);
  parent = (await master.status("t", "TASK_RUNNING")).container_status!.container_id!;
  client = connectAgent(agent.url);
});

afterEach(async () => {
  client.close();
  await agent.stop();
  await master.close();
  rmSync(dir, { recursive: true, force: true });
});

let sessions = 0;
const newId = (): ContainerID => ({ value: `session-${sessions++}`, parent });

async function open(id: ContainerID, value: string, tty = false): Promise<ContainerOutput> {
  const container = tty
    ? { container: { type: "MESOS" as const, tty_info: { window_size: { rows: 5, columns: 9 } } } }
    : {};
  return client.launchNestedContainerSession({ container_id: id, command: { value }, ...container });
}

/** All of it, by stream. */
async function all(output: ContainerOutput): Promise<{ stdout: string; stderr: string }> {
  const said = { stdout: "", stderr: "" };
  for await (const { from, bytes } of output) said[from] += Buffer.from(bytes).toString();
  return said;
}

async function until(output: AsyncIterator<{ bytes: Uint8Array }>, text: string): Promise<void> {
  for (let said = ""; !said.includes(text); ) {
    const { value, done } = await output.next();
    if (done) throw new Error(`the output ended after "${said}"`);
    said += Buffer.from(value.bytes).toString();
  }
}

const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    ({ status, text }: { status: number; text: string }) => ({ status, text }),
  );

test("a session's output comes whole and apart, and how it ended is told by waiting for it", async () => {
  const id = newId();
  const output = await open(id, "printf out; printf err >&2; exit 5");
  const ended = client.waitContainer(id);
  expect(await all(output)).toEqual({ stdout: "out", stderr: "err" });
  expect((await ended).exit_status).toBe(5 << 8);
});

test("a megabyte passes through a session both ways, and its end of input is the container's", async () => {
  const id = newId();
  const output = await open(id, "cat");
  const input = client.attachContainerInput(id);
  const sent = Buffer.alloc(1024 * 1024, "0123456789abcdef\n");
  const said = all(output);
  await input.write(sent);
  await input.end();
  expect((await said).stdout === sent.toString()).toBe(true);
  await input.done;
});

test("the streams speak protobuf as well", async () => {
  const other = connectAgent(agent.url, protobuf);
  const id = newId();
  const output = await other.launchNestedContainerSession({ container_id: id, command: { value: "cat; echo end" } });
  const input = other.attachContainerInput(id);
  await input.write(Buffer.from("hello "));
  await input.end();
  expect(await all(output)).toEqual({ stdout: "hello end\n", stderr: "" });
  other.close();
});

test("a session ends with its reader", async () => {
  const id = newId();
  const output = await open(id, "echo ready; sleep 1000");
  await until(output[Symbol.asyncIterator](), "ready");
  output.close();
  expect((await client.waitContainer(id)).exit_status).toBe(9);
});

test("a container has one writer at a time; the next may follow when that one has left", async () => {
  const id = newId();
  const output = (await open(id, "while read -r line; do echo got $line; done"))[Symbol.asyncIterator]();
  const first = client.attachContainerInput(id);
  await first.write(Buffer.from("one\n"));
  await until(output, "got one");
  const second = client.attachContainerInput(id);
  expect(await refusal(second.done)).toEqual({ status: 409, text: "Multiple input connections are not allowed" });
  first.close();
  await first.done;
  const third = client.attachContainerInput(id);
  await third.write(Buffer.from("two\n"));
  await until(output, "got two");
  await third.end();
  expect(await output.next()).toMatchObject({ done: true });
});

test("a writer is told when the container has ended", async () => {
  const id = newId();
  const output = await open(id, "read -r line; exit 3");
  const input = client.attachContainerInput(id);
  await input.write(Buffer.from("go\n"));
  await all(output);
  await input.done;
});

test("a terminal has one stream, and learns the size of its window", async () => {
  const id = newId();
  const output = await open(id, "echo a; echo b >&2; read -r line", true);
  expect(containers.specs.at(-1)).toMatchObject({ terminal: { rows: 5, columns: 9 } });
  const input = client.attachContainerInput(id);
  await input.resize({ rows: 40, columns: 100 });
  await input.write(Buffer.from("\n"));
  expect(await all(output)).toEqual({ stdout: "a\nb\n", stderr: "" });
  expect(containers.windows).toEqual([{ rows: 40, columns: 100 }]);
});

test("several readers attach to one container: from now on, or from its start", async () => {
  const id = newId();
  const session = await open(id, "echo early; read -r line; echo late");
  await until(session[Symbol.asyncIterator](), "early");
  const now = all(await client.attachContainerOutput(id));
  const start = all(await client.attachContainerOutput(id, "start"));
  const input = client.attachContainerInput(id);
  await input.write(Buffer.from("\n"));
  expect([(await now).stdout, (await start).stdout]).toEqual(["late\n", "early\nlate\n"]);
});

test("what cannot be written to, or is not there, is refused with a sentence", async () => {
  const gone = { value: "x" };
  expect(await refusal(client.attachContainerInput(gone).done)).toEqual({
    status: 404,
    text: "Container x cannot be found",
  });
  expect(await refusal(client.attachContainerOutput(gone))).toMatchObject({ status: 404 });
  expect(await refusal(client.attachContainerInput(parent).done)).toEqual({
    status: 400,
    text: `Container ${parent.value} has neither a terminal nor an input that was kept open`,
  });
});

/** Sends a request as it is; the whole answer. */
async function raw(head: readonly string[], body: string): Promise<string> {
  const socket = connect(agent.port, "127.0.0.1");
  const lines = ["POST /api/v1 HTTP/1.1", "Connection: close", "Transfer-Encoding: chunked", ...head, "", ""];
  socket.write(lines.join("\r\n"));
  if (body !== "") socket.write(`${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n`);
  socket.write("0\r\n\r\n");
  let answer = "";
  for await (const chunk of socket) answer += String(chunk);
  return answer.replace(/^HTTP\/1.1 (\d+)[\s\S]*?\r\n\r\n/, "$1 ");
}

const STREAM = ["Content-Type: application/recordio", "Message-Content-Type: application/json"];
const record = (value: unknown) => {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return `${Buffer.byteLength(text)}\n${text}`;
};

test("what is not the form of an input stream is refused, and says how it should be", async () => {
  const call = (part: object) => ({ type: "ATTACH_CONTAINER_INPUT", attach_container_input: part });
  expect(await raw(STREAM.slice(0, 1), "")).toBe(
    "400 Expecting 'Message-Content-Type' to be set for streaming requests",
  );
  expect(await raw([STREAM[0]!, "Message-Content-Type: text/plain"], "")).toMatch(/^415 /);
  expect(await raw([...STREAM, "Content-Encoding: gzip"], "")).toMatch(/^415 /);
  expect(await raw(STREAM, "")).toBe("400 Received EOF while reading request body");
  expect(await raw(STREAM, "hello")).toMatch(/^400 malformed RecordIO/);
  expect(await raw(STREAM, "2000000\n")).toMatch(/^400 malformed RecordIO/);
  expect(await raw(STREAM, record("{"))).toMatch(/^400 Failed to parse body into JSON/);
  expect(await raw(STREAM, record({ type: "GET_HEALTH" }))).toBe(
    "415 Streaming 'Content-Type' application/recordio is not supported for GET_HEALTH call",
  );
  expect(await raw(STREAM, record(call({ type: "PROCESS_IO", process_io: { type: "DATA" } })))).toMatch(
    /^400 Failed to validate agent::Call: .*'CONTAINER_ID'/,
  );
  const first = record(call({ type: "CONTAINER_ID", container_id: parent }));
  expect(
    await raw(["Content-Type: application/json"], JSON.stringify(call({ type: "CONTAINER_ID", container_id: parent }))),
  ).toMatch(/^415 .*application\/recordio/);
  const id = newId();
  const output = await open(id, "cat");
  const own = record(call({ type: "CONTAINER_ID", container_id: id }));
  expect(await raw(STREAM, own + first)).toMatch(/^400 .*'PROCESS_IO'/);
  const wrong = { type: "PROCESS_IO", process_io: { type: "DATA", data: { type: "STDOUT", data: "" } } };
  expect(await raw(STREAM, own + record(call(wrong)))).toMatch(/^400 .*'STDIN'/);
  output.close();
});
