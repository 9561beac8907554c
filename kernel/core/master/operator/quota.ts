import type { CallUpdateQuota } from "@meseta/api/mesos/generated/master.ts";
import type { QuotaConfig, QuotaRequest } from "@meseta/api/mesos/generated/quota.ts";
import { because, refuse } from "@meseta/api/mesos/refusal.ts";
import { upgradeAll } from "@meseta/api/mesos/resources/formats.ts";
import {
  addQuantities,
  containsQuantities,
  printQuantities,
  type Quantities,
  quantities,
  quantitiesOfScalars,
  scalarQuantities,
  subtractQuantities,
  withinLimits,
} from "@meseta/api/mesos/resources/quantities.ts";
import { isStrictSubrole } from "@meseta/api/mesos/resources/roles.ts";
import { nonRevocable } from "@meseta/api/mesos/resources/select.ts";
import { rescindOffer } from "../offers.ts";
import type { Answer, MasterOut } from "../out.ts";
import { keys } from "../saved.ts";
import type { MasterState, OutstandingOffer } from "../state.ts";
import {
  configOfRequest,
  validateQuotaConfigs,
  validateQuotaRemoval,
  validateQuotaRequest,
} from "../validate/quota.ts";
import { consumptions } from "../views/consumption.ts";
import { badRequest, conflict, done, tooMany } from "./answers.ts";

/** UPDATE_QUOTA: all of its roles or none; a configuration without guarantees and limits removes the role's quota. */
export function updateQuota(
  state: MasterState,
  { quota_configs = [], force }: CallUpdateQuota,
  out: MasterOut,
): Answer {
  const consumptionOf = consumptions(state);
  const refusal =
    validateWhitelisted(state, quota_configs) ??
    validateQuotaConfigs(quota_configs, {
      quotas: state.quotas,
      capacity: capacityOf(state),
      consumed: (role) => consumptionOf(role).consumed,
      force: force ?? false,
    });
  if (refusal !== undefined) return badRequest(refusal);
  const excess = tooMany("roles", quota_configs.length);
  if (excess !== undefined) return excess;
  for (const config of quota_configs) putQuota(state, config, out);
  for (const config of quota_configs) rescindFor(state, config, out);
  return done;
}

/** SET_QUOTA, the older call: only for a role without quota, guarantee and limit being the same. */
export function setQuota(state: MasterState, asked: QuotaRequest, out: MasterOut): Answer {
  const request = { ...asked, guarantee: upgradeAll(asked.guarantee ?? []) };
  const role = request.role ?? "";
  const refusal =
    validateQuotaRequest(request, state.quotas.has(role)) ??
    (isWhitelisted(state, role) ? undefined : refuse(`Failed to validate set quota request: Unknown role '${role}'`));
  if (refusal !== undefined) return badRequest(refusal);
  const config = configOfRequest(request);
  const overcommit = request.force === true ? undefined : validateFits(state, config);
  if (overcommit !== undefined) return conflict(overcommit);
  putQuota(state, config, out);
  rescindFor(state, config, out);
  return done;
}

/** REMOVE_QUOTA, the older call. */
export function removeQuota(state: MasterState, role: string, out: MasterOut): Answer {
  const refusal = validateQuotaRemoval(role, state.quotas.has(role));
  if (refusal !== undefined) return badRequest(refusal);
  putQuota(state, { role }, out);
  return done;
}

function validateWhitelisted(state: MasterState, configs: readonly QuotaConfig[]) {
  const unknown = configs.find(({ role }) => !isWhitelisted(state, role));
  return unknown && refuse(`Invalid QuotaConfig: '${unknown.role}' is not on the roles whitelist`);
}

function isWhitelisted({ config }: MasterState, role: string): boolean {
  return config.roleWhitelist === undefined || role === "*" || config.roleWhitelist.includes(role);
}

function validateFits(state: MasterState, config: QuotaConfig) {
  const others = [...state.quotas.values()].map(({ guarantees }) => quantitiesOfScalars(guarantees));
  const promised = others.reduce(addQuantities, quantitiesOfScalars(config.guarantees));
  const capacity = capacityOf(state);
  if (containsQuantities(capacity, promised)) return undefined;
  const sums = `'${printQuantities(promised)}' exceed cluster capacity '${printQuantities(capacity)}'`;
  return because(
    "Quota guarantees overcommit the cluster (use 'force' to bypass this check): ",
    refuse(`Total quota guarantees ${sums}`),
  );
}

/** Scalars of all registered agents, disconnected ones too: those tend to come back. */
function capacityOf(state: MasterState): Quantities {
  return [...state.agents.values()]
    .filter(({ connection }) => connection !== "recovered")
    .map(({ total }) => scalarQuantities(nonRevocable(total)))
    .reduce<Quantities>(addQuantities, new Map());
}

function putQuota(state: MasterState, config: QuotaConfig, out: MasterOut): void {
  const isEmpty = [config.guarantees, config.limits].every((amounts) => Object.keys(amounts ?? {}).length === 0);
  if (isEmpty) {
    state.quotas.delete(config.role);
    out.erase(keys.quota(config.role));
  } else {
    state.quotas.set(config.role, config);
    out.save(keys.quota(config.role), config);
  }
  state.allocator.setQuota(config);
  state.version++;
}

/** Takes offers back: those that are beyond the role's limits, then those of others that its guarantees may need. */
function rescindFor(state: MasterState, { role, guarantees, limits }: QuotaConfig, out: MasterOut): void {
  const { consumed, offered } = consumptions(state)(role);
  const most = quantitiesOfScalars(limits);
  let held = addQuantities(consumed, offered);
  for (const outstanding of [...state.offers.values()]) {
    if (withinLimits(held, most)) break;
    if (!isOf(role, outstanding)) continue;
    held = subtractQuantities(held, quantitiesOf(outstanding));
    rescindOffer(state, outstanding.offer.id.value, out);
  }
  const least = quantitiesOfScalars(guarantees);
  for (const outstanding of [...state.offers.values()]) {
    if (containsQuantities(held, least)) break;
    if (isOf(role, outstanding)) continue;
    held = addQuantities(held, quantitiesOf(outstanding));
    rescindOffer(state, outstanding.offer.id.value, out);
  }
}

function isOf(role: string, outstanding: OutstandingOffer): boolean {
  return outstanding.role === role || isStrictSubrole(outstanding.role, role);
}

function quantitiesOf({ offer }: OutstandingOffer): Quantities {
  return quantities(offer.resources ?? []);
}
