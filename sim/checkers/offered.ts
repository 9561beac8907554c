import type { Offer } from "@meseta/api/mesos/generated/mesos.ts";
import { Violation } from "./violation.ts";

/** What is reserved for a role is offered to that one, and to those below it. */
export function checkOffered({ id, allocation_info, resources = [] }: Offer): void {
  const to = allocation_info?.role ?? "*";
  for (const { name, reservations = [] } of resources) {
    const role = reservations.at(-1)?.role ?? to;
    if (to !== role && !to.startsWith(`${role}/`))
      throw new Violation(`I2: offer ${id.value} to ${to} has ${name} that is reserved for ${role}`);
  }
}
