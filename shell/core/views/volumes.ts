import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { mebibytes } from "../amounts.ts";
import type { Listing } from "../listing.ts";
import { lastPart, type Named } from "../name.ts";
import { reservedRole } from "../quantity.ts";
import { type Node, nodeId } from "./nodes.ts";

/** A persistent volume and where it is. */
export interface Volume {
  readonly id: string;
  readonly agent_id: string;
  readonly hostname: string;
  readonly in_use: boolean;
  /** As the wire has it, without the allocation. */
  readonly resource: Resource;
}

/** The volumes of all nodes; one that is shared by several tasks is one volume. */
export function volumesOf(nodes: readonly Node[]): Volume[] {
  return nodes.flatMap((node) => {
    const used = new Set((node.allocated_resources ?? []).map(persistenceId));
    const volumes = new Map<string, Resource>();
    for (const resource of node.total_resources ?? []) {
      const id = persistenceId(resource);
      if (id !== undefined) volumes.set(id, bare(resource));
    }
    return [...volumes].map(([id, resource]) => {
      const { hostname } = node.agent_info;
      return { id, agent_id: nodeId(node), hostname, in_use: used.has(id), resource };
    });
  });
}

function persistenceId(resource: Resource): string | undefined {
  return resource.disk?.persistence?.id;
}

// Reads carry both formats of reservations; calls take the newer one alone.
function bare({ allocation_info: _, role: _role, reservation: _old, ...resource }: Resource): Resource {
  return resource;
}

export function namedVolumes(volumes: readonly Volume[]): Named<Volume>[] {
  return volumes.map((item) => ({ item, id: item.id }));
}

export function volumeListing(volumes: readonly Volume[]): Listing<Volume> {
  return {
    items: volumes,
    name: (volume) => volume.id,
    none: "No persistent volumes. Make one: meseta volume create NODE ID SIZE --role ROLE",
    columns: [
      { title: "VOLUME", text: (volume) => volume.id },
      { title: "NODE", text: (volume) => lastPart(volume.agent_id) },
      { title: "ROLE", text: ({ resource }) => reservedRole(resource) ?? "*" },
      {
        title: "SIZE",
        right: true,
        text: ({ resource }) => mebibytes(size(resource)),
        key: ({ resource }) => size(resource),
      },
      { title: "PATH", text: ({ resource }) => resource.disk?.volume?.container_path ?? "" },
      { title: "USED", text: (volume) => (volume.in_use ? "yes" : "no") },
      { title: "SHARED", text: ({ resource }) => (resource.shared ? "yes" : "no"), wide: true },
      { title: "PRINCIPAL", text: ({ resource }) => resource.disk?.persistence?.principal ?? "", wide: true },
      { title: "AGENT", text: (volume) => volume.agent_id, wide: true },
    ],
  };
}

function size(resource: Resource): number {
  return resource.scalar?.value ?? 0;
}
