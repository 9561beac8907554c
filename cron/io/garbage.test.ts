import { garbageOf } from "@meseta/lib/io/garbage.rig.ts";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CHRONOS } from "../core/routes/chronos.ts";
import { METRONOME } from "../core/routes/metronome.ts";
import { Stand } from "./stand.rig.ts";

let stand: Stand;
beforeAll(async () => {
  stand = await Stand.start({ bounds: { bodyBytes: 16 * 1024 * 1024 } });
  await stand.chronos("/v1/scheduler/iso8601", { method: "POST", json: { ...TICK, name: "a" } });
  await stand.metronome("/v0/scheduled-jobs", { method: "POST", json: NIGHTLY });
});
afterAll(() => stand.cron.stop());

const TICK = { command: "date", schedule: "R/2100-01-01T00:00:00Z/P1D", owner: "", disabled: false };
const NIGHTLY = { id: "b", run: { cmd: "date", cpus: 1, mem: 32 }, schedules: [{ id: "s", cron: "0 3 * * *" }] };

/** Words that bodies and paths have, so that garbage gets further than its first field. */
const WORDS = [
  ...["id", "a", "b", "s", "name", "", "..", "command", "schedule", "parents", "owner", "disabled", "run", "cmd"],
  ...["R/2100-01-01T00:00:00Z/P1D", "R//PT1S", "R5/x/P", "P1D", "UTC", "Nowhere/At", "cron", "* * * * *", "0 0 31 2 *"],
  ...[
    "cpus",
    "mem",
    "disk",
    "gpus",
    "args",
    "env",
    "secrets",
    "source",
    "artifacts",
    "uri",
    "fetch",
    "container",
    "image",
  ],
  ...["docker", "ucr", "volumes", "containerPath", "hostPath", "mode", "RO", "networks", "placement", "constraints"],
  ...["attribute", "operator", "value", "LIKE", "(", "restart", "policy", "ON_FAILURE", "schedules", "dependencies"],
  ...[
    "timezone",
    "scheduleTimeZone",
    "concurrencyPolicy",
    "startingDeadlineSeconds",
    "catchUp",
    "retries",
    "arguments",
  ],
  ...["statusCode", "numAdditionalElementsProcessed", "environmentVariables", "labels", "__proto__", "constructor"],
];
const { word, body } = garbageOf(WORDS);
const apis = [
  { api: CHRONOS, prefix: "/v1/scheduler", ask: (...asked: Parameters<Stand["chronos"]>) => stand.chronos(...asked) },
  { api: METRONOME, prefix: "", ask: (...asked: Parameters<Stand["metronome"]>) => stand.metronome(...asked) },
] as const;
const route = fc.constantFrom(...apis.flatMap((of) => of.api.routes.map((row) => ({ ...of, ...row }))));
const segment = fc.oneof(fc.constantFrom("a", "b", "s", "none", "é", "a b", "a/b"), fc.string({ maxLength: 8 }));
// A definition that would do, in which one thing is garbage.
const nearly = fc
  .tuple(fc.constantFrom<object>({ ...TICK, name: "a" }, NIGHTLY, NIGHTLY.schedules[0]!), word, body)
  .map(([whole, name, value]) => ({ ...whole, [name]: value }));

it("no path, parameter or body breaks either API: garbage is refused, and it lives on", async () => {
  await fc.assert(
    fc.asyncProperty(
      route,
      segment,
      fc.oneof(body, nearly),
      fc.dictionary(word, fc.string(), { maxKeys: 2 }),
      async ({ ask, prefix, method, path, body: takes, query }, at, json, values) => {
        const names = query.split(" ");
        const pairs = Object.values(values).map((value, i) => [names[i % names.length]!, value]);
        const target = prefix + path.replaceAll(/\{\w+\}/g, encodeURIComponent(at));
        const answer = await ask(`${target}?${new URLSearchParams(pairs)}`, { method, ...(takes && { json }) });
        expect([answer.status < 500, await answer.text()]).toEqual([true, expect.any(String)]);
      },
    ),
    { numRuns: 600 },
  );
  expect((await stand.chronos("/v1/scheduler/jobs")).status).toBe(200);
  expect(stand.ends).toEqual([]);
});

it("however deep a body is, it breaks nothing", async () => {
  const lists = "[".repeat(300_000) + "]".repeat(300_000);
  const objects = `{"run":`.repeat(50_000) + "1" + "}".repeat(50_000);
  const headers = { "Content-Type": "application/json" };
  for (const text of [lists, objects])
    for (const { api, prefix, ask } of apis)
      for (const { method, path } of api.routes.filter(({ body: takes }) => takes !== undefined)) {
        const target = prefix + path.replaceAll(/\{\w+\}/g, "a");
        const { status } = await ask(target, { method, body: text, headers });
        expect([target, status < 500]).toEqual([target, true]);
      }
});
