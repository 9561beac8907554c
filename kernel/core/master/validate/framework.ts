import type { FrameworkInfo, FrameworkInfoCapabilityType, OfferFilters } from "@meseta/api/mesos/generated/mesos.ts";
import type { OfferConstraints } from "@meseta/api/mesos/generated/scheduler.ts";
import { because, firstRefusal, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import { roleProblem } from "@meseta/api/mesos/resources/roles.ts";
import { fitsDuration } from "../../validate/duration.ts";
import { validateId } from "../../validate/ids.ts";
import { validateOfferConstraints } from "./constraints.ts";

/** What the master knows and was told, beside the call itself. */
export interface SubscriptionContext {
  /** The only roles that may be used; undefined for any. */
  readonly roleWhitelist: readonly string[] | undefined;
  readonly rootSubmissions: boolean;
  /** Whether a framework of this id was removed for good. */
  readonly isRemoved: (frameworkId: string) => boolean;
  /** The framework of this id as it is known now. */
  readonly known: FrameworkInfo | undefined;
  /** Who the connection says it is; undefined without authentication. */
  readonly principal: string | undefined;
}

/** What is wrong with a SUBSCRIBE, as the message of the ERROR event that answers it. Source: the answers that Mesos was recorded giving. */
export function validateSubscribe(
  info: FrameworkInfo,
  suppressedRoles: readonly string[],
  constraints: OfferConstraints | undefined,
  context: SubscriptionContext,
): Refusal | undefined {
  return (
    validateFrameworkInfo(info) ??
    validateWhitelist(info, context.roleWhitelist) ??
    validateUser(info, context.rootSubmissions) ??
    (info.id !== undefined && context.isRemoved(info.id.value) ? refuse("Framework has been removed") : undefined) ??
    validatePrincipal(info, context.principal) ??
    (context.known && validateSamePrincipal(context.known, info)) ??
    validateSuppressedRoles(info, suppressedRoles) ??
    (constraints && validateOfferConstraints(constraints, rolesOf(info)))
  );
}

/** What is wrong with an UPDATE_FRAMEWORK of a framework that is known, as the text of the 400 that answers it. */
export function validateUpdateFramework(
  info: FrameworkInfo,
  suppressedRoles: readonly string[],
  constraints: OfferConstraints | undefined,
  context: SubscriptionContext & { readonly known: FrameworkInfo },
): Refusal | undefined {
  return (
    because(
      "Supplied FrameworkInfo is not valid: ",
      validateFrameworkInfo(info) ?? validateWhitelist(info, context.roleWhitelist),
    ) ??
    because("FrameworkInfo update is not valid: ", validateUnchanged(context.known, info)) ??
    validateSuppressedRoles(info, suppressedRoles) ??
    (constraints && validateOfferConstraints(constraints, rolesOf(info)))
  );
}

/** What a FrameworkInfo must be whatever the master knows: roles, id, filters, failover timeout. */
export function validateFrameworkInfo(info: FrameworkInfo): Refusal | undefined {
  return (
    validateRoles(info) ??
    (info.id && validateId(info.id)) ??
    validateOfferFilters(info) ??
    validateFailoverTimeout(info)
  );
}

/** The roles that a framework subscribes to; a framework without MULTI_ROLE has exactly one, `*` when it names none. */
export function rolesOf(info: FrameworkInfo): readonly string[] {
  return hasCapability(info, "MULTI_ROLE") ? (info.roles ?? []) : [info.role ?? "*"];
}

export function hasCapability(info: FrameworkInfo, capability: FrameworkInfoCapabilityType): boolean {
  return info.capabilities?.some(({ type }) => type === capability) ?? false;
}

/** The roles of a SUPPRESS or REVIVE, or of the suppressed ones of a subscription, are among the framework's. */
export function validateSuppressedRoles(info: FrameworkInfo, roles: readonly string[]): Refusal | undefined {
  const own = rolesOf(info);
  return firstRefusal(roles, (role) =>
    own.includes(role) ? undefined : refuse(`Suppressed role '${role}' is not among the roles of the framework`),
  );
}

function validateRoles(info: FrameworkInfo): Refusal | undefined {
  if (!hasCapability(info, "MULTI_ROLE")) return validateRole(info);
  if (info.role !== undefined)
    return refuse("'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable");
  const roles = info.roles ?? [];
  const twice = roles.find((role, i) => roles.indexOf(role) < i);
  if (twice !== undefined) return refuse(`'FrameworkInfo.roles' contains the role '${twice}' more than once`);
  return firstRefusal(roles, (role) => invalidRole("'FrameworkInfo.roles' contains invalid role: ", role));
}

function validateRole(info: FrameworkInfo): Refusal | undefined {
  if ((info.roles?.length ?? 0) > 0)
    return refuse("'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable");
  return invalidRole("'FrameworkInfo.role' is not a valid role: ", info.role ?? "*");
}

function invalidRole(words: string, role: string): Refusal | undefined {
  const problem = roleProblem(role);
  return problem === undefined ? undefined : refuse(`${words}${problem}`);
}

function validateOfferFilters(info: FrameworkInfo): Refusal | undefined {
  return firstRefusal(Object.entries(info.offer_filters ?? {}), ([role, filters]) =>
    because(`'FrameworkInfo.offer_filters' of role '${role}' is invalid: `, validateFilters(filters)),
  );
}

function validateFilters({ min_allocatable_resources }: OfferFilters): Refusal | undefined {
  return firstRefusal(min_allocatable_resources?.quantities, ({ quantities }) =>
    firstRefusal(Object.entries(quantities ?? {}), ([name, { value }]) =>
      Number.isFinite(value) && value >= 0
        ? undefined
        : refuse(`the quantity of '${name}' must be a number that is not negative`),
    ),
  );
}

function validateFailoverTimeout({ failover_timeout = 0 }: FrameworkInfo): Refusal | undefined {
  return fitsDuration(failover_timeout)
    ? undefined
    : refuse(`The framework failover_timeout (${inSixDigits(failover_timeout)}) is invalid`);
}

// Such a number is above 9 × 10⁹, and Mesos writes it as C++ does: 1e+300, 9.5e+09.
function inSixDigits(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const [digits = "", exponent = ""] = value.toExponential(5).split("e");
  return `${digits.replace(/\.?0+$/, "")}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}

function validateWhitelist(info: FrameworkInfo, whitelist: readonly string[] | undefined): Refusal | undefined {
  const stranger = whitelist && rolesOf(info).find((role) => role !== "*" && !whitelist.includes(role));
  return stranger === undefined ? undefined : refuse(`Role '${stranger}' is not present in the master's --roles`);
}

function validateUser(info: FrameworkInfo, rootSubmissions: boolean): Refusal | undefined {
  return info.user === "root" && !rootSubmissions
    ? refuse("User 'root' is not allowed to run frameworks without --root_submissions set")
    : undefined;
}

function validatePrincipal(info: FrameworkInfo, principal: string | undefined): Refusal | undefined {
  if (principal === undefined || info.principal === undefined || info.principal === principal) return undefined;
  return refuse(
    `Authenticated principal '${principal}' does not match principal '${info.principal}' set in 'FrameworkInfo'`,
  );
}

function validateUnchanged(known: FrameworkInfo, info: FrameworkInfo): Refusal | undefined {
  return (
    validateSamePrincipal(known, info) ??
    unsupported("user", known.user, info.user) ??
    unsupported("checkpoint", String(known.checkpoint ?? false), String(info.checkpoint ?? false))
  );
}

function validateSamePrincipal(known: FrameworkInfo, info: FrameworkInfo): Refusal | undefined {
  return unsupported("principal", known.principal ?? "", info.principal ?? "");
}

function unsupported(field: string, from: string, to: string): Refusal | undefined {
  return from === to
    ? undefined
    : refuse(`Updating 'FrameworkInfo.${field}' is unsupported; attempted to update from '${from}' to '${to}'`);
}
