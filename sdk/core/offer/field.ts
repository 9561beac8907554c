import type { Attribute, Offer } from "@meseta/api/mesos/generated/mesos.ts";
import { normaliseRanges } from "@meseta/api/mesos/resources/ranges.ts";

export type Located = Pick<Offer, "hostname" | "domain" | "attributes">;

/** The value of a constraint's field at an agent, as text: the host, region or zone, else the attribute of that name. Undefined when there is none. */
export function fieldValue(field: string, agent: Located): string | undefined {
  switch (field) {
    case "hostname":
    case "@hostname":
      return agent.hostname;
    case "@region":
      return agent.domain?.fault_domain?.region.name;
    case "@zone":
      return agent.domain?.fault_domain?.zone.name;
  }
  const attribute = agent.attributes?.find(({ name }) => name === field);
  return attribute && textOf(attribute);
}

/** The values of several fields, to be remembered with what runs there. */
export function fieldsAt(fields: readonly string[], agent: Located): Record<string, string> {
  const values: Record<string, string> = {};
  for (const field of fields) {
    const value = fieldValue(field, agent);
    if (value !== undefined) values[field] = value;
  }
  return values;
}

/** Text as it is, scalars with at most three decimals, ranges `[1-2,4-5]`, sets `{a,b}` sorted. */
export function textOf(attribute: Attribute): string {
  switch (attribute.type) {
    case "SCALAR":
      return scalarText(attribute.scalar?.value ?? 0);
    case "RANGES":
      return `[${normaliseRanges(attribute.ranges?.range ?? [])
        .map(({ begin, end }) => `${begin}-${end}`)
        .join(",")}]`;
    case "SET":
      return `{${[...(attribute.set?.item ?? [])].sort().join(",")}}`;
    case "TEXT":
      return attribute.text?.value ?? "";
  }
}

/** The number rounded to three decimals, halves to the even neighbour: 1 for 1.0004, 0.002 for 0.0015 and 0.0025. */
export function scalarText(value: number): string {
  const scaled = value * 1000;
  const below = Math.floor(scaled);
  const rest = scaled - below;
  const up = rest > 0.5 || (rest === 0.5 && below % 2 !== 0);
  return String((up ? below + 1 : below) / 1000);
}
