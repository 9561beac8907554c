import { Agent, request as httpRequest } from "node:http";
import { connect, type Socket } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeProtobuf } from "../../api/mesos/codec/protobuf.ts";
import { messageOf } from "../../api/mesos/codec/schema.ts";
import { toJson } from "../../api/mesos/codec/to-json.ts";
import type { WireType } from "../../api/mesos/generated/wire-types.ts";
import { callsOf } from "./calls.ts";
import { Cluster } from "./replay/cluster.ts";

// Garbage on every door of a real master and a real agent, over loopback: each gets its 4xx with a text, nothing changes, and
// both live. The same garbage in every run.

interface Door {
  readonly daemon: "master" | "agent";
  readonly path: string;
  readonly type: WireType;
}

const DOORS: Record<string, Door> = {
  "the scheduler API": { daemon: "master", path: "/api/v1/scheduler", type: "mesos.v1.scheduler.Call" },
  "the master's operator API": { daemon: "master", path: "/api/v1", type: "mesos.v1.master.Call" },
  "the agent link": { daemon: "master", path: "/api/v1/agent-link", type: "meseta.link.Call" },
  "the executor API": { daemon: "agent", path: "/api/v1/executor", type: "mesos.v1.executor.Call" },
  "the agent's operator API": { daemon: "agent", path: "/api/v1", type: "mesos.v1.agent.Call" },
};

const SEED = 42;
let cluster: Cluster;
const connections = new Agent({ keepAlive: true, maxSockets: 4 });

beforeAll(async () => {
  cluster = await Cluster.start();
});

afterAll(async () => {
  connections.destroy();
  await cluster[Symbol.asyncDispose]();
});

for (const [name, door] of Object.entries(DOORS)) {
  test(`${name} refuses what is no call`, async () => {
    const before = await picture();
    for (const { title, type, body } of broken(door)) {
      const { status, text } = await post(door, type, body);
      expect(status, `${title}: ${text}`).toBeGreaterThanOrEqual(400);
      // The containers of this agent have no input yet, whatever the records say.
      if (type !== "application/recordio" || status !== 501) expect(status, `${title}: ${text}`).toBeLessThan(500);
      expect(text, title).not.toBe("");
    }
    expect(await picture()).toEqual(before);
  });

  test(`${name} answers any call, in JSON and in protobuf`, async () => {
    for (const [kind, call] of callsOf(door.type, 10, SEED, {})) {
      // What it would start here are commands of this machine.
      if (kind.startsWith("LAUNCH")) continue;
      const isStream = kind === "SUBSCRIBE";
      const json = await post(door, "application/json", Buffer.from(toJson(door.type, call)), isStream);
      const protobuf = await post(door, "application/x-protobuf", encodeProtobuf(door.type, call), isStream);
      for (const { status, text } of [json, protobuf]) {
        expect([200, 202, 400, 403, 404, 406, 409, 415, 500, 501], `${kind}: ${text}`).toContain(status);
        // As Mesos does it.
        if (status === 500) expect(kind).toMatch(/^REMOVE_(NESTED_)?CONTAINER$/);
      }
    }
    await expectBothLive();
  });
}

test("no path leads out of what is shown", async () => {
  const before = await picture();
  for (const daemon of ["master", "agent"] as const)
    for (const path of [...OUT, ...OUT.map((out) => `/${daemon === "agent" ? "slave" : "master"}/log${out}`)]) {
      for (const action of ["browse", "read", "download"]) {
        const { status, text } = await get(
          daemon,
          `/files/${action}?path=${encodeURIComponent(path)}&offset=0&length=9`,
        );
        expect(status, `${action} ${path}: ${text}`).toBeGreaterThanOrEqual(400);
        expect(status, `${action} ${path}: ${text}`).toBeLessThan(500);
      }
      const door = DOORS[daemon === "agent" ? "the agent's operator API" : "the master's operator API"]!;
      for (const call of [
        { type: "LIST_FILES", list_files: { path } },
        { type: "READ_FILE", read_file: { path, offset: 0 } },
      ])
        expect([400, 404], path).toContain(
          (await post(door, "application/json", Buffer.from(JSON.stringify(call)))).status,
        );
    }
  expect(await picture()).toEqual(before);
});

