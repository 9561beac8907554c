import { expect, test } from "vitest";
import { fromJson, fromJsonText } from "./from-json.ts";
import { limits } from "./limits.ts";

const call = (text: string) => fromJsonText("mesos.v1.scheduler.Call", text);
const check = (fields: object) => fromJson("mesos.v1.HealthCheck", fields);

test("numbers and booleans may stand in quotes", () => {
  expect(check({ delay_seconds: "1.5", consecutive_failures: "7" })).toMatchObject({
    delay_seconds: 1.5,
    consecutive_failures: 7,
  });
  expect(fromJson("mesos.v1.CommandInfo", { shell: "false" })).toEqual({ shell: false });
  expect(() => check({ delay_seconds: "soon" })).toThrow(
    "Failed to parse 'soon' as a JSON number for field 'delay_seconds'",
  );
  expect(() => check({ delay_seconds: "" })).toThrow("Failed to parse '' as a JSON number");
  expect(() => fromJson("mesos.v1.CommandInfo", { shell: "yes" })).toThrow(
    "Failed to parse 'yes' as a JSON boolean for field 'shell'",
  );
});

test("infinity is a string, and nothing is not a number", () => {
  expect(fromJson("mesos.v1.Value.Scalar", { value: "Infinity" })).toEqual({ value: Number.POSITIVE_INFINITY });
  expect(fromJson("mesos.v1.Value.Scalar", { value: "-Infinity" })).toEqual({ value: Number.NEGATIVE_INFINITY });
  expect(() => fromJson("mesos.v1.Value.Scalar", { value: "NaN" })).toThrow("Failed to parse 'NaN'");
  expect(Object.is(fromJson("mesos.v1.Value.Scalar", { value: -0 }).value, 0)).toBe(true);
});

test("integers are cut to whole numbers and must fit", () => {
  expect(fromJson("mesos.v1.DurationInfo", { nanoseconds: 1.9 })).toEqual({ nanoseconds: 1 });
  expect(() => check({ consecutive_failures: -1 })).toThrow(
    "The number -1 is out of range for field 'consecutive_failures'",
  );
  expect(() => check({ consecutive_failures: 2 ** 32 })).toThrow("out of range");
  expect(() => fromJson("mesos.v1.DurationInfo", { nanoseconds: 1e308 })).toThrow("out of range");
  expect(() => fromJson("mesos.v1.DurationInfo", { nanoseconds: "Infinity" })).toThrow("out of range");
});

test("an unknown enum name is dropped, unless the field is required", () => {
  expect(call('{"type":"NO_SUCH"}')).toEqual({});
  expect(() => fromJson("mesos.v1.Resource", { name: "cpus", type: "NO_SUCH" })).toThrow(
    "Failed to find enum for 'NO_SUCH'",
  );
  expect(() => fromJson("mesos.v1.Resource", { name: "cpus", type: "constructor" })).toThrow("Failed to find enum");
});

test("null is not set, and one value is a list of one", () => {
  expect(call('{"type":null,"accept":{"offer_ids":{"value":"o"}}}')).toEqual({
    accept: { offer_ids: [{ value: "o" }] },
  });
  expect(() => fromJson("mesos.v1.OfferID", { value: null })).toThrow("Missing required fields: value");
});

test("missing required fields are named with their place", () => {
  const operations = [{ type: "LAUNCH", launch: { task_infos: [{ name: "t" }] } }];
  expect(() => fromJson("mesos.v1.scheduler.Call", { accept: { operations } })).toThrow(
    "Missing required fields: accept.operations[0].launch.task_infos[0].task_id, accept.operations[0].launch.task_infos[0].agent_id",
  );
});

test("explicit defaults are filled in where they are not deprecated", () => {
  expect(fromJson("mesos.v1.Filters", {})).toEqual({ refuse_seconds: 5 });
  expect(fromJson("mesos.v1.FrameworkInfo", { user: "u", name: "n" })).toEqual({
    user: "u",
    name: "n",
    failover_timeout: 0,
    checkpoint: false,
  });
});

