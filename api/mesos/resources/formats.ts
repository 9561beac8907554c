import type { Resource, ResourceReservationInfo } from "../generated/mesos.ts";
import { type Refusal, refuse } from "../refusal.ts";
import { printResource } from "./print.ts";

/**
 * Reservations are written in two ways. Before reservations could be refined a resource had one `role` and, when the reservation was made by an
 * operation, a `reservation`; since then it has a stack, `reservations`. Everything inside works with the stack.
 */

/** The resource with a stack, from either form. The form that carries both (as GET_AGENTS answers) is taken by its stack. */
export function upgrade(resource: Resource): Resource {
  if (resource.role === undefined && resource.reservation === undefined) return resource;
  const { role, reservation, ...rest } = resource;
  if ((rest.reservations?.length ?? 0) > 0) return rest;
  if (reservation !== undefined)
    return { ...rest, reservations: [{ ...reservation, type: "DYNAMIC", role: role ?? "*" }] };
  if (role === undefined || role === "*") return rest;
  return { ...rest, reservations: [{ type: "STATIC", role }] };
}

export function upgradeAll(resources: readonly Resource[]): Resource[] {
  return resources.map(upgrade);
}

/** The resource as a peer without RESERVATION_REFINEMENT reads it. Refused when that form cannot say it. */
export function downgrade(resource: Resource): Resource | Refusal {
  const { reservations = [], ...rest } = resource;
  const [only, ...more] = reservations;
  if (more.length > 0)
    return refuse(
      `Resource '${printResource(resource)}' has refined reservations, which the receiver does not understand`,
    );
  if (only === undefined) return { ...rest, role: "*" };
  if (only.type === "DYNAMIC") return { ...rest, role: only.role ?? "*", reservation: unstacked(only) };
  if (only.principal === undefined && only.labels === undefined) return { ...rest, role: only.role ?? "*" };
  return refuse(
    `Resource '${printResource(resource)}' has a labelled static reservation, which the receiver does not understand`,
  );
}

/** As `downgrade`, of all; what cannot be said is left out, as it is from the offers to such a framework. */
export function downgradeAll(resources: readonly Resource[]): Resource[] {
  return resources.map(downgrade).filter((outcome) => !("message" in outcome)) as Resource[];
}

/** The resource with both forms, as the operator API and the `_full` fields of the older endpoints answer. */
export function inBothForms(resource: Resource): Resource {
  const reservations = resource.reservations ?? [];
  if (reservations.length > 1) return resource;
  const older = downgrade(resource);
  if (!("name" in older)) return { ...resource, role: reservations[0]?.role ?? "*" };
  return reservations.length === 0 ? older : { ...older, reservations };
}

function unstacked({ principal, labels }: ResourceReservationInfo): ResourceReservationInfo {
  return { ...(principal === undefined ? {} : { principal }), ...(labels === undefined ? {} : { labels }) };
}
