import { expect, test } from "vitest";
import { putHealth } from "../health/instance-health.ts";
import { anApp, aTree } from "../plan/specs.rig.ts";
import { planOf } from "../plan.ts";
import type { Explanation } from "./explain.ts";
import { Rig } from "./state.rig.ts";

const V = "2026-01-05T10:00:00.000Z";
const explain = (rig: Rig, id: string) => rig.json({ kind: "explain", id }) as Explanation;
const PORTS = "ports:[31000-31099]";

test("who runs is said to run", () => {
  const web = anApp("/web", { instances: 2 });
  const rig = new Rig([web]);
  rig.running(web);
  rig.running(web);
  expect(explain(rig, "/web")).toEqual({
    id: "/web",
    state: "running",
    sentences: ["2 of 2 instances run."],
    reasons: [],
  });
});

test("too little memory is told with what is needed, what is there, and the nearest remedy", () => {
  const web = anApp("/web", { mem: 4096, constraints: [["rack", "IS", "a"]] });
  const rig = new Rig([web]);
  rig.queued(web);
  const rack = (value: string) => ({ attributes: [{ name: "rack", type: "TEXT" as const, text: { value } }] });
  rig.offer(`cpus:8;mem:3276.8;${PORTS}`, "S1", rack("a"));
  rig.offer(`cpus:8;mem:1024;${PORTS}`, "S2", rack("a"));
  rig.offer(`cpus:8;mem:8192;${PORTS}`, "S3", rack("b"));
  expect(explain(rig, "/web")).toEqual({
    id: "/web",
    state: "refused",
    sentences: [
      "0 of 1 instances run: 1 waits for a launch.",
      `3 agents looked at: 1 does not fulfil ["rack","IS","a"] (there: b) and 2 have too little: it needs 4 GiB of memory, the most that is free on one is 3.2 GiB of memory.`,
      "It fits if it asks for at most 3.2 GiB of memory, or on one more agent with 4 GiB of memory free.",
    ],
    reasons: [
      { reason: "UnfulfilledConstraint", agents: 1, detail: `does not fulfil ["rack","IS","a"] (there: b)` },
      {
        reason: "InsufficientMemory",
        agents: 2,
        detail: "have too little: it needs 4 GiB of memory, the most that is free on one is 3.2 GiB of memory",
      },
    ],
  });
});

test("agents of another region than the master's are only for who names a region", () => {
  const web = anApp("/web");
  const far = anApp("/far", { constraints: [["@region", "IS", "west"]] });
  const rig = new Rig([web, far]);
  rig.state.master.region = "east";
  for (const app of [web, far]) rig.queued(app);
  const domain = { fault_domain: { region: { name: "west" }, zone: { name: "a" } } };
  rig.offer(`cpus:8;mem:8192;${PORTS}`, "S1", { domain });
  expect(rig.state.queue.entryOf("/far")).toBeUndefined();
  expect(explain(rig, "/web").sentences.slice(1)).toEqual([
    "1 agent looked at: 1 does not fulfil being in the region of the master (there: west).",
    "It fits on one more agent in the region of the master, or with a constraint on @region.",
  ]);
});

test("to ask for less is no advice where something else is missing too", () => {
  const web = anApp("/web", { mem: 4096, disk: 100 });
  const rig = new Rig([web]);
  rig.queued(web);
  rig.offer(`cpus:8;mem:1024;${PORTS}`);
  expect(explain(rig, "/web").sentences.at(-1)).toBe("It fits on one more agent with 4 GiB of memory free.");
});

