import type { WeightInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type { QuotaConfig, QuotaInfo, QuotaStatus } from "@meseta/api/mesos/generated/quota.ts";
import type { MasterState } from "../state.ts";

/** GET_WEIGHTS and /weights. */
export function viewWeights(state: MasterState): WeightInfo[] {
  return [...state.weights].map(([role, weight]) => ({ weight, role }));
}

/** GET_QUOTA and /quota: each quota in the older form (guarantees only) and in the newer. */
export function viewQuota(state: MasterState): QuotaStatus {
  const configs = [...state.quotas.values()];
  return { infos: configs.map(quotaInfo), configs };
}

function quotaInfo({ role, guarantees }: QuotaConfig): QuotaInfo {
  const guarantee = Object.entries(guarantees ?? {}).map(([name, scalar]) => ({
    name,
    type: "SCALAR" as const,
    scalar,
  }));
  return { role, guarantee };
}