const OUT = ["/etc/passwd", "/../../etc/passwd", "..", "../", "/./../..", "\u0000", "/\u0000/x", "//etc//passwd", "~"];

test("older endpoints take any question", async () => {
  const values = [
    "",
    "-1",
    "99999999999999999999",
    "NaN",
    "a",
    "%00",
    "%ff",
    "<script>",
    "__proto__",
    "x".repeat(5_000),
  ];
  const paths = [
    "tasks",
    "slaves",
    "frameworks",
    "state",
    "roles",
    "files/read",
    "metrics/snapshot",
    "monitor/statistics",
  ];
  const names = ["limit", "offset", "order", "jsonp", "framework_id", "slave_id", "task_id", "timeout", "path"];
  for (const daemon of ["master", "agent"] as const)
    for (const [i, path] of paths.entries())
      for (const [j, value] of values.entries()) {
        const { status, text } = await get(daemon, `/${path}?${names[(i + j) % names.length]}=${value}`);
        expect(status, `/${path} ${value.slice(0, 20)}: ${text.slice(0, 200)}`).toBeLessThan(500);
      }
  await expectBothLive();
});

test("clients that say nothing, or stop in the middle, keep nobody waiting", async () => {
  const silent: Socket[] = [];
  for (const url of Object.values(cluster.urls))
    for (const start of [
      "",
      "POST",
      "POST /api/v1 HTTP/1.1\r\nHost: x\r\n",
      "POST /api/v1 HTTP/1.1\r\nContent-Length: 9\r\n\r\n{",
    ])
      for (let i = 0; i < 10; i++) {
        const { hostname, port } = new URL(url);
        const socket = connect(Number(port), hostname).on("error", () => {});
        socket.write(start);
        silent.push(socket);
      }
  for (const garbage of [
    "\u0000\u0001\u0002",
    "GET / HTTP/9.9\r\n\r\n",
    "x".repeat(100_000),
    "POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
  ])
    for (const url of Object.values(cluster.urls)) silent.push(await written(url, garbage));
  await expectBothLive();
  for (const socket of silent) socket.destroy();
});

async function written(url: string, text: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).on("error", () => {});
  await new Promise<void>((resolve) => socket.write(text, () => resolve()));
  return socket;
}

/** Bodies that can be no call, with the type they pretend to be. */
function broken({ type, daemon }: Door): { title: string; type: string; body: Uint8Array }[] {
  const json = "application/json";
  const protobuf = "application/x-protobuf";
  const cut = callsOf(type, 2, SEED, {}).map(([kind, call]) => toJson(type, call).slice(0, -1 - (kind.length % 5)));
  const texts = [...TEXTS, ...cut, ...wrongTypes(type)];
  const bytes = fc.sample(fc.uint8Array({ minLength: 3, maxLength: 60 }), { numRuns: 60, seed: SEED });
  return [
    ...texts.map((text) => ({ title: text.slice(0, 100), type: json, body: Buffer.from(text) })),
    ...bytes.map((body) => ({ title: `JSON of bytes ${body}`, type: json, body })),
    // A first byte of 0xff is no field.
    ...bytes.map((body) => ({ title: `protobuf ${body}`, type: protobuf, body: Uint8Array.of(0xff, 0xff, ...body) })),
    ...(daemon === "agent" && type === "mesos.v1.agent.Call" ? RECORDS : []).map((text) => ({
      ...{ title: `RecordIO ${text}`, type: "application/recordio", body: Buffer.from(text) },
    })),
    ...["", "text/plain", "application/json; charset=utf-8", "APPLICATION/JSON", "*/*"].map((odd) => ({
      ...{ title: `Content-Type ${odd}`, type: odd, body: Buffer.from("{}") },
    })),
  ];
}