test.each([
  [
    { constraints: [["hostname", "LIKE", "x.*"]] },
    "cpus:8;mem:8192",
    "UnfulfilledConstraint",
    `agent that fulfils ["hostname","LIKE","x.*"]`,
  ],
  [{ acceptedResourceRoles: ["web"], role: "web" }, "cpus:8;mem:8192", "UnfulfilledRole", "resources for role web"],
  [{ cpus: 4 }, "cpus:2;mem:8192", "InsufficientCpus", "at most 2 cpus, or on one more agent with 4 cpus free"],
  [{ disk: 2048 }, "cpus:8;mem:8192;disk:1024", "InsufficientDisk", "at most 1 GiB of disk"],
  [{ gpus: 1 }, "cpus:8;mem:8192", "InsufficientGpus", "on one more agent with 1 gpu free"],
  [{ requirePorts: true }, "cpus:8;mem:8192", "InsufficientPorts", "when the ports are free"],
  [{}, "cpus:8;mem:8192;gpus:1", "DeclinedScarceResources", "on an agent without gpus"],
] as const)("each refusal has its remedy: %o", (more, resources, reason, remedy) => {
  const web = anApp("/web", more as object);
  const rig = new Rig([web]);
  rig.queued(web);
  rig.offer(reason === "InsufficientPorts" ? resources : `${resources};${PORTS}`);
  const { sentences, reasons } = explain(rig, "/web");
  expect(reasons).toMatchObject([{ reason, agents: 1 }]);
  expect(sentences.at(-1)).toContain(remedy);
});

test("disks that lack for volumes are told as what they are, whatever else is free", () => {
  const persistent = { type: "mount", size: 2048, constraints: [] } as const;
  const volumes = [{ containerPath: "data", mode: "RW", persistent }] as const;
  const web = anApp("/web", {
    disk: 64,
    role: "web",
    container: { type: "MESOS", volumes, portMappings: [] } as never,
  });
  const rig = new Rig([web]);
  rig.queued(web);
  rig.offer(`cpus:8;mem:8192;disk:4096;${PORTS}`);
  expect(explain(rig, "/web")).toMatchObject({
    reasons: [{ detail: "has no room for its volumes: it needs 64 MiB of disk and 2 GiB of disk of type mount" }],
    sentences: {
      2: "It fits on one more agent with such disks free, or with smaller volumes.",
    },
  });
});

test("an agent in maintenance is told of", () => {
  const web = anApp("/web");
  const rig = new Rig([web], { placement: { gpus: "restricted", maintenance: { drainingMs: 0 } } });
  rig.queued(web);
  rig.offer(`cpus:8;mem:8192;${PORTS}`, "S1", { unavailability: { start: { nanoseconds: 0 } } });
  expect(explain(rig, "/web").reasons).toMatchObject([{ detail: "is in maintenance or near it" }]);
});

test("where no offer came that is the reason", () => {
  const web = anApp("/web", { role: "web" });
  const rig = new Rig([web]);
  rig.queued(web);
  expect(explain(rig, "/web")).toMatchObject({
    state: "waiting",
    sentences: [
      "0 of 1 instances run: 1 waits for a launch.",
      `No offer for role web has come since it was queued at ${V}: the cluster has no agents, or nothing free for this role.`,
    ],
  });
  rig.state.master.isConnected = false;
  expect(explain(rig, "/web")).toMatchObject({ state: "disconnected", sentences: { length: 2 } });
});

test("a delay is told with its end, its cause and how to end it at once", () => {
  const web = anApp("/web");
  const rig = new Rig([web]);
  rig.queued(web);
  rig.state.backoff.apply("/web", V, "raise", { firstMs: 90_000, factor: 1, longestMs: 90_000 }, rig.nowMs);
  rig.serviceOf(web).lastFailure = {
    appId: "/web",
    host: "h1",
    message: "Command exited with status 3.",
    state: "TASK_FAILED",
    taskId: "t",
    timestamp: V,
    version: V,
  };
  rig.nowMs += 30_000;
  expect(explain(rig, "/web")).toMatchObject({
    state: "delayed",
    sentences: [
      "0 of 1 instances run: 1 waits for a launch.",
      `The last failure was TASK_FAILED on h1 at ${V}: Command exited with status 3.`,
      "Launches have failed, so the next one waits 60 seconds more; DELETE /v2/queue/web/delay lets it go on at once.",
    ],
  });
});

test("who fails its checks is told with what the last one of them saw", () => {
  const web = anApp("/web");
  const rig = new Rig([web]);
  const id = rig.running(web);
  const lastFailure = { lastFailureMs: rig.nowMs, consecutiveFailures: 1 };
  const record = { ...lastFailure, lastFailureCause: "HTTP status 503" };
  putHealth(rig.state, rig.get(web, id)!, { incarnation: 1, checks: { 0: record }, seen: {} });
  rig.happens(web, id, { type: "health", isHealthy: false });
  rig.serviceOf(web).lastFailure = {
    ...{ appId: "/web", host: "h1", state: "TASK_KILLED", taskId: "t", timestamp: V, version: V },
    message: "Task was killed since health check failed. Reason: HTTP status 500",
  };
  expect(explain(rig, "/web").sentences.slice(1)).toEqual([
    "The health checks of 1 instance fail: HTTP status 503.",
    `The last failure was TASK_KILLED on h1 at ${V}: Task was killed since health check failed. Reason: HTTP status 500.`,
  ]);
});

