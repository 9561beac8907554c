import type { Resource, TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import type { ContainerLimitation } from "./ports.ts";

const MIB = 1024 * 1024;

/** What a container broke, as a status tells it: the resources that were granted, in MiB. Undefined when no amount is known. */
export function limitationOf({ memoryBytes, diskBytes }: ContainerLimitation): TaskStatus["limitation"] {
  const resources: Resource[] = [];
  if (memoryBytes !== undefined) resources.push(scalar("mem", memoryBytes));
  if (diskBytes !== undefined) resources.push(scalar("disk", diskBytes));
  return resources.length === 0 ? undefined : { resources };
}

function scalar(name: string, bytes: number): Resource {
  return { name, type: "SCALAR", scalar: { value: bytes / MIB } };
}
