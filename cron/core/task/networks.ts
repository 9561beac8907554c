import type { ContainerInfoDockerInfo, NetworkInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type { Job } from "../job.ts";
import { labelsOf } from "./labels.ts";
import { mappingsOf } from "./ports.ts";

/** The networks of a container of the agent's own engine; none on the host's own. */
export function networksOf(job: Job, hostPorts: readonly number[], bridgeName: string): NetworkInfo[] {
  const { networkInfos } = job.chronos;
  if (networkInfos.length > 0)
    return networkInfos.map(({ name, labels }, index) => ({
      name,
      ...labelsOf(labels),
      ...mappedOf(job, hostPorts, index),
    }));
  return job.run.networks
    .filter(({ mode }) => mode !== "host")
    .map(({ mode, name = mode === "container/bridge" ? bridgeName : undefined, labels = {} }) => ({
      ...(name !== undefined && { name }),
      ...labelsOf(Object.entries(labels).map(([key, value]) => ({ key, value }))),
    }));
}

/** The network of a container of type DOCKER, with its port mappings. */
export function dockerNetwork(
  job: Job,
  hostPorts: readonly number[],
): Pick<ContainerInfoDockerInfo, "network" | "port_mappings"> {
  const [first] = job.run.networks;
  if (first === undefined || first.mode === "host") return { network: "HOST" };
  const network = first.mode === "container/bridge" ? "BRIDGE" : "USER";
  return { network, ...mappedOf(job, hostPorts, undefined) };
}

/** The network's port mappings, or those of all. */
function mappedOf(job: Job, hostPorts: readonly number[], only: number | undefined) {
  const all = mappingsOf(job).map((mapping, i) => ({ ...mapping, hostPort: hostPorts[i]! }));
  const own = all.filter(({ network }) => only === undefined || network === only);
  const port_mappings = own.map(({ hostPort, containerPort, protocol }) => ({
    host_port: hostPort,
    container_port: containerPort,
    ...(protocol !== undefined && { protocol }),
  }));
  return port_mappings.length === 0 ? {} : { port_mappings };
}
