import type { ContainerLimits, RLimit } from "@meseta/kernel/core/agent/ports.ts";
import type { Layout } from "./layout.ts";

/** One value to write into one control file. */
export interface LimitFile {
  readonly controller: "cpu" | "memory" | "pids";
  readonly name: string;
  readonly value: string;
}

const minMemoryBytes = 32 * 1024 * 1024;
const minShares = 2;
const sharesPerCpu = 1024;
const cfsPeriodUs = 100_000;
const minQuotaUs = 1_000;

/** The control files that make these limits, by the rules of Mesos' cgroups isolators (kernel reference, section f). */
export function limitFiles(limits: ContainerLimits, layout: Pick<Layout, "cpu" | "memory" | "pids">): LimitFile[] {
  const files: LimitFile[] = [];
  if (layout.cpu) files.push(...(layout.cpu.version === 1 ? cpuV1(limits) : cpuV2(limits)));
  if (layout.memory) files.push(...(layout.memory.version === 1 ? memoryV1(limits) : memoryV2(limits)));
  if (layout.pids && limits.pids !== undefined)
    files.push({ controller: "pids", name: "pids.max", value: String(limits.pids) });
  return files;
}

function cpuV1(limits: ContainerLimits): LimitFile[] {
  const files: LimitFile[] = [];
  if (limits.cpus !== undefined)
    files.push({ controller: "cpu", name: "cpu.shares", value: String(shares(limits.cpus)) });
  if (limits.cpusLimit === undefined) return files;
  files.push({ controller: "cpu", name: "cpu.cfs_period_us", value: String(cfsPeriodUs) });
  files.push({
    controller: "cpu",
    name: "cpu.cfs_quota_us",
    value: limits.cpusLimit === "unlimited" ? "-1" : String(quota(limits.cpusLimit)),
  });
  return files;
}

// The weight that keeps the proportions of shares, as container runtimes translate them: 2..262144 becomes 1..10000.
function cpuV2(limits: ContainerLimits): LimitFile[] {
  const files: LimitFile[] = [];
  if (limits.cpus !== undefined) {
    const weight = 1 + Math.floor(((Math.min(shares(limits.cpus), 262_144) - 2) * 9_999) / 262_142);
    files.push({ controller: "cpu", name: "cpu.weight", value: String(weight) });
  }
  if (limits.cpusLimit === undefined) return files;
  const most = limits.cpusLimit === "unlimited" ? "max" : String(quota(limits.cpusLimit));
  files.push({ controller: "cpu", name: "cpu.max", value: `${most} ${cfsPeriodUs}` });
  return files;
}

function memoryV1(limits: ContainerLimits): LimitFile[] {
  const { soft, hard } = memory(limits);
  const files: LimitFile[] = [];
  if (soft !== undefined) files.push({ controller: "memory", name: "memory.soft_limit_in_bytes", value: String(soft) });
  if (hard !== undefined)
    files.push({
      controller: "memory",
      name: "memory.limit_in_bytes",
      value: hard === "unlimited" ? "-1" : String(hard),
    });
  return files;
}

function memoryV2(limits: ContainerLimits): LimitFile[] {
  const { soft, hard } = memory(limits);
  const files: LimitFile[] = [];
  if (soft !== undefined) files.push({ controller: "memory", name: "memory.low", value: String(soft) });
  if (hard === undefined) return files;
  files.push({ controller: "memory", name: "memory.max", value: hard === "unlimited" ? "max" : String(hard) });
  // Half a container is of no use: the whole dies at once.
  files.push({ controller: "memory", name: "memory.oom.group", value: "1" });
  return files;
}

/** Soft limit: the request. Hard limit: the limit, else the request. Neither below 32 MiB. */
export function memory(limits: ContainerLimits): { soft: number | undefined; hard: number | "unlimited" | undefined } {
  const soft = limits.memoryBytes === undefined ? undefined : atLeast(limits.memoryBytes);
  const hard =
    limits.memoryLimitBytes === undefined
      ? soft
      : limits.memoryLimitBytes === "unlimited"
        ? "unlimited"
        : atLeast(limits.memoryLimitBytes);
  return { soft, hard };
}

function atLeast(bytes: number): number {
  return Math.max(minMemoryBytes, Math.floor(bytes));
}

function shares(cpus: number): number {
  return Math.max(minShares, Math.floor(sharesPerCpu * cpus));
}

function quota(cpus: number): number {
  return Math.max(minQuotaUs, Math.floor(cfsPeriodUs * cpus));
}

// Numbers of getrlimit(2) on Linux.
const rlimitNumbers: Readonly<Record<string, number>> = {
  RLMT_CPU: 0,
  RLMT_FSIZE: 1,
  RLMT_DATA: 2,
  RLMT_STACK: 3,
  RLMT_CORE: 4,
  RLMT_RSS: 5,
  RLMT_NPROC: 6,
  RLMT_NOFILE: 7,
  RLMT_MEMLOCK: 8,
  RLMT_AS: 9,
  RLMT_LOCKS: 10,
  RLMT_SIGPENDING: 11,
  RLMT_MSGQUEUE: 12,
  RLMT_NICE: 13,
  RLMT_RTPRIO: 14,
  RLMT_RTTIME: 15,
};
const unlimited = "18446744073709551615";

/** An rlimit as setrlimit(2) wants it; undefined when the type is not one of this system. */
export function rlimitOf(limit: RLimit): { number: number; soft: string; hard: string } | undefined {
  const number = rlimitNumbers[limit.type];
  if (number === undefined) return undefined;
  const text = (value: number | undefined) => (value === undefined ? unlimited : BigInt(Math.floor(value)).toString());
  return { number, soft: text(limit.soft), hard: text(limit.hard) };
}
