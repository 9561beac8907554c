import type { Volume as MesosVolume, VolumeSource } from "@meseta/api/mesos/generated/mesos.ts";
import type { Run, Volume } from "../job.ts";
import { secretOf } from "./environment.ts";

/** The volumes of a task's container. One that comes from nowhere is an empty folder of the sandbox. */
export function volumesOf({ volumes, secrets }: Run): MesosVolume[] {
  return volumes.map((volume) => {
    const { containerPath: container_path, mode, hostPath, secret } = volume;
    if (hostPath !== undefined && hostPath !== "") return { container_path, mode, host_path: hostPath };
    if (secret === undefined) return { container_path, mode, source: sourceOf(volume) };
    return { container_path, mode: "RO", source: { type: "SECRET", secret: secretOf(secret, secrets) } };
  });
}

function sourceOf({ containerPath, external }: Volume): VolumeSource {
  if (external === undefined)
    return { type: "SANDBOX_PATH", sandbox_path: { type: "SELF", path: folderOf(containerPath) } };
  const { name, provider: driver, options } = external;
  const parameter = options.map(({ key, value }) => ({ key, value }));
  return {
    type: "DOCKER_VOLUME",
    docker_volume: { driver, name, ...(parameter.length > 0 && { driver_options: { parameter } }) },
  };
}

// One name, so that a path in the container never leads out of the sandbox.
function folderOf(containerPath: string): string {
  return `volume${containerPath.replaceAll(/[^\w.-]+/g, "-").replace(/^(?!-)/, "-")}`;
}
