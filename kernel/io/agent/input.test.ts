import type { Reply, Request } from "@meseta/lib/io/http/request.ts";
import { expect, test } from "vitest";
import { AGENT_BOUNDS } from "../../core/agent/bounds.ts";
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
});

async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
