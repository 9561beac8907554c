import type { OfferOperation } from "@meseta/api/mesos/generated/mesos.ts";
import { expect, test } from "vitest";
import { bag } from "../allocator/sketch.rig.ts";
import { capabilitiesNamed, type LinkAgent, Stage, shown, task } from "./stage.rig.ts";

function cast() {
  const stage = new Stage();
  const agent = stage.agent();
  const framework = stage.framework();
  const offers = framework.takeOffers();
  framework.take();
  return { stage, agent, framework, offers };
}

function launchOf(agent: LinkAgent, ...ids: string[]): OfferOperation {
  return { type: "LAUNCH", launch: { task_infos: ids.map((id) => task(id, agent.id)) } };
}

test("a launch reaches the agent with the version of its resources, and what is left is offered again", () => {
  const { stage, agent, framework, offers } = cast();
  stage.watch();
  agent.take();
  expect(framework.accept(offers, [launchOf(agent, "t")])).toEqual({ status: 202 });
  const [run] = agent.take("RUN");
  expect(run!.run).toMatchObject({
    framework_info: framework.held!.info,
    task: { task_id: { value: "t" }, resources: [{ name: "cpus", allocation_info: { role: "eng" } }, { name: "mem" }] },
    launch_executor: true,
    resource_version: "v1",
  });
  expect(framework.held!.tasks.get("t")!.task).toMatchObject({ state: "TASK_STAGING", agent_id: { value: agent.id } });
  expect(framework.shownOffers()).toEqual([`${agent.id}: cpus:3; mem:960; disk:1000`]);
  expect(stage.published).toMatchObject([{ type: "TASK_ADDED", task_added: { task: { state: "TASK_STAGING" } } }]);
});

test("the unused part of an ACCEPT is filtered as if it had been declined", () => {
  const { stage, agent, framework, offers } = cast();
  framework.accept(offers, [launchOf(agent, "t")], 30);
  expect(framework.takeOffers()).toEqual([]);
  stage.pass(30_000);
  expect(framework.takeOffers()).toHaveLength(1);
});

test("an ACCEPT without operations is a DECLINE", () => {
  const { stage, framework, offers } = cast();
  framework.accept(offers, [], 30);
  expect(framework.takeOffers()).toEqual([]);
  expect(stage.state.counters.get("master/messages_decline_offers")).toBe(1);
});

test("a bad set of offers drops its tasks, fails its operations, discards its offers, and does nothing else", () => {
  const { stage, agent, framework, offers } = cast();
  const reserve: OfferOperation = { type: "RESERVE", id: { value: "op" }, reserve: { resources: [] } };
  const cases: [{ id: { value: string } }[], string][] = [
    [[], "No offers specified"],
    [[{ id: { value: "no-such-offer" } }], "Offer no-such-offer is no longer valid"],
    [[offers[0]!, offers[0]!], `Duplicate offer ${offers[0]!.id.value} in offer list`],
    [[offers[0]!], `Offer ${offers[0]!.id.value} is no longer valid`],
  ];
  for (const [set, message] of cases) {
    framework.accept(set, [launchOf(agent, "t"), reserve]);
    const events = framework.take().filter(({ type }) => type !== "OFFERS" && type !== "HEARTBEAT");
    expect(events).toMatchObject([
      {
        update: {
          status: {
            task_id: { value: "t" },
            agent_id: { value: agent.id },
            state: "TASK_DROPPED",
            source: "SOURCE_MASTER",
            reason: "REASON_INVALID_OFFERS",
            message: `Task launched with invalid offers: ${message}`,
          },
        },
      },
      {
        update_operation_status: {
          status: { state: "OPERATION_ERROR", message: `Operation attempted with invalid offers: ${message}` },
        },
      },
    ]);
    expect(events[0]!.update!.status.uuid).toBeUndefined();
  }
  expect(framework.held!.tasks.size).toBe(0);
  expect(stage.state.operations.size).toBe(0);
  expect(stage.state.offers.size).toBe(1);
});

