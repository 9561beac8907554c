import type { ResponseGetContainersContainer } from "@meseta/api/mesos/generated/agent.ts";
import type { ContainerStatistics } from "../../core/agent/ports.ts";
import { type ContainerRow, containerRows } from "../../core/agent/views/containers.ts";
import type { Front } from "./front.ts";

/** GET_CONTAINERS: what runs, and what it uses. */
export async function containersWithStatistics(
  front: Front,
  show: { nested: boolean; standalone: boolean },
): Promise<(ContainerRow & { shown: ResponseGetContainersContainer })[]> {
  const rows = await front.loop.read((state) => containerRows(state, show));
  return Promise.all(rows.map((row) => measured(front, row)));
}

async function measured(front: Front, row: ContainerRow): Promise<ContainerRow> {
  const ask = (id: string) => front.containers.statistics(id).catch(() => undefined);
  const own = row.handle === undefined ? undefined : await ask(row.handle);
  const used = own ?? together(await Promise.all(row.parts.map(ask)));
  const resource_statistics = { ...used, timestamp: front.loop.nowMs() / 1000, ...row.granted };
  return { ...row, shown: { ...row.shown, resource_statistics } };
}

// What parts use adds up; their limits do not, and what was granted is known anyway.
function together(parts: readonly (ContainerStatistics | undefined)[]): Partial<ContainerStatistics> {
  const sums: Record<string, number> = {};
  for (const part of parts)
    for (const [name, value] of Object.entries(part ?? {})) if (typeof value === "number") sums[name] = (sums[name] ?? 0) + value;
  return sums;
}

/** /containers. */
export function oldContainer({ shown, source }: ContainerRow): object {
  const { framework_id, executor_id, executor_name, container_id, container_status, resource_statistics } = shown;
  return {
    container_id: container_id.value,
    executor_id: executor_id?.value ?? "",
    executor_name: executor_name ?? "",
    framework_id: framework_id?.value ?? "",
    source,
    statistics: resource_statistics,
    status: container_status,
  };
}

/** /monitor/statistics. */
export function oldStatistics({ shown, source }: ContainerRow): object {
  const { framework_id, executor_id, executor_name, resource_statistics } = shown;
  return {
    executor_id: executor_id?.value ?? "",
    executor_name: executor_name ?? "",
    framework_id: framework_id?.value ?? "",
    source,
    statistics: resource_statistics,
  };
}
