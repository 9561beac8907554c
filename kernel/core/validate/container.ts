import type {
  ContainerInfo,
  Image,
  LinuxInfo,
  NetworkInfoPortMapping,
  RLimitInfoRLimit,
  Volume,
  VolumeSource,
} from "@meseta/api/mesos/generated/mesos.ts";
import { because, firstRefusal, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import { validateSecret } from "./environment.ts";

/** A container as a task or an executor asks for it: its volumes, its image, its rights, its ports, its limits, and what its type needs. */
export function validateContainer(container: ContainerInfo): Refusal | undefined {
  return (
    firstRefusal(container.volumes, validateVolume) ??
    validateDocker(container) ??
    (container.mesos?.image && validateImage(container.mesos.image)) ??
    (container.linux_info && validateLinux(container.linux_info)) ??
    firstRefusal(container.network_infos, ({ port_mappings }) => firstRefusal(port_mappings, validatePorts)) ??
    firstRefusal(container.rlimit_info?.rlimits, validateRlimit)
  );
}

/** A volume comes from exactly one place, and its source holds what its type says. */
function validateVolume({ container_path, host_path, image, source }: Volume): Refusal | undefined {
  const places = [host_path, image, source].filter((place) => place !== undefined).length;
  if (places !== 1)
    return refuse(`Volume '${container_path}': exactly one of 'host_path', 'image' and 'source' must be set`);
  if (image !== undefined) return because(`Volume '${container_path}': `, validateImage(image));
  return source === undefined ? undefined : validateSource(container_path, source);
}

function validateImage({ type, docker, appc }: Image): Refusal | undefined {
  const [part, name] = type === "APPC" ? [appc, "appc"] : [docker, "docker"];
  return part === undefined ? refuse(`'image.${name}' is not set for an image of type ${type}`) : undefined;
}

function validateLinux(linux: LinuxInfo): Refusal | undefined {
  const { seccomp, ipc_mode, shm_size } = linux;
  if (seccomp?.unconfined === true && seccomp.profile_name !== undefined)
    return refuse("'seccomp.profile_name' must not be set when 'seccomp.unconfined' is true");
  if (ipc_mode === "SHARE_PARENT" && shm_size !== undefined)
    return refuse("'shm_size' must not be set when 'ipc_mode' is SHARE_PARENT");
  return validateCapabilities(linux);
}

function validateCapabilities(linux: LinuxInfo): Refusal | undefined {
  const { capability_info, effective_capabilities, bounding_capabilities } = linux;
  if (capability_info !== undefined && effective_capabilities !== undefined)
    return refuse("Only one of 'capability_info' and 'effective_capabilities' may be set");
  const effective = (effective_capabilities ?? capability_info)?.capabilities ?? [];
  const bounding = bounding_capabilities?.capabilities ?? [];
  if ([...effective, ...bounding].includes("UNKNOWN")) return refuse("A capability of the container is unknown");
  const beyond = bounding_capabilities && effective.find((name) => !bounding.includes(name));
  return beyond === undefined
    ? undefined
    : refuse(`The effective capability ${beyond} is not among the bounding capabilities`);
}

function validatePorts({ host_port, container_port }: NetworkInfoPortMapping): Refusal | undefined {
  const bad = [host_port, container_port].find((port) => port < 1 || port > 65_535);
  return bad === undefined ? undefined : refuse(`Port ${bad} of a port mapping is not between 1 and 65535`);
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
  const ports = firstRefusal(docker.port_mappings, validatePorts);
  if (ports !== undefined) return ports;
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