const TEXTS = [
  ...[
    "",
    " ",
    "null",
    "1",
    "true",
    '""',
    "[]",
    "[{}]",
    "{",
    "}",
    "{}",
    "{]",
    '{"type"}',
    '{"type":}',
    '{"type":1}',
    "nul",
  ],
  ...['{"type":"NO_SUCH_CALL"}', '{"type":null}', '{"type":["SUBSCRIBE"]}', '{"type":{"a":1}}', '{"type":"UNKNOWN"} x'],
  ...[
    "[".repeat(100_000),
    '{"a":'.repeat(50_000),
    `{"type":"${"x".repeat(100_000)}"}`,
    '{"type":"\\ud800"}',
    "\ufeff{}",
  ],
  ...["NaN", "Infinity", "-0", "1e999", "0x10", "{'type':'SUBSCRIBE'}", '{"type":"SUBSCRIBE",}', "// no\n{}"],
];

const RECORDS = [
  "",
  "5\nabc",
  "-1\n{}",
  "99999999999999999999\n",
  "x\n{}",
  "2\n{}2\n{}",
  "\n\n\n",
  `${"9".repeat(50)}\n`,
];

/** Each field of the call with a value of a type that it does not have. */
function wrongTypes(type: WireType): string[] {
  const { fields } = messageOf(type);
  return fields
    .filter(({ kind, name }) => kind === "message" && name !== "type")
    .flatMap(({ name }) => ['"text"', "1", "true"].map((value) => `{"${name}":${value},"type":"NO_SUCH_CALL"}`));
}

function post(door: Door, type: string, body: Uint8Array, isStream = false): Promise<{ status: number; text: string }> {
  const headers: Record<string, string> = { "Content-Length": String(body.length), Accept: "application/json" };
  if (type !== "") headers["Content-Type"] = type;
  return ask(cluster.urls[door.daemon], door.path, "POST", headers, body, isStream);
}

function get(daemon: "master" | "agent", path: string): Promise<{ status: number; text: string }> {
  return ask(cluster.urls[daemon], path, "GET", {});
}

function ask(
  base: string,
  path: string,
  method: string,
  headers: Record<string, string>,
  body?: Uint8Array,
  isStream = false,
) {
  const { hostname, port } = new URL(base);
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  const sent = httpRequest({ hostname, port, path, method, headers, agent: connections }, (incoming) => {
    const status = incoming.statusCode!;
    // A stream has no end: its start is answer enough.
    if (status === 200 && isStream) {
      incoming.destroy();
      return resolve({ status, text: "" });
    }
    let text = "";
    incoming.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
    incoming.on("end", () => resolve({ status, text })).on("error", reject);
  });
  sent.on("error", reject).end(body);
  return promise;
}

async function expectBothLive(): Promise<void> {
  expect((await get("master", "/health")).status).toBe(200);
  expect((await get("agent", "/health")).status).toBe(200);
  expect(cluster.agentLives).toBe(true);
}

/** All that the two show of themselves, but for what time changes. */
async function picture(): Promise<unknown[]> {
  await expectBothLive();
  const reads = ["GET_STATE", "GET_QUOTA", "GET_WEIGHTS", "GET_MAINTENANCE_SCHEDULE", "GET_OPERATIONS", "GET_ROLES"];
  const ofMaster = reads.map((type) => read("the master's operator API", type));
  const ofAgent = ["GET_STATE", "GET_AGENT", "GET_OPERATIONS"].map((type) => read("the agent's operator API", type));
  return Promise.all([...ofMaster, ...ofAgent]);
}

async function read(door: string, type: string): Promise<unknown> {
  const { text } = await post(DOORS[door]!, "application/json", Buffer.from(JSON.stringify({ type })));
  return JSON.parse(text);
}
