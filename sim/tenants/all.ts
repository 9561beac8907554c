import { JobMaker } from "../workloads/jobs.ts";
import { Planner } from "../workloads/planner.ts";
import { CronTenant } from "./cron.ts";
import { InitTenant } from "./init.ts";
import type { House, Tenant } from "./tenant.ts";

/** The frameworks of the house that can take part in a history, by name. */
export const TENANTS = {
  init: (house: House) => new InitTenant(house),
  cron: (house: House) => new CronTenant(house, (...parts) => new Planner(...parts)),
  /** A cron as well, whose jobs are those of Jepsen's test. */
  jobs: (house: House) => new CronTenant(house, (cron, world) => new JobMaker(cron, world)),
} as const satisfies Record<string, (house: House) => Tenant>;

export type TenantName = keyof typeof TENANTS;

export const TENANT_NAMES = Object.keys(TENANTS) as TenantName[];
