import { flattenResources } from "@meseta/api/mesos/resources/flatten.ts";
import type { AgentExplanation, ReasonCode, RoleExplanation } from "../allocator/allocator.ts";
import type { Framework, MasterState } from "./state.ts";
import { statesOf } from "./views/task-states.ts";

/**
 * Why a framework has what it has and got no more: its connection, its offers and tasks, and role by role and agent by agent why no offer
 * was made. The answer of GET /explain; names as on the wire, times in seconds since 1970, resources in the wire's units. Undefined
 * when no such framework is known.
 */
export function explainFramework(
  state: MasterState,
  id: string,
  nowMs: number,
  agentLimit?: number,
): object | undefined {
  const framework = state.frameworks.get(id);
  if (framework === undefined) return explainRemoved(state, id);
  const { active, roles } = state.allocator.explain(id, nowMs, agentLimit);
  const lastOfferMs = Math.max(...roles.map(({ lastOfferMs: ms }) => ms ?? Number.NEGATIVE_INFINITY));
  return {
    framework_id: id,
    name: framework.info.name,
    connection: framework.connection,
    active,
    summary: summarise(framework, roles),
    last_offer_time: Number.isFinite(lastOfferMs) ? lastOfferMs / 1000 : undefined,
    seconds_since_last_offer: Number.isFinite(lastOfferMs) ? (nowMs - lastOfferMs) / 1000 : undefined,
    offers: [...framework.offers].flatMap((offerId) => explainOffer(state, offerId)),
    tasks: Object.fromEntries(statesOf(framework)),
    roles: roles.map((role) => explainRole(state, role)),
  };
}

/** A sentence for each reason; the reference page of GET /explain lists them. */
export const REASONS: Readonly<Record<ReasonCode, string>> = {
  FRAMEWORK_INACTIVE: "the framework is not connected, so no offers go to it",
  ROLE_SUPPRESSED: "the framework suppressed offers for this role; REVIVE brings them back",
  WAITING_FOR_AGENTS: "after a restart the master waits until most agents are back, so that guarantees can be kept",
  AGENT_DEACTIVATED: "the agent is disconnected, drained or deactivated",
  AGENT_NOT_WHITELISTED: "the agent is not on the whitelist",
  NOTHING_LEFT: "everything on the agent is in use or offered",
  RESERVED_FOR_OTHERS: "what is left on the agent is reserved for other roles",
  OFFER_CONSTRAINT: "the framework's own offer constraints exclude the agent",
  GPU_AGENT: "the agent has GPUs, which are kept for frameworks with the capability GPU_RESOURCES",
  REMOTE_REGION: "the agent is in another region, and the framework lacks the capability REGION_AWARE",
  QUOTA_LIMIT: "the role has reached its quota limit",
  QUOTA_HEADROOM: "what is left is held back for the guarantees of other roles",
  BELOW_MIN_ALLOCATABLE: "what is left is less than the smallest offer",
  FILTERED: "the framework declined such an offer, and its filter still holds",
  NONE: "nothing is in the way: the next allocation offers it",
};

function explainRemoved({ completedFrameworks, removedFrameworks }: MasterState, id: string): object | undefined {
  const completed = completedFrameworks.get(id);
  if (completed === undefined && !removedFrameworks.has(id)) return undefined;
  const summary = "the framework was removed; its id cannot be used again, so it must subscribe without one";
  const removed =
    completed === undefined ? {} : { name: completed.info.name, removed_time: completed.unregisteredMs / 1000 };
  return {
    framework_id: id,
    ...removed,
    connection: "removed",
    active: false,
    summary,
    offers: [],
    tasks: {},
    roles: [],
  };
}

function summarise(framework: Framework, roles: readonly RoleExplanation[]): string {
  if (framework.connection !== "connected") return "the framework is not connected: it must subscribe";
  if (roles.length === 0) return "the framework is subscribed to no role";
  if (roles.every(({ suppressed }) => suppressed)) return REASONS.ROLE_SUPPRESSED;
  const counts = new Map<ReasonCode, number>();
  for (const { reasons } of roles)
    for (const [reason, n] of Object.entries(reasons) as [ReasonCode, number][])
      counts.set(reason, (counts.get(reason) ?? 0) + n);
  if (counts.size === 0) return "there are no agents";
  const [[most, n]] = [...counts].sort(([, a], [, b]) => b - a) as [[ReasonCode, number]];
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return `on ${n} of ${total} agents: ${REASONS[most]}`;
}

function explainOffer(state: MasterState, id: string): object[] {
  const outstanding = state.offers.get(id);
  if (outstanding === undefined) return [];
  const { offer, role, sentMs } = outstanding;
  const resources = flattenResources(offer.resources ?? []);
  return [{ id, agent_id: offer.agent_id.value, hostname: offer.hostname, role, sent_time: sentMs / 1000, resources }];
}

function explainRole(state: MasterState, role: RoleExplanation): object {
  return {
    role: role.role,
    suppressed: role.suppressed,
    weight: state.weights.get(role.role) ?? 1,
    dominant_share: role.dominantShare,
    last_offer_time: role.lastOfferMs === undefined ? undefined : role.lastOfferMs / 1000,
    last_use_time: role.lastUseMs / 1000,
    quota: role.quota,
    reasons: role.reasons,
    agents: role.agents.map(explainAgent),
  };
}

function explainAgent({
  agentId,
  hostname,
  reasons: [reason, ...others],
  free,
  filter,
  holders,
  constraint,
  offerable,
}: AgentExplanation): object {
  return {
    agent_id: agentId,
    hostname,
    reason: reason!,
    why: REASONS[reason!],
    also: others.length === 0 ? undefined : others.map((other) => ({ reason: other, why: REASONS[other] })),
    free,
    filter: filter && { until_time: filter.untilMs / 1000, refused: flattenResources(filter.refused) },
    holders: holders?.map((holder) => ({
      framework_id: holder.frameworkId,
      role: holder.role,
      quantities: holder.quantities,
    })),
    constraint,
    offerable,
  };
}
