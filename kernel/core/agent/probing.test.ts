import type { FrameworkInfo, TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type { Probe, Result } from "@meseta/api/mesos/generated/probe.ts";
import { describe, expect, test } from "vitest";
import { ABLE, commandTask, FRAMEWORK, imageContainer, Rig } from "./agent.rig.ts";
import type { ProbeResult } from "./outside.ts";

const ABLE_FRAMEWORK: FrameworkInfo = {
  ...FRAMEWORK,
  capabilities: [...FRAMEWORK.capabilities!, { type: "PROBES" }],
};

const tcp: Probe = { id: "a", type: "TCP", tcp: { port: 80 }, interval_seconds: 10 };
const http: Probe = { id: "a", type: "HTTP", http: { port: 80 }, interval_seconds: 10 };
const up: ProbeResult = { kind: "reached" };
const down: ProbeResult = { kind: "failed", reason: "refused" };

function running(probes: Probe[], more: Partial<TaskInfo> = {}, framework = ABLE_FRAMEWORK): Rig {
  const rig = new Rig({ ip: "127.0.0.1", containers: ABLE }).register();
  rig.run(commandTask("t", { probes, ...more }), framework);
  rig.settle();
  return rig;
}

/** Lets time pass until something is looked at, and answers it. What the agent then tells follows within a second. */
function answer(rig: Rig, result: ProbeResult): Result[] {
  for (let ms = 0; rig.of("probe").length === 0 && ms < 600_000; ms += 100) rig.pass(100);
  const { probe } = rig.of("probe")[0]!;
  rig.take().apply({ type: "probed", probe, result });
  if (told(rig).length === 0) rig.pass(250);
  return told(rig);
}

function told(rig: Rig): Result[] {
  return rig.messages("PROBED").flatMap(({ probed }) => probed!.results ?? []);
}

describe("a probe of a task", () => {
  test("is done again and again, and each result is told", () => {
    const rig = running([tcp]);
    expect(answer(rig, up)).toMatchObject([{ task_id: { value: "t" }, probe_id: "a", succeeded: true }]);
    expect(answer(rig, down)).toMatchObject([{ probe_id: "a", succeeded: false, message: "refused" }]);
    expect(answer(rig, up)).toMatchObject([{ succeeded: true }]);
    expect(rig.of("signal")).toEqual([]);
  });

  test("comes at its interval, give or take a twentieth", () => {
    const rig = running([tcp]);
    answer(rig, up);
    rig.take().pass(9_000);
    expect(rig.of("probe")).toEqual([]);
    rig.pass(1_500);
    expect(rig.of("probe")).toHaveLength(1);
  });

  test("is done more often before the first success, for as long as its grace lasts", () => {
    const rig = running([{ ...tcp, grace_period_seconds: 60 }]);
    for (let i = 0; i < 5; i++) {
      answer(rig, down);
      rig.take().pass(1_100);
      expect(rig.of("probe")).toHaveLength(1);
    }
    answer(rig, up);
    rig.take().pass(9_000);
    expect(rig.of("probe")).toEqual([]);
  });

  test("looks for several probes of a task each by itself", () => {
    const rig = running([tcp, { ...tcp, id: "b", tcp: { port: 81 } }]);
    rig.pass(2_000);
    expect(rig.of("probe").map(({ target }) => target.port)).toEqual(expect.arrayContaining([80, 81]));
  });

  test("is only done for frameworks that ask for probes, as soon as they do", () => {
    const rig = running([tcp], {}, FRAMEWORK);
    rig.pass(60_000);
    expect(rig.of("probe")).toEqual([]);
    rig.link({ type: "UPDATE_FRAMEWORK", update_framework: { framework_info: ABLE_FRAMEWORK } });
    expect(answer(rig, up)).toMatchObject([{ succeeded: true }]);
  });

  test.each<[string, Partial<NonNullable<Probe["http"]>>, ProbeResult, boolean]>([
    ["200", {}, { kind: "status", status: 200 }, true],
    ["399", {}, { kind: "status", status: 399 }, true],
    ["404", {}, { kind: "status", status: 404 }, false],
    ["101", {}, { kind: "status", status: 101 }, false],
    ["404 where that is accepted", { statuses: [404] }, { kind: "status", status: 404 }, true],
    ["200 where that is not", { statuses: [204] }, { kind: "status", status: 200 }, false],
    ["nothing in time", {}, { kind: "timeout" }, false],
  ])("by HTTP judges %s", (_, more, result, succeeded) => {
    const rig = running([{ ...http, http: { port: 80, ...more } }]);
    expect(answer(rig, result)).toMatchObject([{ succeeded }]);
  });

  test("that overlooks 1xx tells nothing of it", () => {
    const rig = running([{ ...http, http: { port: 80, ignore_1xx: true } }]);
    expect(answer(rig, { kind: "status", status: 100 })).toEqual([]);
    expect(answer(rig, { kind: "status", status: 500 })).toMatchObject([{ message: "HTTP status 500" }]);
  });

  test("tells what was answered where that is wanted", () => {
    const rig = running([{ ...http, http: { port: 80, with_response: true, scheme: "https", path: "/ready" } }]);
    rig.pass(2_000);
    expect(rig.of("probe")[0]!.target).toMatchObject({ scheme: "https", path: "/ready", withResponse: true });
    const response = { content_type: "text/plain", body: "soon" };
    expect(answer(rig, { kind: "status", status: 503, response })).toMatchObject([
      { succeeded: false, response: { status: 503, ...response } },
    ]);
  });

  test("of a server that is not on loopback looks at the address that the agent is known by", () => {
    const rig = new Rig({ ip: "10.0.0.7" }).register();
    rig.run(commandTask("t", { probes: [tcp] }), ABLE_FRAMEWORK);
    rig.settle();
    rig.pass(2_000);
    const [first] = rig.of("probe");
    rig.take().apply({ type: "probed", probe: first!.probe, result: down });
    expect([first!.target.host, rig.of("probe")[0]!.target.host]).toEqual(["127.0.0.1", "10.0.0.7"]);
    expect(told(rig)).toEqual([]);
    expect(answer(rig, up)).toMatchObject([{ succeeded: true }]);
  });

  test("of a container with a network of its own looks inside, at its loopback and then at its address", () => {
    const rig = running([tcp], { container: imageContainer({ network_infos: [{ name: "net" }] }) });
    rig.pass(2_000);
    const [first] = rig.of("probe");
    expect(first!.target).toMatchObject({ host: "127.0.0.1", inside: rig.containerOf("t") });
    rig.take().apply({ type: "probed", probe: first!.probe, result: down });
    expect(rig.of("probe")[0]!.target).toMatchObject({ host: "10.1.0.2", inside: rig.containerOf("t") });
  });

  test("by a command runs it beside the task, and gives it up after its timeout", () => {
    const rig = running([{ id: "c", type: "COMMAND", command: { value: "look" }, timeout_seconds: 2 }]);
    const next = () => {
      for (let ms = 0; rig.of("launch").length === 0 && ms < 60_000; ms += 100) rig.pass(100);
      return rig.of("launch").at(-1)!.container;
    };
    expect(next()).toMatchObject({ command: { shell: "look" }, group: rig.containerOf("t"), user: "alice" });
    rig.exit(next().id, 3 << 8);
    rig.pass(250);
    expect(told(rig)).toMatchObject([{ succeeded: false, message: "Command exited with status 3" }]);
    rig.take();
    const { id } = next();
    rig.pass(2_300);
    expect(rig.of("destroy").map((effect) => effect.id)).toEqual([id]);
    expect(told(rig)).toMatchObject([{ succeeded: false, message: "No answer within 2 seconds" }]);
    expect(rig.launcher.has(id)).toBe(false);
  });
});

test("a command that cannot be started is a failure, and is tried once", () => {
  const rig = running([{ id: "c", type: "COMMAND", command: { value: "broken" } }]);
  rig.failing.set("broken", "no such program");
  rig.take().pass(2_000);
  expect(told(rig)).toMatchObject([{ succeeded: false, message: "no such program" }]);
  expect(rig.of("launch")).toHaveLength(1);
});

describe("a probe of a task that an executor of its own runs", () => {
  const executor = {
    ...{ type: "CUSTOM" as const, executor_id: { value: "e" }, framework_id: FRAMEWORK.id! },
    ...{ command: { value: "my-executor" }, resources: [] },
  };
  const ids = { framework_id: FRAMEWORK.id!, executor_id: { value: "e" } };
  const uuid = "hMC2HaIwS+OydsG+3Fjl5w==";

  function withExecutor(probe: Probe): Rig {
    const rig = new Rig({ ip: "127.0.0.1" }).register();
    const { command: _, ...task } = commandTask("t", { executor, probes: [probe] });
    const { resourceVersion: resource_version } = rig.agent.state;
    rig.link({
      type: "RUN",
      run: { framework_info: ABLE_FRAMEWORK, task, executor, launch_executor: true, resource_version },
    });
    return rig.apply({ type: "executor-subscribe", stream: 1, call: { ...ids, type: "SUBSCRIBE", subscribe: {} } });
  }

  const says = (rig: Rig, state: "TASK_RUNNING" | "TASK_KILLING") => {
    const status = { task_id: { value: "t" }, state, source: "SOURCE_EXECUTOR" as const, uuid, timestamp: 7 };
    rig.apply({ type: "executor-call", request: 1, call: { ...ids, type: "UPDATE", update: { status } } });
  };

  test("begins when the executor says that it runs, and ends when it is told to kill it", () => {
    const rig = withExecutor(tcp);
    rig.pass(5_000);
    expect(rig.of("probe")).toEqual([]);
    says(rig, "TASK_RUNNING");
    expect(answer(rig, up)).toMatchObject([{ task_id: { value: "t" }, succeeded: true }]);
    rig.link({ type: "KILL", kill: { framework_id: FRAMEWORK.id!, task_id: { value: "t" } } });
    rig.take().pass(60_000);
    expect(rig.of("probe")).toEqual([]);
  });

  test("cannot be a command, which says so", () => {
    const rig = withExecutor({ id: "c", type: "COMMAND", command: { value: "look" } });
    says(rig, "TASK_RUNNING");
    rig.take().pass(2_000);
    expect(told(rig)).toMatchObject([{ succeeded: false, message: expect.stringContaining("another executor") }]);
  });
});

describe("a probe that is done until it succeeds", () => {
  test("does not look again then, but goes on telling it, for who did not hear", () => {
    const rig = running([{ ...tcp, until_success: true }]);
    expect(answer(rig, down)).toMatchObject([{ succeeded: false }]);
    const [first] = answer(rig, up);
    rig.take().pass(11_000);
    expect(rig.of("probe")).toEqual([]);
    expect(told(rig)).toEqual([first]);
  });
});

describe("probes end", () => {
  test("with the task", () => {
    const rig = running([tcp]);
    answer(rig, up);
    rig.exit(rig.containerOf("t"), 0);
    rig.settle();
    rig.take().pass(60_000);
    expect([rig.of("probe"), told(rig)]).toEqual([[], []]);
  });

  test("when the task is being killed, and what is under way tells nothing any more", () => {
    const rig = running([tcp, { id: "c", type: "COMMAND", command: { value: "look" } }]);
    rig.autoStart = false;
    rig.pass(2_000);
    const { probe } = rig.of("probe")[0]!;
    const beside = rig.of("launch").at(-1)!.container.id;
    rig.take().link({ type: "KILL", kill: { framework_id: { value: "m-0000" }, task_id: { value: "t" } } });
    expect(rig.of("destroy").map(({ id }) => id)).toEqual([beside]);
    rig.apply({ type: "probed", probe, result: down });
    rig.pass(2_900);
    expect([rig.of("probe"), told(rig)]).toEqual([[], []]);
    expect(rig.agent.state.looks.size).toBe(0);
  });
});

describe("results", () => {
  test("of one moment travel together, and of each probe the last", () => {
    const rig = running(["a", "b", "c"].map((id) => ({ ...tcp, id })));
    rig.pass(2_000);
    const looks = rig.of("probe");
    rig.take();
    for (const { probe } of looks) rig.apply({ type: "probed", probe, result: up });
    rig.pass(250);
    expect(rig.messages("PROBED").map(({ probed }) => probed!.results!.length)).toEqual([1, 2]);
  });

  test("are kept when there is no master, the last of each, and told when there is one again", () => {
    const rig = running([tcp]);
    answer(rig, up);
    const { id: link } = rig.agent.state.link;
    rig.apply({ type: "link-closed", link, reason: "gone" });
    expect(answer(rig, down)).toEqual([]);
    rig.take();
    for (let ms = 0; rig.agent.state.link.status === "none" && ms < 10_000; ms += 100) rig.pass(100);
    rig.take().subscribe();
    expect(told(rig)).toMatchObject([{ probe_id: "a", succeeded: false }]);
  });

  test("begin anew when the agent was restarted: nothing of them is stored", () => {
    const rig = running([tcp]);
    answer(rig, up);
    rig.crash().take().register();
    expect(told(rig)).toEqual([]);
    expect(answer(rig, down)).toMatchObject([{ succeeded: false }]);
  });
});
