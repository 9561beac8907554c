import { quantityOf } from "@meseta/api/mesos/resources/value.ts";
import { resourcesOfHold, scalarsOfRow } from "./agents.ts";
import type { AgentExplanation, Explanation, Quantities, ReasonCode, RoleExplanation } from "./allocator.ts";
import { firstFailure } from "./constraints.ts";
import { filtersOf } from "./filters.ts";
import { frameworkOf } from "./frameworks.ts";
import type { Piece } from "./parcel.ts";
import { barrier, createPortion, measure, type Portion } from "./portion.ts";
import type { Top } from "./quota.ts";
import { quantitiesOf } from "./space.ts";
import { isGated } from "./stages.ts";
import type { Agent, Client, Framework, State } from "./state.ts";
import { currentShare } from "./tree.ts";

/** Why a framework got no offer: each pair is judged by the very functions that a run uses, and nothing is changed. */
export function explain(state: State, frameworkId: string, nowMs: number, agentLimit: number): Explanation {
  const framework = frameworkOf(state, frameworkId);
  const gated = isGated(state, nowMs);
  const roles = [...framework.clients.values()]
    .filter((client) => client.subscribed)
    .map((client) => explainRole(state, framework, client, gated, agentLimit));
  return { frameworkId, active: framework.active, roles };
}

function explainRole(
  state: State,
  framework: Framework,
  client: Client,
  gated: boolean,
  agentLimit: number,
): RoleExplanation {
  const reasons: Partial<Record<ReasonCode, number>> = {};
  const agents: AgentExplanation[] = [];
  const portion = createPortion();
  for (const agent of state.agents.values()) {
    const reason = reasonFor(state, framework, client, agent, gated, portion);
    reasons[reason] = (reasons[reason] ?? 0) + 1;
    if (agents.length < agentLimit) agents.push(explainAgent(state, client, agent, reason, portion));
  }
  const quota = client.top.config === undefined ? undefined : explainQuota(state, client.top);
  return {
    role: client.role,
    suppressed: client.suppressed,
    ...(client.lastOfferMs === undefined ? {} : { lastOfferMs: client.lastOfferMs }),
    lastUseMs: client.lastUseMs,
    dominantShare: currentShare(state.tree, state.tree.roles.get(client.role)!),
    ...(quota === undefined ? {} : { quota }),
    reasons,
    agents,
  };
}

function reasonFor(
  state: State,
  framework: Framework,
  client: Client,
  agent: Agent,
  gated: boolean,
  portion: Portion,
): ReasonCode {
  if (!framework.active) return "FRAMEWORK_INACTIVE";
  if (client.suppressed) return "ROLE_SUPPRESSED";
  if (gated) return "WAITING_FOR_AGENTS";
  if (!agent.active) return "AGENT_DEACTIVATED";
  if (!agent.offerable) return "AGENT_NOT_WHITELISTED";
  if (!agent.nonEmpty) return "NOTHING_LEFT";
  const rule = barrier(state, agent, client);
  if (rule !== undefined) return rule;
  if (client.top.unmet && measure(state, agent, client, "guaranteed", portion) === undefined) return "NONE";
  return measure(state, agent, client, "fair", portion) ?? "NONE";
}

function explainAgent(
  state: State,
  client: Client,
  agent: Agent,
  reason: ReasonCode,
  portion: Portion,
): AgentExplanation {
  const free = freeQuantities(state, agent);
  const seen: AgentExplanation = { agentId: agent.id, hostname: agent.settings.hostname, reason, free };
  if (reason === "FILTERED") return { ...seen, ...filterOf(state, client, agent) };
  if (reason === "NOTHING_LEFT") return { ...seen, holders: holdersOf(state, agent) };
  if (reason === "OFFER_CONSTRAINT")
    return { ...seen, constraint: firstFailure(client.constraints!, agent.settings) ?? "" };
  if (!HAS_PORTION.has(reason)) return seen;
  return { ...seen, offerable: withPieces(state, quantitiesOf(state.space, portion.row), portion.pieces) };
}

const HAS_PORTION: ReadonlySet<ReasonCode> = new Set([
  "BELOW_MIN_ALLOCATABLE",
  "QUOTA_LIMIT",
  "QUOTA_HEADROOM",
  "NONE",
]);

function freeQuantities(state: State, agent: Agent): Quantities {
  const { width } = state.space;
  const row = state.free.data.slice(agent.index * width, (agent.index + 1) * width).map((milli) => Math.max(0, milli));
  return withPieces(state, quantitiesOf(state.space, row), [...agent.freePieces, ...agent.sharedPieces]);
}

/** The filter that lasts longest. */
function filterOf(state: State, client: Client, agent: Agent): Pick<AgentExplanation, "filter"> {
  const all = filtersOf(state.filters, agent.index, client.index).sort((a, b) => b.untilMs - a.untilMs);
  const [last] = all;
  if (last === undefined) return {};
  const { untilMs, refused } = last;
  return { filter: { untilMs, refused: [...scalarsOfRow(state, refused.row), ...refused.resources] } };
}

function holdersOf(state: State, agent: Agent): NonNullable<AgentExplanation["holders"]> {
  const holders = [...agent.holds].map(([index, held]) => {
    const { framework, role } = state.clients[index]!;
    const quantities: Quantities = {};
    for (const { name, scalar } of resourcesOfHold(state, held)) {
      if (scalar !== undefined) quantities[name] = (quantities[name] ?? 0) + scalar.value;
    }
    return { frameworkId: framework.id, role, quantities };
  });
  return holders.sort((a, b) => weigh(b.quantities) - weigh(a.quantities)).slice(0, 10);
}

// cpus first, mem breaks ties: good enough to find out who is in the way.
function weigh({ cpus = 0, mem = 0 }: Quantities): number {
  return cpus + mem / 1e9;
}

function explainQuota(state: State, top: Top): NonNullable<RoleExplanation["quota"]> {
  const { space, quota } = state;
  const values = (scalars: Readonly<Record<string, { value: number }>> = {}): Quantities =>
    Object.fromEntries(Object.entries(scalars).map(([name, { value }]) => [name, value]));
  return {
    role: top.role,
    guarantees: values(top.config?.guarantees),
    limits: values(top.config?.limits),
    consumed: quantitiesOf(space, quota.consumed.data, top.index * space.width),
  };
}

function withPieces(state: State, quantities: Quantities, pieces: readonly Piece[]): Quantities {
  for (const { column, resource } of pieces) {
    const name = state.space.names[column]!;
    quantities[name] = (quantities[name] ?? 0) + quantityOf(resource) / 1000;
  }
  return quantities;
}
