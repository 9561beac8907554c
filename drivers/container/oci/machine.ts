import { readFileSync } from "node:fs";
import type { Cgroups } from "../cgroups/cgroups.ts";
import type { MachineFacts } from "./config.ts";
import { allCapabilities } from "./isolators/capabilities.ts";
import type { Runtime } from "./runtime.ts";

/** What this machine, its runtime and the agent's own rights allow. */
export function machineFacts(
  runtime: Runtime["name"],
  cgroups: Pick<Cgroups, "refusesDevices"> | undefined,
  status = readFileSync("/proc/self/status", "utf8"),
): MachineFacts {
  const held = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? "0"}`);
  const capabilities = allCapabilities.filter((_, number) => (held >> BigInt(number)) & 1n);
  return {
    architecture: process.arch,
    capabilities,
    recursiveReadOnly: runtime === "crun",
    devicesRefused: cgroups?.refusesDevices === true,
  };
}
