import type { InverseOfferStatus } from "@meseta/api/mesos/generated/allocator.ts";
import { agentOf } from "./agents.ts";
import type { InverseOfferDraft } from "./allocator.ts";
import { frameworkOf } from "./frameworks.ts";
import { refusalMs } from "./refusal.ts";
import type { Agent, Framework, InverseState, State } from "./state.ts";

/**
 * Maintenance: each active framework that has something offered or allocated on an agent with an unavailability is asked to leave it, one
 * question at a time. Answers are only recorded; an inverse filter holds the next question back by time alone.
 */
export function inverseOffers(state: State, nowMs: number): InverseOfferDraft[] {
  for (const atMs of state.inverseDue) {
    if (atMs > nowMs) continue;
    state.inverseDue.delete(atMs);
    state.inverseDirty = true;
  }
  if (!state.inverseDirty) return [];
  state.inverseDirty = false;
  const out: InverseOfferDraft[] = [];
  for (const agent of state.agents.values()) {
    if (agent.settings.unavailability !== undefined && agent.offerable) askAll(state, agent, nowMs, out);
  }
  return out;
}

export function respondInverse(
  state: State,
  frameworkId: string,
  agentId: string,
  status: "ACCEPT" | "DECLINE",
  refuseSeconds: number | undefined,
  nowMs: number,
): void {
  const framework = frameworkOf(state, frameworkId);
  const agent = agentOf(state, agentId);
  answersOf(agent).set(frameworkId, { outstanding: false, status, atMs: nowMs });
  const untilMs = nowMs + Math.max(refusalMs(refuseSeconds), state.options.allocationIntervalMs);
  framework.inverseFilters.set(agent.index, untilMs);
  state.inverseDue.add(untilMs);
}

export function recallInverse(state: State, frameworkId: string, agentId: string): void {
  const asked = state.agents.get(agentId)?.inverse?.get(frameworkId);
  if (asked === undefined) return;
  asked.outstanding = false;
  state.inverseDirty = true;
}

/** The answers that were given, UNKNOWN for those who were asked and have not answered. */
export function inverseStatuses(state: State, agentId: string): InverseOfferStatus[] {
  return [...(agentOf(state, agentId).inverse ?? [])].map(([frameworkId, { status, atMs }]) => ({
    status: status ?? "UNKNOWN",
    framework_id: { value: frameworkId },
    timestamp: { nanoseconds: atMs * 1_000_000 },
  }));
}

function askAll(state: State, agent: Agent, nowMs: number, out: InverseOfferDraft[]): void {
  const frameworks = new Set<Framework>();
  for (const index of agent.holds.keys()) frameworks.add(state.clients[index]!.framework);
  for (const framework of frameworks) {
    const asked = agent.inverse?.get(framework.id);
    if (!framework.active || asked?.outstanding || isFiltered(framework, agent, nowMs)) continue;
    answersOf(agent).set(framework.id, { outstanding: true, status: asked?.status, atMs: asked?.atMs ?? nowMs });
    out.push({ frameworkId: framework.id, agentId: agent.id, unavailability: agent.settings.unavailability! });
  }
}

function answersOf(agent: Agent): Map<string, InverseState> {
  agent.inverse ??= new Map();
  return agent.inverse;
}

function isFiltered(framework: Framework, agent: Agent, nowMs: number): boolean {
  const untilMs = framework.inverseFilters.get(agent.index);
  if (untilMs === undefined) return false;
  if (untilMs > nowMs) return true;
  framework.inverseFilters.delete(agent.index);
  return false;
}
