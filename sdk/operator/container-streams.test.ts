import { decodeUtf8, encodeUtf8 } from "@meseta/api/mesos/codec/utf8.ts";
import type { Call, ProcessIO } from "@meseta/api/mesos/generated/agent.ts";
import { type CallAnswer, CallFailed, type RecordStream, type Streams } from "@meseta/lib/core/ports/transport.ts";
import { expect, test } from "vitest";
import { CallRefused, Unreachable } from "../core/errors.ts";
import { Line } from "../core/line.rig.ts";
import { AgentClient } from "./agent.ts";

const ID = { value: "c" };
const answer = (status: number, text = ""): CallAnswer => ({ status, headers: {}, body: encodeUtf8(text) });

/** Streams of which the test is the other end. */
class Ends implements Streams {
  readonly calls: Call[] = [];
  readonly queries: string[] = [];
  readonly records_: ProcessIO[] = [];
  refusal: CallAnswer | undefined;
  breaks: Error | undefined;
  closed = false;
  ended = false;
  readonly answered = Promise.withResolvers<CallAnswer>();

  async records(call: Uint8Array, query = ""): Promise<RecordStream | CallAnswer> {
    this.calls.push(JSON.parse(decodeUtf8(call)));
    this.queries.push(query);
    return this.refusal ?? { [Symbol.asyncIterator]: () => this.#said(), close: () => void (this.closed = true) };
  }

  async *#said(): AsyncGenerator<Uint8Array> {
    for (const record of this.records_) yield encodeUtf8(JSON.stringify(record));
    if (this.breaks !== undefined) throw this.breaks;
  }

  send() {
    return {
      write: async (record: Uint8Array) => void this.calls.push(JSON.parse(decodeUtf8(record))),
      end: () => void (this.ended = true),
      close: () => void (this.closed = true),
      answer: this.answered.promise,
    };
  }
}

function agent() {
  const ends = new Ends();
  return { ends, client: new AgentClient(new Line<Call>(), "http://n1:5051", undefined, ends) };
}

test("output comes as pieces of stdout and stderr, without heartbeats", async () => {
  const { ends, client } = agent();
  ends.records_.push(
    { type: "DATA", data: { type: "STDOUT", data: btoa("a") } },
    { type: "CONTROL", control: { type: "HEARTBEAT" } },
    { type: "DATA", data: { type: "STDERR", data: btoa("b") } },
  );
  const said: string[] = [];
  for await (const { from, bytes } of await client.attachContainerOutput(ID, "start"))
    said.push(`${from} ${decodeUtf8(bytes)}`);
  expect(said).toEqual(["stdout a", "stderr b"]);
  expect(ends.queries).toEqual(["?from=start"]);
  expect(ends.calls).toEqual([{ type: "ATTACH_CONTAINER_OUTPUT", attach_container_output: { container_id: ID } }]);
});

test("a session is left by closing its output", async () => {
  const { ends, client } = agent();
  (await client.launchNestedContainerSession({ container_id: ID, command: { value: "sh" } })).close();
  expect(ends.closed).toBe(true);
  expect(ends.queries).toEqual([""]);
});

test("output that is refused says why; output that breaks off is not told as its end", async () => {
  const { ends, client } = agent();
  ends.refusal = answer(404, "Container c cannot be found");
  const refused = await client.attachContainerOutput(ID).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(CallRefused);
  expect(refused).toMatchObject({ status: 404, call: "ATTACH_CONTAINER_OUTPUT", text: "Container c cannot be found" });
  ends.refusal = undefined;
  ends.breaks = new CallFailed("the stream broke", false);
  const output = await client.attachContainerOutput(ID);
  await expect(Array.fromAsync(output)).rejects.toBeInstanceOf(Unreachable);
});

test("input begins with the container's id; what is written goes in pieces, and its end is an empty one", async () => {
  const { ends, client } = agent();
  const input = client.attachContainerInput(ID);
  await input.resize({ rows: 2, columns: 3 });
  await input.write(new Uint8Array(100_000).fill(65));
  await input.end();
  input.close();
  ends.answered.resolve(answer(200));
  await input.done;
  const parts = ends.calls.map(({ attach_container_input: part }) => part!);
  expect(parts[0]).toEqual({ type: "CONTAINER_ID", container_id: ID });
  expect(parts[1]!.process_io!.control).toEqual({
    type: "TTY_INFO",
    tty_info: { window_size: { rows: 2, columns: 3 } },
  });
  const sizes = parts.slice(2).map(({ process_io }) => atob(process_io!.data!.data!).length);
  expect(sizes).toEqual([65_536, 34_464, 0]);
  expect(ends.ended).toBe(true);
});

test("a writer that is refused learns it, also when it wrote on", async () => {
  const { ends, client } = agent();
  const input = client.attachContainerInput(ID);
  ends.answered.resolve(answer(409, "Multiple input connections are not allowed"));
  await input.write(Uint8Array.of(1));
  const refused = await input.done.catch((error: unknown) => error);
  expect(refused).toMatchObject({ status: 409, call: "ATTACH_CONTAINER_INPUT" });
});
