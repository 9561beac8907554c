// Written by tools/generate.ts from api/mesos/wire.tsv. Change the table, then run `npm run generate`.
// Package mesos.v1.quota.
import type * as mesos from "./mesos.ts";

export interface QuotaInfo {
  role?: string | undefined;
  principal?: string | undefined;
  guarantee?: mesos.Resource[] | undefined;
}

export interface QuotaRequest {
  force?: boolean | undefined;
  role?: string | undefined;
  guarantee?: mesos.Resource[] | undefined;
}

export interface QuotaConfig {
  role: string;
  guarantees?: Record<string, mesos.ValueScalar> | undefined;
  limits?: Record<string, mesos.ValueScalar> | undefined;
}

export interface QuotaStatus {
  /** @deprecated */
  infos?: QuotaInfo[] | undefined;
  configs?: QuotaConfig[] | undefined;
}
