import type { App } from "@meseta/api/marathon/app.ts";
import type { Container, Docker, LinuxInfo } from "@meseta/api/marathon/container.ts";
import type { Pod, PodContainer, Image as PodImage } from "@meseta/api/marathon/pod.ts";
import type { Secrets } from "@meseta/api/marathon/strategy.ts";
import type * as mesos from "@meseta/api/mesos/generated/mesos.ts";
import { secretOf } from "./environment.ts";
import { mappingsOf, networkInfos } from "./network.ts";
import { isOnHost, type ResolvedPort } from "./ports.ts";
import { volumesOfApp, volumesOfContainer } from "./volumes.ts";

/** What an app's task runs in; undefined where it says nothing of that. */
export function containerOfApp(
  app: App,
  ports: readonly ResolvedPort[],
  taskId: string,
  bridgeName: string,
): mesos.ContainerInfo | undefined {
  const { container, tty } = app;
  if (container === undefined && !tty && isOnHost(app.networks)) return undefined;
  const volumes = volumesOfApp(container?.volumes ?? [], app.secrets);
  return {
    ...(container?.type === "DOCKER" && container.docker !== undefined
      ? dockerParts(container.docker, app, ports, taskId)
      : mesosParts(container, app, ports, bridgeName)),
    ...(volumes.length === 0 ? {} : { volumes }),
    ...linuxParts(container?.linuxInfo),
    ...(tty ? { tty_info: {} } : {}),
  };
}

/** What a container of a pod runs in: its image, its mounts. The networks are the executor's. */
export function containerOfPodContainer(pod: Pod, container: PodContainer): mesos.ContainerInfo {
  const volumes = volumesOfContainer(pod, container);
  return {
    type: "MESOS",
    ...(container.image === undefined ? {} : { mesos: { image: imageOf(container.image, pod.secrets) } }),
    ...(volumes.length === 0 ? {} : { volumes }),
    ...linuxParts(container.linuxInfo, pod.legacySharedCgroups),
    ...(container.tty ? { tty_info: {} } : {}),
  };
}

/** What all containers of a pod share: its networks. */
export function containerOfExecutor(pod: Pod, ports: readonly ResolvedPort[], bridgeName: string): mesos.ContainerInfo {
  const network_infos = networkInfos(pod.networks, ports, bridgeName);
  return { type: "MESOS", ...(network_infos.length === 0 ? {} : { network_infos }), ...linuxParts(pod.linuxInfo) };
}

function mesosParts(
  container: Container | undefined,
  app: App,
  ports: readonly ResolvedPort[],
  bridgeName: string,
): mesos.ContainerInfo {
  const network_infos = networkInfos(app.networks, ports, bridgeName);
  const { docker } = container ?? {};
  return {
    type: "MESOS",
    ...(docker === undefined
      ? {}
      : { mesos: { image: imageOf({ ...docker, id: docker.image, forcePull: docker.forcePullImage }, app.secrets) } }),
    ...(network_infos.length === 0 ? {} : { network_infos }),
  };
}

function dockerParts(docker: Docker, app: App, ports: readonly ResolvedPort[], taskId: string): mesos.ContainerInfo {
  const network = dockerNetwork(app);
  const port_mappings = network === "HOST" ? [] : ports.flatMap(mappingsOf);
  const name = app.networks[0]?.name;
  return {
    type: "DOCKER",
    docker: {
      image: docker.image,
      network,
      privileged: docker.privileged,
      force_pull_image: docker.forcePullImage,
      // People look their containers up by it.
      parameters: [...docker.parameters, { key: "label", value: `MESOS_TASK_ID=${taskId}` }],
      ...(port_mappings.length === 0 ? {} : { port_mappings }),
    },
    ...(network === "USER" && name !== undefined ? { network_infos: [{ name }] } : {}),
  };
}

function dockerNetwork({ networks }: App): mesos.ContainerInfoDockerInfoNetwork {
  if (isOnHost(networks)) return "HOST";
  return networks[0]!.mode === "container/bridge" ? "BRIDGE" : "USER";
}

function imageOf(
  { id, forcePull, pullConfig }: Pick<PodImage, "id" | "forcePull" | "pullConfig">,
  secrets: Secrets,
): mesos.Image {
  const config = pullConfig === undefined ? {} : { config: secretOf(pullConfig.secret, secrets) };
  return { type: "DOCKER", docker: { name: id, ...config }, cached: !forcePull };
}

function linuxParts(info: LinuxInfo | undefined, sharesCgroups?: boolean): { linux_info?: mesos.LinuxInfo } {
  if (info === undefined && sharesCgroups === undefined) return {};
  const { seccomp, ipcInfo } = info ?? {};
  const { profileName: profile_name, unconfined } = seccomp ?? {};
  return {
    linux_info: {
      ...(seccomp === undefined
        ? {}
        : {
            seccomp: {
              ...(profile_name === undefined ? {} : { profile_name }),
              ...(unconfined === undefined ? {} : { unconfined }),
            },
          }),
      ...(ipcInfo === undefined ? {} : { ipc_mode: ipcInfo.mode }),
      ...(ipcInfo?.shmSize === undefined ? {} : { shm_size: ipcInfo.shmSize }),
      ...(sharesCgroups === undefined ? {} : { share_cgroups: sharesCgroups }),
    },
  };
}
