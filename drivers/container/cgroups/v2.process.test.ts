// The machines that run these tests may have cgroups of version 1, or both: version 2 alone is found in a virtual machine.
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { testInGuest } from "../machine/whole-guest.rig.ts";

const parts = ["/usr/bin/qemu-system-x86_64", "/usr/lib/qemu/virtiofsd", "/usr/bin/busybox"];
const missing = process.env["CI"] !== "true" && (process.getuid?.() !== 0 || !parts.every((path) => existsSync(path)));

const files = [
  "drivers/container/containers.process.test.ts",
  "drivers/container/oci/conformance.process.test.ts",
  "drivers/container/cgroups/device-filter.process.test.ts",
];
/** What control groups have a part in. */
const chosen = [
  "^killing whole, with cgroups > (destroy|what a container|a signal|statistics)",
  "^cgroups > (carry|a container that uses|a memory kill|limits change|containers of one|leave nothing|a stray)",
  "^with crun > limits",
  "^with (crun|runc) > the file system > has (a /dev|the devices)",
  "^with runc > limits > (memory|files)",
  "^in a cgroup of version 2",
];
const count = 22;
const guestMs = 400_000;

// The processor of the guest is emulated: a minute when nothing else runs.
test.skipIf(missing)(
  "with cgroups of version 2 alone, containers are limited, counted, killed whole and kept from devices",
  { timeout: guestMs + 20_000 },
  async ({ signal }) => {
    const results = await testInGuest(files, new RegExp(chosen.join("|")), { signal, deadlineMs: guestMs });
    const others = results.filter(({ status }) => status !== "passed");
    expect(others.map(({ name, status, messages }) => `${name}: ${status}: ${messages.join("\n")}`)).toEqual([]);
    expect(results).toHaveLength(count);
  },
);
