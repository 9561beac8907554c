import type { ContainerID } from "@meseta/api/mesos/generated/mesos.ts";
import { type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import { byteLength, idProblem } from "@meseta/api/mesos/resources/ids.ts";

/** Container ids become names of cgroups and parts of longer file names, so they may be a little shorter than other ids. */
const LONGEST_CONTAINER_ID_BYTES = 242;

/** An id that a user chooses: task, executor, framework, operation. It becomes the name of a folder. */
export function validateId(id: { readonly value: string }): Refusal | undefined {
  const problem = idProblem(id.value);
  return problem === undefined ? undefined : refuse(problem);
}

/** A container's id with all its parents. */
export function validateContainerId(id: ContainerID): Refusal | undefined {
  const problem = idProblem(id.value);
  if (problem !== undefined) return refuse(`'ContainerID.value' is invalid: ${problem}`);
  if (byteLength(id.value) > LONGEST_CONTAINER_ID_BYTES)
    return refuse(`'ContainerID.value' must not be greater than ${LONGEST_CONTAINER_ID_BYTES} characters`);
  if (/[. ]/.test(id.value)) return refuse(`'ContainerID.value' '${id.value}' contains invalid characters`);
  return id.parent === undefined ? undefined : validateContainerId(id.parent);
}

/** The 16 bytes of a uuid, as base64 writes them. */
export function validateUuid(bytes: string): Refusal | undefined {
  return /^[A-Za-z0-9+/]{22}==$/.test(bytes) ? undefined : refuse("Not a valid UUID");
}
