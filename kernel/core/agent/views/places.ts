import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { volumeFolder } from "../paths.ts";
import type { AgentState } from "../state.ts";

/** A sandbox whose files may be read, by whatever name; its volumes are links out of it that may be followed. */
export interface SandboxPlace {
  readonly names: readonly string[];
  readonly directory: string;
  readonly volumes: readonly string[];
}

/** Every sandbox that is not removed yet; of two runs of one executor the later is `latest`. */
export function placesOf(state: AgentState): SandboxPlace[] {
  const places = new Map<string, { names: string[]; directory: string; volumes: string[] }>();
  const add = (frameworkId: string, executorId: string, directory: string, resources: readonly Resource[]) => {
    const runs = directory.slice(0, directory.lastIndexOf("/"));
    const latest = [`/frameworks/${frameworkId}/executors/${executorId}/runs/latest`, `${runs}/latest`];
    for (const place of places.values()) place.names = place.names.filter((name) => !latest.includes(name));
    const volumes = resources.filter((resource) => resource.disk?.persistence !== undefined);
    places.set(directory, {
      names: [directory, ...latest],
      directory,
      volumes: volumes.map((volume) => volumeFolder(state.config.workDir, volume)),
    });
  };
  for (const { info, executors } of state.completedFrameworks.values())
    for (const executor of executors)
      add(
        info.id!.value,
        executor.info.executor_id.value,
        executor.directory,
        executor.tasks.flatMap((task) => task.resources ?? []),
      );
  for (const framework of state.frameworks.values()) {
    for (const executor of framework.completed)
      add(
        framework.id,
        executor.info.executor_id.value,
        executor.directory,
        executor.tasks.flatMap((task) => task.resources ?? []),
      );
    for (const executor of framework.executors.values())
      add(
        framework.id,
        executor.id,
        executor.directory,
        [...executor.tasks.values()].flatMap(({ info }) => info.resources ?? []),
      );
  }
  for (const { directory, id } of state.containers.values())
    if (id.parent === undefined) places.set(directory, { names: [directory], directory, volumes: [] });
  return [...places.values()];
}
