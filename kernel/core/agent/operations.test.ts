import type { OfferOperation, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { describe, expect, test } from "vitest";
import { commandTask, FRAMEWORK, Rig, scalar } from "./agent.rig.ts";

const RESERVED: Resource = {
  name: "disk",
  type: "SCALAR",
  scalar: { value: 16 },
  allocation_info: { role: "test" },
  reservations: [{ type: "DYNAMIC", role: "test", principal: "p" }],
};
const VOLUME: Resource = {
  ...RESERVED,
  disk: { persistence: { id: "v", principal: "p" }, volume: { mode: "RW", container_path: "data" } },
};

function apply(
  rig: Rig,
  operation_uuid: string,
  operation: OfferOperation,
  resource_version = rig.agent.state.resourceVersion,
): Rig {
  return rig.link({
    type: "APPLY_OPERATION",
    apply_operation: { framework_info: FRAMEWORK, operation, operation_uuid, resource_version },
  });
}

const reserve: OfferOperation = { type: "RESERVE", id: { value: "op" }, reserve: { resources: [RESERVED] } };
const told = (rig: Rig) => rig.messages("UPDATE_OPERATION").map((message) => message.update_operation!.status);

describe("an operation", () => {
  test("changes the agent's total, durably, and says so", () => {
    const rig = apply(new Rig().register(), "u1", reserve);
    expect(told(rig)).toEqual([
      {
        operation_id: { value: "op" },
        state: "OPERATION_FINISHED",
        uuid: { value: expect.any(String) },
        agent_id: { value: "m-S0" },
      },
    ]);
    rig.crash();
    const disks = rig.agent.state.total.filter((resource) => resource.name === "disk");
    expect(disks.map((disk) => [disk.scalar!.value, disk.reservations?.length ?? 0])).toEqual([
      [10224, 0],
      [16, 1],
    ]);
  });

  test("is told again until it is acknowledged, also after a crash, and done once", () => {
    const rig = apply(new Rig().register(), "u1", reserve);
    const [status] = told(rig);
    rig.take().pass(10_000);
    expect(told(rig)).toEqual([status]);
    rig.crash().register();
    expect(told(rig)).toEqual([status]);
    apply(rig, "u1", reserve);
    expect(rig.agent.state.total.filter((resource) => resource.reservations !== undefined)).toHaveLength(1);
    rig.link({
      type: "ACKNOWLEDGE_OPERATION",
      acknowledge_operation: { operation_uuid: "u1", uuid: status!.uuid!.value },
    });
    rig.take().pass(60_000);
    expect(told(rig)).toEqual([]);
    expect(rig.agent.state.operations.size).toBe(0);
  });

  test("for which nobody waits is told once", () => {
    const { id: _, ...quiet } = reserve;
    const rig = apply(new Rig().register(), "u1", quiet);
    expect(told(rig)).toEqual([{ state: "OPERATION_FINISHED", agent_id: { value: "m-S0" } }]);
    rig.take().pass(60_000);
    expect(told(rig)).toEqual([]);
  });

  test("that cannot be done fails, and launches that count on it are refused", () => {
    const rig = new Rig().register();
    const version = rig.agent.state.resourceVersion;
    apply(rig, "u1", { ...reserve, reserve: { resources: [{ ...RESERVED, scalar: { value: 99_999 } }] } });
    expect(told(rig)).toMatchObject([{ state: "OPERATION_FAILED" }]);
    expect(rig.agent.state.resourceVersion).not.toBe(version);
    expect(rig.messages("UPDATE_AGENT")).toHaveLength(1);
  });

  test("for resources that have changed since is dropped", () => {
    expect(told(apply(new Rig().register(), "u1", reserve, "old"))).toMatchObject([{ state: "OPERATION_DROPPED" }]);
  });

  test("CREATE makes the volume's folder; DESTROY moves its data aside and then removes it, also over a crash", () => {
    const rig = apply(apply(new Rig().register(), "u1", reserve), "u2", {
      type: "CREATE",
      create: { volumes: [VOLUME] },
    });
    expect(rig.of("make-volume")).toEqual([{ type: "make-volume", path: "/var/lib/agent/volumes/roles/test/v" }]);
    apply(rig.take(), "u3", { type: "DESTROY", destroy: { volumes: [VOLUME] } });
    const [moved] = rig.of("move-volume");
    expect(moved).toMatchObject({ path: "/var/lib/agent/volumes/roles/test/v" });
    rig.crash().register();
    expect(rig.of("move-volume")).toEqual([moved]);
    expect(rig.of("empty-trash")).toEqual([]);
    rig.apply({ type: "volume-moved", trash: moved!.trash });
    const empty = { ...moved, type: "empty-trash" };
    expect(rig.of("empty-trash")).toEqual([empty]);
    rig.crash().register();
    expect(rig.of("move-volume")).toEqual([]);
    expect(rig.of("empty-trash")).toEqual([empty]);
    rig.apply({ type: "trash-emptied", trash: moved!.trash });
    rig.crash().register();
    expect(rig.of("empty-trash")).toEqual([]);
  });
});

describe("a persistent volume", () => {
  const on = (disk: NonNullable<Resource["disk"]>, value = 16): Resource => ({
    ...RESERVED,
    scalar: { value },
    ...(Object.keys(disk).length > 0 && { disk }),
  });
  const made = (source: Pick<NonNullable<Resource["disk"]>, "source">, value = 16) =>
    on({ ...source, ...VOLUME.disk }, value);
  const PATH = { source: { type: "PATH" as const, path: { root: "/disk1" } } };
  const MOUNT = { source: { type: "MOUNT" as const, mount: { root: "/mnt/d2" } } };
  const create = (volume: Resource): OfferOperation => ({ type: "CREATE", create: { volumes: [volume] } });
  const destroy = (volume: Resource): OfferOperation => ({ type: "DESTROY", destroy: { volumes: [volume] } });

  function withDisk(source: Pick<NonNullable<Resource["disk"]>, "source">): Rig {
    const { allocation_info: _, ...bare } = on(source);
    const rig = new Rig().register();
    rig.agent.state.total.push(bare);
    return rig;
  }

  const sizes = (rig: Rig) =>
    rig.agent.state.total
      .filter(({ reservations }) => reservations !== undefined)
      .map(({ scalar, disk }) => [disk?.persistence?.id ?? "free", scalar!.value]);

  test.each([
    ["PATH", PATH, "/disk1/volumes/roles/test/v"],
    ["MOUNT", MOUNT, "/mnt/d2"],
  ])("on a disk of type %s is made and erased there", (_, source, path) => {
    const rig = apply(withDisk(source), "u1", create(made(source)));
    expect(rig.of("make-volume")).toEqual([{ type: "make-volume", path }]);
    apply(rig.take(), "u2", destroy(made(source)));
    expect(rig.of("move-volume")).toMatchObject([{ path, mount: source === MOUNT }]);
    expect(sizes(rig)).toEqual([["free", 16]]);
  });

  test("grows and shrinks without anything of its data being touched", () => {
    const rig = apply(withDisk(PATH), "u1", create(made(PATH, 10)));
    apply(rig.take(), "u2", {
      type: "GROW_VOLUME",
      grow_volume: { volume: made(PATH, 10), addition: on(PATH, 6) },
    });
    expect(sizes(rig)).toEqual([["v", 16]]);
    apply(rig, "u3", { type: "SHRINK_VOLUME", shrink_volume: { volume: made(PATH), subtract: { value: 4 } } });
    expect(sizes(rig)).toEqual([
      ["v", 12],
      ["free", 4],
    ]);
    expect([...rig.of("make-volume"), ...rig.of("move-volume"), ...rig.of("empty-trash")]).toEqual([]);
    expect(told(rig).map(({ state }) => state)).toEqual(["OPERATION_FINISHED", "OPERATION_FINISHED"]);
  });

  test("that is a whole disk neither grows nor shrinks", () => {
    const rig = apply(withDisk(MOUNT), "u1", create(made(MOUNT)));
    apply(rig.take(), "u2", { type: "SHRINK_VOLUME", shrink_volume: { volume: made(MOUNT), subtract: { value: 4 } } });
    expect(told(rig)).toMatchObject([{ state: "OPERATION_FAILED" }]);
    expect(sizes(rig)).toEqual([["v", 16]]);
  });

  test.each([[false], [true]])("in use is not destroyed, whatever the master thinks (shared: %s)", (isShared) => {
    const volume = { ...made({}), ...(isShared && { shared: {} }) };
    const rig = apply(apply(new Rig().register(), "u1", reserve), "u2", create(volume));
    rig.run(commandTask("t", { resources: [scalar("cpus", 0.1), volume] }));
    apply(rig.take(), "u3", destroy(volume));
    expect(told(rig)).toMatchObject([{ state: "OPERATION_FAILED", message: "Persistent volume v is in use" }]);
    expect(rig.of("move-volume")).toEqual([]);
    rig.exit(rig.containerOf("t"), 0).settle();
    apply(rig.take(), "u4", destroy(volume));
    expect(told(rig)).toMatchObject([{ state: "OPERATION_FINISHED" }]);
  });
});

describe("an agent that is configured anew", () => {
  const cpus = (value: number): Resource => ({ name: "cpus", type: "SCALAR", scalar: { value } });

  test("while it runs tells the master its new total under a new version", () => {
    const rig = new Rig().register();
    const version = rig.agent.state.resourceVersion;
    rig.apply({
      type: "reconfigure",
      resources: [cpus(4)],
      attributes: [{ name: "rack", type: "TEXT", text: { value: "r2" } }],
    });
    expect(rig.messages("UPDATE_AGENT")[0]!.update_agent).toMatchObject({
      agent_info: { attributes: [{ name: "rack" }], resources: [cpus(4)] },
      total_resources: [cpus(4)],
    });
    expect(rig.agent.state.resourceVersion).not.toBe(version);
  });

  test("keeps what is reserved, and takes no reserved resource away", () => {
    const rig = apply(new Rig().register(), "u1", reserve);
    rig.apply({
      type: "reconfigure",
      resources: [cpus(16), { name: "disk", type: "SCALAR", scalar: { value: 10 } }],
      attributes: undefined,
    });
    expect(rig.agent.state.total.find((resource) => resource.name === "cpus")).toEqual(cpus(8));
    rig.apply({
      type: "reconfigure",
      resources: [cpus(16), { name: "disk", type: "SCALAR", scalar: { value: 20 } }],
      attributes: undefined,
    });
    expect(rig.agent.state.total.map((resource) => [resource.name, resource.scalar!.value])).toEqual([
      ["cpus", 16],
      ["disk", 4],
      ["disk", 16],
    ]);
  });

  test("between two lives does the same before it registers", () => {
    const rig = apply(new Rig().register(), "u1", reserve);
    Object.assign(rig.config, {
      resources: [...rig.config.resources, { name: "gpus", type: "SCALAR", scalar: { value: 1 } }],
    });
    rig.crash().apply({ type: "start", containers: [] });
    expect(rig.of("connect")[0]!.subscribe.total_resources!.map((resource) => resource.name)).toEqual([
      "cpus",
      "mem",
      "disk",
      "disk",
      "gpus",
    ]);
  });
});

describe("old sandboxes", () => {
  const finished = () => {
    const rig = new Rig().register();
    rig.run({
      name: "t",
      task_id: { value: "t" },
      agent_id: { value: "m-S0" },
      resources: [],
      command: { value: "x" },
    });
    return rig.exit(rig.containerOf("t"), 0);
  };

  test("are removed after a week, sooner when the disk fills", () => {
    const rig = finished();
    rig.settle();
    rig.apply({ type: "disk-usage", used: 0.3 });
    expect(rig.of("remove")).toEqual([]);
    rig.nowMs += 0.6 * 7 * 24 * 3_600_000;
    rig.apply({ type: "disk-usage", used: 0.29 });
    expect(rig.of("remove")).toEqual([]);
    rig.apply({ type: "disk-usage", used: 0.3 });
    expect(rig.of("remove")[0]!.path).toContain("/executors/t/runs/");
  });

  test("that cannot be removed are tried again, and a crash forgets none", () => {
    const rig = finished();
    rig.settle();
    rig.crash().register().apply({ type: "disk-usage", used: 1 });
    const [remove] = rig.of("remove");
    rig.apply({ type: "removed", id: remove!.id, error: "busy" }).apply({ type: "disk-usage", used: 1 });
    expect(rig.of("remove")).toHaveLength(2);
    rig.apply({ type: "removed", id: remove!.id, error: undefined });
    expect([...rig.store.keys()].filter((key) => key.startsWith("garbage/"))).toEqual([]);
  });
});
