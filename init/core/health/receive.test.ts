import type { ReadinessCheck } from "@meseta/api/marathon/health.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InitOut } from "../out.ts";
import { anApp, aPod } from "../plan/specs.rig.ts";
import { aCheck, Checked } from "./checked.rig.ts";
import { tellCheckChanges } from "./notices.ts";
import { readinessResultsOf } from "./readiness.ts";
import { checkResultOf, healthResultsOf } from "./results.ts";

const failureOf = (web: Checked) => web.state.services.get("/web")!.lastFailure;
const resultsOf = (web: Checked) => healthResultsOf(web.state.health.get(web.id), web.instance);
const checked = (...checks: ReturnType<typeof aCheck>[]) => new Checked(anApp("/web", { healthChecks: checks }));

describe("an instance with a health check", () => {
  it("is well from the first success on, and readers are told of the check and then of the instance", () => {
    const web = checked(aCheck());
    expect(web.instance.isHealthy).toBeUndefined();
    web.probed("health-0", true);
    expect(web.instance.isHealthy).toBe(true);
    expect(web.notices).toEqual([
      {
        eventType: "health_status_changed_event",
        appId: "/web",
        instanceId: web.id,
        version: web.spec.version,
        alive: true,
      },
      {
        eventType: "instance_health_changed_event",
        instanceId: web.id,
        runSpecId: "/web",
        healthy: true,
        runSpecVersion: web.spec.version,
      },
    ]);
    web.take();
    expect(web.probed("health-0", true).take()).toEqual([]);
  });

  it("is ended after so many failures in a row, once, and waits longer for its next launch", () => {
    const web = checked(aCheck());
    web.probed("health-0", true).take();
    expect(web.probed("health-0", false, { message: "HTTP status 503" }).take()).toEqual([
      "failed_health_check_event",
      "health_status_changed_event",
      "instance_health_changed_event",
    ]);
    expect(web.probed("health-0", false).take()).toEqual(["failed_health_check_event"]);
    expect(web.kills).toEqual([]);
    web.probed("health-0", false, { message: "HTTP status 500" });
    expect(web.notices.map(({ eventType }) => eventType)).toEqual([
      "failed_health_check_event",
      "unhealthy_instance_kill_event",
    ]);
    expect(web.notices[1]).toMatchObject({
      ...{ appId: "/web", taskId: web.taskId(), instanceId: web.id, host: "h1", slaveId: "S1" },
      reason: "HTTP status 500",
    });
    expect(failureOf(web)).toMatchObject({
      ...{ state: "TASK_KILLED", taskId: web.taskId(), host: "h1" },
      message: "Task was killed since health check failed. Reason: HTTP status 500",
    });
    web.probed("health-0", false);
    expect(web.kills).toEqual([web.taskId()]);
    expect(web.instance.goal).toBe("Running");
    expect(web.state.backoff.delayOf("/web", web.instance.configVersion)).toBeDefined();
  });

  it("begins anew with its next launch, and what is told of the launch before means nothing", () => {
    const web = checked(aCheck());
    web.probed("health-0", true).status({ state: "TASK_FAILED" });
    expect(web.instance.isHealthy).toBeUndefined();
    const before = `${web.id}._app.1`;
    web.launch();
    expect(resultsOf(web)).toBeUndefined();
    web.probed("health-0", true, { task_id: { value: before } });
    expect(web.instance.isHealthy).toBeUndefined();
    web.probed("health-0", true);
    expect(web.instance.isHealthy).toBe(true);
  });

  it("is not ended where no number of failures is too many, nor while it is starting", () => {
    const patient = checked(aCheck({ maxConsecutiveFailures: 0 }));
    for (let i = 0; i < 10; i++) patient.probed("health-0", false);
    const starting = checked(aCheck({ maxConsecutiveFailures: 1, gracePeriodSeconds: 300 }));
    for (let i = 0; i < 10; i++) starting.probed("health-0", false);
    expect([patient.kills, starting.kills]).toEqual([[], []]);
    expect([patient.instance.isHealthy, starting.instance.isHealthy]).toEqual([false, undefined]);
    expect(starting.take()).toEqual([]);
  });

  it("is never ended while it is unreachable", () => {
    const web = checked(aCheck({ maxConsecutiveFailures: 1 }));
    web.probed("health-0", true).status({ state: "TASK_UNREACHABLE" });
    web.probed("health-0", false);
    expect(web.kills).toEqual([]);
  });

  it("is as all its checks together say; while one has said nothing nobody knows", () => {
    const web = checked(aCheck(), aCheck({ protocol: "TCP" }));
    web.probed("health-0", true);
    expect(web.instance.isHealthy).toBeUndefined();
    web.probed("health-1", true);
    expect(web.instance.isHealthy).toBe(true);
    web.probed("health-1", false);
    expect(web.instance.isHealthy).toBe(false);
    expect(resultsOf(web)).toMatchObject([{ alive: true }, { alive: false }]);
  });

  it("counts a result that is told again once", () => {
    const web = checked(aCheck({ maxConsecutiveFailures: 2 }));
    const timestamp = web.nowMs / 1000;
    for (let i = 0; i < 5; i++) web.probed("health-0", false, { timestamp });
    expect(web.kills).toEqual([]);
  });

  it("keeps what was known of it under a new leader, which counts from nothing", () => {
    const web = checked(aCheck());
    web.probed("health-0", true).probed("health-0", false).probed("health-0", false);
    web.fail();
    expect([web.instance.isHealthy, resultsOf(web)]).toEqual([false, undefined]);
    web.probed("health-0", false);
    expect(web.kills).toEqual([]);
    expect(resultsOf(web)).toMatchObject([{ alive: false, consecutiveFailures: 1 }]);
    web.probed("health-0", true);
    expect(web.instance.isHealthy).toBe(true);
  });

  it("is shown with its results as Marathon shows them, and without any before the first", () => {
    const web = checked(aCheck());
    expect(resultsOf(web)).toBeUndefined();
    const at = new Date(web.nowMs + 1000).toISOString();
    web.probed("health-0", true);
    expect(resultsOf(web)).toEqual([
      {
        alive: true,
        consecutiveFailures: 0,
        firstSuccess: at,
        lastSuccess: at,
        lastFailure: null,
        lastFailureCause: null,
        instanceId: web.id,
      },
    ]);
  });
});

