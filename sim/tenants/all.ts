import { CronTenant } from "./cron.ts";
import { InitTenant } from "./init.ts";
import type { House, Tenant } from "./tenant.ts";

/** The frameworks of the house that can take part in a history, by name. */
export const TENANTS = {
  init: (house: House) => new InitTenant(house),
  cron: (house: House) => new CronTenant(house),
} as const satisfies Record<string, (house: House) => Tenant>;

export type TenantName = keyof typeof TENANTS;

export const TENANT_NAMES = Object.keys(TENANTS) as TenantName[];
