import type { ResponseGetContainersContainer } from "@meseta/api/mesos/generated/agent.ts";
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
  const used =
    row.handle === undefined ? undefined : await front.containers.statistics(row.handle).catch(() => undefined);
  const resource_statistics = { timestamp: front.loop.nowMs() / 1000, ...used, ...row.granted };
  return { ...row, shown: { ...row.shown, resource_statistics } };
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
