import { readFileSync } from "node:fs";
import { createMemoryDisk, createMemoryStore } from "@meseta/drivers/store/memory.ts";
import { afterAll, describe, expect, test } from "vitest";
import { ask, Listener, operate, rehearse } from "./rehearsal.rig.ts";
import type { RunningMaster } from "./server.ts";

type Answers = Record<string, Record<string, unknown>>;
// biome-ignore lint/suspicious/noExplicitAny: recorded answers, of all shapes.
type Recorded = any;

const recorded: Record<"idle" | "active" | "after", Answers> = JSON.parse(
  readFileSync(new URL("golden/reads.json", import.meta.url), "utf8"),
);
const masters: RunningMaster[] = [];

afterAll(() => Promise.all(masters.map((master) => master.stop())));

describe.each(["idle", "active", "after"] as const)("as recorded %s", (moment) => {
  const answers = recorded[moment];
  const staged = stage(answers);

  test.each(Object.keys(answers))("%s", async (name) => {
    const master = await staged;
    expect(masked(await answerOf(master, name))).toEqual(masked(inJson(answers[name])));
  });
});

test("every number that was recorded has its name here, but for those that mean nothing here", async () => {
  const names: string[] = JSON.parse(readFileSync(new URL("golden/metrics.json", import.meta.url), "utf8"));
  const master = await stage(recorded.active);
  // It stores something only now, in the master's life.
  await operate(master, { type: "UPDATE_WEIGHTS", update_weights: { weight_infos: [{ role: "w", weight: 1 }] } });
  const own = JSON.parse((await ask(master, "/metrics/snapshot")).text);
  expect(names.filter((name) => !(name in own) && !MEANINGLESS.test(name))).toEqual([]);
  expect(own).toMatchObject({ "master/cpus_percent": 0.05, "master/tasks_running": 3, "master/slaves_active": 1 });
});

/** Calls older than the v1 API, the size of a registry that is not one value, quota of roles without any. */
const MEANINGLESS =
  /^frameworks\/|allocation_run_latency_ms|registry_size_bytes|^allocator\/mesos\/quota\/roles\/(golden)?\/resources\/.*\/consumed$/;

async function answerOf(master: RunningMaster, name: string): Promise<unknown> {
  const [method, what = ""] = name.split(" ");
  if (method === "POST") return (await operate(master, { type: what as "GET_STATE" })).body;
  const { status, headers, text } = await ask(master, what);
  expect([status, headers.get("content-type")]).toEqual([200, "application/json"]);
  return JSON.parse(text);
}

/** A master to which came all that the recording shows: its framework with its history, its agent with what runs on it. */
async function stage(answers: Answers): Promise<RunningMaster> {
  const state: Recorded = answers["POST GET_STATE"]!["get_state"];
  const disk = createMemoryDisk();
  for (const { framework_info } of state.get_frameworks.frameworks)
    disk.records.set(`framework/${framework_info.id.value}`, JSON.stringify({ info: framework_info, registeredMs: 1 }));
  for (const { framework_info } of state.get_frameworks.completed_frameworks)
    disk.records.set(
      `completed-framework/${framework_info.id.value}`,
      JSON.stringify({ info: framework_info, registeredMs: 1, unregisteredMs: 2 }),
    );
  const tasks = state.get_tasks.completed_tasks;
  if (tasks.length > 0)
    disk.records.set(`completed-task/${tasks[0].framework_id.value}/000000000000`, JSON.stringify({ tasks }));
  const master = await rehearse(createMemoryStore(disk));
  masters.push(master);
  for (const agent of state.get_agents.agents) await register(master, agent, state);
  for (const framework of state.get_frameworks.frameworks) await subscribe(master, framework);
  return master;
}

async function register(master: RunningMaster, agent: Recorded, state: Recorded): Promise<void> {
  const { agent_info, version, capabilities } = agent;
  const executors = state.get_executors.executors.map(({ executor_info }: Recorded) => ({
    framework_id: executor_info.framework_id,
    executor_info,
  }));
  const subscribe = {
    ...{ agent_info, version, capabilities, executors, resource_version: "AAAAAAAAAAAAAAAAAAAAAA==" },
    ...{ total_resources: agent_info.resources, tasks: state.get_tasks.tasks },
    frameworks: state.get_frameworks.frameworks.map(({ framework_info }: Recorded) => framework_info),
  };
  const call = { link_version: 1, boot_id: "b", agent_id: agent_info.id, type: "SUBSCRIBE", subscribe };
  await opened(await Listener.open(master, "/api/v1/agent-link", call));
}

async function subscribe(master: RunningMaster, { framework_info }: Recorded): Promise<void> {
  const subscribe = { framework_info, suppressed_roles: framework_info.roles };
  const call = { type: "SUBSCRIBE", framework_id: framework_info.id, subscribe };
  await opened(await Listener.open(master, "/api/v1/scheduler", call));
}

async function opened(stream: Listener): Promise<void> {
  expect(stream.status).toBe(200);
  expect(await stream.next()).toMatchObject({ type: "SUBSCRIBED" });
}

/** Differ from run to run, or between the two systems: times, builds, settings. */
const OWN = new Set(
  [
    "build_date",
    "build_time",
    "build_user",
    "start_time",
    "elected_time",
    "registered_time",
    "unregistered_time",
  ].concat(["reregistered_time", "flags"]),
);

/** Without what differs from run to run; lists without an order in it are sorted. */
function masked(value: unknown, name = ""): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => masked(item));
    return UNORDERED.has(name) ? items.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items;
  }
  if (typeof value !== "object" || value === null) return typeof value === "string" ? maskedText(value, name) : value;
  const entries = Object.entries(value).filter(([key]) => !OWN.has(key));
  return Object.fromEntries(entries.map(([key, item]) => [key, key === "port" ? "<port>" : masked(item, key)]));
}

/** Mesos keeps these in hash tables. */
const UNORDERED = new Set(["tasks", "completed_tasks", "get_tasks"]);

function maskedText(text: string, name: string): string {
  if (name === "pid" || name === "leader") return text.replace(/:\d+$/, ":<port>");
  return name === "id" && /^[0-9a-f-]{36}$/.test(text) ? "<master>" : text;
}

/** As JSON says it: doubles that are whole are integers. */
function inJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
