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
  /** Whether an offer has shown it in this life, and it was given back. */
  readonly isSeen?: boolean | undefined;
}

/** What was kept for the instance is to be given back. */
export function noteRelease(state: InitState, { id, role }: Instance, kept: Kept, nowMs: number, out: InitOut): void {
  const release = { instanceId: id, role, agentId: kept.host.agent_id.value, untilMs: nowMs + LOOKED_FOR_MS };
  const key = keyOf(release);
  state.releases.set(key, release);
  out.save(recordKey(key), release);
  state.demand.isNew.add(role);
  state.demand.isChanged = true;
}

/** What was to be given back when an earlier life ended. A clock that was set back does not make the search longer. */
export function loadRelease({ releases }: InitState, release: Release, nowMs: number): void {
  releases.set(keyOf(release), { ...release, untilMs: Math.min(release.untilMs, nowMs + LOOKED_FOR_MS) });
}

/** An offer has shown it, and it was given back with that offer: should that come to nothing, the next offers show it again soon. */
export function noteSeen({ releases }: InitState, release: Release, nowMs: number): void {
  releases.set(keyOf(release), { ...release, isSeen: true, untilMs: nowMs + SHOWN_AGAIN_MS });
}

/** It was given back, or looked for long enough. */
export function forgetRelease({ releases }: InitState, release: Release, out: InitOut): void {
  const key = keyOf(release);
  releases.delete(key);
  out.erase(recordKey(key));
}

/** Those that were looked for long enough are looked for no more. */
export function forgetReleases(state: InitState, nowMs: number, out: InitOut): void {
  for (const release of state.releases.values()) if (nowMs >= release.untilMs) forgetRelease(state, release, out);
  state.demand.isChanged = true;
  updateRoles(state, out);
}

// What was reserved in vain on one agent may turn out to be there after the instance has been reserved for on another.
const keyOf = ({ instanceId, agentId }: Release): string => `${instanceId}@${agentId}`;

const recordKey = (key: string): string => `release/${key}`;

// An agent that is gone for so long offers nothing; waiting for it would keep all other offers coming.
const LOOKED_FOR_MS = 600_000;
const SHOWN_AGAIN_MS = 60_000;
