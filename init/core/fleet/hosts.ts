import type { Attribute, Offer } from "@meseta/api/mesos/generated/mesos.ts";
import { textOf } from "@meseta/sdk/core/offer/field.ts";
import type { Host } from "../instance/instance.ts";
import type { InitState } from "../state.ts";

/** The agent of an offer as its instances remember it: one object for all of them, with every value that a constraint could ever name. */
export function hostOf(state: Pick<InitState, "hosts">, offer: Offer): Host {
  const known = state.hosts.get(offer.agent_id.value);
  const host = describe(offer);
  if (known !== undefined && JSON.stringify(known) === JSON.stringify(host)) return known;
  state.hosts.set(offer.agent_id.value, host);
  if (state.hosts.size > MOST_HOSTS) state.hosts.delete(state.hosts.keys().next().value!);
  return host;
}

const MOST_HOSTS = 50_000;

/** The fields that constraints name, each once. */
export function fieldsOf(constraints: readonly { readonly fieldName: string }[]): string[] {
  return [...new Set(constraints.map(({ fieldName }) => fieldName))];
}

function describe({ agent_id, hostname, domain, attributes }: Offer): Host {
  const region = domain?.fault_domain?.region.name;
  const zone = domain?.fault_domain?.zone.name;
  return {
    agent_id,
    hostname,
    ...(region !== undefined && { region }),
    ...(zone !== undefined && { zone }),
    places: {
      ...valuesOf(attributes ?? []),
      hostname,
      "@hostname": hostname,
      ...(region !== undefined && { "@region": region }),
      ...(zone !== undefined && { "@zone": zone }),
    },
  };
}

// The first of a name counts, as for constraints.
function valuesOf(attributes: readonly Attribute[]): Record<string, string> {
  return Object.fromEntries([...attributes].reverse().map((attribute) => [attribute.name, textOf(attribute)]));
}
