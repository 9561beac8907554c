import { expect, test } from "vitest";
import type { AgentExplanation, ReasonCode } from "./allocator.ts";
import { bag, framework, sketch } from "./sketch.rig.ts";

type Sketch = ReturnType<typeof sketch>;

function why(allocator: Sketch, frameworkId = "f", nowMs = 0): AgentExplanation {
  return allocator.explain(frameworkId, nowMs).roles[0]!.agents[0]!;
}

function one(agent: string, settings = framework("r"), options = {}): Sketch {
  const allocator = sketch(options);
  allocator.addFramework("f", settings, 0);
  allocator.addAgent("s", { hostname: "h" }, bag(agent));
  return allocator;
}

const quota = (text: string) => Object.fromEntries(bag(text).map(({ name, scalar }) => [name, scalar!]));

test.each<[ReasonCode, () => Sketch]>([
  ["NONE", () => one("cpus:1")],
  ["ROLE_SUPPRESSED", () => one("cpus:1", framework("r", { suppressedRoles: ["r"] }))],
  ["FRAMEWORK_INACTIVE", () => one("cpus:1", framework("r", { active: false }))],
  ["GPU_AGENT", () => one("cpus:1;gpus:1")],
  ["RESERVED_FOR_OTHERS", () => one("cpus(eng):1")],
  ["BELOW_MIN_ALLOCATABLE", () => one("cpus:0.001;mem:5")],
])("the reason %s", (reason, make) => {
  const allocator = make();
  if (reason !== "NONE") allocator.allocate(0);
  expect(why(allocator).reasons).toEqual([reason]);
  expect(allocator.explain("f", 0).roles[0]!.reasons).toEqual({ [reason]: 1 });
});

test("a filtered agent says until when, and what was refused", () => {
  const allocator = one("cpus:1;ports:[1-2]");
  allocator.allocate(10);
  allocator.recover("f", "r", "s", bag("cpus:1;ports:[1-2]"), { refuseSeconds: 60, nowMs: 20 });
  expect(why(allocator)).toEqual({
    agentId: "s",
    hostname: "h",
    reasons: ["FILTERED"],
    free: { cpus: 1, ports: 2 },
    filter: { untilMs: 60_020, refused: bag("cpus:1;ports:[1-2]") },
  });
  expect(allocator.explain("f", 20).roles[0]).toMatchObject({ lastOfferMs: 10, lastUseMs: 0 });
});

test("behind a filter stand the quota, the reservations and the rules that would hold the offer back without it", () => {
  const allocator = one("cpus:4;mem:400;cpus(eng):1");
  allocator.allocate(0);
  allocator.recover("f", "r", "s", bag("cpus:4;mem:400"), { refuseSeconds: 60, nowMs: 0 });
  expect(why(allocator).reasons).toEqual(["FILTERED", "RESERVED_FOR_OTHERS"]);
  allocator.setQuota({ role: "r", limits: quota("cpus:0;mem:10") });
  allocator.setQuota({ role: "q", guarantees: quota("cpus:9;mem:9000") });
  expect(why(allocator)).toMatchObject({
    reasons: ["FILTERED", "RESERVED_FOR_OTHERS", "QUOTA_LIMIT", "QUOTA_HEADROOM"],
    filter: { untilMs: 60_000 },
  });
  allocator.updateFramework("f", framework("r", { active: false }), 0);
  allocator.deactivateAgent("s");
  expect(why(allocator).reasons.slice(0, 3)).toEqual(["FILTERED", "FRAMEWORK_INACTIVE", "AGENT_DEACTIVATED"]);
});

test("when nothing is left it names who has it, the largest first", () => {
  const allocator = one("cpus:4;mem:100");
  for (const [id, cpus] of [
    ["small", 1],
    ["large", 3],
  ] as const) {
    allocator.addFramework(id, framework("x", { active: false }), 0);
    allocator.charge(id, "x", "s", bag(`cpus:${cpus};mem:50`));
  }
  allocator.allocate(0);
  expect(why(allocator)).toMatchObject({
    reasons: ["NOTHING_LEFT"],
    holders: [
      { frameworkId: "large", role: "x", quantities: { cpus: 3, mem: 50 } },
      { frameworkId: "small", role: "x", quantities: { cpus: 1, mem: 50 } },
    ],
  });
});

test("quota: the limit, and the headroom of others, with what could have been offered", () => {
  const limited = one("cpus:4;mem:400");
  limited.setQuota({ role: "r", limits: quota("cpus:0;mem:10") });
  expect(why(limited)).toMatchObject({ reasons: ["QUOTA_LIMIT", "BELOW_MIN_ALLOCATABLE"], offerable: { mem: 10 } });
  expect(limited.explain("f", 0).roles[0]!.quota).toEqual({
    role: "r",
    guarantees: {},
    limits: { cpus: 0, mem: 10 },
    consumed: {},
  });
  const heldBack = one("cpus:4;mem:400");
  heldBack.setQuota({ role: "q", guarantees: quota("cpus:9;mem:9000") });
  expect(why(heldBack)).toMatchObject({ reasons: ["QUOTA_HEADROOM"] });
});

test("agents that are deactivated, not whitelisted or far away", () => {
  const allocator = one("cpus:1", framework("r"), { region: "north" });
  allocator.deactivateAgent("s");
  expect(why(allocator).reasons).toEqual(["AGENT_DEACTIVATED"]);
  allocator.activateAgent("s");
  allocator.setWhitelist([]);
  expect(why(allocator).reasons).toEqual(["AGENT_NOT_WHITELISTED"]);
  allocator.setWhitelist(undefined);
  allocator.updateAgent("s", { domain: { fault_domain: { region: { name: "south" }, zone: { name: "z" } } } });
  expect(why(allocator).reasons).toEqual(["REMOTE_REGION"]);
});

test("explaining changes nothing", () => {
  const allocator = one("cpus:4");
  allocator.setQuota({ role: "r", limits: quota("cpus:1") });
  allocator.explain("f", 0);
  expect(allocator.state.quota.tops.get("r")!.cut).toBe(false);
  expect(allocator.allocate(0).offers).toHaveLength(1);
});

test("of a large cluster the counts are whole and the details bounded", () => {
  const allocator = one("cpus:1");
  for (let i = 0; i < 200; i++) allocator.addAgent(`s${i}`, { hostname: "h" }, bag("cpus:1;gpus:1"));
  const [role] = allocator.explain("f", 0).roles;
  expect(role!.agents).toHaveLength(100);
  expect(role!.reasons).toEqual({ NONE: 1, GPU_AGENT: 200 });
  expect(allocator.explain("f", 0, 3).roles[0]!.agents).toHaveLength(3);
});

test("the metrics: runs, totals, shares, filters, quota", () => {
  const allocator = one("cpus:4;mem:400");
  allocator.setQuota({ role: "r", guarantees: quota("cpus:1"), limits: quota("cpus:2") });
  allocator.allocate(0);
  allocator.allocate(0);
  expect(allocator.metrics()).toEqual({
    allocationRuns: 1,
    resources: { cpus: { total: 4, offeredOrAllocated: 2 }, mem: { total: 400, offeredOrAllocated: 400 } },
    roles: { r: { dominantShare: 1, activeFilters: 0 } },
    quotas: { r: { cpus: { guarantee: 1, limit: 2, consumed: 2, offeredOrAllocated: 2 } } },
  });
  allocator.recover("f", "r", "s", bag("cpus:2;mem:400"), { refuseSeconds: 60, nowMs: 0 });
  expect(allocator.metrics().roles["r"]).toEqual({ dominantShare: 0, activeFilters: 1 });
});
