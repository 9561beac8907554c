import type { Operator } from "@meseta/api/marathon/strategy.ts";
import type { Labels } from "@meseta/api/mesos/generated/mesos.ts";
import type { PortWish as AnyPortWish } from "@meseta/sdk/core/offer/ports.ts";

/** What one instance of a service needs, whether it is an app or a pod: all that placement looks at. Made once for each version. */
export interface Wish {
  readonly role: string;
  /** Resources reserved for these may be used; `*` is the unreserved ones. Absent: the role's own and the unreserved. */
  readonly acceptedResourceRoles?: readonly string[] | undefined;
  readonly constraints: readonly Constraint[];
  /** How many instances the service is to have, for GROUP_BY. */
  readonly instances: number;
  /** What each task takes, an executor of its own as one more. */
  readonly parts: readonly Part[];
  readonly ports: readonly PortWish[];
  readonly volumes: readonly VolumeWish[];
}

export interface Part {
  readonly cpus: number;
  /** MiB. */
  readonly mem: number;
  /** MiB. */
  readonly disk: number;
  readonly gpus: number;
}

export interface Constraint {
  readonly field: string;
  readonly operator: Operator;
  readonly value?: string | undefined;
}

export interface PortWish extends AnyPortWish {
  /** Index into `parts`: the task that takes the port. */
  readonly part: number;
}

export interface VolumeWish {
  readonly containerPath: string;
  readonly type: "root" | "path" | "mount";
  /** MiB. */
  readonly sizeMiB: number;
  /** MiB; mount only. */
  readonly maxSizeMiB?: number | undefined;
  readonly profileName?: string | undefined;
  /** On the field `path` of the disk, LIKE or UNLIKE. */
  readonly constraints: readonly Constraint[];
  /** Index into `parts`: the task that takes the volume. */
  readonly part: number;
}

/** The reservation of a resident instance: whose it is, and the volumes that were made for it. */
export interface Reservation {
  readonly labels: Labels;
  /** Persistence ids, in the order of the wish's volumes. */
  readonly volumeIds: readonly string[];
}
