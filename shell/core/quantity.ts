// What a list of resources amounts to, in the words of tables.
import type { Attribute, Resource, ValueRange } from "@meseta/api/mesos/generated/mesos.ts";
import { decimal, mebibytesOf } from "./amounts.ts";

/** The sum of a scalar over a list, whatever the role or reservation. */
export function amount(resources: readonly Resource[] | undefined, name: string): number {
  let milli = 0;
  for (const resource of resources ?? [])
    if (resource.name === name && resource.scalar) milli += Math.round(resource.scalar.value * 1000);
  return milli / 1000;
}

/** "0.4 / 8": used and whole; sizes with the unit of the whole. */
export function usedOf(
  used: readonly Resource[] | undefined,
  total: readonly Resource[] | undefined,
  name: string,
): string {
  const [part, whole] = [amount(used, name), amount(total, name)];
  return name === "mem" || name === "disk" ? mebibytesOf(part, whole) : `${decimal(part)} / ${decimal(whole)}`;
}

/** A list as people write it on the command line: "cpus:4;mem:2048;ports:[31000-32000]", alike entries summed. */
export function listResources(resources: readonly Resource[] | undefined): string {
  const scalars = new Map<string, number>();
  const others: string[] = [];
  for (const resource of resources ?? []) {
    if (resource.scalar) scalars.set(resource.name, amount(resources, resource.name));
    else if (resource.ranges) others.push(`${resource.name}:[${ranges(resource.ranges.range)}]`);
    else others.push(`${resource.name}:{${(resource.set?.item ?? []).join(",")}}`);
  }
  return [...[...scalars].map(([name, value]) => `${name}:${decimal(value)}`), ...others].join(";");
}

function ranges(all: readonly ValueRange[] | undefined): string {
  return (all ?? []).map(({ begin, end }) => (begin === end ? `${begin}` : `${begin}-${end}`)).join(", ");
}

/** The ports of a list: "31000-31005, 31010". */
export function ports(resources: readonly Resource[] | undefined): string {
  return ranges(
    (resources ?? []).flatMap((resource) => (resource.name === "ports" ? (resource.ranges?.range ?? []) : [])),
  );
}

/** "rack:a;zone:b", as `--attributes` takes them. */
export function listAttributes(attributes: readonly Attribute[] | undefined): string {
  return (attributes ?? []).map((attribute) => `${attribute.name}:${attributeValue(attribute)}`).join(";");
}

export function attributeValue(attribute: Attribute): string {
  if (attribute.text) return attribute.text.value;
  if (attribute.scalar) return decimal(attribute.scalar.value);
  if (attribute.ranges) return `[${ranges(attribute.ranges.range)}]`;
  return `{${(attribute.set?.item ?? []).join(",")}}`;
}

/** The role that resources are reserved for, the last of their stack, or undefined. */
export function reservedRole(resource: Resource): string | undefined {
  return (
    resource.reservations?.at(-1)?.role ??
    (resource.role !== undefined && resource.role !== "*" ? resource.role : undefined)
  );
}
