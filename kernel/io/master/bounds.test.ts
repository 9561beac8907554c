import { createMemoryStore } from "@meseta/drivers/store/memory.ts";
import { limitsOf } from "@meseta/lib/core/bound.ts";
import { defaultBounds } from "@meseta/lib/io/http/bounds.ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MASTER_BOUNDS } from "../../core/master/bounds.ts";
import { ask, Listener, post, rehearse } from "./rehearsal.rig.ts";
import type { RunningMaster } from "./server.ts";

let master: RunningMaster;

// A second call of `slow` would pass after a quarter of an hour.
const rateLimits = { limits: [{ principal: "slow", qps: 0.001, capacity: 0 }] };

beforeEach(async () => {
  master = await rehearse(createMemoryStore(), {}, { rateLimits });
});
afterEach(() => master.stop());

async function framework(more: object = {}) {
  const framework_info = { user: "root", name: "f", failover_timeout: 60, ...more };
  const stream = await Listener.open(master, "/api/v1/scheduler", { type: "SUBSCRIBE", subscribe: { framework_info } });
  const event = (await stream.next()) as { subscribed: { framework_id: { value: string } } };
  const { framework_id } = event.subscribed;
  const headers = { "Mesos-Stream-Id": stream.headers.get("mesos-stream-id")! };
  return (body: object) => post(master, "/api/v1/scheduler", { framework_id, ...body }, headers);
}

async function metrics(): Promise<Record<string, number>> {
  return JSON.parse((await ask(master, "/metrics/snapshot")).text);
}

const padded = (bytes: number) => ({ labels: { labels: [{ key: "k", value: "x".repeat(bytes) }] } });

test("a task that is too large is refused with all of its call, and many that are not are taken", async () => {
  const call = await framework();
  const launch = (...sizes: number[]) => {
    const ids = { task_id: { value: "t" }, agent_id: { value: "a" } };
    const task_infos = sizes.map((bytes) => ({ name: "t", ...ids, ...padded(bytes) }));
    return call({
      type: "ACCEPT",
      accept: { offer_ids: [], operations: [{ type: "LAUNCH", launch: { task_infos } }] },
    });
  };
  const { most } = MASTER_BOUNDS.taskBytes;
  expect((await launch(most / 2, most / 2, most / 2)).status).toBe(202);
  const refused = await launch(10, most);
  expect(refused).toMatchObject({
    status: 413,
    text: expect.stringContaining(`A task may have ${most} bytes, and 't'`),
  });
  expect((await metrics())["meseta/calls_too_large"]).toBe(1);
});

test("a framework that describes itself at too great length is refused", async () => {
  const framework_info = { user: "root", name: "f", ...padded(MASTER_BOUNDS.frameworkBytes.most) };
  const call = { type: "SUBSCRIBE", subscribe: { framework_info } };
  expect((await post(master, "/api/v1/scheduler", call)).status).toBe(413);
});

test("an agent may tell more in one call than others, since it tells all its tasks", async () => {
  const large = "x".repeat(defaultBounds.bodyBytes + 1);
  expect((await post(master, "/api/v1", large)).status).toBe(413);
  expect((await post(master, "/api/v1/agent-link", large)).status).toBe(400);
});

test("calls beyond a principal's rate and capacity are refused for now, and those of others are not", async () => {
  const [slow, quick] = [await framework({ principal: "slow" }), await framework({ principal: "quick" })];
  const refused = await slow({ type: "REVIVE" });
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
  expect((await quick({ type: "REVIVE" })).status).toBe(202);
  const numbers = await metrics();
  expect([numbers["meseta/calls_refused"], numbers["meseta/calls_waiting"]]).toEqual([1, 0]);
  expect(numbers["frameworks/slow/messages_processed"]).toBe(1);
});

test("what an operator sets of a bound is what holds, and what is refused for it is counted", async () => {
  const limits = { ...limitsOf(MASTER_BOUNDS), frameworkBytes: 2_000, linkBytes: 3_000 };
  await using small = await rehearse(createMemoryStore(), {}, { limits });
  const framework_info = { user: "root", name: "f", ...padded(3_000) };
  const call = { type: "SUBSCRIBE", subscribe: { framework_info } };
  expect((await post(small, "/api/v1/scheduler", call)).status).toBe(413);
  expect((await post(small, "/api/v1/agent-link", { type: "x".repeat(3_000) })).status).toBe(413);
  expect((await post(small, "/api/v1/agent-link", { type: "x".repeat(2_000) })).status).toBe(400);
  const told = JSON.parse((await ask(small, "/metrics/snapshot")).text);
  expect([told["meseta/http/refused_413"], told["meseta/http/refused_400"]]).toEqual([2, 1]);
});
