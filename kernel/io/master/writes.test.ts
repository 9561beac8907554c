import type { Call } from "@meseta/api/mesos/generated/master.ts";
import { createMemoryDisk, createMemoryStore } from "@meseta/drivers/store/memory.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ask, Listener, operate, post, rehearse } from "./rehearsal.rig.ts";
import type { RunningMaster } from "./server.ts";

const scalar = (name: string, value: number) => ({ name, type: "SCALAR" as const, scalar: { value } });
const labels = { labels: [{ key: "l", value: "1" }] };
const reservation = { type: "DYNAMIC" as const, role: "ops", labels };
const reserved = (name: string, value: number) => ({ ...scalar(name, value), reservations: [reservation] });
const shown = (name: string, value: number) => ({ ...reserved(name, value), role: "ops", reservation: { labels } });
const opvol = { persistence: { id: "opvol" }, volume: { mode: "RW" as const, container_path: "x" } };
const machine = { hostname: "127.0.0.1", ip: "127.0.0.1" };
const window = {
  machine_ids: [machine],
  unavailability: { start: { nanoseconds: 2e18 }, duration: { nanoseconds: 3.6e12 } },
};

let master: RunningMaster;
let link: Listener;
let agent_id: { value: string };

async function register(capabilities = ["AGENT_DRAINING", "RESERVATION_REFINEMENT", "RESIZE_VOLUME"]): Promise<void> {
  const subscribe = {
    agent_info: { hostname: "127.0.0.1", port: 5051 },
    version: "1.12.0",
    capabilities: capabilities.map((type) => ({ type })),
    total_resources: [scalar("cpus", 8), scalar("mem", 8192), scalar("disk", 10240)],
    resource_version: "AAAAAAAAAAAAAAAAAAAAAA==",
  };
  link = await Listener.open(master, "/api/v1/agent-link", {
    link_version: 1,
    boot_id: "b",
    type: "SUBSCRIBE",
    subscribe,
  });
  const event = (await link.next()) as { subscribed: { agent_id: { value: string } } };
  agent_id = event.subscribed.agent_id;
}

const done = (call: Call) => expect(operate(master, call)).resolves.toEqual({ status: 200, body: "" });
const taken = (call: Call) => expect(operate(master, call)).resolves.toEqual({ status: 202, body: "" });
const read = async (type: NonNullable<Call["type"]>) => (await operate(master, { type })).body;
const agents = async () => (await read("GET_AGENTS")).get_agents.agents;

beforeEach(async () => {
  master = await rehearse(createMemoryStore());
  await register();
});
afterEach(() => master.stop());

