// Roles, quota and weights: who may have how much.
import type { Role, ValueScalar, WeightInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type { QuotaConfig } from "@meseta/api/mesos/generated/quota.ts";
import { decimal, mebibytes } from "../amounts.ts";
import type { Column, Listing } from "../listing.ts";
import { amount } from "../quantity.ts";

export function roleListing(roles: readonly Role[]): Listing<Role> {
  const scalar = (title: string, name: string, write: (value: number) => string): Column<Role> => ({
    title,
    right: true,
    text: (role) => write(amount(role.resources, name)),
    key: (role) => amount(role.resources, name),
  });
  return {
    items: roles,
    name: (role) => role.name,
    none: "No roles are in use.",
    columns: [
      { title: "ROLE", text: (role) => role.name },
      { title: "WEIGHT", right: true, text: (role) => decimal(role.weight), key: (role) => role.weight },
      {
        title: "FRAMEWORKS",
        right: true,
        text: (role) => `${role.frameworks?.length ?? 0}`,
        key: (role) => role.frameworks?.length ?? 0,
      },
      scalar("CPUS", "cpus", decimal),
      scalar("MEM", "mem", mebibytes),
      scalar("DISK", "disk", mebibytes),
      { ...scalar("GPUS", "gpus", decimal), wide: true },
    ],
  };
}

export function quotaListing(configs: readonly QuotaConfig[]): Listing<QuotaConfig> {
  return {
    items: configs,
    name: (config) => config.role,
    none: "No role has a quota. Set one: meseta quota set ROLE --guarantee 'cpus:4' --limit 'cpus:8'",
    columns: [
      { title: "ROLE", text: (config) => config.role },
      { title: "GUARANTEED", text: (config) => scalars(config.guarantees) },
      { title: "LIMIT", text: (config) => scalars(config.limits) },
    ],
  };
}

function scalars(amounts: Readonly<Record<string, ValueScalar>> | undefined): string {
  const list = Object.entries(amounts ?? {}).map(([name, { value }]) => `${name}:${decimal(value)}`);
  return list.join(";") || "-";
}

export function weightListing(weights: readonly WeightInfo[]): Listing<WeightInfo> {
  return {
    items: weights,
    name: (weight) => weight.role ?? "",
    none: "All roles weigh 1. Change one: meseta weight set ROLE 2",
    columns: [
      { title: "ROLE", text: (weight) => weight.role ?? "" },
      { title: "WEIGHT", right: true, text: ({ weight }) => decimal(weight), key: ({ weight }) => weight },
    ],
  };
}
