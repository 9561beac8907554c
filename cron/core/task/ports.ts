import type { Job } from "../job.ts";

/** A port of the container that is to be reached at one of the host; host port 0 is any. */
export interface Mapping {
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol?: string;
  /** Index into the job's `networkInfos`. */
  readonly network: number;
}

/** All port mappings of a job, which only Chronos' clients can write; none where its container is on the host's own network. */
export function mappingsOf({ run, chronos }: Job): Mapping[] {
  if (chronos.networkInfos.length === 0 || isOnHost(run)) return [];
  return chronos.networkInfos.flatMap(({ portMappings }, network) =>
    portMappings.map((mapping) => ({ ...mapping, network })),
  );
}

// A container of the agent's own engine is on the networks that `networkInfos` name, whatever else is said.
function isOnHost({ container, networks }: Job["run"]): boolean {
  return container?.type === "DOCKER" && networks.every(({ mode }) => mode === "host");
}
