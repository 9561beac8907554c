import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { reservationRole } from "@meseta/api/mesos/resources/identity.ts";

/** Where things lie below the work directory: as in Mesos, because tools look there. */

export function executorFolder(workDir: string, agentId: string, frameworkId: string, executorId: string): string {
  return `${workDir}/slaves/${agentId}/frameworks/${frameworkId}/executors/${executorId}`;
}

/** The sandbox of one run of an executor. */
export function runFolder(executorFolder: string, containerId: string): string {
  return `${executorFolder}/runs/${containerId}`;
}

export function standaloneFolder(workDir: string, containerId: string): string {
  return `${workDir}/containers/${containerId}`;
}

/** The data of a persistent volume. A MOUNT disk is the volume itself; a PATH disk has its own tree of volumes, as the agent's own disk has. */
export function volumeFolder(workDir: string, volume: Resource): string {
  const { persistence, source } = volume.disk!;
  const root = source?.type === "MOUNT" ? source.mount?.root : source?.path?.root;
  const base = root === undefined || root.startsWith("/") ? (root ?? workDir) : `${workDir}/${root}`;
  if (source?.type === "MOUNT" && root !== undefined) return base;
  // A role may have slashes, a folder's name may not; roles have no spaces.
  return `${base}/volumes/roles/${(reservationRole(volume) ?? "*").replaceAll("/", " ")}/${persistence!.id}`;
}

/** Why a path of a volume cannot be a link inside a sandbox; undefined when it can. */
export function linkProblem(containerPath: string): string | undefined {
  if (containerPath.startsWith("/"))
    return `container path '${containerPath}' is absolute: tasks without an image have volumes inside their sandbox only`;
  const parts = containerPath.split("/");
  if (containerPath === "" || parts.some((part) => part === ".." || part === "." || part === ""))
    return `container path '${containerPath}' does not lead into the sandbox`;
  return undefined;
}
