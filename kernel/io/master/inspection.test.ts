import { createMemoryStore } from "@meseta/drivers/store/memory.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Front } from "./front.ts";
import { ENDPOINTS } from "./help.ts";
import { ask, operate, post, rehearse } from "./rehearsal.rig.ts";
import { masterRoutes, type RunningMaster } from "./server.ts";

let master: RunningMaster;

beforeAll(async () => {
  master = await rehearse(createMemoryStore());
});
afterAll(() => master.stop());

test("help has a line for every endpoint and for no other", () => {
  const routes = Object.keys(masterRoutes({} as Front)).filter((path) => path !== "/help/*");
  expect(Object.keys(ENDPOINTS)).toEqual(routes.toSorted());
});

test("help is a list for people, a part of it, or JSON in Mesos' form", async () => {
  const { headers, text } = await ask(master, "/help");
  expect(headers.get("content-type")).toContain("text/plain");
  expect(text).toMatch(/^\/tasks +Tasks, some at a time/m);
  expect((await ask(master, "/help/master/machine")).text.trim().split("\n")).toHaveLength(2);
  expect((await ask(master, "/master/help/nowhere")).status).toBe(404);
  const { processes } = JSON.parse((await ask(master, "/help/health?format=json")).text);
  expect(processes).toMatchObject([{ id: "master", endpoints: [{ name: "/health" }] }]);
});

test("the process is one, and neither its time nor its memory is profiled over HTTP", async () => {
  expect(JSON.parse((await ask(master, "/__processes__")).text)).toEqual([{ id: "master", events: [] }]);
  for (const path of ["/profiler/start", "/profiler/stop", "/memory-profiler/state"])
    expect(await ask(master, path)).toMatchObject({ status: 400, text: expect.stringContaining("not enabled") });
});

test("the registry shows what is durable, in Mesos' form", async () => {
  const registry = async () => JSON.parse((await ask(master, "/registrar(1)/registry")).text);
  expect(await registry()).toEqual({
    master: { info: expect.objectContaining({ version: "1.12.0" }) },
    slaves: { slaves: [] },
  });
  await operate(master, { type: "UPDATE_WEIGHTS", update_weights: { weight_infos: [{ role: "w", weight: 2 }] } });
  const limits = { cpus: { value: 3 } };
  await operate(master, { type: "UPDATE_QUOTA", update_quota: { quota_configs: [{ role: "q", limits }] } });
  const machine_ids = [{ hostname: "h" }];
  const windows = [{ machine_ids, unavailability: { start: { nanoseconds: 5 } } }];
  await operate(master, {
    type: "UPDATE_MAINTENANCE_SCHEDULE",
    update_maintenance_schedule: { schedule: { windows } },
  });
  await post(master, "/machine/down", machine_ids);
  expect(await registry()).toMatchObject({
    weights: [{ info: { role: "w", weight: 2 } }],
    quota_configs: [{ role: "q", limits }],
    schedules: [{ windows }],
    machines: { machines: [{ info: { id: { hostname: "h" }, mode: "DOWN" } }] },
  });
});
