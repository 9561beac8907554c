import type { Instance, Kept } from "../instance/instance.ts";
import type { InitState } from "../state.ts";

/** Something that is kept on an agent and nobody's any more. */
export interface Release {
  readonly role: string;
  readonly agentId: string;
  /** When it was given up looking for: what comes back later is given back when it is seen. */
  readonly untilMs: number;
}

/** What was kept for the instance is to be given back. */
export function noteRelease(state: InitState, { id, role }: Instance, kept: Kept, nowMs: number): void {
  state.releases.set(id, { role, agentId: kept.host.agent_id.value, untilMs: nowMs + LOOKED_FOR_MS });
  state.demand.isNew.add(role);
  state.demand.isChanged = true;
}

/** Those that were looked for long enough are looked for no more. */
export function forgetReleases({ releases, demand }: InitState, nowMs: number): void {
  for (const [id, { untilMs }] of releases) if (nowMs >= untilMs) releases.delete(id);
  demand.isChanged = true;
}

// An agent that is gone for so long offers nothing; waiting for it would keep all other offers coming.
const LOOKED_FOR_MS = 600_000;
