import { expect, test } from "vitest";
import { toJson } from "./to-json.ts";

test("explicit defaults are written, unset fields and empty lists are not", () => {
  expect(toJson("mesos.v1.Filters", {})).toBe('{"refuse_seconds":5}');
  expect(toJson("mesos.v1.CommandInfo", { value: "true", uris: [] })).toBe('{"shell":true,"value":"true"}');
  expect(toJson("mesos.v1.scheduler.Call", {})).toBe("{}");
});

test("the lists that Mesos writes by hand stand there even when they are empty", () => {
  expect(toJson("mesos.v1.master.Response", { type: "GET_AGENTS", get_agents: {} })).toBe(
    '{"type":"GET_AGENTS","get_agents":{"agents":[],"recovered_agents":[]}}',
  );
  expect(toJson("mesos.v1.master.Response.GetTasks", { completed_tasks: [] })).toBe(
    '{"tasks":[],"unreachable_tasks":[],"completed_tasks":[]}',
  );
});

test("infinity is written as a string", () => {
  expect(toJson("mesos.v1.Value.Scalar", { value: Number.POSITIVE_INFINITY })).toBe('{"value":"Infinity"}');
});

test("text is escaped where JSON needs it", () => {
  for (const value of ['a"b', "a\\b", "a\nb", "\u2028", "\ud800", "ü", "x".repeat(100) + '"']) {
    expect(toJson("mesos.v1.OfferID", { value })).toBe(JSON.stringify({ value }));
  }
});

test("an object that lacks a required field is a bug, and said", () => {
  expect(() => toJson("mesos.v1.OfferID", {} as never)).toThrow("mesos.v1.OfferID.value is required");
});
