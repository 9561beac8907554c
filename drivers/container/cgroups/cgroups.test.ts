import { describe, expect, test } from "vitest";
import { Cgroups } from "./cgroups.ts";
import { type Layout, readLayout } from "./layout.ts";
import { limitFiles, rlimitOf } from "./limits.ts";

const MiB = 1024 * 1024;
const apart = ["cpu", "cpuacct", "memory", "freezer", "pids"]
  .map((name) => `cgroup /sys/fs/cgroup/${name} cgroup rw,relatime,${name} 0 0`)
  .join("\n");
const together =
  "cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,nosuid,cpu,cpuacct 0 0\ncgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0";
const unified = "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec,relatime 0 0";
const hybrid = `${together}\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0`;
const named = "cgroup /sys/fs/cgroup/systemd cgroup rw,relatime,name=systemd 0 0";

describe("the layout of a machine", () => {
  test("cgroup v1 with one hierarchy for each controller", () => {
    const layout = readLayout(apart, () => "");
    expect(layout?.memory).toEqual({ version: 1, mount: "/sys/fs/cgroup/memory" });
    expect(layout?.kill).toEqual({ version: 1, mount: "/sys/fs/cgroup/pids" });
  });

  test("cgroup v2", () => {
    const all = { version: 2, mount: "/sys/fs/cgroup" };
    expect(readLayout(unified, () => "cpuset cpu io memory pids\n")).toEqual({
      cpu: all,
      memory: all,
      pids: all,
      blkio: all,
      cpuset: all,
      kill: all,
    });
  });

  test("hybrid: each controller where it is, and the empty v2 tree to kill in when v1 has neither pids nor freezer", () => {
    expect(readLayout(hybrid, () => "hugetlb\n")).toEqual({
      cpu: { version: 1, mount: "/sys/fs/cgroup/cpu,cpuacct" },
      cpuacct: { version: 1, mount: "/sys/fs/cgroup/cpu,cpuacct" },
      memory: { version: 1, mount: "/sys/fs/cgroup/memory" },
      kill: { version: 2, mount: "/sys/fs/cgroup/unified" },
    });
  });

  test("a machine without any, or with named hierarchies alone, has none", () => {
    expect(readLayout("proc /proc proc rw 0 0\n", () => "")).toBeUndefined();
    expect(readLayout(named, () => "")).toBeUndefined();
  });
});

describe("the folders of a container", () => {
  test("v1: one for the group in each hierarchy, and its own to be killed in", () => {
    const cgroups = new Cgroups(layoutOf(apart), "/var/lib/agent");
    const { base } = cgroups;
    expect(base).toMatch(/^meseta\/[0-9a-f]{12}$/);
    const order = cgroups.order("check", "main", {});
    expect(order.kill).toBe(`/sys/fs/cgroup/pids/${base}/check`);
    expect(order.mkdir).toEqual([
      ...["cpu", "cpuacct", "memory"].map((name) => `/sys/fs/cgroup/${name}/${base}/main`),
      order.kill,
    ]);
    expect(order.join).toEqual(order.mkdir.map((folder) => `${folder}/cgroup.procs`));
    expect(order.oom).toBe(`/sys/fs/cgroup/memory/${base}/main/memory.oom_control`);
  });

  test("v2: its own inside that of the group, and only there it joins", () => {
    const cgroups = new Cgroups(layoutOf(unified, "cpu memory pids"), "/var/lib/agent");
    const order = cgroups.order("check", "main", { pids: 10 });
    const group = `/sys/fs/cgroup/${cgroups.base}/main`;
    expect(order).toMatchObject({
      mkdir: [group, `${group}/check`],
      kill: `${group}/check`,
      join: [`${group}/check/cgroup.procs`],
      oom: `${group}/memory.events`,
    });
    expect(order.write).toEqual([[`${group}/pids.max`, "10"]]);
  });

  test("hybrid: limits in v1, killed in v2", () => {
    const cgroups = new Cgroups(layoutOf(hybrid, "hugetlb"), "/var/lib/agent");
    const order = cgroups.order("a", "a", { memoryBytes: 64 * MiB });
    expect(order.kill).toBe(`/sys/fs/cgroup/unified/${cgroups.base}/a/a`);
    expect(order.join).toEqual([
      `/sys/fs/cgroup/cpu,cpuacct/${cgroups.base}/a/cgroup.procs`,
      `/sys/fs/cgroup/memory/${cgroups.base}/a/cgroup.procs`,
      `${order.kill}/cgroup.procs`,
    ]);
  });

  test("two agents never share a folder", () => {
    expect(new Cgroups(layoutOf(apart), "/a").base).not.toBe(new Cgroups(layoutOf(apart), "/b").base);
  });
});