describe("an operator's writes, as recorded, and read back", () => {
  test("weights", async () => {
    await done({ type: "UPDATE_WEIGHTS", update_weights: { weight_infos: [{ role: "heavy", weight: 2.5 }] } });
    expect(await read("GET_WEIGHTS")).toEqual({
      type: "GET_WEIGHTS",
      get_weights: { weight_infos: [{ weight: 2.5, role: "heavy" }] },
    });
    expect(JSON.parse((await ask(master, "/weights")).text)).toEqual([{ role: "heavy", weight: 2.5 }]);
  });

  test("quota, the old way and the new", async () => {
    const guarantee = [scalar("cpus", 0.5), scalar("mem", 64)];
    await done({ type: "SET_QUOTA", set_quota: { quota_request: { role: "q1", guarantee } } });
    const amounts = { cpus: { value: 0.5 }, mem: { value: 64 } };
    expect((await read("GET_QUOTA")).get_quota.status).toEqual({
      infos: [{ role: "q1", guarantee }],
      configs: [{ role: "q1", guarantees: amounts, limits: amounts }],
    });
    const limits = { cpus: { value: 1 }, mem: { value: 128 } };
    const q2 = { role: "q2", guarantees: { cpus: { value: 0.25 } }, limits };
    await done({ type: "UPDATE_QUOTA", update_quota: { quota_configs: [q2] } });
    expect((await read("GET_QUOTA")).get_quota.status.configs).toContainEqual(q2);
    const roles = (await read("GET_ROLES")).get_roles.roles;
    expect(roles).toEqual(
      expect.arrayContaining([
        { name: "q1", weight: 1 },
        { name: "q2", weight: 1 },
      ]),
    );
    await done({ type: "REMOVE_QUOTA", remove_quota: { role: "q1" } });
    await done({ type: "UPDATE_QUOTA", update_quota: { quota_configs: [{ role: "q2" }] } });
    expect((await read("GET_QUOTA")).get_quota.status).toEqual({});
  });

  test("reservations and volumes", async () => {
    const resources = [reserved("cpus", 0.5), reserved("disk", 32)];
    await taken({ type: "RESERVE_RESOURCES", reserve_resources: { agent_id, resources } });
    expect((await agents())[0].total_resources).toEqual([
      { ...scalar("cpus", 7.5), role: "*" },
      { ...scalar("mem", 8192), role: "*" },
      { ...scalar("disk", 10208), role: "*" },
      shown("cpus", 0.5),
      shown("disk", 32),
    ]);
    const volumes = [{ ...reserved("disk", 8), disk: opvol }];
    await taken({ type: "CREATE_VOLUMES", create_volumes: { agent_id, volumes } });
    const total = (await agents())[0].total_resources;
    expect(total).toContainEqual(shown("disk", 24));
    expect(total).toContainEqual({ ...shown("disk", 8), disk: opvol });
    await taken({ type: "DESTROY_VOLUMES", destroy_volumes: { agent_id, volumes } });
    await taken({ type: "UNRESERVE_RESOURCES", unreserve_resources: { agent_id, resources } });
    expect((await agents())[0].total_resources).toEqual([
      { ...scalar("cpus", 8), role: "*" },
      { ...scalar("mem", 8192), role: "*" },
      { ...scalar("disk", 10240), role: "*" },
    ]);
  });

  test("a reservation is made over with its source", async () => {
    const before = [{ ...scalar("mem", 64), reservations: [{ type: "DYNAMIC" as const, role: "one" }] }];
    const after = [{ ...scalar("mem", 64), reservations: [{ type: "DYNAMIC" as const, role: "two" }] }];
    await taken({ type: "RESERVE_RESOURCES", reserve_resources: { agent_id, resources: before } });
    await taken({ type: "RESERVE_RESOURCES", reserve_resources: { agent_id, resources: after, source: before } });
    const reservedRoles = JSON.parse((await ask(master, "/state")).text).slaves[0].reserved_resources;
    expect(Object.keys(reservedRoles)).toEqual(["two"]);
    await taken({ type: "UNRESERVE_RESOURCES", unreserve_resources: { agent_id, resources: after } });
  });

  test("a volume grows and shrinks", async () => {
    const resources = [reserved("disk", 32)];
    const volume = { ...reserved("disk", 8), disk: opvol };
    await taken({ type: "RESERVE_RESOURCES", reserve_resources: { agent_id, resources } });
    await taken({ type: "CREATE_VOLUMES", create_volumes: { agent_id, volumes: [volume] } });
    await taken({ type: "GROW_VOLUME", grow_volume: { agent_id, volume, addition: reserved("disk", 4) } });
    const grown = { ...volume, scalar: { value: 12 } };
    await taken({ type: "SHRINK_VOLUME", shrink_volume: { agent_id, volume: grown, subtract: { value: 10 } } });
    const small = { ...volume, scalar: { value: 2 } };
    await taken({ type: "DESTROY_VOLUMES", destroy_volumes: { agent_id, volumes: [small] } });
    await taken({ type: "UNRESERVE_RESOURCES", unreserve_resources: { agent_id, resources } });
  });

  test("a maintenance schedule", async () => {
    const update = (schedule: object): Call => ({
      type: "UPDATE_MAINTENANCE_SCHEDULE",
      update_maintenance_schedule: { schedule },
    });
    await done(update({ windows: [window] }));
    expect(await read("GET_MAINTENANCE_SCHEDULE")).toEqual({
      type: "GET_MAINTENANCE_SCHEDULE",
      get_maintenance_schedule: { schedule: { windows: [window] } },
    });
    expect(await read("GET_MAINTENANCE_STATUS")).toEqual({
      type: "GET_MAINTENANCE_STATUS",
      get_maintenance_status: { status: { draining_machines: [{ id: machine }] } },
    });
    const drain = await operate(master, { type: "DRAIN_AGENT", drain_agent: { agent_id } });
    expect(drain.status).toBe(400);
    expect(drain.body).toContain("is part of a maintenance schedule under Machine 127.0.0.1 (127.0.0.1)");
    await done(update({ windows: [] }));
    expect((await read("GET_MAINTENANCE_SCHEDULE")).get_maintenance_schedule).toEqual({ schedule: {} });
  });

  test("the level of the log, for a time", async () => {
    const set_logging_level = { level: 1, duration: { nanoseconds: 1e12 } };
    await done({ type: "SET_LOGGING_LEVEL", set_logging_level });
    expect((await read("GET_LOGGING_LEVEL")).get_logging_level).toEqual({ level: 1 });
    expect((await ask(master, "/logging/toggle?level=0&duration=1mins")).status).toBe(200);
    expect((await ask(master, "/logging/toggle")).text).toBe("0\n");
  });

  test("an agent is deactivated, drained, and activated again", async () => {
    await done({ type: "DEACTIVATE_AGENT", deactivate_agent: { agent_id } });
    expect(await agents()).toMatchObject([{ active: false, deactivated: true }]);
    await done({ type: "REACTIVATE_AGENT", reactivate_agent: { agent_id } });
    await taken({ type: "RESERVE_RESOURCES", reserve_resources: { agent_id, resources: [reserved("mem", 64)] } });
    await done({ type: "DRAIN_AGENT", drain_agent: { agent_id, max_grace_period: { seconds: 10 }, mark_gone: false } });
    expect(await agents()).toMatchObject([{ drain_info: { state: "DRAINING" } }]);
    expect(await operate(master, { type: "REACTIVATE_AGENT", reactivate_agent: { agent_id } })).toEqual({
      status: 400,
      body: "Agent is still in the DRAINING state",
    });
    await finishOperations();
    expect(await agents()).toMatchObject([
      {
        active: false,
        deactivated: true,
        drain_info: { state: "DRAINED", config: { max_grace_period: { nanoseconds: 1e10 }, mark_gone: false } },
      },
    ]);
    await done({ type: "REACTIVATE_AGENT", reactivate_agent: { agent_id } });
    const [agent] = await agents();
    expect(agent).toMatchObject({ active: true, deactivated: false });
    expect(agent).not.toHaveProperty("drain_info");
  });
});

