import type { Offer, Resource, TaskState, TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import type { Event } from "@meseta/api/mesos/generated/scheduler.ts";
import { expect, test } from "vitest";
import { Run, type RunStep } from "./run.ts";
import { commandOf, frameworkOf, nameOf, readGroup, type Wish } from "./wish.ts";

const scalar = (name: string, value: number): Resource => ({ name, type: "SCALAR", scalar: { value } });
const wish: Wish = {
  name: "web",
  user: "me",
  role: "*",
  taskIds: ["web.a", "web.b", "web.c"],
  each: { scalars: { cpus: 1 }, ports: 1 },
  command: commandOf(["sleep 1"], [["K", "V"]]),
};

function offer(id: string, cpus: number): Offer {
  return {
    id: { value: id },
    framework_id: { value: "F" },
    agent_id: { value: `${id}-agent` },
    hostname: `${id}.local`,
    url: { scheme: "http", address: { ip: "10.0.0.1", port: 5051 } },
    resources: [
      scalar("cpus", cpus),
      scalar("mem", 1000),
      scalar("disk", 100),
      { name: "ports", type: "RANGES", ranges: { range: [{ begin: 31000, end: 31009 }] } },
    ],
  };
}

const offers = (...all: Offer[]): Event => ({ type: "OFFERS", offers: { offers: all } });
const update = (id: string, state: TaskState, more: Partial<TaskStatus> = {}): Event => ({
  type: "UPDATE",
  update: { status: { task_id: { value: id }, state, ...more } },
});

function started(wanted: Wish = wish): Run {
  const run = new Run(wanted, "executor");
  run.apply({ type: "SUBSCRIBED", subscribed: { framework_id: { value: "F" } } });
  return run;
}

const told = (steps: RunStep[]): string[] =>
  steps.map((step) => {
    switch (step.type) {
      case "accept":
        return `accept ${step.offer.id.value} for ${step.operations.flatMap((each) => (each.launch?.task_infos ?? []).map((task) => task.task_id.value)).join(",")}`;
      case "decline":
        return `decline ${step.offers.map(({ id }) => id.value).join(",")} for ${step.refuseSeconds}`;
      case "end":
        return `end ${step.exit}`;
      case "suppress":
        return "suppress";
      default:
        return `${step.type} ${step.task.id}`;
    }
  });

test("instances fill the offers, the last piece ends the wish for offers, and offers too many are sent away for long", () => {
  const run = started();
  expect(told(run.apply(offers(offer("o1", 2.5), offer("o2", 0.5))))).toEqual([
    "accept o1 for web.a,web.b",
    "decline o2 for 5",
  ]);
  expect(run.waiting()).toBe(1);
  expect(told(run.apply(offers(offer("o3", 4))))).toEqual(["accept o3 for web.c", "suppress"]);
  expect(told(run.apply(offers(offer("o4", 4))))).toEqual(["decline o4 for 86400"]);
});

test("each instance has its own ports, told in its environment", () => {
  const run = started();
  const [step] = run.apply(offers(offer("o1", 3)));
  const tasks = (step as RunStep & { type: "accept" }).operations[0]!.launch!.task_infos!;
  expect(
    tasks.map((task) => task.command?.environment?.variables?.map(({ name, value }) => `${name}=${value}`)),
  ).toEqual([
    ["K=V", "PORT0=31000"],
    ["K=V", "PORT0=31001"],
    ["K=V", "PORT0=31002"],
  ]);
  expect(run.tasks[0]).toMatchObject({
    agentUrl: "http://10.0.0.1:5051",
    sandbox: "/frameworks/F/executors/web.a/runs/latest",
  });
});

test("output is followed from the start, and the first failure is the exit code when all have ended", () => {
  const run = started();
  run.apply(offers(offer("o1", 3)));
  expect(told(run.apply(update("web.a", "TASK_STARTING")))).toEqual(["tell web.a", "follow web.a"]);
  expect(told(run.apply(update("web.a", "TASK_RUNNING")))).toEqual(["tell web.a"]);
  expect(told(run.apply(update("web.a", "TASK_RUNNING")))).toEqual([]);
  run.apply(update("web.a", "TASK_FAILED", { message: "Command exited with status 3" }));
  run.apply(update("web.b", "TASK_FAILED", { message: "Command exited with status 4" }));
  expect(told(run.apply(update("web.c", "TASK_FINISHED")))).toEqual(["tell web.c", "end 3"]);
  expect(told(run.apply(update("web.c", "TASK_FINISHED")))).toEqual([]);
});

test("what is short is told: nothing offered, something too small everywhere, or only all of it at once", () => {
  const run = started({ ...wish, each: { scalars: { cpus: 3, mem: 500 } } });
  expect(run.shortage().offers).toBe(0);
  run.apply(offers(offer("o1", 2), offer("o2", 1)));
  expect(run.shortage()).toMatchObject({ offers: 2, missing: [{ name: "cpus", wanted: 3, largest: 2 }] });
  run.apply(offers({ ...offer("o3", 4), resources: [scalar("cpus", 4)] }));
  expect(run.shortage().missing).toEqual([]);
});

test("cancelling kills what runs, never launches the rest, and ends with 130", () => {
  const run = started();
  run.apply(offers(offer("o1", 1)));
  expect(told(run.cancel())).toEqual(["kill web.a"]);
  expect(told(run.apply(offers(offer("o2", 4))))).toEqual(["decline o2 for 86400"]);
  expect(told(run.apply(update("web.a", "TASK_KILLED")))).toEqual(["tell web.a", "end 130"]);
  expect(told(started().cancel())).toEqual(["end 130"]);
});

test("a task that the cluster does not know any more is over, as the cluster's failure", () => {
  const run = started({ ...wish, taskIds: ["web.a"] });
  run.apply(offers(offer("o1", 1)));
  expect(told(run.apply(update("web.a", "TASK_UNKNOWN")))).toEqual(["tell web.a", "end 125"]);
});

test("a group is launched whole or not at all, and its tasks' output is in their own containers", () => {
  const read = readGroup(
    '{"tasks":[{"task_id":{"value":"x"},"resources":[{"name":"cpus","type":"SCALAR","scalar":{"value":1}}]}]}',
  );
  const run = started({ ...wish, taskIds: ["pod.a"], group: "group" in read ? read.group : undefined });
  expect(told(run.apply(offers(offer("small", 1))))).toEqual(["decline small for 5"]);
  const [step] = run.apply(offers(offer("big", 1.1)));
  expect((step as RunStep & { type: "accept" }).operations[0]).toMatchObject({
    type: "LAUNCH_GROUP",
    launch_group: {
      executor: { type: "DEFAULT", executor_id: { value: "executor" } },
      task_group: { tasks: [{ task_id: { value: "pod.a" }, name: "x", agent_id: { value: "big-agent" } }] },
    },
  });
  run.apply(
    update("pod.a", "TASK_RUNNING", { container_status: { container_id: { value: "c", parent: { value: "p" } } } }),
  );
  expect(run.tasks[0]!.sandbox).toBe("/frameworks/F/executors/executor/runs/latest/containers/c");
});

test("one word is the shell's line, several are kept whole each", () => {
  expect(commandOf(["echo a; echo b"], []).value).toBe("echo a; echo b");
  expect(commandOf(["echo", "a b", "it's", "--x=1"], []).value).toBe("echo 'a b' 'it'\\''s' --x=1");
  expect([nameOf(["/usr/bin/python3", "x"]), nameOf(["echo hi"]), nameOf(["$(x)"]), nameOf([])]).toEqual([
    "python3",
    "echo",
    "x",
    "group",
  ]);
});

test("a file that is no task group says what is missing", () => {
  expect(readGroup("{")).toHaveProperty("error");
  expect(readGroup("{}")).toEqual({ error: 'it has no list of "tasks"' });
  expect(readGroup('{"tasks":[{"task_id":{"value":"x"}}]}')).toEqual({
    error: "tasks[0] needs a task_id and resources",
  });
});

test("GPUs are asked for only by those who want them", () => {
  const types = (each: Wish["each"]): (string | undefined)[] =>
    frameworkOf({ ...wish, each }).capabilities!.map(({ type }) => type);
  expect(types({ scalars: { gpus: 1 } })).toContain("GPU_RESOURCES");
  expect(types(wish.each)).not.toContain("GPU_RESOURCES");
});

test("knows which of the ports asked for by number nobody has", () => {
  const run = started({ ...wish, each: { scalars: { cpus: 1 }, namedPorts: [80, 31_005] } });
  expect(told(run.apply(offers(offer("o1", 4))))).toEqual(["decline o1 for 5"]);
  expect(run.shortage()).toMatchObject({ missing: [], ports: [80], offeredPorts: ["31000-31009"] });
});

test("gives a group one network, and the ports that it publishes", () => {
  const read = readGroup(
    '{"tasks":[{"task_id":{"value":"x"},"resources":[{"name":"cpus","type":"SCALAR","scalar":{"value":1}}]}]}',
  );
  const run = started({
    ...wish,
    taskIds: ["pod.a"],
    group: "group" in read ? read.group : undefined,
    each: { scalars: {}, namedPorts: [31_007] },
    container: { type: "MESOS", network_infos: [{ name: "meseta" }] },
    publish: [{ hostPort: 31_007, containerPort: 80, protocol: "tcp" }],
  });
  const [step] = run.apply(offers(offer("big", 4)));
  const { executor } = (step as RunStep & { type: "accept" }).operations[0]!.launch_group!;
  expect(executor.container?.network_infos).toMatchObject([
    { name: "meseta", port_mappings: [{ host_port: 31_007, container_port: 80 }] },
  ]);
  expect(executor.resources).toContainEqual(
    expect.objectContaining({ name: "ports", ranges: { range: [{ begin: 31_007, end: 31_007 }] } }),
  );
});
