import type { ResponseGetContainersContainer } from "@meseta/api/mesos/generated/agent.ts";
import type { ContainerStatistics } from "../../core/agent/ports.ts";
import { type ContainerPart, type ContainerRow, containerRows } from "../../core/agent/views/containers.ts";
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
  // Of a group that is known itself only its networks are not.
  const parts = row.parts.filter(({ network }) => own === undefined || network !== undefined);
  const sums = together(await Promise.all(parts.map(async (part) => [part, await ask(part.handle)] as const)));
  const used = own === undefined ? sums : { ...networksOf(sums), ...own };
  const limits = { ...row.granted, ...higherLimit(own, row) };
  return {
    ...row,
    shown: { ...row.shown, resource_statistics: { ...used, timestamp: front.loop.nowMs() / 1000, ...limits } },
  };
}

function networksOf(sums: Partial<ContainerStatistics>): Partial<ContainerStatistics> {
  return Object.fromEntries(Object.entries(sums).filter(([name]) => name.startsWith("net_")));
}

// A task may have been given a limit beyond what it was granted.
function higherLimit(own: ContainerStatistics | undefined, { granted }: ContainerRow): Partial<ContainerStatistics> {
  const [real = 0, usual = 0] = [own?.mem_limit_bytes, granted.mem_limit_bytes];
  return real > usual ? { mem_limit_bytes: real } : {};
}

// What parts use adds up, but for a network that they share; their limits do not, and what was granted is known anyway.
export function together(
  parts: readonly (readonly [ContainerPart, ContainerStatistics | undefined])[],
): Partial<ContainerStatistics> {
  const sums: Record<string, number> = {};
  const counted = new Set<string | undefined>();
  for (const [{ network }, part] of parts) {
    const isCounted = counted.has(network);
    if (part?.net_rx_bytes !== undefined) counted.add(network);
    for (const [name, value] of Object.entries(part ?? {}))
      if (typeof value === "number" && !(isCounted && name.startsWith("net_"))) sums[name] = (sums[name] ?? 0) + value;
  }
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