/** The agent tells that it has done all operations that it was sent. */
async function finishOperations(): Promise<void> {
  const { operations = [] } = (await read("GET_OPERATIONS")).get_operations;
  const messages = operations.map(({ uuid }: { uuid: { value: string } }) => ({
    type: "UPDATE_OPERATION",
    update_operation: { operation_uuid: uuid.value, status: { state: "OPERATION_FINISHED" } },
  }));
  const call = { link_version: 1, boot_id: "b", epoch: 1, agent_id, type: "MESSAGES", messages };
  expect((await post(master, "/api/v1/agent-link", call)).status).toBe(202);
  expect((await read("GET_OPERATIONS")).get_operations).toEqual({});
}

describe("an operator's wrong calls, as recorded", () => {
  const unknown = { value: "no" };
  test.each<[string, Call, number, string]>([
    [
      "no role's weight is 0",
      { type: "UPDATE_WEIGHTS", update_weights: { weight_infos: [{ role: "a", weight: 0 }] } },
      400,
      "Failed to validate update weights request JSON for role 'a': Invalid weight '0': Weights must be positive",
    ],
    [
      "quota of no role",
      { type: "SET_QUOTA", set_quota: { quota_request: {} } },
      400,
      "Failed to validate set quota request: QuotaInfo with invalid role: Role names cannot be the empty string",
    ],
    ["no quota at all", { type: "UPDATE_QUOTA", update_quota: {} }, 200, ""],
    [
      "a guarantee above its limit",
      {
        type: "UPDATE_QUOTA",
        update_quota: {
          quota_configs: [{ role: "q", guarantees: { cpus: { value: 2 } }, limits: { cpus: { value: 1 } } }],
        },
      },
      400,
      "Invalid QuotaConfig: 'QuotaConfig.guarantees' { cpus: 2 } is not contained within the 'QuotaConfig.limits' { cpus: 1 }",
    ],
    [
      "volumes of an unknown agent",
      { type: "CREATE_VOLUMES", create_volumes: { agent_id: unknown } },
      400,
      "No agent found with specified ID",
    ],
    [
      "the end of an unknown framework",
      { type: "TEARDOWN", teardown: { framework_id: unknown } },
      400,
      "No framework found with specified ID",
    ],
    [
      "an unknown agent that is gone",
      { type: "MARK_AGENT_GONE", mark_agent_gone: { agent_id: unknown } },
      404,
      "Agent 'no' not found",
    ],
    ["an unknown agent that drains", { type: "DRAIN_AGENT", drain_agent: { agent_id: unknown } }, 400, "Unknown agent"],
    [
      "an unknown agent that is activated",
      { type: "REACTIVATE_AGENT", reactivate_agent: { agent_id: unknown } },
      400,
      "Agent is not deactivated",
    ],
    [
      "a machine that goes down unscheduled",
      { type: "START_MAINTENANCE", start_maintenance: { machines: [{ hostname: "h" }] } },
      400,
      `Machine '{"hostname":"h"}' is not part of a maintenance schedule`,
    ],
    [
      "a machine that comes up and was not down",
      { type: "STOP_MAINTENANCE", stop_maintenance: { machines: [{ hostname: "h" }] } },
      400,
      `Machine '{"hostname":"h"}' is not part of a maintenance schedule`,
    ],
    ["an unknown folder", { type: "LIST_FILES", list_files: { path: "/no/such" } }, 404, ""],
    [
      "a quota that nobody has (it brought Mesos down)",
      { type: "REMOVE_QUOTA", remove_quota: { role: "never-had-quota" } },
      400,
      "Cannot remove quota for role 'never-had-quota' which does not have quota",
    ],
  ])("%s", async (_, call, status, body) => {
    expect(await operate(master, call)).toEqual({ status, body });
  });

  test("what is not there cannot be reserved, and what is promised beyond the cluster is refused unless forced", async () => {
    const resources = [reserved("cpus", 800)];
    const refused = await operate(master, { type: "RESERVE_RESOURCES", reserve_resources: { agent_id, resources } });
    expect(refused.status).toBe(409);
    const quota_configs = [{ role: "big", guarantees: { cpus: { value: 800 } } }];
    const call: Call = { type: "UPDATE_QUOTA", update_quota: { quota_configs } };
    expect(await operate(master, call)).toMatchObject({ status: 400, body: expect.stringContaining("force") });
    await done({ type: "UPDATE_QUOTA", update_quota: { quota_configs, force: true } });
    await done({ type: "UPDATE_QUOTA", update_quota: { quota_configs: [{ role: "big" }] } });
    const quota_request = { role: "big", guarantee: [scalar("cpus", 800)] };
    expect(await operate(master, { type: "SET_QUOTA", set_quota: { quota_request } })).toMatchObject({ status: 409 });
  });
});

