import type { Schedule } from "@meseta/api/mesos/generated/maintenance.ts";
import type { MachineID, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import type { QuotaConfig, QuotaRequest } from "@meseta/api/mesos/generated/quota.ts";
import { expect, test } from "vitest";
import { validateSchedule, validateStart, validateStop } from "./maintenance.ts";
import {
  configOfRequest,
  type QuotaContext,
  validateQuotaConfigs,
  validateQuotaRemoval,
  validateQuotaRequest,
} from "./quota.ts";
import { validateWeights } from "./weights.ts";

const empty: QuotaContext = {
  quotas: new Map(),
  capacity: new Map([["cpus", 8000]]),
  consumed: () => new Map(),
  force: false,
};
const quota = (role: string, guarantee?: number, limit?: number): QuotaConfig => ({
  role,
  ...(guarantee === undefined ? {} : { guarantees: { cpus: { value: guarantee } } }),
  ...(limit === undefined ? {} : { limits: { cpus: { value: limit } } }),
});

test("quotas that fit are accepted, and so are none", () => {
  expect(validateQuotaConfigs([], empty)).toBeUndefined();
  expect(validateQuotaConfigs([quota("a", 4, 4), quota("b", 4), quota("*", 0, 1), quota("c")], empty)).toBeUndefined();
});

test.each<[string, QuotaConfig[]]>([
  [
    "Invalid QuotaConfig: 'QuotaConfig.guarantees' { cpus: 2 } is not contained within the 'QuotaConfig.limits' { cpus: 1 }",
    [quota("q", 2, 1)],
  ],
  ["Invalid QuotaConfig: Invalid 'QuotaConfig.role': Role names cannot be the empty string", [quota("")]],
  ["Invalid QuotaConfig: Invalid 'QuotaConfig.role': quota on the nested role 'a/b' is not supported", [quota("a/b")]],
  ["Invalid QuotaConfig: role 'a' is given more than once", [quota("a"), quota("a")]],
  [
    "Invalid QuotaConfig: Invalid 'QuotaConfig.guarantees': { cpus: -1 } must be a number that is not negative",
    [quota("a", -1)],
  ],
  [
    "Invalid QuotaConfig: Invalid 'QuotaConfig.guarantees': { cpus: NaN } must be a number that is not negative",
    [quota("a", Number.NaN)],
  ],
  [
    "Invalid QuotaConfig: Invalid 'QuotaConfig.limits': { cpus: Infinity } is more than the largest that is supported, 1000000000000",
    [quota("a", 0, Number.POSITIVE_INFINITY)],
  ],
  [
    "Invalid QuotaConfig: Invalid 'QuotaConfig.limits': { mem: 2199023255552 } is more than the largest that is supported, 1099511627776",
    [{ role: "a", limits: { mem: { value: 2 ** 41 } } }],
  ],
  [
    "The sum of all guarantees, { cpus: 9 }, is more than the cluster has, { cpus: 8 }; use 'force' to set it nevertheless",
    [quota("a", 5), quota("b", 4)],
  ],
])("UPDATE_QUOTA: %s", (message, configs) => {
  expect(validateQuotaConfigs(configs, empty)).toEqual({ message });
});

test("what other roles were promised counts, and a quota may always be taken back", () => {
  const full = { ...empty, quotas: new Map([["a", quota("a", 9)]]) };
  expect(validateQuotaConfigs([quota("b", 1)], full)).toHaveProperty(
    "message",
    expect.stringContaining("{ cpus: 10 }"),
  );
  expect(validateQuotaConfigs([quota("b", 1)], { ...full, force: true })).toBeUndefined();
  expect(validateQuotaConfigs([quota("b", 0, 2)], full)).toBeUndefined();
  expect(validateQuotaConfigs([quota("a")], full)).toBeUndefined();
});

test("a limit is not set below what the role consumes, unless by force", () => {
  const busy = { ...empty, consumed: () => new Map([["cpus", 3000]]) };
  expect(validateQuotaConfigs([quota("a", 1, 2)], busy)).toEqual({
    message:
      "Role 'a' consumes { cpus: 3 }, which is more than the limits { cpus: 2 }; use 'force' to set them nevertheless",
  });
  expect(validateQuotaConfigs([quota("a", 1, 2)], { ...busy, force: true })).toBeUndefined();
});

const cpus: Resource = { name: "cpus", type: "SCALAR", scalar: { value: 0.5 } };

test.each<[string, QuotaRequest, boolean?]>([
  ["QuotaInfo with invalid role: Role names cannot be the empty string", {}],
  ["QuotaInfo with invalid role: quota on the nested role 'a/b' is not supported", { role: "a/b" }],
  ["QuotaInfo with empty 'guarantee'", { role: "a" }],
  ["QuotaInfo contains duplicate resource name 'cpus'", { role: "a", guarantee: [cpus, cpus] }],
  [
    "QuotaInfo with invalid resource 'cpus': Invalid scalar resource: value <= 0",
    { role: "a", guarantee: [{ ...cpus, scalar: { value: -1 } }] },
  ],
  [
    "QuotaInfo must not include non-scalar resource 'ports'",
    { role: "a", guarantee: [{ name: "ports", type: "RANGES", ranges: { range: [{ begin: 1, end: 2 }] } }] },
  ],
  ["QuotaInfo must name nothing but the amount of 'cpus'", { role: "a", guarantee: [{ ...cpus, revocable: {} }] }],
  ["Cannot set quota for role 'a' which already has quota", { role: "a", guarantee: [cpus] }, true],
])("SET_QUOTA: %s", (text, request, existing = false) => {
  expect(validateQuotaRequest(request, existing)).toEqual({ message: `Failed to validate set quota request: ${text}` });
});

test("the old request makes its guarantee the limit", () => {
  expect(validateQuotaRequest({ role: "*", guarantee: [cpus] }, false)).toBeUndefined();
  expect(configOfRequest({ role: "q1", guarantee: [cpus] })).toEqual(quota("q1", 0.5, 0.5));
});

test("only a quota that is there can be removed", () => {
  expect(validateQuotaRemoval("a", true)).toBeUndefined();
  expect(validateQuotaRemoval("a", false)).toEqual({
    message: "Cannot remove quota for role 'a' which does not have quota",
  });
  expect(validateQuotaRemoval("/", false)).toHaveProperty(
    "message",
    expect.stringContaining("Failed to validate remove quota request: "),
  );
});

test("weights are positive numbers of roles that may be used", () => {
  const words = "Failed to validate update weights request JSON for role";
  expect(
    validateWeights(
      [
        { role: "heavy", weight: 2.5 },
        { role: "*", weight: 1 },
      ],
      ["heavy"],
    ),
  ).toBeUndefined();
  expect(validateWeights([{ role: "a", weight: 0 }], undefined)).toEqual({
    message: `${words} 'a': Invalid weight '0': Weights must be positive`,
  });
  expect(validateWeights([{ role: "a", weight: Number.NaN }], undefined)).toEqual({
    message: `${words} 'a': Invalid weight 'NaN': Weights must be positive`,
  });
  expect(validateWeights([{ role: "a/", weight: 1 }], undefined)).toEqual({
    message: `${words} 'a/': Invalid role: Role 'a/' cannot end with a slash`,
  });
  expect(validateWeights([{ role: "a", weight: 1 }], ["b"])).toEqual({ message: `${words} 'a': Unknown role 'a'` });
});

const h: MachineID = { hostname: "h" };
const schedule = (...machines: MachineID[]): Schedule => ({
  windows: [{ machine_ids: machines, unavailability: { start: { nanoseconds: 1 } } }],
});

test("a schedule names each machine once, by name or address, for a time that is not negative", () => {
  expect(validateSchedule({}, [])).toBeUndefined();
  expect(
    validateSchedule(schedule(h, { ip: "10.0.0.1" }, { ip: "::1" }, { hostname: "h", ip: "10.0.0.1" }), [h]),
  ).toBeUndefined();
  expect(validateSchedule(schedule(), [])).toEqual({ message: "List of machines in the maintenance window is empty" });
  expect(validateSchedule(schedule({}), [])).toEqual({ message: "Both 'hostname' and 'ip' for a machine are empty" });
  expect(validateSchedule(schedule({ ip: "10.0.0.300" }), [])).toEqual({
    message: "'10.0.0.300' is not an IP address",
  });
  expect(validateSchedule(schedule(h, { hostname: "H" }), [])).toEqual({
    message: 'Machine \'{"hostname":"H"}\' appears more than once',
  });
  const negative: Schedule = {
    windows: [{ machine_ids: [h], unavailability: { start: { nanoseconds: 1 }, duration: { nanoseconds: -1 } } }],
  };
  expect(validateSchedule(negative, [])).toEqual({ message: "Unavailability 'duration' is negative" });
});

test("a machine that is down stays in the schedule", () => {
  expect(validateSchedule(schedule({ hostname: "other" }), [h])).toEqual({
    message: 'Machine \'{"hostname":"h"}\' is deactivated and cannot be removed from the schedule',
  });
});

test("maintenance starts for machines that drain and stops for machines that are down", () => {
  const mode = (is: "UP" | "DRAINING" | "DOWN" | undefined) => () => is;
  expect([validateStart([h], mode("DRAINING")), validateStop([h], mode("DOWN"))]).toEqual([undefined, undefined]);
  expect(validateStart([h], mode(undefined))).toEqual({
    message: 'Machine \'{"hostname":"h"}\' is not part of a maintenance schedule',
  });
  expect(validateStop([h], mode(undefined))).toEqual({
    message: 'Machine \'{"hostname":"h"}\' is not part of a maintenance schedule',
  });
  expect(validateStart([h], mode("DOWN"))).toEqual({
    message: 'Machine \'{"hostname":"h"}\' is not in DRAINING mode and cannot be brought down',
  });
  expect(validateStop([h], mode("DRAINING"))).toEqual({
    message: 'Machine \'{"hostname":"h"}\' is not in DOWN mode and cannot be brought up',
  });
  expect(validateStart([], mode("DRAINING"))).toEqual({ message: "List of machines is empty" });
});
