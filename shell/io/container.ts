import type { ResponseWaitContainer } from "@meseta/api/mesos/generated/agent.ts";
import type { ContainerID } from "@meseta/api/mesos/generated/mesos.ts";
import { agentUrl } from "@meseta/sdk/core/address.ts";
import { CallRefused } from "@meseta/sdk/core/errors.ts";
import type { AgentClient } from "@meseta/sdk/operator/agent.ts";
import { connectAgent } from "@meseta/sdk/operator/connect.ts";
import { Failure } from "../core/failure.ts";
import { containerPath, parseContainerPath } from "../core/views/running.ts";
import { type Invocation, word } from "../invocation.ts";
import { type Cluster, pick } from "./cluster.ts";

/** The container that a command line means, among those that run on its node. */
export async function findContainer(
  cluster: Cluster,
  invocation: Invocation,
): Promise<{ readonly agent: AgentClient; readonly url: string; readonly id: ContainerID }> {
  const url = agentUrl(await cluster.node(word(invocation, "node")));
  const agent = cluster.agent(url);
  const containers = await agent.getContainers({ show_nested: true, show_standalone: true });
  const named = containers.map(({ container_id: item }) => ({ item, id: containerPath(item), names: [item.value] }));
  return { agent, url, id: pick("container", named, word(invocation, "container")) };
}

/**
 * Waits for the container that a command line means. One that has ended is not among those that run any more: it is asked after under the
 * whole id that is given.
 */
export async function endOfContainer(cluster: Cluster, invocation: Invocation): Promise<ResponseWaitContainer> {
  try {
    const { url, id } = await findContainer(cluster, invocation);
    return await waitForContainer(url, id);
  } catch (notRunning) {
    if (!(notRunning instanceof Failure) || notRunning.problem.code !== "not-found") throw notRunning;
    const url = agentUrl(await cluster.node(word(invocation, "node")));
    return waitForContainer(url, parseContainerPath(word(invocation, "container"))).catch((error: unknown) => {
      throw error instanceof CallRefused && error.status === 404 ? notRunning : error;
    });
  }
}

/** WAIT_CONTAINER is answered when the container ends, which may take days; no other call may take so long. */
const A_MONTH_MS = 30 * 86_400_000;

/** How a container ends; the connection is held until then. */
export async function waitForContainer(url: string, id: ContainerID): Promise<ResponseWaitContainer> {
  const patient = connectAgent(url, undefined, Math.min(A_MONTH_MS, 2 ** 31 - 1));
  try {
    return await patient.waitContainer(id);
  } finally {
    patient.close();
  }
}
