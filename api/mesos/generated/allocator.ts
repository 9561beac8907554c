// Written by tools/generate.ts from api/mesos/wire.tsv. Change the table, then run `npm run generate`.
// Package mesos.v1.allocator.
import type * as mesos from "./mesos.ts";

export interface InverseOfferStatus {
  status: InverseOfferStatusStatus;
  framework_id: mesos.FrameworkID;
  timestamp: mesos.TimeInfo;
}

export type InverseOfferStatusStatus =
  | "UNKNOWN"
  | "ACCEPT"
  | "DECLINE";