test("offers of another framework are not discarded by one that names them", () => {
  const { stage, agent, framework, offers } = cast();
  const thief = stage.framework();
  thief.accept(offers, [launchOf(agent, "t")]);
  expect(thief.takeUpdates()[0]!.message).toContain("has invalid framework");
  framework.accept(offers, [launchOf(agent, "t")]);
  expect(framework.held!.tasks.size).toBe(1);
});

test("offers of two agents cannot be used together", () => {
  const { stage, framework, offers } = cast();
  const second = stage.agent();
  framework.accept([...offers, ...framework.takeOffers()], [launchOf(second, "t")]);
  expect(framework.takeUpdates()[0]!.message).toContain("Aggregated offers must belong to one single agent");
});

test("each operation stands alone: a task that is not valid is answered TASK_ERROR, the others start", () => {
  const { stage, agent, framework, offers } = cast();
  const task_infos = [
    task("good", agent.id),
    task("good", agent.id),
    task("else", "no-such-agent"),
    task("..", agent.id),
    task("neg", agent.id, "", { resources: [{ name: "cpus", type: "SCALAR", scalar: { value: -1 } }] }),
    task("big", agent.id, "cpus:100"),
    task("also", agent.id),
  ];
  framework.accept(offers, [{ type: "LAUNCH", launch: { task_infos } }]);
  expect(
    framework.takeUpdates().map(({ task_id, state, reason, message }) => [task_id.value, state, reason, message]),
  ).toEqual([
    ["good", "TASK_ERROR", "REASON_TASK_INVALID", "Task has duplicate ID: good"],
    [
      "else",
      "TASK_ERROR",
      "REASON_TASK_INVALID",
      `Task uses invalid agent no-such-agent while agent ${agent.id} is expected`,
    ],
    ["..", "TASK_ERROR", "REASON_TASK_INVALID", "'..' is disallowed"],
    [
      "neg",
      "TASK_ERROR",
      "REASON_TASK_INVALID",
      "Resource 'cpus(allocated: eng):-1' is invalid: Invalid scalar resource: value <= 0",
    ],
    [
      "big",
      "TASK_ERROR",
      "REASON_TASK_INVALID",
      "Total resources cpus(allocated: eng):100 required by task and its executor is more than available cpus(allocated: eng):3; mem(allocated: eng):960; disk(allocated: eng):1000",
    ],
  ]);
  expect([...framework.held!.tasks.keys()]).toEqual(["good", "also"]);
  expect(stage.state.counters.get("master/task_error/source_master/reason_task_invalid")).toBe(5);
});

test("an executor is charged once, told to be launched once, and shown in later offers", () => {
  const { agent, framework, offers } = cast();
  const executor = {
    executor_id: { value: "e" },
    type: "CUSTOM" as const,
    command: { value: "run" },
    resources: bag("cpus:0.5;mem:32"),
  };
  const withExecutor = (id: string) => ({ ...task(id, agent.id, "cpus:1;mem:64", { executor }), command: undefined });
  agent.take();
  framework.accept(offers, [{ type: "LAUNCH", launch: { task_infos: [withExecutor("a"), withExecutor("b")] } }]);
  expect(agent.take("RUN").map(({ run }) => run!.launch_executor)).toEqual([true, false]);
  const [left] = framework.takeOffers();
  expect(shown(left!.resources)).toBe("cpus:1.5; mem:864; disk:1000");
  expect(left!.executor_ids).toEqual([{ value: "e" }]);
  expect(framework.held!.tasks.get("a")!.task.executor_id).toEqual({ value: "e" });
  const ids = { framework_id: { value: framework.id }, executor_id: { value: "e" } };
  agent.send({ type: "EXECUTOR_EXITED", executor_exited: { ...ids, status: 256 } });
  agent.send({ type: "EXECUTOR_EXITED", executor_exited: { ...ids, status: 256 } });
  const events = framework.take();
  expect(events.filter(({ type }) => type === "FAILURE")).toEqual([
    { type: "FAILURE", failure: { agent_id: { value: agent.id }, executor_id: { value: "e" }, status: 256 } },
  ]);
});