describe("a check that the executor does", () => {
  it("is told by statuses, counts beside probes, and init ends nobody for it", () => {
    const web = checked(aCheck({ protocol: "MESOS_HTTP", maxConsecutiveFailures: 1 }), aCheck());
    web.probed("health-1", true).status({ state: "TASK_RUNNING", healthy: true });
    expect(web.instance.isHealthy).toBe(true);
    web.status({ state: "TASK_RUNNING", healthy: false });
    expect(web.instance.isHealthy).toBe(false);
    expect(web.kills).toEqual([]);
  });

  it("is not counted again when a reconciliation tells it again", () => {
    const web = checked(aCheck({ protocol: "MESOS_HTTP" }));
    web.status({ state: "TASK_RUNNING", healthy: true }).status({ state: "TASK_RUNNING", healthy: false });
    for (let i = 0; i < 3; i++) web.status({ state: "TASK_RUNNING", healthy: false, reason: "REASON_RECONCILIATION" });
    expect(resultsOf(web)).toMatchObject([{ alive: false, consecutiveFailures: 1 }]);
  });

  it("of each container makes a pod well", () => {
    const [main] = aPod("/pod").containers;
    const healthCheck = {
      tcp: { endpoint: "e" },
      ...{ gracePeriodSeconds: 300, intervalSeconds: 60, timeoutSeconds: 20, maxConsecutiveFailures: 3 },
      delaySeconds: 15,
    };
    const containers = [
      { ...main!, name: "a", healthCheck },
      { ...main!, name: "b", healthCheck },
      { ...main!, name: "c" },
    ];
    const pod = new Checked(aPod("/pod", { containers }));
    pod.status({ state: "TASK_RUNNING", healthy: true }, pod.taskId("a"));
    expect(pod.instance.isHealthy).toBeUndefined();
    pod.status({ state: "TASK_RUNNING", healthy: true }, pod.taskId("b"));
    expect(pod.instance.isHealthy).toBe(true);
    pod.status({ state: "TASK_RUNNING", healthy: false }, pod.taskId("b"));
    expect(pod.instance.isHealthy).toBe(false);
    expect(pod.take().at(-1)).toBe("instance_health_changed_event");
  });

  it("that only reports is shown as it was seen last", () => {
    const web = checked();
    expect(checkResultOf(web.instance)).toBeUndefined();
    web.status({ state: "TASK_RUNNING", check_status: { type: "HTTP", http: { status_code: 404 } } });
    expect(checkResultOf(web.instance)).toEqual({ http: { statusCode: 404 } });
  });
});

