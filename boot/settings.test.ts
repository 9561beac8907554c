import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { limitsOf } from "@meseta/lib/core/bound.ts";
import { HTTP_BOUNDS } from "@meseta/lib/io/http/bounds.ts";
import { expect, it } from "vitest";
import { boundsOf, intervalOf, percentOf, rateLimitsOf } from "./settings.ts";

it("N/DURATION says how long each has", () => {
  const read = (text?: string) => intervalOf({ limit: text }, "limit");
  expect(read()).toBeUndefined();
  expect(read("1/10mins")).toBe(600_000);
  expect(read("5/1mins")).toBe(12_000);
  for (const bad of ["1", "0/1mins", "1/soon", "x/1mins", "1/2/3", "/1mins"]) expect(() => read(bad)).toThrow(/limit/);
});

it("a server's bounds are what the flags say, and one body has room among all", () => {
  const set = {
    "max-body-size": "1MB",
    "max-bytes-in-flight": "4MB",
    "max-connections": "7",
    "max-stream-backlog": "2MB",
    "max-streams-backlog": "9MB",
  };
  const MiB = 1024 * 1024;
  const limits = new Map([["head-size", 2048]]);
  expect(boundsOf(set, limits)).toEqual({
    ...limitsOf(HTTP_BOUNDS),
    headerBytes: 2048,
    ...{ bodyBytes: MiB, bytesInFlight: 4 * MiB, connections: 7 },
    ...{ streamBytes: 2 * MiB, allStreamsBytes: 9 * MiB },
  });
  expect(() => boundsOf({ ...set, "max-body-size": "5MB" })).toThrow(/max-bytes-in-flight/);
});

it("a percentage is told with its sign or without", () => {
  const read = (text: string) => percentOf({ limit: text }, "limit");
  expect(["0", "12.5%", "100%"].map(read)).toEqual([0, 12.5, 100]);
  for (const bad of ["101%", "-1", "half", ""]) expect(() => read(bad)).toThrow(/limit/);
});

it("rate limits are JSON, or a file of it", () => {
  const limits = { limits: [{ principal: "p", qps: 2 }] };
  const dir = mkdtempSync(join(tmpdir(), "rates-"));
  const file = join(dir, "rates.json");
  writeFileSync(file, JSON.stringify(limits));
  const read = (text?: string) => rateLimitsOf({ "rate-limits": text });
  expect(read()).toBeUndefined();
  for (const text of [JSON.stringify(limits), file, `file://${file}`]) expect(read(text)).toEqual(limits);
  for (const bad of ["{", "/nowhere", '{"limits":1}']) expect(() => read(bad)).toThrow(/rate-limits/);
  rmSync(dir, { recursive: true });
});
