import { expect, it } from "vitest";
import { INIT } from "./commands/init.ts";
import { readSettings } from "./flags.ts";
import { httpOf, initConfigOf } from "./init-settings.ts";

const nowhere = { HOME: "/nonexistent", XDG_CONFIG_HOME: "/nonexistent" };
const config = (...argv: string[]) => initConfigOf(readSettings(INIT, argv, nowhere), { user: "me", hostname: "here" });
const http = (...argv: string[]) => httpOf(readSettings(INIT, argv, nowhere));

it("says nothing but what it needs, and Marathon's defaults hold but for its throttles", () => {
  expect(config()).toMatchObject({
    frameworkName: "marathon",
    user: "me",
    hostname: "127.0.0.1",
    failoverTimeoutMs: 604_800_000,
    mostInstancesPerOffer: Number.POSITIVE_INFINITY,
    mostDeployments: 100,
    mostVersions: 50,
    timeouts: { confirmTimeoutMs: 300_000, launchTimeoutMs: 300_000, reservationTimeoutMs: 20_000 },
    kills: { mostAtOnce: 100, retryMs: 30_000 },
    definitions: { defaultRole: "*", newGroupEnforceRole: "off", servicePorts: { min: 10_000, max: 20_000 } },
    reconciliationDelayMs: 15_000,
    reconciliationIntervalMs: 600_000,
  });
  expect(http()).toMatchObject({ credentials: undefined, allowOrigins: [], mostOutstanding: 1024 });
});

it("takes what is said", () => {
  const { definitions, placement, principal } = config(
    ...["--role", "prod", "--enable-features", "secrets,gpu_resources", "--default-network-name", "meseta"],
    ...["--principal", "ops", "--maintenance-mode", "--draining-time", "5mins"],
  );
  expect([...definitions.features]).toEqual(["secrets", "gpu_resources"]);
  expect([definitions.defaultRole, definitions.defaultNetworkName, principal]).toEqual(["prod", "meseta", "ops"]);
  expect(placement).toEqual({ gpus: "restricted", maintenance: { drainingMs: 300_000 }, principal: "ops" });
});

it.each([
  ["--enable-features", "magic"],
  ["--new-group-enforce-role", "all"],
  ["--gpu-scheduling-behavior", "none"],
  ["--local-port-max", "9999"],
  ["--max-instances-per-offer", "0"],
  ["--failover-timeout", "soon"],
])("refuses %s %s in words that name the setting", (flag, value) => {
  expect(() => config(flag, value)).toThrow(flag.slice(2));
});

it("tells clients an address that they can call", () => {
  expect(config("--ip", "0.0.0.0").hostname).toBe("here");
  expect(config("--ip", "10.0.0.7").hostname).toBe("10.0.0.7");
  expect(config("--ip", "0.0.0.0", "--hostname", "init.example").hostname).toBe("init.example");
});

it("never shows credentials", () => {
  expect(http("--http-credentials", "me:secret")).toMatchObject({
    credentials: "me:secret",
    flags: { http_credentials: "***", name: "marathon" },
  });
  expect(() => http("--http-credentials", "secret")).toThrow("http-credentials");
});
