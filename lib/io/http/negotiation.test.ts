import { expect, test } from "vitest";
import { acceptedTypeOf, accepts, agentTypes, callTypes, contentTypeOf } from "./negotiation.ts";

test("a body's type is compared exactly", () => {
  expect(contentTypeOf({ "content-type": "application/json" }, callTypes)).toBe("application/json");
  expect(contentTypeOf({ "content-type": "application/x-protobuf" }, callTypes)).toBe("application/x-protobuf");
  expect(contentTypeOf({}, callTypes)).toMatchObject({ status: 400, body: "Expecting 'Content-Type' to be present" });
  expect(contentTypeOf({ "content-type": "application/json; charset=utf-8" }, callTypes)).toMatchObject({
    status: 415,
    body: "Expecting 'Content-Type' of application/json or application/x-protobuf",
  });
  expect(contentTypeOf({ "content-type": "text/plain" }, agentTypes)).toMatchObject({
    body: "Expecting 'Content-Type' of application/json or application/x-protobuf or application/recordio",
  });
});

test.each([
  [undefined, "application/json"],
  ["*/*", "application/json"],
  ["application/*", "application/json"],
  ["application/x-protobuf", "application/x-protobuf"],
  ["application/x-protobuf, application/json", "application/json"],
  ["text/html, application/x-protobuf;q=0.5", "application/x-protobuf"],
  ["application/json;q=0, */*", "application/json"],
  ["application/json;q=0, application/x-protobuf", "application/x-protobuf"],
])("Accept %j gives %s", (accept, type) => {
  expect(acceptedTypeOf({ accept }, callTypes)).toBe(type);
});

test("an Accept that allows nothing of ours is refused in Mesos' words", () => {
  expect(acceptedTypeOf({ accept: "text/html" }, callTypes)).toMatchObject({
    status: 406,
    body: "Expecting 'Accept' to allow 'application/x-protobuf' or 'application/json'",
  });
  expect(acceptedTypeOf({ accept: "" }, agentTypes)).toMatchObject({
    body: "Expecting 'Accept' to allow application/json or application/x-protobuf or application/recordio",
  });
  expect(accepts("application/json", "application/recordio")).toBe(false);
});
