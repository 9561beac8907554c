import { expect, test } from "vitest";
import { parseResources } from "./parse.ts";
import { readResources } from "./read.ts";

test("text is read as text", () => {
  expect(readResources("cpus:4;ports:[1-2]", "web")).toEqual(parseResources("cpus:4;ports:[1-2]", "web"));
});

test("JSON says what text cannot: a disk with a mount point", () => {
  const mount = { type: "MOUNT", mount: { root: "/mnt/a" } };
  const text = JSON.stringify([
    { name: "disk", type: "SCALAR", scalar: { value: 10 }, disk: { source: mount } },
    { name: "cpus", type: "SCALAR", scalar: { value: 1 }, reservations: [{ type: "STATIC", role: "web" }] },
    { name: "cpus", type: "SCALAR", scalar: { value: 1 }, role: "web" },
  ]);
  expect(readResources(text)).toEqual([
    { name: "disk", type: "SCALAR", scalar: { value: 10 }, disk: { source: mount } },
    { name: "cpus", type: "SCALAR", scalar: { value: 2 }, reservations: [{ type: "STATIC", role: "web" }] },
  ]);
});

test("what names no role belongs to the default one, in JSON too", () => {
  expect(
    readResources(
      '[{"name":"cpus","type":"SCALAR","scalar":{"value":1}},{"name":"mem","type":"SCALAR","scalar":{"value":1},"role":"*"}]',
      "web",
    ),
  ).toEqual(parseResources("cpus(web):1;mem:1"));
});

test.each([
  ["[", "Resources in JSON cannot be read: "],
  ['[{"name":"cpus"}]', "Resources in JSON cannot be read: Missing required fields: type"],
  [
    '[{"name":"cpus","type":"SCALAR","scalar":{"value":-1}}]',
    "Resource 'cpus:-1' is invalid: Invalid scalar resource: value <= 0",
  ],
])("%s is refused", (text, message) => {
  expect(readResources(text)).toEqual({ message: expect.stringContaining(message) });
});
