import { limitsOf } from "@meseta/lib/core/bound.ts";
import type { Reply, Request } from "@meseta/lib/io/http/request.ts";
import { expect, test } from "vitest";
import { AGENT_BOUNDS } from "../../core/agent/bounds.ts";
import type { Input } from "../../core/agent/containers.ts";
import type { Front } from "./front.ts";
import { attachInput, Inputs } from "./input.ts";

test("records that are not whole are bounded in all streams together, and given back with their stream", async () => {
  const inputs = new Inputs();
  inputs.bytes = AGENT_BOUNDS.inputBytes.most - 100;
  const attach = (chunk: string) => {
    const headers = { "message-content-type": "application/json" };
    const request = { method: "POST", headers, incoming: chunksOf(chunk) } as unknown as Request;
    return attachInput({ inputs } as unknown as Front, request, { gone: false } as Reply);
  };
  expect(await attach(`1000\n${"x".repeat(101)}`)).toMatchObject({ status: 503 });
  expect(await attach(`1000\n${"x".repeat(99)}`)).toMatchObject({ status: 400 });
  expect(inputs.bytes).toBe(AGENT_BOUNDS.inputBytes.most - 100);
  expect(inputs.streams).toBe(0);
  expect(inputs.refused).toBe(1);
});

test("how many streams of input there may be, and of what size, is what the operator says", async () => {
  const inputs = new Inputs({ ...limitsOf(AGENT_BOUNDS), inputs: 1, inputRecordBytes: 50 });
  const attach = (chunk: string) => {
    const headers = { "message-content-type": "application/json" };
    const request = { method: "POST", headers, incoming: chunksOf(chunk) } as unknown as Request;
    return attachInput({ inputs } as unknown as Front, request, { gone: false } as Reply);
  };
  expect(await attach("51\n")).toMatchObject({ status: 400 });
  inputs.streams = 1;
  expect(await attach("5\n")).toMatchObject({ status: 503, body: "There are 1 streams of input already" });
});

test("a container that ends before its writer has come had an input: it has ended", async () => {
  expect(await attachTo("pipe")).toMatchObject({ status: 404, body: "Container c.s has ended, or its input has" });
  expect(await attachTo(undefined)).toMatchObject({ status: 400 });
});

/** Attaches to a container that the core holds to be running, and the driver knows no more. */
async function attachTo(kind: Input["kind"]) {
  const way: Input = { handle: "h", running: true, kind };
  const front = { inputs: new Inputs(), loop: { read: async () => way }, containers: { input: () => undefined } };
  const call = {
    type: "ATTACH_CONTAINER_INPUT",
    attach_container_input: { type: "CONTAINER_ID", container_id: { value: "s", parent: { value: "c" } } },
  };
  const record = JSON.stringify(call);
  const headers = { "message-content-type": "application/json" };
  const request = { method: "POST", headers, incoming: chunksOf(`${record.length}\n${record}`) };
  return attachInput(front as unknown as Front, request as unknown as Request, { gone: false } as Reply);
}

async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