test("bytes get one spelling and must be base64", () => {
  const message = (data: unknown) =>
    fromJson("mesos.v1.scheduler.Call.Message", { agent_id: { value: "a" }, executor_id: { value: "e" }, data });
  expect(message("QQ").data).toBe("QQ==");
  expect(() => message("*")).toThrow("Failed to base64 decode bytes field 'data'");
});

test("a value of the wrong kind is refused by its field's name", () => {
  expect(() => call('{"type":[]}')).toThrow("Not expecting a JSON array for field 'type'");
  expect(() => call('{"kill":"x"}')).toThrow("Not expecting a JSON string for field 'kill'");
  expect(() => call('{"framework_id":{"value":{}}}')).toThrow("Not expecting a JSON object for field 'value'");
  expect(() => call('{"framework_id":{"value":true}}')).toThrow("Not expecting a JSON boolean for field 'value'");
});

test("a Duration is an object of seconds and nanos", () => {
  const drain = (max_grace_period: unknown) =>
    fromJson("mesos.v1.master.Call.DrainAgent", { agent_id: { value: "a" }, max_grace_period });
  expect(drain({ seconds: 5, nanos: 1 })).toMatchObject({
    max_grace_period: { seconds: 5, nanos: 1 },
    mark_gone: false,
  });
  expect(() => drain("10mins")).toThrow("Not expecting a JSON string for field 'max_grace_period'");
});

test("a key named __proto__ is a key like others", () => {
  const task = fromJsonText("mesos.v1.quota.QuotaConfig", '{"role":"r","limits":{"__proto__":{"value":1}}}');
  expect(Object.keys(task.limits ?? {})).toEqual(["__proto__"]);
});

test("a broken text is refused with its line and the rest of it", () => {
  expect(() => call('{"type":\n x}')).toThrow("syntax error at line 2 near: x}");
  expect(() => call('{"type" "KILL"}')).toThrow('syntax error at line 1 near: "KILL"}');
  expect(() => call('{"type":"KILL",}')).toThrow("syntax error at line 1 near: }");
  expect(() => call('{"a":"\u0001"}')).toThrow("syntax error at line 1 near: ");
  expect(() => call("[1,2")).toThrow("syntax error at line 1 near: ");
  expect(() => call("{}\n{}")).toThrow("Parsed JSON included non-whitespace trailing characters: \n{}");
});

test("depth, keys and values are bounded before anything is built", () => {
  expect(() => call('{"a":'.repeat(limits.depth + 1))).toThrow("nested deeper than 64 levels");
  expect(() => call("[".repeat(10_000_000))).toThrow("nested deeper than 64 levels");
  const keys = Array.from({ length: limits.keysPerObject + 1 }, (_, i) => `"${i}":0`);
  expect(() => call(`{${keys.join()}}`)).toThrow("keys in one object");
  expect(() => call(`[${"0,".repeat(limits.values + 1)}0]`)).toThrow("more than");
  let id: object = { value: "c" };
  for (let i = 0; i < limits.depth; i++) id = { value: "c", parent: id };
  expect(() => fromJson("mesos.v1.ContainerID", id)).toThrow("nested deeper than 64 levels");
});

test("of two members of a oneof the last declared one stays", () => {
  const selector = fromJson("mesos.v1.scheduler.AttributeConstraint.Selector", {
    attribute_name: "rack",
    pseudoattribute_type: "HOSTNAME",
  });
  expect(Object.keys(selector)).toHaveLength(1);
});

test("of a long text that is no JSON nobody looks for the place where it breaks off", () => {
  const long = "\n".repeat(2 * 1024 * 1024);
  expect(() => call(`${long}x`)).toThrow(/^syntax error: .*not valid JSON/);
  expect(() => call("\n\nx")).toThrow("syntax error at line 3 near: x");
});
