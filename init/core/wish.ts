import type { App } from "@meseta/api/marathon/app.ts";
import type { Persistent } from "@meseta/api/marathon/container.ts";
import type { RunSpec } from "@meseta/api/marathon/group.ts";
import type { Pod } from "@meseta/api/marathon/pod.ts";
import { formatPersistenceId } from "./definition/instance-id.ts";
import type { Settings } from "./definition/settings.ts";
import { constraintsOf, instancesOf, isPod, rolesAccepted } from "./definition/spec.ts";
import { reservationLabels } from "./place/reservation.ts";
import type { Part, PortWish, Reservation, VolumeWish, Wish } from "./place/wish.ts";

/** What one instance of the app or pod needs. */
export function wishOf(spec: RunSpec, settings: Settings): Wish {
  return {
    role: spec.role,
    acceptedResourceRoles: rolesAccepted(spec, settings),
    constraints: constraintsOf(spec).map(({ fieldName: field, operator, value }) => ({ field, operator, value })),
    instances: instancesOf(spec),
    ...(isPod(spec) ? podNeeds(spec) : appNeeds(spec)),
  };
}

type Needs = Pick<Wish, "parts" | "ports" | "volumes">;

/** Part 0 is the task; an executor of its own is part 1. */
function appNeeds(app: App): Needs {
  const { executorResources } = app;
  const volumes = app.container?.volumes ?? [];
  return {
    parts: executorResources === undefined ? [partOf(app)] : [partOf(app), { ...executorResources, gpus: 0 }],
    ports: appPorts(app),
    volumes: volumes.flatMap(({ containerPath, persistent }) =>
      persistent ? [volumeWish(containerPath, persistent)] : [],
    ),
  };
}

/** Part 0 is the executor, and part i + 1 the container of index i. Containers reach the pod's volumes through the executor's sandbox. */
function podNeeds(pod: Pod): Needs {
  return {
    parts: [{ ...pod.executorResources, gpus: 0 }, ...pod.containers.map(({ resources }) => partOf(resources))],
    ports: pod.containers.flatMap(({ endpoints }, i) => endpoints.map(({ hostPort }) => ({ hostPort, part: i + 1 }))),
    volumes: pod.volumes.flatMap(({ name, persistent }) => (persistent ? [volumeWish(name, persistent)] : [])),
  };
}

/** On host networking each declared port, with requirePorts exactly that one; else the host ports of the mappings. */
function appPorts(app: App): PortWish[] {
  if (app.portDefinitions.length > 0)
    return app.portDefinitions.map(({ port }) => ({ hostPort: app.requirePorts ? port : 0, part: 0 }));
  return (app.container?.portMappings ?? []).map(({ hostPort }) => ({ hostPort, part: 0 }));
}

function partOf({ cpus, mem, disk, gpus }: Part): Part {
  return { cpus, mem, disk, gpus };
}

function volumeWish(containerPath: string, persistent: Persistent): VolumeWish {
  return {
    containerPath,
    type: persistent.type,
    sizeMiB: persistent.size,
    maxSizeMiB: persistent.maxSize,
    profileName: persistent.profileName,
    constraints: persistent.constraints.map(([field, operator, value]) => ({ field, operator, value })),
    part: 0,
  };
}

/** A reservation to be made for an instance: our labels, and an id for each of its volumes. `uuid` gives a new one each time. */
export function newReservation(
  spec: RunSpec,
  ids: { readonly frameworkId: string; readonly instanceId: string },
  settings: Settings,
  uuid: () => string,
): Reservation {
  return {
    labels: reservationLabels(ids.frameworkId, ids.instanceId),
    volumeIds: wishOf(spec, settings).volumes.map(({ containerPath }) =>
      formatPersistenceId(spec.id, containerPath, uuid()),
    ),
  };
}