describe("limits", () => {
  const v1 = layoutOf(apart);
  const v2 = layoutOf(unified, "cpu memory pids");
  const written = (layout: Layout, limits: Parameters<typeof limitFiles>[0]) =>
    Object.fromEntries(limitFiles(limits, layout).map((file) => [file.name, file.value]));

  test("cpus are shares of 1024 each, at least two", () => {
    expect(written(v1, { cpus: 1.5 })).toEqual({ "cpu.shares": "1536" });
    expect(written(v1, { cpus: 0.0001 })).toEqual({ "cpu.shares": "2" });
    expect(written(v2, { cpus: 1 })).toEqual({ "cpu.weight": "39" });
  });

  test("a cpu limit is a quota of each 100 ms, at least 1 ms; unlimited takes it away", () => {
    expect(written(v1, { cpusLimit: 0.5 })).toEqual({ "cpu.cfs_period_us": "100000", "cpu.cfs_quota_us": "50000" });
    expect(written(v1, { cpusLimit: 0.001 })).toMatchObject({ "cpu.cfs_quota_us": "1000" });
    expect(written(v1, { cpusLimit: "unlimited" })).toMatchObject({ "cpu.cfs_quota_us": "-1" });
    expect(written(v2, { cpusLimit: 2 })).toEqual({ "cpu.max": "200000 100000" });
    expect(written(v2, { cpusLimit: "unlimited" })).toEqual({ "cpu.max": "max 100000" });
  });

  test("memory: the request is the soft limit, and the hard one too without a limit; none below 32 MiB", () => {
    expect(written(v1, { memoryBytes: 64 * MiB })).toEqual({
      "memory.soft_limit_in_bytes": `${64 * MiB}`,
      "memory.limit_in_bytes": `${64 * MiB}`,
    });
    expect(written(v1, { memoryBytes: 1, memoryLimitBytes: 128 * MiB })).toEqual({
      "memory.soft_limit_in_bytes": `${32 * MiB}`,
      "memory.limit_in_bytes": `${128 * MiB}`,
    });
    expect(written(v1, { memoryBytes: 64 * MiB, memoryLimitBytes: "unlimited" })).toMatchObject({
      "memory.limit_in_bytes": "-1",
    });
    expect(written(v2, { memoryBytes: 64 * MiB })).toEqual({
      "memory.low": `${64 * MiB}`,
      "memory.max": `${64 * MiB}`,
      "memory.oom.group": "1",
    });
  });

  test("what the machine cannot limit is not written", () => {
    expect(limitFiles({ cpus: 1, memoryBytes: 64 * MiB, pids: 5 }, {})).toEqual([]);
  });

  test("rlimits have the numbers of Linux, and unlimited ones say so", () => {
    expect(rlimitOf({ type: "RLMT_NOFILE", soft: 100, hard: 200 })).toEqual({ number: 7, soft: "100", hard: "200" });
    expect(rlimitOf({ type: "RLMT_CORE" })).toEqual({
      number: 4,
      soft: "18446744073709551615",
      hard: "18446744073709551615",
    });
    expect(rlimitOf({ type: "RLMT_WISHES" })).toBeUndefined();
  });
});

function layoutOf(mounts: string, controllers = ""): Layout {
  const layout = readLayout(mounts, () => controllers);
  if (!layout) throw new Error("no layout");
  return layout;
}
