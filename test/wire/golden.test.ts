import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fromJson, fromJsonText } from "../../api/mesos/codec/from-json.ts";
import { decodeProtobuf } from "../../api/mesos/codec/protobuf.ts";
import { type MediaType, readCall } from "../../api/mesos/codec/read-call.ts";
import { toJson } from "../../api/mesos/codec/to-json.ts";
import type { WireType } from "../../api/mesos/generated/wire-types.ts";

// Recorded from Apache Mesos 1.12.

type Answer = { type: WireType; protobuf: string; json: object };
type Call = {
  case: string;
  type: WireType;
  media_type: MediaType;
  body?: string;
  base64?: string;
  refusal: string | null;
};
type Event = { type: WireType; text: string };

test("answers in protobuf and in JSON say the same", () => {
  for (const { type, protobuf, json } of golden<Answer>("answers.json")) {
    const decoded = decodeProtobuf(type, Uint8Array.fromBase64(protobuf));
    expect(decoded).toEqual(fromJson(type, json));
    expect(JSON.stringify(JSON.parse(toJson(type, decoded)))).toBe(JSON.stringify(json));
  }
});

test("events are written as Mesos wrote them, field by field in its order", () => {
  for (const { type, text } of golden<Event>("events.json")) {
    // Only the spelling of numbers (15.0) and of slashes (\/) differs, which no JSON reader sees.
    expect(JSON.stringify(JSON.parse(toJson(type, fromJsonText(type, text))))).toBe(JSON.stringify(JSON.parse(text)));
  }
});

test.each(golden<Call>("calls.json").map((call) => [`${call.type} ${call.case}`, call] as const))("%s", (_, call) => {
  const body = call.base64 === undefined ? new TextEncoder().encode(call.body) : Uint8Array.fromBase64(call.base64);
  const read = readCall(call.type, call.media_type, body, call.type === "mesos.v1.agent.Call" ? "agent" : "call");
  expect(read.ok ? null : read.text).toBe(call.refusal);
});

function golden<T>(name: string): T[] {
  return JSON.parse(readFileSync(new URL("golden/" + name, import.meta.url), "utf8")) as T[];
}
