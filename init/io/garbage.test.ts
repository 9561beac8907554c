import { garbageOf } from "@meseta/lib/io/garbage.rig.ts";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ROUTES } from "../core/routes.ts";
import { Stand } from "./stand.rig.ts";

let stand: Stand;
beforeAll(async () => {
  stand = await Stand.start({ bounds: { bodyBytes: 16 * 1024 * 1024 } });
  await stand.post("/v2/apps", { id: "/g/a", cmd: "sleep 1" });
  await stand.post("/v2/pods", { id: "/g/p", containers: [{ name: "c", resources: {} }] });
});
afterAll(() => stand.init.stop());

/** Words that bodies and paths have, so that garbage gets further than its first field. */
const WORDS = [
  ...["id", "/g/a", "/g/p", "/g", "/", "..", "", "cmd", "args", "instances", "apps", "groups", "dependencies"],
  ...["container", "docker", "image", "portMappings", "networks", "mode", "host", "container/bridge", "name", "labels"],
  ...["env", "constraints", "hostname", "UNIQUE", "healthChecks", "protocol", "MESOS_HTTP", "upgradeStrategy"],
  ...["scaling", "kind", "fixed", "containers", "resources", "cpus", "mem", "version", "scaleBy", "enforceRole", "ids"],
  ...["volumes", "persistent", "size", "containerPath", "readinessChecks", "portDefinitions", "role", "autoscale"],
];
const { word, body } = garbageOf(WORDS);
const route = fc.constantFrom(...ROUTES.filter(({ path }) => path !== "/v2/leader" && path !== "/v2/events"));
const segment = fc.oneof(fc.constantFrom("g", "a", "g/a", "g/p", "*", "none"), fc.string({ maxLength: 8 }));

it("no path, parameter or body breaks it: garbage is refused, and it lives on", async () => {
  await fc.assert(
    fc.asyncProperty(route, segment, body, fc.dictionary(word, fc.string(), { maxKeys: 2 }), async (...asked) => {
      const [{ method, path, takesBody, query }, at, json, values] = asked;
      const names = query.split(" ");
      const pairs = Object.values(values).map((value, i) => [names[i % names.length]!, value]);
      const target = path.replaceAll(/\{\w+\}/g, encodeURIComponent(at));
      const answer = await stand.ask(`${target}?${new URLSearchParams(pairs)}`, { method, ...(takesBody && { json }) });
      expect([answer.status < 500, await answer.text()]).toEqual([true, expect.any(String)]);
    }),
    { numRuns: 400 },
  );
  expect((await stand.ask("/v2/groups")).status).toBe(200);
  expect(stand.ends).toEqual([]);
});

it("however deep a body is, it breaks nothing: what is not known of it is not looked at, the rest is refused", async () => {
  const deep = 10_000;
  const groups = `{"groups":[{"id":"g","groups":[`.repeat(deep) + "]}]}".repeat(deep);
  const lists = "[".repeat(1_000_000) + "]".repeat(1_000_000);
  const objects = `{"env":`.repeat(100_000) + "1" + "}".repeat(100_000);
  for (const text of [groups, lists, objects])
    for (const [method, path] of [
      ["POST", "/v2/groups"],
      ["PUT", "/v2/groups"],
      ["POST", "/v2/apps"],
      ["PUT", "/v2/apps/g/a"],
      ["POST", "/v2/pods"],
    ] as const) {
      const headers = { "Content-Type": "application/json" };
      const { status } = await stand.ask(path, { method, body: text, headers });
      expect([path, status < 500]).toEqual([path, true]);
    }
});
