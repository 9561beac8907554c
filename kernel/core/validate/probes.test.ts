import type { Probe } from "@meseta/api/mesos/generated/probe.ts";
import { expect, test } from "vitest";
import { validateProbes } from "./probes.ts";

const tcp: Probe = { id: "a", type: "TCP", tcp: { port: 80 } };

test("probes of each kind are fine, and none as well", () => {
  const http: Probe = { id: "b", type: "HTTP", http: { port: 80, path: "/", scheme: "https" }, interval_seconds: 0.5 };
  const command: Probe = { id: "c", type: "COMMAND", command: { value: "true" } };
  expect(validateProbes([tcp, http, command])).toBeUndefined();
  expect(validateProbes()).toBeUndefined();
});

test.each<[string, Probe[]]>([
  ["The id of a probe must have 1 to 255 characters", [{ ...tcp, id: "" }]],
  ["The id of a probe must have 1 to 255 characters", [{ ...tcp, id: "x".repeat(256) }]],
  ["Two probes have the id 'a'", [tcp, tcp]],
  ["A task can have at most 32 probes", Array.from({ length: 33 }, (_, i) => ({ ...tcp, id: String(i) }))],
  ["A probe must specify 'type'", [{ id: "a" }]],
  ["A probe must specify 'type'", [{ id: "a", type: "UNKNOWN" }]],
  ["Expecting 'tcp' to be set for TCP probe", [{ id: "a", type: "TCP" }]],
  ["Expecting 'http' to be set for HTTP probe", [{ id: "a", type: "HTTP" }]],
  ["Expecting 'command' to be set for COMMAND probe", [{ id: "a", type: "COMMAND" }]],
  ["Port 0 is not between 1 and 65535", [{ ...tcp, tcp: { port: 0 } }]],
  ["Unsupported HTTP probe scheme: 'ftp'", [{ id: "a", type: "HTTP", http: { port: 1, scheme: "ftp" } }]],
  ["The path 'x' of HTTP probe must start with '/'", [{ id: "a", type: "HTTP", http: { port: 1, path: "x" } }]],
  ["Expecting 'interval_seconds' to be non-negative", [{ ...tcp, interval_seconds: -1 }]],
  ["Expecting 'timeout_seconds' to be non-negative", [{ ...tcp, timeout_seconds: Number.POSITIVE_INFINITY }]],
])("refuses: %s", (message, probes) => {
  expect(validateProbes(probes)?.message).toBe(message);
});
