import type { MasterOut } from "./out.ts";
import { eraseLater } from "./records.ts";
import { keys } from "./saved.ts";
import type { MasterConfig, MasterState } from "./state.ts";

export const GC_INTERVAL_MS = 15 * 60_000;

/** Forgets agents that have been unreachable, gone or removed for long, or are too many, the oldest first; and does so again in a quarter of an hour. */
export function collectRegistry(state: MasterState, nowMs: number, out: MasterOut): void {
  const old: string[] = [];
  forget(
    state.unreachableAgents,
    state.config,
    (agent) => agent.unreachableMs,
    nowMs,
    (id) => old.push(keys.unreachable(id)),
  );
  forget(
    state.goneAgents,
    state.config,
    (agent) => agent.goneMs,
    nowMs,
    (id) => old.push(keys.gone(id)),
  );
  forget(
    state.removedAgents,
    state.config,
    (agent) => agent.removedMs,
    nowMs,
    (id) => old.push(keys.removedAgent(id)),
  );
  eraseLater(state, old, nowMs, out);
  out.wake(nowMs + GC_INTERVAL_MS, { for: "registry-gc" });
}

function forget<T>(
  agents: Map<string, T>,
  { registryMaxAgents, registryMaxAgeMs }: MasterConfig,
  sinceMs: (agent: T) => number,
  nowMs: number,
  forgotten: (id: string) => void,
): void {
  let excess = agents.size - registryMaxAgents;
  for (const [id, agent] of [...agents].sort(([, a], [, b]) => sinceMs(a) - sinceMs(b))) {
    if (excess <= 0 && sinceMs(agent) + registryMaxAgeMs > nowMs) return;
    excess--;
    agents.delete(id);
    forgotten(id);
  }
}
