// Written by tools/generate.ts from api/mesos/wire.tsv. Change the table, then run `npm run generate`.
// Package mesos.v1.maintenance.
import type * as allocator from "./allocator.ts";
import type * as mesos from "./mesos.ts";

export interface Window {
  machine_ids?: mesos.MachineID[] | undefined;
  unavailability: mesos.Unavailability;
}

export interface Schedule {
  windows?: Window[] | undefined;
}

export interface ClusterStatus {
  draining_machines?: ClusterStatusDrainingMachine[] | undefined;
  down_machines?: mesos.MachineID[] | undefined;
}

export interface ClusterStatusDrainingMachine {
  id: mesos.MachineID;
  statuses?: allocator.InverseOfferStatus[] | undefined;
}
