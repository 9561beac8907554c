import type { OfferOperationReserve, OfferOperationUnreserve, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { firstRefusal, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import { reservationRole } from "@meseta/api/mesos/resources/identity.ts";
import { printResource } from "@meseta/api/mesos/resources/print.ts";
import { isDynamicallyReserved, isPersistentVolume, isRefined } from "@meseta/api/mesos/resources/select.ts";
import { validateResources } from "@meseta/api/mesos/resources/validate.ts";
import { type OperationContext, understands } from "./asker.ts";
import { rolesOf } from "./framework.ts";

/** RESERVE: dynamic reservations, all by one provider, for a role of the asker, in the asker's own name. `source` is for operators. */
export function validateReserve(
  { resources = [], source = [] }: OfferOperationReserve,
  context: OperationContext,
): Refusal | undefined {
  if (resources.length === 0) return refuse("no resources are given");
  return (
    validateResources(resources) ??
    validateSource(source, resources, context) ??
    validateProviders(resources) ??
    firstRefusal(resources, (resource) => validateReservation(resource, context))
  );
}

/** UNRESERVE: what an operation reserved, and nothing that a volume stands on. */
export function validateUnreserve({ resources = [] }: OfferOperationUnreserve): Refusal | undefined {
  if (resources.length === 0) return refuse("no resources are given");
  return (
    validateResources(resources) ??
    validateProviders(resources) ??
    firstRefusal(resources, (resource) => {
      if (!isDynamicallyReserved(resource))
        return refuse(`Resource ${printResource(resource)} is not dynamically reserved`);
      if (!isPersistentVolume(resource)) return undefined;
      return refuse(
        `A dynamically reserved persistent volume ${printResource(resource)} cannot be unreserved directly. Please destroy the persistent volume first then unreserve the resource`,
      );
    })
  );
}

/** Resources of one operation are all the agent's own, or all of one resource provider. */
export function validateProviders(resources: readonly Resource[]): Refusal | undefined {
  const providers = new Set(resources.map(({ provider_id }) => provider_id?.value));
  return providers.size > 1 ? refuse("The resources have several resource providers") : undefined;
}

function validateSource(
  source: readonly Resource[],
  resources: readonly Resource[],
  { framework }: OperationContext,
): Refusal | undefined {
  if (source.length === 0) return undefined;
  if (framework !== undefined) return refuse("Only an operator can change reservations with 'source'");
  const invalid = validateResources(source) ?? validateProviders([...source, ...resources]);
  if (invalid !== undefined) return invalid;
  if (source.some(isPersistentVolume)) return refuse("Persistent volumes in 'source' cannot be reserved otherwise");
  return alike(source) ?? alike(resources);
}

// A change is from one stack of reservations to one other: a mixture would not say which becomes which.
function alike(resources: readonly Resource[]): Refusal | undefined {
  const stacks = new Set(
    resources.map(({ reservations = [] }) =>
      JSON.stringify(reservations.map(({ type, role, principal, labels }) => [type, role, principal, labels])),
    ),
  );
  return stacks.size > 1
    ? refuse("'source' and 'resources' must each have one and the same reservations throughout")
    : undefined;
}

function validateReservation(resource: Resource, context: OperationContext): Refusal | undefined {
  const text = printResource(resource);
  if (!isDynamicallyReserved(resource)) return refuse(`Resource ${text} is not dynamically reserved`);
  if (isPersistentVolume(resource)) return refuse(`Resource ${text} is a persistent volume, which cannot be reserved`);
  if (isRefined(resource) && !understands(context.framework, "RESERVATION_REFINEMENT"))
    return refuse(
      `Resource ${text} has refined reservations, but the framework lacks the capability RESERVATION_REFINEMENT`,
    );
  return validateRole(resource, context) ?? validatePrincipal(resource, context);
}

function validateRole(resource: Resource, { framework }: OperationContext): Refusal | undefined {
  if (framework === undefined) return undefined;
  const role = reservationRole(resource)!;
  const roles = rolesOf(framework);
  if (!roles.includes(role))
    return refuse(
      `A reserve operation was attempted for a resource with role '${role}', but the framework can only reserve resources with roles '${roles.join(", ")}'`,
    );
  const allocated = resource.allocation_info?.role;
  if (allocated === undefined || allocated === role) return undefined;
  return refuse(
    `A reserve operation was attempted for a resource with role '${role}', but the resource is allocated to role '${allocated}'`,
  );
}

function validatePrincipal(resource: Resource, { principal }: OperationContext): Refusal | undefined {
  const given = resource.reservations!.at(-1)!.principal;
  if (principal === undefined || given === principal) return undefined;
  const which = given === undefined ? "with no principal" : `with principal '${given}'`;
  return refuse(
    `A reserve operation was attempted by principal '${principal}', but there is a reserved resource in the request ${which} set in \`ReservationInfo\``,
  );
}
