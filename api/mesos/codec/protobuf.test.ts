import { encodeRecord } from "@meseta/lib/core/recordio.ts";
import { expect, test } from "vitest";
import { limits } from "./limits.ts";
import { decodeProtobuf, encodeProtobuf, encodeProtobufRecord } from "./protobuf.ts";
import { WireError } from "./wire-error.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

test("an unknown field and an unknown enum number are passed over", () => {
  // framework_id = 1, type = 2; field 99 is nobody's
  expect(decodeProtobuf("mesos.v1.scheduler.Call", bytes(0x9a, 6, 1, 65, 0x10, 0x7f))).toEqual({});
  expect(decodeProtobuf("mesos.v1.scheduler.Call", bytes(0x10, 0x7f, 0x10, 2))).toEqual({ type: "TEARDOWN" });
});

test("a record is its length and the bytes, of a few and of many", () => {
  for (const length of [0, 9, 200, 5000]) {
    const id = { value: "x".repeat(length) };
    expect(encodeProtobufRecord("mesos.v1.TaskID", id)).toEqual(encodeRecord(encodeProtobuf("mesos.v1.TaskID", id)));
  }
});

test("a list of numbers may come packed or one by one", () => {
  const statistics = (...ports: number[]) => decodeProtobuf("mesos.v1.CgroupInfo.NetCls", bytes(...ports));
  expect(statistics(8, 5)).toEqual({ classid: 5 });
  const capabilities = encodeProtobuf("mesos.v1.CapabilityInfo", { capabilities: ["CHOWN", "KILL"] });
  const packed = bytes(10, 4, ...capabilities.filter((_, i) => i % 3 !== 0));
  expect(decodeProtobuf("mesos.v1.CapabilityInfo", packed)).toEqual({ capabilities: ["CHOWN", "KILL"] });
});

test("negative and very large integers survive", () => {
  for (const nanoseconds of [-1, -(2 ** 40), Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, -(2 ** 63), 2 ** 62]) {
    const encoded = encodeProtobuf("mesos.v1.TimeInfo", { nanoseconds });
    expect(decodeProtobuf("mesos.v1.TimeInfo", encoded)).toEqual({ nanoseconds });
  }
  const range = { begin: 0, end: 2 ** 64 };
  expect(decodeProtobuf("mesos.v1.Value.Range", encodeProtobuf("mesos.v1.Value.Range", range))).toEqual(range);
});

test("bytes that are no such message are refused", () => {
  const refused = [
    bytes(0xff, 0xff, 0xff), // a field number without end
    bytes(10, 5, 65), // longer than the rest
    bytes(10, 4, 10, 9, 65, 65), // a part longer than what holds it
    bytes(0x03, 0x03), // a group that never ends
    bytes(0x07), // no such wire type
    bytes(0, 0), // field 0
    bytes(0x0a, 0x00), // framework_id without its value
    new Uint8Array(200_000).fill(0x9b), // groups in groups
  ];
  for (const body of refused) expect(() => decodeProtobuf("mesos.v1.scheduler.Call", body)).toThrow(WireError);
});

test("NaN is refused", () => {
  const encoded = encodeProtobuf("mesos.v1.Value.Scalar", { value: Number.NaN });
  expect(() => decodeProtobuf("mesos.v1.Value.Scalar", encoded)).toThrow("NaN");
});

test("depth and number of values are bounded", () => {
  let id: { value: string; parent?: object } = { value: "c" };
  for (let i = 0; i < limits.depth; i++) id = { value: "c", parent: id };
  const deep = encodeProtobuf("mesos.v1.ContainerID", id as never);
  expect(() => decodeProtobuf("mesos.v1.ContainerID", deep)).toThrow("nested deeper");
  const many = new Uint8Array(2 * limits.values + 2);
  for (let i = 0; i < many.length; i += 2) many[i] = 0x0a; // one more role, empty
  expect(() => decodeProtobuf("mesos.v1.scheduler.Call.Revive", many)).toThrow(`more than ${limits.values} values`);
});

test("encoding an object that lacks a required field is a bug, and said", () => {
  expect(() => encodeProtobuf("mesos.v1.OfferID", {} as never)).toThrow("mesos.v1.OfferID.value is required");
  expect(() => encodeProtobuf("mesos.v1.Resource", { name: "cpus", type: "HEAP" as never })).toThrow(
    "no such mesos.v1.Value.Type",
  );
  expect(encodeProtobuf("mesos.v1.OfferID", { value: "ü𝄞" })).toEqual(bytes(10, 6, 0xc3, 0xbc, 0xf0, 0x9d, 0x84, 0x9e));
});
