import type { Offer, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { expect, it } from "vitest";
import { operationsOf, type PodForm } from "./operations.ts";
import { type Chosen, choose, isAlive, isDue, type Running, VOLUME_ID, wantedTasks } from "./plan.ts";

const HOME = { homePort: 5051 };
const scalar = (name: string, value: number): Resource => ({ name, type: "SCALAR", scalar: { value } });

function offer(index: number, { cpus = 2, extra = [] as Resource[] } = {}): Offer {
  const first = 31_000 + 100 * index;
  return {
    id: { value: `O${index}` },
    framework_id: { value: "F" },
    agent_id: { value: `S${index}` },
    hostname: "127.0.0.1",
    url: { scheme: "http", address: { ip: "127.0.0.1", port: 5051 + index } },
    resources: [
      scalar("cpus", cpus),
      scalar("mem", 2048),
      scalar("disk", 1024),
      { name: "ports", type: "RANGES", ranges: { range: [{ begin: first, end: first + 99 }] } },
      ...extra,
    ],
  };
}

/** What the framework writes down when it launches. */
function launch(chosen: readonly Chosen[], where: Offer): void {
  for (const { tasks, port } of chosen)
    for (const task of tasks)
      Object.assign(task, { taskId: `${task.name}.1`, port, agentId: where.agent_id.value, state: "TASK_RUNNING" });
}

const names = (chosen: readonly Chosen[]): string[] =>
  chosen.map(({ tasks }) => tasks.map(({ name }) => name).join("+")).filter((name) => !name.startsWith("job"));
const only = (tasks: Running[], kind: Running["kind"]): Running[] => tasks.filter((task) => task.kind === kind);

it("launches the pod whole, and nothing twice", () => {
  const tasks = wantedTasks();
  const chosen = choose(tasks, offer(0), HOME);
  expect(names(chosen)).toEqual(["counter", "pod-page+pod-clock"]);
  launch(chosen, offer(0));
  expect(choose(tasks, offer(1), HOME)).toEqual([]);
});

it("gives each its own port, and takes no more than is offered", () => {
  const tasks = wantedTasks();
  const ports = choose(tasks, offer(0), HOME).flatMap(({ port }) => port ?? []);
  expect([ports.length, new Set(ports).size]).toEqual([2, 2]);
  expect(names(choose(tasks, offer(0, { cpus: 0.14 }), HOME))).toEqual(["counter"]);
  expect(choose(tasks, offer(0, { cpus: 0.04 }), HOME)).toEqual([]);
});

it("makes the counter's volume once, on the first agent, and goes back to it", () => {
  const tasks = only(wantedTasks(), "counter");
  const volume: Resource = {
    ...scalar("disk", 16),
    reservations: [{ type: "DYNAMIC", role: "quickstart" }],
    disk: { persistence: { id: VOLUME_ID }, volume: { mode: "RW", container_path: "data" } },
  };
  expect(choose(tasks, offer(1), HOME)).toEqual([]);
  expect(choose(tasks, offer(0), HOME)).toMatchObject([{ newVolume: true }]);
  const kept = { ...HOME, agentId: "S0" };
  expect(choose(tasks, offer(0), kept)).toEqual([]);
  expect(choose(tasks, offer(0, { extra: [volume] }), kept)).toMatchObject([{ newVolume: false }]);
  // The first agent has lost its state: it is another one now.
  expect(choose(tasks, { ...offer(0), agent_id: { value: "S7" } }, kept)).toMatchObject([{ newVolume: true }]);
});

it("starts servers again whatever their end was, jobs until they finish, the pod when both its tasks are over", () => {
  const tasks = wantedTasks();
  launch([{ tasks, port: undefined, newVolume: false }], offer(0));
  const by = (name: string): Running => tasks.find((task) => task.name === name)!;
  for (const name of ["job-1", "pod-page"]) by(name).state = "TASK_FINISHED";
  by("job-2").state = "TASK_LOST";
  by("counter").state = "TASK_UNKNOWN";
  expect(tasks.filter(isDue).map(({ name }) => name)).toEqual(["pod-page", "counter", "job-2"]);
  expect(names(choose(tasks, offer(0), HOME))).toEqual(["counter"]);
  by("pod-clock").state = "TASK_KILLED";
  expect(names(choose(tasks, offer(1), HOME))).toContain("pod-page+pod-clock");
});

it("takes over what still runs of a former start", () => {
  const [wanted] = wantedTasks();
  const former: Running = { ...wanted!, taskId: "pod-page.1", state: "TASK_RUNNING" };
  expect(isAlive(former, wanted!)).toBe(true);
  expect(isAlive({ ...former, state: "TASK_FAILED" }, wanted!)).toBe(false);
  expect(isAlive({ ...former, taskId: undefined }, wanted!)).toBe(false);
});

it("reserves, creates and launches in one accept", () => {
  const operations = operationsOf(choose(wantedTasks(), offer(0), HOME), setting("plain"));
  expect(operations.map(({ type }) => type)).toEqual(["RESERVE", "CREATE", "LAUNCH", "LAUNCH_GROUP"]);
});

it("makes the same pod of containers with a network, of containers, and of plain processes", () => {
  const image = "oci:/images:1";
  const inNetwork = pod({ image, network: "meseta" });
  expect(inNetwork).toMatchObject({
    executor: { container: { network_infos: [{ name: "meseta" }] } },
    task_group: { tasks: [{ discovery: { ports: { ports: [{ number: 8080 }] } } }, {}] },
  });
  expect(inNetwork?.task_group.tasks?.map(({ container }) => container?.mesos?.image?.docker?.name)).toEqual([
    image,
    image,
  ]);
  expect(pod({ image, network: undefined })?.executor).not.toHaveProperty("container");
  const plain = pod("plain")?.task_group.tasks;
  expect(plain?.map(({ container }) => container?.mesos)).toEqual([undefined, undefined]);
  expect(plain?.[0]?.container?.volumes).toMatchObject([{ source: { sandbox_path: { type: "PARENT" } } }]);
});

function setting(pod: PodForm) {
  return { offer: offer(0), folder: "/examples", role: "quickstart", pod };
}

function pod(form: PodForm) {
  const tasks = only(wantedTasks(), "pod");
  launch([{ tasks, port: 31_000, newVolume: false }], offer(0));
  return operationsOf([{ tasks, port: 31_000, newVolume: false }], setting(form))[0]!.launch_group;
}
