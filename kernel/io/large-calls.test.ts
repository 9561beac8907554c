import { encodeProtobuf } from "@meseta/api/mesos/codec/protobuf.ts";
import type { Call } from "@meseta/api/mesos/generated/scheduler.ts";
import { textAnswer } from "@meseta/lib/io/http/answer.ts";
import { type HttpServer, serve } from "@meseta/lib/io/http/server.ts";
import { afterEach, expect, test } from "vitest";
import { callOf } from "./call.ts";
import { readingLargeCalls } from "./large-calls.ts";

const TYPE = "mesos.v1.scheduler.Call";
let server: HttpServer | undefined;
afterEach(() => server?.close());

/** A server that says what call it got, with what it was sent in. */
async function start(): Promise<{ got: unknown[]; post(body: string | Uint8Array, type?: string): Promise<Response> }> {
  const got: unknown[] = [];
  const handler = readingLargeCalls(TYPE, (request) => {
    const read = callOf(request, TYPE, () => undefined);
    if ("refusal" in read) return read.refusal;
    got.push(read.call, request.sentBytes);
    return textAnswer(202, "taken");
  });
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  server = await serve({ host: "127.0.0.1", port: 0, handler, log: log as never });
  const { url } = server;
  const post = (body: string | Uint8Array, type = "application/json") =>
    fetch(url, { method: "POST", body: Buffer.from(body), headers: { "content-type": type } });
  return { got, post };
}

const tasks = Array.from({ length: 60_000 }, (_, i) => ({ task_id: { value: `täsk-${i}` }, agent_id: { value: "a" } }));
const CALL: Call = { type: "RECONCILE", framework_id: { value: "f" }, reconcile: { tasks } };

test("a large call is the same call that a small one would be, in JSON and in protobuf", async () => {
  const { got, post } = await start();
  const json = JSON.stringify({ nobody: "knows", ...CALL });
  const bytes = encodeProtobuf(TYPE, CALL);
  expect((await post(json)).status).toBe(202);
  expect((await post(bytes, "application/x-protobuf")).status).toBe(202);
  expect(got).toEqual([CALL, Buffer.byteLength(json), CALL, bytes.length]);
});

test("a large body that is no call is refused as a small one is, and the next one is read", async () => {
  const { got, post } = await start();
  const blank = " ".repeat(2_000_000);
  for (const wrong of ["", "{", '{"type": ["RECONCILE"]}', '{"type":"RECONCILE","reconcile":{"tasks":[{}]}}']) {
    const [small, large] = [await post(`${wrong} `), await post(wrong + blank)];
    expect([small.status, large.status]).toEqual([400, 400]);
    const [told, largeTold] = [await small.text(), await large.text()];
    expect(largeTold.slice(0, 38)).toBe(told.slice(0, 38));
  }
  expect((await post(blank, "text/plain")).status).toBe(415);
  expect((await post(JSON.stringify(CALL))).status).toBe(202);
  expect(got.length).toBe(2);
});
