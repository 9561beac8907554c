import type { CheckInfo, HealthCheck, TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import { describe, expect, test } from "vitest";
import { commandTask, Rig } from "../agent/agent.rig.ts";
import type { ProbeResult } from "../agent/outside.ts";

function withHealth(health_check: HealthCheck): Rig {
  const rig = new Rig().register();
  rig.run(
    commandTask("t", {
      health_check: { delay_seconds: 0, interval_seconds: 1, grace_period_seconds: 0, ...health_check },
    }),
  );
  rig.settle();
  return rig;
}

function withCheck(check: CheckInfo): Rig {
  const rig = new Rig().register();
  rig.run(commandTask("t", { check: { delay_seconds: 0, interval_seconds: 1, ...check } }));
  return rig;
}

/** The next probe's answer; what the task then said. */
function answer(rig: Rig, result: ProbeResult): TaskStatus[] {
  while (rig.of("probe").length === 0) rig.pass(100);
  const { probe } = rig.of("probe")[0]!;
  rig.take().apply({ type: "probed", probe, result });
  return rig.settle();
}

const up: ProbeResult = { kind: "reached" };
const down: ProbeResult = { kind: "failed", reason: "refused" };

describe("a health check", () => {
  test("tells when the task becomes healthy, and nothing while it stays so", () => {
    const rig = withHealth({ type: "TCP", tcp: { port: 80 } });
    expect(answer(rig, up)).toMatchObject([
      { state: "TASK_RUNNING", healthy: true, reason: "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED" },
    ]);
    expect(answer(rig, up)).toEqual([]);
  });

  test("tells the first failure and the one that ends the task, and has it killed as unhealthy", () => {
    const rig = withHealth({ type: "TCP", tcp: { port: 80 }, consecutive_failures: 3 });
    expect(answer(rig, down)).toMatchObject([{ healthy: false }]);
    expect(answer(rig, down)).toEqual([]);
    const last = answer(rig, { kind: "timeout" });
    expect(last).toMatchObject([{ state: "TASK_RUNNING", healthy: false }]);
    rig.exit(rig.containerOf("t"), 15);
    expect(rig.settle()).toMatchObject([{ state: "TASK_KILLED", healthy: false }]);
  });

  test("counts failures in a row only", () => {
    const rig = withHealth({ type: "TCP", tcp: { port: 80 }, consecutive_failures: 2 });
    for (const result of [down, up, down, up, down]) answer(rig, result);
    expect(rig.of("signal")).toEqual([]);
  });

  test("overlooks failures within the grace period, until the first success", () => {
    const rig = withHealth({ type: "TCP", tcp: { port: 80 }, consecutive_failures: 1, grace_period_seconds: 10 });
    expect(answer(rig, down)).toEqual([]);
    expect(answer(rig, up)).toMatchObject([{ healthy: true }]);
    expect(answer(rig, down)).toMatchObject([{ healthy: false }]);
  });

  test.each([
    [200, true],
    [399, true],
    [400, false],
    [500, false],
  ])("by HTTP takes status %i as healthy: %s", (status, healthy) => {
    const rig = withHealth({ type: "HTTP", http: { port: 80, path: "/up", scheme: "https" } });
    expect(rig.of("probe")).toEqual([]);
    while (rig.of("probe").length === 0) rig.pass(100);
    expect(rig.of("probe")[0]!.target).toEqual({
      kind: "http",
      host: "127.0.0.1",
      port: 80,
      scheme: "https",
      path: "/up",
    });
    expect(answer(rig, { kind: "status", status })).toMatchObject([{ healthy }]);
  });

  test("by a command runs it beside the task, and gives it up after its timeout", () => {
    const rig = withHealth({
      type: "COMMAND",
      command: { value: "probe" },
      timeout_seconds: 2,
      consecutive_failures: 5,
    });
    rig.autoStart = false;
    rig.take().pass(0);
    const spec = rig.of("launch")[0]!.container;
    expect(spec).toMatchObject({ command: { shell: "probe" }, group: rig.containerOf("t"), user: "alice" });
    rig.take().pass(2_000);
    expect(rig.of("destroy").map((effect) => effect.id)).toEqual([spec.id]);
    expect(rig.settle()).toMatchObject([{ healthy: false }]);
  });

  test("stops when the task is being killed", () => {
    const rig = withHealth({ type: "TCP", tcp: { port: 80 } });
    answer(rig, up);
    rig.link({ type: "KILL", kill: { framework_id: { value: "m-0000" }, task_id: { value: "t" } } });
    rig.take().pass(2_999);
    expect(rig.of("probe")).toEqual([]);
  });
});

describe("a check", () => {
  test("stands in every status of its task, empty until it has seen something and after the end", () => {
    const rig = withCheck({ type: "TCP", tcp: { port: 80 } });
    expect(rig.settle().map((status) => status.check_status)).toEqual([
      { type: "TCP", tcp: {} },
      { type: "TCP", tcp: {} },
    ]);
    rig.exit(rig.containerOf("t"), 0);
    expect(rig.settle().at(-1)!.check_status).toEqual({ type: "TCP", tcp: {} });
  });

  test("tells what it sees when that changes, and never kills", () => {
    const rig = withCheck({ type: "TCP", tcp: { port: 80 } });
    rig.settle();
    expect(answer(rig, down)).toMatchObject([
      { check_status: { tcp: { succeeded: false } }, reason: "REASON_TASK_CHECK_STATUS_UPDATED" },
    ]);
    expect(answer(rig, down)).toEqual([]);
    expect(answer(rig, up)).toMatchObject([{ check_status: { tcp: { succeeded: true } } }]);
  });

  test("by HTTP tells the status, or nothing when there was none", () => {
    const rig = withCheck({ type: "HTTP", http: { port: 80 } });
    rig.settle();
    expect(answer(rig, { kind: "status", status: 404 })).toMatchObject([
      { check_status: { http: { status_code: 404 } } },
    ]);
    expect(answer(rig, { kind: "timeout" })[0]!.check_status).toEqual({ type: "HTTP", http: {} });
  });

  test("by a command tells its exit code", () => {
    const rig = withCheck({ type: "COMMAND", command: { command: { value: "exit 3" } } });
    rig.settle();
    rig.pass(0);
    const { id } = rig.of("launch").at(-1)!.container;
    rig.exit(id, 3 << 8);
    expect(rig.settle()).toMatchObject([{ check_status: { command: { exit_code: 3 } } }]);
    expect(rig.launcher.has(id)).toBe(false);
  });
});
