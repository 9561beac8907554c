import type { ContainerInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type { Container, Job } from "../job.ts";
import { dockerNetwork, networksOf } from "./networks.ts";
import { volumesOf } from "./volumes.ts";

/** What a task runs in; undefined where the job says nothing of that. `hostPorts`: for each port mapping. */
export function containerOf(job: Job, hostPorts: readonly number[], bridgeName: string): ContainerInfo | undefined {
  const { container } = job.run;
  const volumes = volumesOf(job.run);
  const network_infos = networksOf(job, hostPorts, bridgeName);
  if (container === undefined && volumes.length === 0 && network_infos.length === 0) return undefined;
  return {
    ...(container?.type === "DOCKER" ? dockerParts(job, container, hostPorts) : mesosParts(container, network_infos)),
    ...(volumes.length > 0 && { volumes }),
  };
}

function mesosParts(
  container: Container | undefined,
  network_infos: NonNullable<ContainerInfo["network_infos"]>,
): ContainerInfo {
  const image = container?.image ?? "";
  return {
    type: "MESOS",
    ...(image !== "" && {
      mesos: { image: { type: "DOCKER", docker: { name: image }, cached: container?.forcePullImage !== true } },
    }),
    ...(network_infos.length > 0 && { network_infos }),
  };
}

function dockerParts(job: Job, container: Container, hostPorts: readonly number[]): ContainerInfo {
  const { image, forcePullImage: force_pull_image, isPrivileged: privileged, parameters } = container;
  const docker = {
    image,
    privileged,
    force_pull_image,
    parameters: parameters.map(({ key, value }) => ({ key, value })),
  };
  const network = dockerNetwork(job, hostPorts);
  const name = network.network === "USER" ? job.run.networks[0]?.name : undefined;
  return {
    type: "DOCKER",
    docker: { ...docker, ...network },
    ...(name !== undefined && { network_infos: [{ name }] }),
  };
}