test("a task group starts as a whole or not at all", () => {
  const { agent, framework, offers } = cast();
  const executor = {
    executor_id: { value: "pod" },
    type: "DEFAULT" as const,
    framework_id: { value: framework.id },
    resources: bag("cpus:0.1;mem:32;disk:10"),
  };
  const group = (ids: string[], resources: string): OfferOperation => ({
    type: "LAUNCH_GROUP",
    launch_group: { executor, task_group: { tasks: ids.map((id) => task(id, agent.id, resources)) } },
  });
  agent.take();
  framework.accept(offers, [group(["a", "b"], "cpus:3;mem:64"), group(["c", "d"], "cpus:1;mem:64")]);
  expect(framework.shownUpdates()).toEqual([
    "a TASK_ERROR REASON_TASK_GROUP_INVALID",
    "b TASK_ERROR REASON_TASK_GROUP_INVALID",
  ]);
  const [run, ...more] = agent.take("RUN");
  expect(more).toEqual([]);
  expect(run!.run!.task_group!.tasks!.map(({ task_id }) => task_id.value)).toEqual(["c", "d"]);
  expect(run!.run!.executor!.executor_id).toEqual({ value: "pod" });
  expect(framework.held!.tasks.get("c")!.task.executor_id).toEqual({ value: "pod" });
});

test("reserve, create a volume and launch on it, in one ACCEPT", () => {
  const { stage, agent, framework, offers } = cast();
  const reservations = [{ type: "DYNAMIC" as const, role: "eng", principal: "p" }];
  const disk = { name: "disk", type: "SCALAR" as const, scalar: { value: 16 }, reservations };
  const volume = {
    ...disk,
    disk: { persistence: { id: "v", principal: "p" }, volume: { mode: "RW" as const, container_path: "data" } },
  };
  const resources = [...bag("cpus:1;mem:64"), volume];
  agent.take();
  framework.accept(offers, [
    { type: "RESERVE", reserve: { resources: [disk] } },
    { type: "CREATE", create: { volumes: [volume] } },
    { type: "LAUNCH", launch: { task_infos: [task("t", agent.id, "", { resources })] } },
  ]);
  expect(agent.take().map(({ type }) => type)).toEqual(["APPLY_OPERATION", "APPLY_OPERATION", "RUN"]);
  expect(framework.shownUpdates()).toEqual([]);
  expect(framework.held!.tasks.size).toBe(1);
  expect(shown(stage.state.agents.get(agent.id)!.total)).toContain("disk(reservations: [(DYNAMIC,eng,p)])[v:data]:16");
});

test("what was reserved comes back without a filter, the rest with it", () => {
  const { agent, framework, offers } = cast();
  const reservations = [{ type: "DYNAMIC" as const, role: "eng", principal: "p" }];
  const resources = bag("cpus:1;mem:128").map((resource) => ({ ...resource, reservations }));
  framework.accept(offers, [{ type: "RESERVE", reserve: { resources } }], 3600);
  expect(framework.shownOffers().join()).toContain("cpus(reservations: [(DYNAMIC,eng,p)]):1");
  expect(agent.take("APPLY_OPERATION")).toHaveLength(1);
});

test("an operation that is not valid vanishes, or is answered when it has an id; the next is done all the same", () => {
  const { stage, agent, framework, offers } = cast();
  const bad = { type: "RESERVE" as const, reserve: { resources: bag("cpus:1") } };
  framework.accept(offers, [bad, { ...bad, id: { value: "op" } }, { type: "CREATE_DISK" }, launchOf(agent, "t")]);
  const updates = framework.take().filter(({ type }) => type === "UPDATE_OPERATION_STATUS");
  expect(updates).toHaveLength(1);
  expect(updates[0]!.update_operation_status!.status).toMatchObject({
    operation_id: { value: "op" },
    state: "OPERATION_ERROR",
    agent_id: { value: agent.id },
  });
  expect(framework.held!.tasks.size).toBe(1);
  expect(stage.state.operations.size).toBe(0);
});

