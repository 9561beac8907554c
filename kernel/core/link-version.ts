import type { Call } from "@meseta/api/mesos/generated/link.ts";

/** Versions of the link between agents and masters that one of them speaks, both ends included. */
export interface LinkVersions {
  readonly newest: number;
  readonly oldest: number;
}

/**
 * Those of this release. A change that the other side may leave alone, such as a new field or event, needs no version of its own; one that it must
 * understand gets the next number, and the one before is spoken until all releases that know nothing newer are out of use.
 */
export const LINK_VERSIONS: LinkVersions = { newest: 1, oldest: 1 };

/** The newest version that both speak; undefined when there is none. */
export function agreedVersion(one: LinkVersions, other: LinkVersions): number | undefined {
  const newest = Math.min(one.newest, other.newest);
  return newest >= Math.max(one.oldest, other.oldest) ? newest : undefined;
}

/** What a call of an agent says of it. Who names no oldest version speaks only the one that it names. */
export function versionsOf({ link_version, oldest_link_version = link_version }: Call): LinkVersions {
  return { newest: link_version, oldest: oldest_link_version };
}

/** Why an agent cannot be let in, and which of the two is to be upgraded. */
export function strangerText(agent: LinkVersions, master: LinkVersions): string {
  const [older, first] = agent.newest < master.oldest ? ["agent", "that agent"] : ["master", "the masters"];
  return `The agent speaks ${shown(agent)} of the agent link, this master ${shown(master)}: the ${older} is of too old a release. Upgrade ${first} first`;
}

function shown({ newest, oldest }: LinkVersions): string {
  return newest === oldest ? `version ${newest}` : `versions ${oldest} to ${newest}`;
}
