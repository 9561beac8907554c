import { readdir, readFile } from "node:fs/promises";
import type { ContainerStatistics } from "@meseta/kernel/core/agent/ports.ts";
import { blkioPart } from "./blkio.ts";
import type { Cgroups } from "./cgroups.ts";

// USER_HZ and the page size, which Linux fixes for what it tells to programs.
const ticksPerSecond = 100;
const pageBytes = 4096;
const unlimitedFrom = 2 ** 62;

type Draft = { -readonly [K in keyof ContainerStatistics]: ContainerStatistics[K] };

/** What the cgroups of a group say; undefined when the group is gone. `nowSeconds` is the wall clock. */
export async function cgroupStatistics(
  cgroups: Cgroups,
  group: string,
  nowSeconds: number,
): Promise<ContainerStatistics | undefined> {
  const found: Draft = { timestamp: nowSeconds };
  const parts = [cpuPart(cgroups, group, found), memoryPart(cgroups, group, found)];
  const [blkio, ...there] = await Promise.all([blkioPart(cgroups.folder("blkio", group)), ...parts]);
  if (blkio) found.blkio_statistics = blkio;
  return there.some(Boolean) ? found : undefined;
}

async function cpuPart(cgroups: Cgroups, group: string, found: Draft): Promise<boolean> {
  const cpu = cgroups.folder("cpu", group);
  if (!cpu) return false;
  const stat = pairs(await read(`${cpu.path}/cpu.stat`));
  if (!stat) return false;
  if (cpu.version === 2) {
    setTimes(found, (stat.get("user_usec") ?? 0) / 1e6, (stat.get("system_usec") ?? 0) / 1e6);
    setThrottling(found, stat, (stat.get("throttled_usec") ?? 0) / 1e6);
    [found.processes, found.threads] = await Promise.all([
      membersBelow(cpu.path, "cgroup.procs"),
      membersBelow(cpu.path, "cgroup.threads"),
    ]);
    return true;
  }
  setThrottling(found, stat, (stat.get("throttled_time") ?? 0) / 1e9);
  const account = cgroups.folder("cpuacct", group);
  const times = account && pairs(await read(`${account.path}/cpuacct.stat`));
  if (times) setTimes(found, (times.get("user") ?? 0) / ticksPerSecond, (times.get("system") ?? 0) / ticksPerSecond);
  const tasks = account && (await read(`${account.path}/tasks`));
  const procs = account && (await read(`${account.path}/cgroup.procs`));
  if (tasks !== undefined) found.threads = lines(tasks);
  if (procs !== undefined) found.processes = lines(procs);
  return true;
}

// In version 2 a group's members are in folders below it: its containers', and whatever those make below their own.
async function membersBelow(folder: string, file: string): Promise<number> {
  const below = (await readdir(folder, { withFileTypes: true }).catch(() => [])).filter((one) => one.isDirectory());
  const counts = await Promise.all(below.map(({ name }) => membersBelow(`${folder}/${name}`, file)));
  return counts.reduce((sum, count) => sum + count, lines((await read(`${folder}/${file}`)) ?? ""));
}

function setTimes(found: Draft, user: number, system: number): void {
  found.cpus_user_time_secs = user;
  found.cpus_system_time_secs = system;
}

function setThrottling(found: Draft, stat: ReadonlyMap<string, number>, seconds: number): void {
  if (!stat.get("nr_periods")) return;
  found.cpus_nr_periods = stat.get("nr_periods") ?? 0;
  found.cpus_nr_throttled = stat.get("nr_throttled") ?? 0;
  found.cpus_throttled_time_secs = seconds;
}

async function memoryPart(cgroups: Cgroups, group: string, found: Draft): Promise<boolean> {
  const memory = cgroups.folder("memory", group);
  if (!memory) return false;
  const [v1, at] = [memory.version === 1, memory.path];
  const used = await read(`${at}/${v1 ? "memory.usage_in_bytes" : "memory.current"}`);
  const stat = pairs(await read(`${at}/memory.stat`));
  if (used === undefined || !stat) return false;
  found.mem_total_bytes = Number(used);
  const names = v1 ? memoryNamesV1 : memoryNamesV2;
  for (const [name, key] of names) if (stat.has(key)) found[name] = stat.get(key) ?? 0;
  const hard = Number(await read(`${at}/${v1 ? "memory.limit_in_bytes" : "memory.max"}`));
  const soft = Number(await read(`${at}/${v1 ? "memory.soft_limit_in_bytes" : "memory.low"}`));
  if (hard < unlimitedFrom) found.mem_limit_bytes = hard;
  if (soft > 0 && soft < unlimitedFrom) found.mem_soft_limit_bytes = soft;
  return true;
}

const memoryNamesV1 = [
  ["mem_rss_bytes", "total_rss"],
  ["mem_cache_bytes", "total_cache"],
  ["mem_mapped_file_bytes", "total_mapped_file"],
  ["mem_swap_bytes", "total_swap"],
  ["mem_unevictable_bytes", "total_unevictable"],
] as const;
const memoryNamesV2 = [
  ["mem_rss_bytes", "anon"],
  ["mem_cache_bytes", "file"],
  ["mem_mapped_file_bytes", "file_mapped"],
  ["mem_unevictable_bytes", "unevictable"],
] as const;

/** What /proc says about a process and its descendants; undefined when it is not the one that started at that time. */
export async function processStatistics(
  pid: number,
  startTimeTicks: number,
  nowSeconds: number,
): Promise<ContainerStatistics | undefined> {
  const leader = await processFacts(pid);
  if (leader?.start !== startTimeTicks) return undefined;
  const all = [leader, ...(await descendantsOf(pid))];
  const sum = (of: (one: Facts) => number) => all.reduce((total, one) => total + of(one), 0);
  return {
    timestamp: nowSeconds,
    processes: all.length,
    threads: sum((one) => one.threads),
    cpus_user_time_secs: sum((one) => one.user) / ticksPerSecond,
    cpus_system_time_secs: sum((one) => one.system) / ticksPerSecond,
    mem_rss_bytes: sum((one) => one.rssPages) * pageBytes,
  };
}

interface Facts {
  readonly start: number;
  readonly user: number;
  readonly system: number;
  readonly threads: number;
  readonly rssPages: number;
}

async function descendantsOf(pid: number): Promise<Facts[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(threads.map((thread) => read(`/proc/${pid}/task/${thread}/children`)));
  const children = lists.flatMap((list) => (list ?? "").split(" ").filter(Boolean).map(Number));
  const found = await Promise.all(
    children.map(async (child) => [await processFacts(child), ...(await descendantsOf(child))]),
  );
  return found.flat().filter((one) => one !== undefined);
}

// Fields of /proc/<pid>/stat after the name in brackets, which may itself hold brackets and blanks. Times include waited-for children.
async function processFacts(pid: number): Promise<Facts | undefined> {
  const text = await read(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const field = text
    .slice(text.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  const at = (index: number) => field[index] ?? 0;
  return { start: at(19), user: at(11) + at(13), system: at(12) + at(14), threads: at(17), rssPages: at(21) };
}

function pairs(text: string | undefined): Map<string, number> | undefined {
  return text === undefined
    ? undefined
    : new Map(text.split("\n").map((line) => [line.split(" ")[0] ?? "", Number(line.split(" ")[1])]));
}

function lines(text: string): number {
  return text === "" ? 0 : text.trimEnd().split("\n").length;
}

async function read(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch(() => undefined);
}
