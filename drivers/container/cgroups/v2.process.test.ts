// The machines that run these tests may have cgroups of version 1, or both: version 2 alone is found in a virtual machine.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { until } from "../../launch/heard.ts";
import { testInGuest } from "../machine/whole-guest.rig.ts";

const parts = ["/usr/bin/qemu-system-x86_64", "/usr/lib/qemu/virtiofsd", "/usr/bin/busybox"];
const missing = process.env["CI"] !== "true" && (process.getuid?.() !== 0 || !parts.every((path) => existsSync(path)));

const files = [
  "drivers/container/containers.process.test.ts",
  "drivers/container/oci/conformance.process.test.ts",
  "drivers/container/inputs.process.test.ts",
  "drivers/container/cgroups/device-filter.process.test.ts",
  "drivers/container/cgroups/internal-processes.guest.test.ts",
];
/** What control groups have a part in. */
const chosen = [
  "^killing whole, with cgroups > (?!two hundred)",
  "^cgroups > ",
  "^with (crun|runc) > limits > ",
  "^with (crun|runc) > rights > a privileged",
  "^with (crun|runc) > the file system > has (a /dev|the devices)",
  "^inside a container of (crun|runc) > a further process has",
  "^in a cgroup of version 2",
  "^a topmost group",
];
/** How many these are at least: fewer would mean that a name was changed. */
const count = 31;
const guestMs = 900_000;

// The processor of the guest is emulated: a minute when nothing else runs, and ten where many others do.
test.skipIf(missing)(
  "with cgroups of version 2 alone, containers are limited, counted, killed whole and kept from devices",
  { timeout: guestMs + 20_000 },
  async ({ signal }) => {
    const results = await testInGuest(files, new RegExp(chosen.join("|")), { signal, deadlineMs: guestMs });
    const others = results.filter(({ status }) => status !== "passed");
    expect(others.map(({ name, status, messages }) => `${name}: ${status}: ${messages.join("\n")}`)).toEqual([]);
    for (const one of chosen) expect(results.filter(({ name }) => new RegExp(one).test(name))).not.toEqual([]);
    expect(results.length).toBeGreaterThanOrEqual(count);
  },
);

test.skipIf(missing)("a guest that is given up leaves neither processes nor files behind", async () => {
  const own = mkdtempSync(join(tmpdir(), "meseta-given-up-"));
  vi.stubEnv("TMPDIR", own);
  const abort = new AbortController();
  const report = testInGuest(files, /nothing/, { signal: abort.signal, deadlineMs: guestMs });
  await until(() => readdirSync(own).some((name) => existsSync(join(own, name, "console"))));
  abort.abort();
  await expect(report).rejects.toThrow("the guest gave no report; its console ends:");
  vi.unstubAllEnvs();
  const commands = readdirSync("/proc").flatMap((pid) => commandOf(pid));
  expect(commands.filter((command) => command.includes(own))).toEqual([]);
  // It is empty.
  rmdirSync(own);
});

function commandOf(pid: string): string[] {
  try {
    return [readFileSync(`/proc/${pid}/cmdline`, "utf8")];
  } catch {
    return [];
  }
}