test("who moves away from an agent whose maintenance is near is told", () => {
  const web = anApp("/web");
  const rig = new Rig([web], { placement: { gpus: "restricted", maintenance: { drainingMs: 60_000 } } });
  const agent = rig.get(web, rig.running(web))!.host!.agent_id.value;
  const departure = { untilMs: rig.nowMs + 900_000, askedMs: rig.nowMs, isFree: true };
  rig.state.departures.agents.set(agent, { ...departure, fromMs: rig.nowMs + 90_000 });
  expect(explain(rig, "/web").sentences).toHaveLength(1);
  rig.nowMs += 40_000;
  expect(explain(rig, "/web").sentences.slice(1)).toEqual([
    "1 instance moves away from 10.0.0.7, where a maintenance is near: another one starts elsewhere first, as far as its upgradeStrategy asks for it.",
  ]);
});

test("a deployment says whose turn it is", () => {
  const db = anApp("/db");
  const web = anApp("/web", { dependencies: ["/db"] });
  const rig = new Rig([db, web]);
  const plan = planOf(aTree([]), aTree([db, web]), { id: "d1", version: V });
  rig.state.deployments.start(plan, { force: false }, rig.nowMs);
  rig.state.deployments.settle({ of: () => [] }, rig.nowMs);
  expect(explain(rig, "/web")).toMatchObject({
    state: "deploying",
    sentences: [
      "0 of 1 instances run.",
      expect.stringMatching(/^Deployment d1 is at step \d of 3, which is for .*; its own turn is step 3\.$/),
    ],
  });
});

test("what an upgrade waits for is told: new instances that are not ready", () => {
  const check = { path: "/ready", portName: "http-api", httpStatusCodesForReady: [200, 204] } as never;
  const web = anApp("/web", { readinessChecks: [check] });
  const rig = new Rig([web]);
  const id = rig.running(web);
  expect(explain(rig, "/web").sentences).toEqual(["1 of 1 instances runs."]);
  rig.state.deployments.start(planOf(aTree([]), aTree([web]), { id: "d1", version: V }), { force: false }, rig.nowMs);
  const told = "1 new instance does not say to be ready: /ready of port http-api must answer 200 or 204.";
  expect(explain(rig, "/web").sentences).toContain(told);
  rig.happens(web, id, { type: "ready" });
  expect(explain(rig, "/web").sentences).not.toContain(told);
});

test("what runs unwell, starts or is lost is told apart", () => {
  const check = { protocol: "COMMAND", command: { value: "true" } } as never;
  const web = anApp("/web", {
    instances: 4,
    healthChecks: [check],
    unreachableStrategy: "disabled",
  });
  const rig = new Rig([web]);
  rig.happens(web, rig.running(web), { type: "health", isHealthy: false });
  rig.running(web);
  rig.launch(web);
  rig.status(web, rig.running(web), { state: "TASK_UNREACHABLE" });
  rig.nowMs += 40_000;
  expect(explain(rig, "/web")).toMatchObject({
    state: "unhealthy",
    sentences: [
      "2 of 4 instances run: 2 are not known to be healthy, 1 is starting and 1 cannot be reached.",
      "The health checks of 1 instance fail.",
      "The health checks of 1 instance have not said anything yet.",
      "The longest start has taken 40 seconds so far.",
      "10.0.0.7 cannot be reached, the longest since 40 seconds ago.",
    ],
  });
});

test("nothing wanted and nothing known are told as well", () => {
  const rig = new Rig([anApp("/none", { instances: 0 })]);
  expect(explain(rig, "/none")).toMatchObject({ state: "suspended", sentences: ["No instance is wanted."] });
  expect(rig.read({ kind: "explain", id: "/no" }).status).toBe(404);
});
