import type { ContainerInfo, Image } from "@meseta/api/mesos/generated/mesos.ts";
import { type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import type { ImageWish } from "./isolation.ts";
import { secretProblem, secretText } from "./secret.ts";

/** Whether the container's root is that of an image. */
export function hasImage(container: ContainerInfo | undefined): boolean {
  return container?.type === "DOCKER" ? container.docker !== undefined : container?.mesos?.image !== undefined;
}

/** An image as the agent's driver wants it named. */
export function imageWish({ type, docker, cached }: Image): ImageWish | Refusal {
  if (type === "APPC" || docker === undefined)
    return refuse("images of type APPC cannot be run: name one of type DOCKER, which OCI images are as well");
  const problem = docker.config && secretProblem(`the configuration of image '${docker.name}'`, docker.config);
  if (problem !== undefined) return problem;
  const credentials = secretText(docker.config);
  return { name: docker.name, cached: cached !== false, ...(credentials === undefined ? {} : { credentials }) };
}
