import type { App } from "@meseta/api/marathon/app.ts";
import type { Pod } from "@meseta/api/marathon/pod.ts";
import { expect, test } from "vitest";
import { readApp } from "./app.ts";
import { differenceOf, isSame } from "./difference.ts";
import { readPod } from "./pod.ts";
import { DEFAULT_SETTINGS as settings } from "./settings.ts";

const V = { version: "1", versionInfo: { lastScalingAt: "1", lastConfigChangeAt: "1" } };

function appOf(body: object): App {
  const outcome = readApp({ id: "/a", cmd: "x", ...body }, { settings });
  if ("refusal" in outcome) throw new Error(JSON.stringify(outcome.refusal));
  return { ...outcome.value, role: "*", ...V };
}

function podOf(body: object): Pod {
  const outcome = readPod({ id: "/a", containers: [{ name: "c", resources: {} }], ...body }, { settings });
  if ("refusal" in outcome) throw new Error(JSON.stringify(outcome.refusal));
  return { ...outcome.value, role: "*", ...V };
}

test("an app is restarted for every field but its labels and the number of its instances", () => {
  const cases = [
    [{}, "none"],
    [{ labels: { a: "b" } }, "light"],
    [{ upgradeStrategy: { minimumHealthCapacity: 0 } }, "restart"],
    [{ upgradeStrategy: { deadlineSeconds: 60 } }, "light"],
    [{ autoscale: { maxInstances: 3, cpu: 0.5 } }, "light"],
    [{ upgradeStrategy: { deadlineSeconds: 60 }, instances: 2 }, "scale"],
    [{ upgradeStrategy: { deadlineSeconds: 60, maximumOverCapacity: 0 } }, "restart"],
    [{ backoffSeconds: 9 }, "restart"],
    [{ dependencies: ["/b"] }, "restart"],
    [{ instances: 2 }, "scale"],
    [{ instances: 2, labels: { a: "b" } }, "scale"],
    [{ cmd: "y" }, "restart"],
    [{ env: { A: "" } }, "restart"],
    [{ constraints: [["hostname", "UNIQUE"]] }, "restart"],
    [{ instances: 0, healthChecks: [{}] }, "restart"],
    [{ networks: [{ mode: "container/bridge" }] }, "restart"],
  ] as const;
  for (const [body, difference] of cases)
    expect([body, differenceOf(appOf({}), appOf(body))]).toEqual([body, difference]);
});

test("a pod as well", () => {
  const cases = [
    [{}, "none"],
    [{ labels: { a: "b" } }, "light"],
    [{ scheduling: { killSelection: "OLDEST_FIRST" } }, "restart"],
    [{ scheduling: { upgrade: { deadlineSeconds: 60 } } }, "light"],
    [{ scaling: { instances: 3 } }, "scale"],
    [{ scheduling: { placement: { acceptedResourceRoles: ["*"] } } }, "restart"],
    [{ user: "u" }, "restart"],
  ] as const;
  for (const [body, difference] of cases)
    expect([body, differenceOf(podOf({}), podOf(body))]).toEqual([body, difference]);
  expect(differenceOf(appOf({}), podOf({}))).toBe("restart");
});

test("versions are no difference", () => {
  const later = { version: "2", versionInfo: { lastScalingAt: "2", lastConfigChangeAt: "2" } };
  expect(differenceOf(appOf({}), { ...appOf({}), ...later })).toBe("none");
});

test("the order of keys does not matter, and undefined is absent", () => {
  expect(isSame({ a: 1, b: [{ c: 2 }] }, { b: [{ c: 2, d: undefined }], a: 1 })).toBe(true);
  expect(isSame([1], { 0: 1 })).toBe(false);
});