describe("the older endpoints that write", () => {
  const form = (fields: Record<string, string>) => ({ method: "POST", body: new URLSearchParams(fields).toString() });

  test("reserve and unreserve by a form", async () => {
    const resources = JSON.stringify([{ ...scalar("mem", 64), role: "ops", reservation: {} }]);
    expect((await ask(master, "/reserve", form({ slaveId: agent_id.value, resources }))).status).toBe(202);
    expect((await ask(master, "/master/unreserve", form({ slaveId: agent_id.value, resources }))).status).toBe(202);
    expect(await ask(master, "/reserve", form({ slaveId: "no", resources }))).toMatchObject({
      status: 400,
      text: "No agent found with specified ID",
    });
    expect(await ask(master, "/reserve", form({ resources }))).toMatchObject({
      status: 400,
      text: "Missing 'slaveId' query parameter in the request body",
    });
    expect((await ask(master, "/reserve", form({ slaveId: agent_id.value, resources: "[" }))).status).toBe(400);
    expect((await ask(master, "/reserve")).status).toBe(405);
  });

  test("a form of millions of fields, or of megabytes, is refused before it is taken apart", async () => {
    for (const body of ["a&".repeat(16 * 1024 * 1024 - 1), "+".repeat(5 * 1024 * 1024)]) {
      const { status, text } = await ask(master, "/reserve", { method: "POST", body });
      expect([status, text]).toEqual([400, expect.stringMatching(/^Expecting (a form of )?at most/)]);
    }
  });

  test("weights, quota and maintenance by JSON", async () => {
    const send = (method: string, path: string, body?: unknown) =>
      ask(master, path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    expect((await send("PUT", "/weights", [{ role: "w", weight: 3 }])).status).toBe(200);
    expect((await send("PUT", "/weights", { role: "w" })).status).toBe(400);
    expect((await send("POST", "/quota", { role: "q9", guarantee: [scalar("cpus", 1)] })).status).toBe(200);
    expect(JSON.parse((await send("GET", "/quota")).text).configs).toMatchObject([{ role: "q9" }]);
    expect((await send("DELETE", "/quota/q9")).status).toBe(200);
    expect((await send("POST", "/maintenance/schedule", { windows: [window] })).status).toBe(200);
    expect(JSON.parse((await send("GET", "/maintenance/schedule")).text)).toEqual({ windows: [window] });
    expect((await send("POST", "/machine/down", [{ hostname: "other" }])).status).toBe(400);
    expect((await send("POST", "/maintenance/schedule", { windows: [] })).status).toBe(200);
    expect(await send("POST", "/teardown", {})).toMatchObject({ status: 400 });
  });
});

test("a machine goes down with its agent and comes up; the schedule and what is down survive the master", async () => {
  const disk = createMemoryDisk();
  await master.stop();
  master = await rehearse(createMemoryStore(disk));
  await register();
  await done({ type: "UPDATE_MAINTENANCE_SCHEDULE", update_maintenance_schedule: { schedule: { windows: [window] } } });
  await master.stop();
  master = await rehearse(createMemoryStore(disk));
  expect((await read("GET_MAINTENANCE_STATUS")).get_maintenance_status.status.draining_machines).toEqual([
    { id: machine },
  ]);
  await done({ type: "START_MAINTENANCE", start_maintenance: { machines: [machine] } });
  await master.stop();
  master = await rehearse(createMemoryStore(disk));
  expect((await read("GET_MAINTENANCE_STATUS")).get_maintenance_status.status).toEqual({ down_machines: [machine] });
  await register().catch(() => {});
  expect(await agents()).toEqual([]);
  await done({ type: "STOP_MAINTENANCE", stop_maintenance: { machines: [machine] } });
  expect((await read("GET_MAINTENANCE_STATUS")).get_maintenance_status).toEqual({ status: {} });
  await register();
  expect(await agents()).toHaveLength(1);
  await done({ type: "MARK_AGENT_GONE", mark_agent_gone: { agent_id } });
  await done({ type: "MARK_AGENT_GONE", mark_agent_gone: { agent_id } });
  expect(await agents()).toEqual([]);
});