describe("a readiness check", () => {
  const readiness = (more: Partial<ReadinessCheck> = {}): ReadinessCheck => ({
    name: "readinessCheck",
    protocol: "HTTP",
    path: "/",
    portName: "default",
    intervalSeconds: 30,
    timeoutSeconds: 10,
    httpStatusCodesForReady: [200],
    preserveLastResponse: false,
    ...more,
  });
  const withReadiness = (check = readiness()) => new Checked(anApp("/web", { readinessChecks: [check] }));
  const response = { status: 503, content_type: "text/plain", body: "soon" };
  const shown = (web: Checked) => readinessResultsOf(web.state, anApp("/web", { readinessChecks: [readiness()] }));

  it("makes an instance ready once, and nothing takes that back", () => {
    const web = withReadiness();
    expect(shown(web)).toEqual([]);
    web.probed("readiness-0", false, { response });
    expect([web.instance.isReady, shown(web)]).toEqual([
      undefined,
      [{ name: "readinessCheck", taskId: web.taskId(), ready: false }],
    ]);
    web.probed("readiness-0", true).probed("readiness-0", false);
    expect([web.instance.isReady, shown(web)[0]!.ready]).toEqual([true, true]);
    expect(web.fail() && shown(web)[0]!.ready).toBe(true);
  });

  it("keeps what was answered last where that is wished", () => {
    const web = withReadiness(readiness({ preserveLastResponse: true }));
    web.probed("readiness-0", false, { response });
    expect(shown(web)[0]!.lastResponse).toEqual({ status: 503, contentType: "text/plain", body: "soon" });
  });

  it("has nothing to do with health", () => {
    const web = withReadiness();
    web.probed("readiness-0", false);
    expect([web.instance.isHealthy, web.take()]).toEqual([undefined, []]);
  });
});

it("who is ended by its executor because Mesos' own check failed is remembered as such, who is killed otherwise is not", () => {
  const killed = checked(aCheck({ protocol: "MESOS_HTTP" }));
  killed.status({ state: "TASK_RUNNING", healthy: false }).status({ state: "TASK_KILLED", healthy: false });
  expect(failureOf(killed)).toMatchObject({
    state: "TASK_KILLED",
    message: "Task was killed since health check failed.",
  });
  const other = checked(aCheck({ protocol: "MESOS_HTTP" }));
  other.status({ state: "TASK_RUNNING", healthy: false, message: "no" }).status({ state: "TASK_KILLED" });
  expect(failureOf(other)).toBeUndefined();
});

describe("readers are told of checks", () => {
  const told = (before: Parameters<typeof tellCheckChanges>[0], after: Parameters<typeof tellCheckChanges>[1]) => {
    const out = new InitOut();
    tellCheckChanges(before, after, 0, out);
    return out.effects.map((effect) => effect.type === "publish" && effect.notice);
  };
  const app = anApp("/web", { healthChecks: [aCheck()] });

  it("that come, go, and change, and of none that stays", () => {
    const added = {
      eventType: "add_health_check_event",
      appId: "/web",
      version: app.version,
      healthCheck: aCheck(),
    };
    const removed = { eventType: "remove_health_check_event", appId: "/web" };
    expect(told(undefined, app)).toEqual([added]);
    expect(told(app, { ...app, instances: 5 })).toEqual([]);
    expect(told(app, undefined)).toEqual([removed]);
    expect(told(anApp("/web", { healthChecks: [aCheck({ path: "/old" })] }), app)).toEqual([removed, added]);
  });
});

it("nonsense of agents changes nothing", () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.constantFrom("", "x", "web.instance-1._app.1", "web.instance-2._app.1"),
      (probe, task) => {
        const web = checked(aCheck());
        fc.pre(probe !== "health-0" || task !== web.taskId());
        web.probed(probe, true, { task_id: { value: task } });
        expect([web.instance.isHealthy, web.take()]).toEqual([undefined, []]);
      },
    ),
  );
  const web = checked(aCheck());
  for (const probe of ["health-", "health-1", "health--1", "health-0.5", "readiness-9", "readiness-0"])
    web.probed(probe, true);
  expect([web.instance.isHealthy, web.take()]).toEqual([undefined, []]);
});
