import { updateRoles } from "../fleet/roles.ts";
import type { Instance, Kept } from "../instance/instance.ts";
import type { InitOut } from "../out.ts";
import type { InitState } from "../state.ts";

/** Something that is kept on an agent and nobody's any more. Stored, since the role may have no service left by which the next life would come to see it. */
export interface Release {
  readonly instanceId: string;
  readonly role: string;
  readonly agentId: string;
  /** When it was given up looking for: what comes back later is given back when it is seen. */
  readonly untilMs: number;
  /** The operation by which it was given back last: when its agent says that it is done, nothing is left. */
  readonly operationId?: string | undefined;
}

/** What was kept for the instance is to be given back. */
export function noteRelease(state: InitState, { id, role }: Instance, kept: Kept, nowMs: number, out: InitOut): void {
  keep(state, { instanceId: id, role, agentId: kept.host.agent_id.value, untilMs: nowMs + LOOKED_FOR_MS }, out);
  state.demand.isNew.add(role);
  state.demand.isChanged = true;
}

/** What was to be given back when an earlier life ended: looked for anew, since the clock may have been set in between. */
export function loadRelease({ releases }: InitState, release: Release, nowMs: number): void {
  releases.set(keyOf(release), { ...release, untilMs: nowMs + LOOKED_FOR_MS });
}

/**
 * An offer shows it, and it is given back: by the operation whose new id is returned. That later offers do not show it says only that the master has heard of
 * it: an agent that dies before it has comes back with what it had.
 */
export function noteGivenBack(state: InitState, kept: Omit<Release, "untilMs">, nowMs: number, out: InitOut): string {
  const operationId = state.random.uuid();
  keep(state, { ...kept, operationId, untilMs: nowMs + LOOKED_FOR_MS }, out);
  return operationId;
}

/** An operation was carried out by its agent: what it gave back needs no more to be looked for. */
export function operationDone(state: InitState, operationId: string, out: InitOut): void {
  const done = state.releases.values().find((release) => release.operationId === operationId);
  if (done !== undefined) forget(state, [done], out);
}

/** Those that were looked for long enough are looked for no more. */
export function forgetReleases(state: InitState, nowMs: number, out: InitOut): void {
  forget(
    state,
    [...state.releases.values()].filter(({ untilMs }) => nowMs >= untilMs),
    out,
  );
}

function keep({ releases }: InitState, release: Release, out: InitOut): void {
  releases.set(keyOf(release), release);
  out.save(recordKey(keyOf(release)), release);
}

function forget(state: InitState, releases: readonly Release[], out: InitOut): void {
  for (const release of releases) {
    state.releases.delete(keyOf(release));
    out.erase(recordKey(keyOf(release)));
  }
  state.demand.isChanged = true;
  updateRoles(state, out);
}

// What was reserved in vain on one agent may turn out to be there after the instance has been reserved for on another.
const keyOf = ({ instanceId, agentId }: Release): string => `${instanceId}@${agentId}`;

const recordKey = (key: string): string => `release/${key}`;

// An agent that is gone for so long offers nothing; waiting for it would keep all other offers coming.
const LOOKED_FOR_MS = 600_000;
