import type { MasterOut } from "./out.ts";
import { keys, type SavedAgent, type SavedFramework, type SavedUnreachable } from "./saved.ts";
import type { Agent, Framework, MasterState, UnreachableAgent } from "./state.ts";

/** The most keys that one event erases beside its own saves. */
const ERASURES_AN_EVENT = 64;

export function saveFramework(framework: Framework, out: MasterOut): void {
  const saved: SavedFramework = { info: framework.info, registeredMs: framework.registeredMs };
  out.save(keys.framework(framework.id), saved);
}

export function saveAgent(agent: Agent, out: MasterOut): void {
  const { info, address, version, capabilities, registeredMs, deactivated, drain } = agent;
  const saved: SavedAgent = { info, address, version, capabilities, registeredMs, deactivated, drain };
  out.save(keys.agent(agent.id), saved);
}

export function saveUnreachable(agent: UnreachableAgent, out: MasterOut): void {
  const { info, unreachableMs, deactivated, drain } = agent;
  const saved: SavedUnreachable = { info, unreachableMs, deactivated, drain };
  out.save(keys.unreachable(agent.id), saved);
}

/** Has records erased soon, in events of their own, because one event must not carry too many. */
export function eraseLater(state: MasterState, recordKeys: Iterable<string>, nowMs: number, out: MasterOut): void {
  const idle = state.erasures.length === 0;
  for (const key of recordKeys) state.erasures.push(key);
  if (idle && state.erasures.length > 0) out.wake(nowMs, { for: "erasure" });
}

export function eraseSome(state: MasterState, nowMs: number, out: MasterOut): void {
  for (const key of state.erasures.splice(0, ERASURES_AN_EVENT)) out.erase(key);
  if (state.erasures.length > 0) out.wake(nowMs, { for: "erasure" });
}
