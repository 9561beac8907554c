import type { ContainerInfo, RLimitInfoRLimit, Volume, VolumeSource } from "@meseta/api/mesos/generated/mesos.ts";
import { firstRefusal, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import { validateSecret } from "./environment.ts";

/** A container as a task or an executor asks for it: its volumes, its limits, and what its type needs. */
export function validateContainer(container: ContainerInfo): Refusal | undefined {
  return (
    firstRefusal(container.volumes, validateVolume) ??
    validateDocker(container) ??
    firstRefusal(container.rlimit_info?.rlimits, validateRlimit)
  );
}

/** A volume comes from exactly one place, and its source holds what its type says. */
export function validateVolume({ container_path, host_path, image, source }: Volume): Refusal | undefined {
  const places = [host_path, image, source].filter((place) => place !== undefined).length;
  if (places !== 1)
    return refuse(`Volume '${container_path}': exactly one of 'host_path', 'image' and 'source' must be set`);
  return source === undefined ? undefined : validateSource(container_path, source);
}

const PART = {
  DOCKER_VOLUME: "docker_volume",
  HOST_PATH: "host_path",
  SANDBOX_PATH: "sandbox_path",
  SECRET: "secret",
  CSI_VOLUME: "csi_volume",
} as const;

function validateSource(path: string, source: VolumeSource): Refusal | undefined {
  const { type = "UNKNOWN" } = source;
  if (type === "UNKNOWN") return refuse(`Volume '${path}': 'source.type' is unknown`);
  if (source[PART[type]] === undefined)
    return refuse(`Volume '${path}': 'source.${PART[type]}' is not set for ${type} volume`);
  if (type === "SANDBOX_PATH") return validateSandboxPath(path, source);
  const refusal = type === "SECRET" ? validateSecret(source.secret!) : undefined;
  return refusal === undefined ? undefined : refuse(`Volume '${path}': ${refusal.message}`);
}

function validateSandboxPath(path: string, { sandbox_path }: VolumeSource): Refusal | undefined {
  if (sandbox_path?.type === undefined || sandbox_path.type === "UNKNOWN")
    return refuse(`Volume '${path}': 'source.sandbox_path.type' is unknown`);
  if (sandbox_path.path.split("/").includes(".."))
    return refuse(`Volume '${path}': 'source.sandbox_path.path' must not leave the sandbox`);
  return undefined;
}

function validateDocker({ type, docker }: ContainerInfo): Refusal | undefined {
  if (type !== "DOCKER") return undefined;
  if (docker === undefined) return refuse("DockerInfo 'docker' is not set for DOCKER typed ContainerInfo");
  return docker.parameters?.some(({ key }) => key === "name")
    ? refuse("Parameter in DockerInfo must not be 'name'")
    : undefined;
}

function validateRlimit({ type = "UNKNOWN", hard, soft }: RLimitInfoRLimit): Refusal | undefined {
  if (type === "UNKNOWN") return refuse("The type of a resource limit of the process is unknown");
  if ((hard === undefined) !== (soft === undefined))
    return refuse(`${type}: 'soft' and 'hard' must both be set, or neither for no limit`);
  return hard !== undefined && soft !== undefined && soft > hard
    ? refuse(`${type}: 'soft' must not be above 'hard'`)
    : undefined;
}
