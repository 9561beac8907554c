import { expect, test } from "vitest";
import { hostAndPort } from "./address.ts";

test("an IPv6 address gets brackets before its port, names and IPv4 addresses get none", () => {
  expect(hostAndPort("::1", 5051)).toBe("[::1]:5051");
  expect(hostAndPort("127.0.0.1", 5050)).toBe("127.0.0.1:5050");
  expect(hostAndPort("node1", 80)).toBe("node1:80");
});
