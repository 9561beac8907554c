import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { sum } from "@meseta/api/mesos/resources/bag.ts";
import { type FlatResources, flattenResources } from "@meseta/api/mesos/resources/flatten.ts";
import { fromMilli } from "@meseta/api/mesos/resources/scalar.ts";
import { milliOf } from "@meseta/api/mesos/resources/value.ts";

/**
 * Adds up the resources of many tasks. Nearly all of them are plain scalars (no reservation, no disk …), which need no look at
 * identities: those are added by name and role, so that a framework of 40,000 tasks is summed in a few milliseconds.
 */
export class Total {
  readonly #plain = new Map<string, Map<string, number>>();
  readonly #others: Resource[] = [];

  add(resources: readonly Resource[] | undefined): void {
    if (resources === undefined) return;
    for (const resource of resources) {
      if (!isPlain(resource)) this.#others.push(resource);
      else this.#addPlain(resource.name, resource.allocation_info?.role ?? "", milliOf(resource));
    }
  }

  /** As Resource objects, allocated ones by role. */
  list(): Resource[] {
    const out: Resource[] = [];
    for (const [role, amounts] of this.#plain)
      for (const [name, milli] of amounts) if (milli > 0) out.push(scalar(name, milli, role));
    return this.#others.length === 0 ? out : sum([out, this.#others]);
  }

  /** As the endpoints older than the v1 API write them. */
  flat(): FlatResources {
    return flattenResources(this.list());
  }

  #addPlain(name: string, role: string, milli: number): void {
    let amounts = this.#plain.get(role);
    if (amounts === undefined) this.#plain.set(role, (amounts = new Map()));
    amounts.set(name, (amounts.get(name) ?? 0) + milli);
  }
}

function isPlain(resource: Resource): boolean {
  return (
    resource.type === "SCALAR" &&
    resource.disk === undefined &&
    resource.revocable === undefined &&
    resource.shared === undefined &&
    resource.provider_id === undefined &&
    (resource.reservations === undefined || resource.reservations.length === 0)
  );
}

function scalar(name: string, milli: number, role: string): Resource {
  const resource: Resource = { name, type: "SCALAR", scalar: { value: fromMilli(milli) } };
  return role === "" ? resource : { ...resource, allocation_info: { role } };
}