test("a shared volume is used by several tasks of one ACCEPT, is offered on, and free when all have ended", () => {
  const stage = new Stage();
  const agent = stage.agent();
  const types = ["MULTI_ROLE", "RESERVATION_REFINEMENT", "SHARED_RESOURCES"] as const;
  const framework = stage.framework({ capabilities: capabilitiesNamed(types) });
  const reservations = [{ type: "DYNAMIC" as const, role: "eng", principal: "p" }];
  const disk = { name: "disk", type: "SCALAR" as const, scalar: { value: 16 }, reservations };
  const persistence = { id: "v", principal: "p" };
  const volume = { ...disk, disk: { persistence, volume: { mode: "RW" as const, container_path: "d" } }, shared: {} };
  const uses = (id: string) => task(id, agent.id, "", { resources: [...bag("cpus:1;mem:64"), volume] });
  const launch = (...ids: string[]): OfferOperation => ({ type: "LAUNCH", launch: { task_infos: ids.map(uses) } });
  framework.accept(framework.takeOffers(), [
    { type: "RESERVE", reserve: { resources: [disk] } },
    { type: "CREATE", create: { volumes: [volume] } },
    launch("a", "b"),
  ]);
  framework.accept(framework.standing(), [launch("c")]);
  expect(framework.shownUpdates()).toEqual([]);
  const destroy: OfferOperation = { type: "DESTROY", id: { value: "op" }, destroy: { volumes: [volume] } };
  framework.accept(framework.standing(), [destroy]);
  expect(framework.takeOperationUpdates()[0]!.message).toContain("is in use");
  for (const id of ["a", "b", "c"]) framework.acknowledge(agent.update(framework, id, "TASK_FINISHED"));
  agent.take();
  const unreserve: OfferOperation = { type: "UNRESERVE", unreserve: { resources: [disk] } };
  framework.accept(framework.standing(), [destroy, unreserve]);
  expect(agent.take("APPLY_OPERATION")).toHaveLength(2);
  expect(framework.standing().map(({ resources }) => shown(resources))).toEqual(["cpus:4; mem:1024; disk:1000"]);
});

test("a volume that was grown cannot be used in the same ACCEPT, but in the next", () => {
  const { agent, framework, offers } = cast();
  const reservations = [{ type: "DYNAMIC" as const, role: "eng", principal: "p" }];
  const disk = (value: number) => ({ name: "disk", type: "SCALAR" as const, scalar: { value }, reservations });
  const persistence = { id: "v", principal: "p" };
  const volume = (value: number) => ({
    ...disk(value),
    disk: { persistence, volume: { mode: "RW" as const, container_path: "d" } },
  });
  const uses = (id: string, value: number) => task(id, agent.id, "", { resources: [...bag("cpus:1"), volume(value)] });
  framework.accept(offers, [
    { type: "RESERVE", reserve: { resources: [disk(16)] } },
    { type: "CREATE", create: { volumes: [volume(10)] } },
    { type: "GROW_VOLUME", grow_volume: { volume: volume(10), addition: disk(6) } },
    { type: "LAUNCH", launch: { task_infos: [uses("t", 16)] } },
  ]);
  const [events, grown] = [framework.take(), agent.take("APPLY_OPERATION")];
  expect(grown).toHaveLength(3);
  expect(events.flatMap(({ update }) => update?.status.state ?? [])).toEqual(["TASK_ERROR"]);
  const next = events.flatMap(({ offers: some }) => some?.offers ?? []);
  framework.accept(next, [{ type: "LAUNCH", launch: { task_infos: [uses("t", 16)] } }]);
  expect(framework.shownUpdates()).toEqual([]);
});
