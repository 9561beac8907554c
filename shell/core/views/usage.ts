// What running tasks use, beside what they may.
import type { ResponseGetContainersContainer } from "@meseta/api/mesos/generated/agent.ts";
import type { ResourceStatistics, Task } from "@meseta/api/mesos/generated/mesos.ts";
import { bytes, decimal, percent } from "../amounts.ts";
import type { Column, Listing } from "../listing.ts";
import { containerPath } from "./running.ts";
import type { Neighbours } from "./tasks.ts";

/** One task and the figures of its container; `cpus` is how many processors it used between the last two looks. */
export interface Usage {
  readonly task_id: string;
  readonly agent_id: string;
  readonly framework_id: string;
  readonly container_id: string;
  readonly cpus: number | undefined;
  readonly statistics: ResourceStatistics;
}

/** The usage of one container; `before` are its figures of an earlier look. */
export function usageOf(task: Task, container: ResponseGetContainersContainer, before?: ResourceStatistics): Usage {
  const statistics = container.resource_statistics ?? { timestamp: 0 };
  return {
    task_id: task.task_id.value,
    agent_id: task.agent_id.value,
    framework_id: task.framework_id.value,
    container_id: containerPath(container.container_status?.container_id ?? container.container_id),
    cpus: before && cpusBetween(before, statistics),
    statistics,
  };
}

function cpusBetween(before: ResourceStatistics, after: ResourceStatistics): number | undefined {
  const seconds = after.timestamp - before.timestamp;
  const [from, to] = [cpuSeconds(before), cpuSeconds(after)];
  if (from === undefined || to === undefined || seconds <= 0) return undefined;
  return Math.max(0, Math.round(((to - from) / seconds) * 1000) / 1000);
}

function cpuSeconds({ cpus_user_time_secs: user, cpus_system_time_secs: system }: ResourceStatistics) {
  return user === undefined && system === undefined ? undefined : (user ?? 0) + (system ?? 0);
}

export function usageListing(usages: readonly Usage[], near: Neighbours): Listing<Usage> {
  return {
    items: usages,
    name: ({ task_id }) => task_id,
    none: "No tasks run.",
    columns: [
      { title: "TASK", text: ({ task_id }) => task_id },
      number("CPUS", ({ cpus }) => cpus, decimal),
      number("OF", ({ statistics: s }) => s.cpus_limit ?? s.cpus_soft_limit, decimal),
      number("MEM", ({ statistics: s }) => memoryOf(s), bytes),
      number("LIMIT", ({ statistics: s }) => s.mem_limit_bytes, bytes),
      {
        title: "MEM%",
        right: true,
        text: ({ statistics: s }) => percent(memoryOf(s) ?? 0, s.mem_limit_bytes ?? 0),
        key: ({ statistics: s }) => (memoryOf(s) ?? 0) / (s.mem_limit_bytes ?? Number.POSITIVE_INFINITY),
      },
      number("DISK", ({ statistics: s }) => s.disk_used_bytes, bytes),
      number("PIDS", ({ statistics: s }) => s.processes, String),
      number("NET IN", ({ statistics: s }) => s.net_rx_bytes, bytes),
      number("NET OUT", ({ statistics: s }) => s.net_tx_bytes, bytes),
      { title: "NODE", text: (usage) => near.node(usage.agent_id), wide: true },
      { title: "FRAMEWORK", text: (usage) => near.framework(usage.framework_id), wide: true },
      number(
        "CPU TIME",
        ({ statistics: s }) => cpuSeconds(s),
        (seconds) => `${decimal(seconds)}s`,
        true,
      ),
      number(
        "THROTTLED",
        ({ statistics: s }) => s.cpus_throttled_time_secs,
        (seconds) => `${decimal(seconds)}s`,
        true,
      ),
      number("THREADS", ({ statistics: s }) => s.threads, String, true),
      number("SWAP", ({ statistics: s }) => s.mem_swap_bytes, bytes, true),
      number("DISK LIMIT", ({ statistics: s }) => s.disk_limit_bytes, bytes, true),
      { title: "CONTAINER", text: ({ container_id }) => container_id, wide: true },
    ],
  };
}

function memoryOf({ mem_rss_bytes, mem_total_bytes }: ResourceStatistics): number | undefined {
  return mem_rss_bytes ?? mem_total_bytes;
}

// What is not measured is "-", never 0.
function number(
  title: string,
  value: (usage: Usage) => number | undefined,
  show: (value: number) => string,
  wide = false,
): Column<Usage> {
  const text = (usage: Usage): string => {
    const found = value(usage);
    return found === undefined ? "-" : show(found);
  };
  return { title, right: true, wide, text, key: (usage) => value(usage) ?? -1 };
}
