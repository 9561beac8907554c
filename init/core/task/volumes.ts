import type { AppVolume, External } from "@meseta/api/marathon/container.ts";
import type { Pod, PodContainer, PodVolume } from "@meseta/api/marathon/pod.ts";
import type { Secrets } from "@meseta/api/marathon/strategy.ts";
import type {
  Volume,
  VolumeSourceCSIVolumeVolumeCapability,
  VolumeSourceCSIVolumeVolumeCapabilityAccessModeMode,
} from "@meseta/api/mesos/generated/mesos.ts";
import { secretOf } from "./environment.ts";

/** The volumes of an app's container. Persistent ones are not among them: they stand in the disk resource. */
export function volumesOfApp(volumes: readonly AppVolume[], secrets: Secrets): Volume[] {
  return volumes.flatMap(({ containerPath: container_path, mode = "RW", hostPath, external, secret }): Volume[] => {
    if (hostPath !== undefined) return [{ container_path, mode, host_path: hostPath }];
    if (secret !== undefined)
      return [{ container_path, mode: "RO", source: { type: "SECRET", secret: secretOf(secret, secrets) } }];
    return external === undefined ? [] : [{ container_path, mode, source: externalSource(external) }];
  });
}

/** What a container of a pod mounts. Shared and kept volumes are folders in the sandbox of the executor, its parent. */
export function volumesOfContainer(pod: Pod, container: PodContainer): Volume[] {
  return container.volumeMounts.flatMap(({ name, mountPath, readOnly }) => {
    const volume = pod.volumes.find((one) => one.name === name);
    if (volume === undefined) return [];
    return [
      {
        container_path: mountPath,
        mode: readOnly ? "RO" : "RW",
        source: podSource(volume, pod.secrets),
      } satisfies Volume,
    ];
  });
}

function podSource({ name, host, secret }: PodVolume, secrets: Secrets): NonNullable<Volume["source"]> {
  if (host !== undefined) return { type: "HOST_PATH", host_path: { path: host } };
  if (secret !== undefined) return { type: "SECRET", secret: secretOf(secret, secrets) };
  return { type: "SANDBOX_PATH", sandbox_path: { type: "PARENT", path: name } };
}

function externalSource(external: External): NonNullable<Volume["source"]> {
  return external.provider === "csi" ? csiSource(external) : dockerSource(external);
}

// The driver is named in an option of its own; the others are the driver's, without their prefix.
function dockerSource({ name = "", size, options }: External): NonNullable<Volume["source"]> {
  const { "dvdi/driver": driver, ...rest } = options;
  const parameter = Object.entries({ ...(size === undefined ? {} : { size }), ...rest }).map(([key, value]) => ({
    key: key.replace(/^dvdi\//, ""),
    value: String(value),
  }));
  return {
    type: "DOCKER_VOLUME",
    docker_volume: {
      name,
      ...(driver === undefined ? {} : { driver: String(driver) }),
      ...(parameter.length === 0 ? {} : { driver_options: { parameter } }),
    },
  };
}

interface CsiOptions {
  readonly pluginName?: string;
  readonly capability?: {
    readonly accessType?: "block" | "mount";
    readonly accessMode?: VolumeSourceCSIVolumeVolumeCapabilityAccessModeMode;
    readonly fsType?: string;
  };
  readonly volumeContext?: Readonly<Record<string, string>>;
}

function csiSource({ name = "", options }: External): NonNullable<Volume["source"]> {
  const { pluginName = "", capability, volumeContext } = options as CsiOptions;
  return {
    type: "CSI_VOLUME",
    csi_volume: {
      plugin_name: pluginName,
      static_provisioning: {
        volume_id: name,
        volume_capability: capabilityOf(capability),
        ...(volumeContext === undefined ? {} : { volume_context: { ...volumeContext } }),
      },
    },
  };
}

function capabilityOf({
  accessType,
  accessMode = "UNKNOWN",
  fsType,
}: CsiOptions["capability"] = {}): VolumeSourceCSIVolumeVolumeCapability {
  const access_mode = { mode: accessMode };
  return accessType === "block"
    ? { block: {}, access_mode }
    : { mount: fsType === undefined ? {} : { fs_type: fsType }, access_mode };
}
