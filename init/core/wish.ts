import type { App } from "@meseta/api/marathon/app.ts";
import type { Persistent } from "@meseta/api/marathon/container.ts";
import type { RunSpec } from "@meseta/api/marathon/group.ts";
import type { Pod } from "@meseta/api/marathon/pod.ts";
import type { Part, PortWish, VolumeWish, Wish } from "./place/wish.ts";
import { isPod } from "./spec.ts";

/** What one instance of the app or pod needs. `accepted` are the resource roles when the definition names none; absent: its own and `*`. */
export function wishOf(spec: RunSpec, accepted?: readonly string[]): Wish {
  return isPod(spec) ? wishOfPod(spec, accepted) : wishOfApp(spec, accepted);
}

/** Part 0 is the task; an executor of its own is part 1. */
function wishOfApp(app: App, accepted: readonly string[] | undefined): Wish {
  const { executorResources } = app;
  return {
    role: app.role,
    acceptedResourceRoles: app.acceptedResourceRoles ?? accepted,
    constraints: app.constraints.map(([field, operator, value]) => ({ field, operator, value })),
    instances: app.instances,
    parts: executorResources === undefined ? [partOf(app)] : [partOf(app), { ...executorResources, gpus: 0 }],
    ports: appPorts(app),
    volumes: (app.container?.volumes ?? []).flatMap(({ containerPath, persistent }) =>
      persistent === undefined ? [] : [volumeWish(containerPath, persistent, 0)],
    ),
  };
}

/** Part 0 is the executor, and part i + 1 the container of index i. */
function wishOfPod(pod: Pod, accepted: readonly string[] | undefined): Wish {
  const { constraints, acceptedResourceRoles } = pod.scheduling.placement;
  return {
    role: pod.role,
    acceptedResourceRoles: acceptedResourceRoles.length === 0 ? accepted : acceptedResourceRoles,
    constraints: constraints.map(({ fieldName: field, operator, value }) => ({ field, operator, value })),
    instances: pod.scaling.instances,
    parts: [{ ...pod.executorResources, gpus: 0 }, ...pod.containers.map(({ resources }) => partOf(resources))],
    ports: podPorts(pod),
    // Containers reach a pod's volumes through the sandbox of its executor.
    volumes: pod.volumes.flatMap(({ name, persistent }) =>
      persistent === undefined ? [] : [volumeWish(name, persistent, 0)],
    ),
  };
}

/** On host networking each declared port, with requirePorts exactly that one; else the host ports of the mappings. */
function appPorts(app: App): PortWish[] {
  if (app.portDefinitions.length > 0)
    return app.portDefinitions.map(({ port }) => ({ hostPort: app.requirePorts ? port : 0, part: 0 }));
  return (app.container?.portMappings ?? []).map(({ hostPort }) => ({ hostPort, part: 0 }));
}

function podPorts(pod: Pod): PortWish[] {
  return pod.containers.flatMap(({ endpoints }, i) => endpoints.map(({ hostPort }) => ({ hostPort, part: i + 1 })));
}

function partOf({ cpus, mem, disk, gpus }: Part): Part {
  return { cpus, mem, disk, gpus };
}

function volumeWish(containerPath: string, persistent: Persistent, part: number): VolumeWish {
  return {
    containerPath,
    type: persistent.type,
    sizeMiB: persistent.size,
    maxSizeMiB: persistent.maxSize,
    profileName: persistent.profileName,
    constraints: persistent.constraints.map(([field, operator, value]) => ({ field, operator, value })),
    part,
  };
}
