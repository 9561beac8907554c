import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { volumeFolder } from "../paths.ts";
import type { SavedCompletedExecutor } from "../saved.ts";
import type { AgentState } from "../state.ts";

/** A sandbox whose files may be read, by whatever name; its volumes are links out of it that may be followed. */
export interface SandboxPlace {
  readonly names: readonly string[];
  readonly directory: string;
  readonly volumes: readonly string[];
}

/** Every sandbox that is not removed yet; of several runs of one executor the last is `latest`. */
export function placesOf(state: AgentState): SandboxPlace[] {
  const places: SandboxPlace[] = [];
  const latest = new Map<string, number>();
  for (const run of runsOf(state)) {
    latest.set(`${run.frameworkId}/${run.executorId}`, places.length);
    const volumes = run.resources.filter((resource) => resource.disk?.persistence !== undefined);
    places.push({
      names: [run.directory],
      directory: run.directory,
      volumes: volumes.map((volume) => volumeFolder(state.config.workDir, volume)),
    });
  }
  for (const [executor, at] of latest) places[at] = withLatest(places[at]!, executor);
  for (const { directory, id } of state.containers.values())
    if (id.parent === undefined) places.push({ names: [directory], directory, volumes: [] });
  return places;
}

interface SandboxRun {
  readonly frameworkId: string;
  readonly executorId: string;
  readonly directory: string;
  readonly resources: readonly Resource[];
}

function* runsOf(state: AgentState): Generator<SandboxRun> {
  for (const { info, executors } of state.completedFrameworks.values()) yield* completedRuns(info.id!.value, executors);
  for (const framework of state.frameworks.values()) {
    yield* completedRuns(framework.id, framework.completed);
    for (const { id, directory, info, tasks } of framework.executors.values()) {
      const resources = [info, ...[...tasks.values()].map((task) => task.info)].flatMap((held) => held.resources ?? []);
      yield { frameworkId: framework.id, executorId: id, directory, resources };
    }
  }
}

function* completedRuns(frameworkId: string, executors: readonly SavedCompletedExecutor[]): Generator<SandboxRun> {
  for (const { info, directory, tasks } of executors) {
    const resources = [info, ...tasks].flatMap((held) => held.resources ?? []);
    yield { frameworkId, executorId: info.executor_id.value, directory, resources };
  }
}

function withLatest(place: SandboxPlace, executor: string): SandboxPlace {
  const [frameworkId, executorId] = executor.split("/");
  const runs = place.directory.slice(0, place.directory.lastIndexOf("/"));
  const names = [`/frameworks/${frameworkId}/executors/${executorId}/runs/latest`, `${runs}/latest`];
  return { ...place, names: [...place.names, ...names] };
}
