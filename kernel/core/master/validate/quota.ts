import type { Resource, ValueScalar } from "@meseta/api/mesos/generated/mesos.ts";
import type { QuotaConfig, QuotaRequest } from "@meseta/api/mesos/generated/quota.ts";
import { because, firstRefusal, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import {
  addQuantities,
  containsQuantities,
  printQuantities,
  type Quantities,
  quantitiesOfScalars,
  withinLimits,
} from "@meseta/api/mesos/resources/quantities.ts";
import { roleProblem } from "@meseta/api/mesos/resources/roles.ts";
import { validateResource } from "@meseta/api/mesos/resources/validate.ts";

/** What there is to be promised, and what is promised and consumed already; quantities are thousandths by name. */
export interface QuotaContext {
  /** The quotas as they are, by role. */
  readonly quotas: ReadonlyMap<string, QuotaConfig>;
  /** Scalars of all registered agents that are not revocable. */
  readonly capacity: Quantities;
  /** What a role has reserved or allocated, sub-roles included. */
  readonly consumed: (role: string) => Quantities;
  /** Skips the questions of capacity and consumption. */
  readonly force: boolean;
}

/** What is wrong with an UPDATE_QUOTA, as the text of the 400 that answers it: all of its roles are changed or none. Source: kernel reference section d and recorded answers. */
export function validateQuotaConfigs(configs: readonly QuotaConfig[], context: QuotaContext): Refusal | undefined {
  const twice = configs.find(({ role }, i) => configs.findIndex((other) => other.role === role) < i);
  if (twice !== undefined) return refuse(`Invalid QuotaConfig: role '${twice.role}' is given more than once`);
  return (
    because("Invalid QuotaConfig: ", firstRefusal(configs, validateConfig)) ??
    (context.force ? undefined : validateFit(configs, context))
  );
}

/** What is wrong with a SET_QUOTA, as the text of the 400 that answers it. `existing`: whether the role has a quota. */
export function validateQuotaRequest(request: QuotaRequest, existing: boolean): Refusal | undefined {
  const role = request.role ?? "";
  const problem = roleProblem(role) ?? nestedProblem(role);
  if (problem !== undefined)
    return refuse(`Failed to validate set quota request: QuotaInfo with invalid role: ${problem}`);
  return because(
    "Failed to validate set quota request: ",
    validateGuarantee(request.guarantee ?? []) ??
      (existing ? refuse(`Cannot set quota for role '${role}' which already has quota`) : undefined),
  );
}

/** What is wrong with a REMOVE_QUOTA, as the text of the 400 that answers it. */
export function validateQuotaRemoval(role: string, existing: boolean): Refusal | undefined {
  const problem = roleProblem(role);
  if (problem !== undefined) return refuse(`Failed to validate remove quota request: ${problem}`);
  return existing ? undefined : refuse(`Cannot remove quota for role '${role}' which does not have quota`);
}

/** The old request as the new configuration: its guarantee is its limit. */
export function configOfRequest({ role = "", guarantee = [] }: QuotaRequest): QuotaConfig {
  const amounts = Object.fromEntries(guarantee.map(({ name, scalar }) => [name, { value: scalar?.value ?? 0 }]));
  return { role, guarantees: amounts, limits: amounts };
}

/** 2^40 MB, an exabyte, of memory and disk, and 10^12 of anything else. */
const MOST_MEGABYTES = 2 ** 40;
const MOST = 1e12;

function validateConfig({ role, guarantees, limits }: QuotaConfig): Refusal | undefined {
  const problem = roleProblem(role) ?? nestedProblem(role);
  if (problem !== undefined) return refuse(`Invalid 'QuotaConfig.role': ${problem}`);
  return (
    because("Invalid 'QuotaConfig.guarantees': ", validateAmounts(guarantees)) ??
    because("Invalid 'QuotaConfig.limits': ", validateAmounts(limits)) ??
    validateOrder(guarantees, limits)
  );
}

function nestedProblem(role: string): string | undefined {
  return role.includes("/") ? `quota on the nested role '${role}' is not supported` : undefined;
}

function validateAmounts(amounts: Readonly<Record<string, ValueScalar>> | undefined): Refusal | undefined {
  return firstRefusal(Object.entries(amounts ?? {}), ([name, { value }]) => {
    const most = name === "mem" || name === "disk" ? MOST_MEGABYTES : MOST;
    if (Number.isNaN(value) || value < 0) return refuse(`{ ${name}: ${value} } must be a number that is not negative`);
    return value <= most
      ? undefined
      : refuse(`{ ${name}: ${value} } is more than the largest that is supported, ${most}`);
  });
}

function validateOrder(guarantees: QuotaConfig["guarantees"], limits: QuotaConfig["limits"]): Refusal | undefined {
  const [least, most] = [quantitiesOfScalars(guarantees), quantitiesOfScalars(limits)];
  if (withinLimits(least, most)) return undefined;
  return refuse(
    `'QuotaConfig.guarantees' { ${printQuantities(least)} } is not contained within the 'QuotaConfig.limits' { ${printQuantities(most)} }`,
  );
}

function validateFit(configs: readonly QuotaConfig[], context: QuotaContext): Refusal | undefined {
  return (
    validateCapacity(configs, context) ??
    firstRefusal(configs, (config) => validateConsumption(config, context.consumed(config.role)))
  );
}

function validateCapacity(configs: readonly QuotaConfig[], { quotas, capacity }: QuotaContext): Refusal | undefined {
  const after = new Map(quotas);
  for (const config of configs) after.set(config.role, config);
  const promised = [...after.values()]
    .map(({ guarantees }) => quantitiesOfScalars(guarantees))
    .reduce(addQuantities, new Map());
  const isNew = configs.some(({ guarantees }) =>
    quantitiesOfScalars(guarantees)
      .values()
      .some((milli) => milli > 0),
  );
  if (!isNew || containsQuantities(capacity, promised)) return undefined;
  return refuse(
    `The sum of all guarantees, { ${printQuantities(promised)} }, is more than the cluster has, { ${printQuantities(capacity)} }; use 'force' to set it nevertheless`,
  );
}

function validateConsumption({ role, limits }: QuotaConfig, consumed: Quantities): Refusal | undefined {
  const most = quantitiesOfScalars(limits);
  if (withinLimits(consumed, most)) return undefined;
  return refuse(
    `Role '${role}' consumes { ${printQuantities(consumed)} }, which is more than the limits { ${printQuantities(most)} }; use 'force' to set them nevertheless`,
  );
}

function validateGuarantee(guarantee: readonly Resource[]): Refusal | undefined {
  if (guarantee.length === 0) return refuse("QuotaInfo with empty 'guarantee'");
  const twice = guarantee.find(({ name }, i) => guarantee.findIndex((other) => other.name === name) < i);
  if (twice !== undefined) return refuse(`QuotaInfo contains duplicate resource name '${twice.name}'`);
  return firstRefusal(guarantee, validatePlain);
}

function validatePlain(resource: Resource): Refusal | undefined {
  const { name, type, reservations = [], disk, revocable, shared, allocation_info } = resource;
  const refusal = because(`QuotaInfo with invalid resource '${name}': `, validateResource(resource));
  if (refusal !== undefined) return refusal;
  if (type !== "SCALAR") return refuse(`QuotaInfo must not include non-scalar resource '${name}'`);
  if (
    reservations.length === 0 &&
    disk === undefined &&
    revocable === undefined &&
    shared === undefined &&
    allocation_info === undefined
  )
    return undefined;
  return refuse(`QuotaInfo must name nothing but the amount of '${name}'`);
}
