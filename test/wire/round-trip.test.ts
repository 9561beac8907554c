import fc from "fast-check";
import { expect, test } from "vitest";
import { fromJson, fromJsonText } from "../../api/mesos/codec/from-json.ts";
import { decodeProtobuf, encodeProtobuf } from "../../api/mesos/codec/protobuf.ts";
import { messageNames } from "../../api/mesos/codec/schema.ts";
import { toJson } from "../../api/mesos/codec/to-json.ts";
import { WireError } from "../../api/mesos/codec/wire-error.ts";
import type { WireType } from "../../api/mesos/generated/wire-types.ts";
import { messageArbitrary } from "./arbitrary.ts";

const types = messageNames() as WireType[];

test("the wire table has all messages", () => {
  expect(types.length).toBeGreaterThan(370);
});

test("every message survives JSON and protobuf unchanged", () => {
  for (const type of types) {
    fc.assert(
      fc.property(messageArbitrary(type), (value) => {
        expect(decodeProtobuf(type, encodeProtobuf(type, value))).toEqual(value);
        expect(fromJsonText(type, toJson(type, value))).toEqual(value);
        expect(fromJson(type, value)).toEqual(value);
      }),
      { numRuns: 8 },
    );
  }
});

test("JSON is written as JSON.stringify would write the decoded object", () => {
  for (const type of ["mesos.v1.Offer", "mesos.v1.TaskInfo", "mesos.v1.scheduler.Call", "meseta.link.Call"] as const) {
    fc.assert(
      fc.property(messageArbitrary(type), (value) => {
        const text = toJson(type, value);
        expect(JSON.parse(text.replaceAll(/"-?Infinity"/g, "null"))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 50 },
    );
  }
});

test("whatever bytes come, decoding gives a message or a WireError", () => {
  for (const type of [
    "mesos.v1.scheduler.Call",
    "mesos.v1.master.Call",
    "mesos.v1.agent.Call",
    "meseta.link.Call",
  ] as const) {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => refusesOrReads(() => decodeProtobuf(type, bytes))),
    );
    fc.assert(fc.property(fc.json(), (text) => refusesOrReads(() => fromJsonText(type, text))));
    fc.assert(fc.property(fc.string(), (text) => refusesOrReads(() => fromJsonText(type, text))));
  }
});

test("a message with damaged bytes is read or refused", () => {
  const damaged = fc.tuple(messageArbitrary("mesos.v1.scheduler.Call"), fc.nat(), fc.nat({ max: 255 }), fc.nat());
  fc.assert(
    fc.property(damaged, ([value, at, byte, end]) => {
      const bytes = encodeProtobuf("mesos.v1.scheduler.Call", value);
      if (bytes.length > 0) bytes[at % bytes.length] = byte;
      refusesOrReads(() => decodeProtobuf("mesos.v1.scheduler.Call", bytes.subarray(0, end % (bytes.length + 1))));
    }),
  );
});

function refusesOrReads(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(WireError);
  }
}
