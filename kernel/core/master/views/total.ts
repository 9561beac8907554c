import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { sum } from "@meseta/api/mesos/resources/bag.ts";
import type { FlatResources } from "@meseta/api/mesos/resources/flatten.ts";
import { fromMilli } from "@meseta/api/mesos/resources/scalar.ts";
import { milliOf } from "@meseta/api/mesos/resources/value.ts";
import { flat } from "./flat.ts";

/** What was added up. */
export interface Sum {
  /** As Resource objects, allocated ones by role. */
  list(): Resource[];
  /** As the endpoints older than the v1 API write them. */
  flat(): FlatResources;
}

/**
 * Adds up the resources of many tasks. Nearly all of them are plain scalars (no reservation, no disk …), which need no look at
 * identities: those are added by name and role. There are few of these, so they are found fastest by looking at each.
 */
export class Total implements Sum {
  readonly #names: string[] = [];
  readonly #roles: (string | undefined)[] = [];
  readonly #milli: number[] = [];
  readonly #others: Resource[] = [];

  add(resources: readonly Resource[] | undefined): void {
    if (resources === undefined) return;
    for (const resource of resources) {
      if (isPlain(resource)) this.#addPlain(resource.name, resource.allocation_info?.role, milliOf(resource));
      else this.#others.push(resource);
    }
  }

  list(): Resource[] {
    const out: Resource[] = [];
    for (const [at, milli] of this.#milli.entries())
      if (milli > 0) out.push(scalar(this.#names[at]!, milli, this.#roles[at]));
    return this.#others.length === 0 ? out : sum([out, this.#others]);
  }

  flat(): FlatResources {
    return flat(this.list());
  }

  #addPlain(name: string, role: string | undefined, milli: number): void {
    const names = this.#names;
    for (let at = 0; at < names.length; at++)
      if (names[at] === name && this.#roles[at] === role) {
        this.#milli[at]! += milli;
        return;
      }
    names.push(name);
    this.#roles.push(role);
    this.#milli.push(milli);
  }
}

function isPlain({ type, disk, revocable, shared, provider_id, reservations }: Resource): boolean {
  return (
    type === "SCALAR" &&
    disk === undefined &&
    revocable === undefined &&
    shared === undefined &&
    provider_id === undefined &&
    (reservations === undefined || reservations.length === 0)
  );
}

function scalar(name: string, milli: number, role: string | undefined): Resource {
  const resource: Resource = { name, type: "SCALAR", scalar: { value: fromMilli(milli) } };
  return role === undefined ? resource : { ...resource, allocation_info: { role } };
}
