import type { AgentState } from "./state.ts";

/** Counts one more under a name of the metrics. */
export function count(state: AgentState, name: string): void {
  state.counters.set(name, (state.counters.get(name) ?? 0) + 1);
}
