import { quantityOf } from "@meseta/api/mesos/resources/value.ts";
import { resourcesOfHold, scalarsOfRow } from "./agents.ts";
import type { AgentExplanation, Explanation, Quantities, ReasonCode, RoleExplanation } from "./allocator.ts";
import { firstFailure } from "./constraints.ts";
import { blocks, filtersOf } from "./filters.ts";
import { frameworkOf } from "./frameworks.ts";
import { reaches } from "./minimum.ts";
import { type Piece, resourcesOf } from "./parcel.ts";
import { barriers, createPortion, measure, type Portion } from "./portion.ts";
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
    const all = reasonsFor(state, framework, client, agent, gated, portion);
    reasons[all[0]!] = (reasons[all[0]!] ?? 0) + 1;
    if (agents.length < agentLimit) agents.push(explainAgent(state, client, agent, all, portion));
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

// All that hold. A filter stands first, because it ends by itself, and then the others decide; these stand in the order in which a run looks.
function reasonsFor(
  state: State,
  framework: Framework,
  client: Client,
  agent: Agent,
  gated: boolean,
  portion: Portion,
): ReasonCode[] {
  const reasons: ReasonCode[] = [];
  if (!framework.active) reasons.push("FRAMEWORK_INACTIVE");
  if (client.suppressed) reasons.push("ROLE_SUPPRESSED");
  if (gated) reasons.push("WAITING_FOR_AGENTS");
  if (!agent.active) reasons.push("AGENT_DEACTIVATED");
  else if (!agent.offerable) reasons.push("AGENT_NOT_WHITELISTED");
  if (!agent.nonEmpty) return [...reasons, "NOTHING_LEFT"];
  reasons.push(...barriers(state, agent, client));
  const decisive = measureBest(state, agent, client, portion);
  if (decisive !== undefined) reasons.push(...whatCuts(state, client, portion, decisive));
  if (isFiltered(state, agent, client, portion)) reasons.unshift("FILTERED");
  return reasons.length === 0 ? ["NONE"] : reasons;
}

// What the client would be offered: by the stage of its guarantee, if that gives something, else by the second.
function measureBest(state: State, agent: Agent, client: Client, portion: Portion): ReasonCode | undefined {
  if (client.top.unmet) {
    const reason = measure(state, agent, client, "guaranteed", portion);
    if (reason === undefined || reason === "FILTERED") return reason;
  }
  return measure(state, agent, client, "fair", portion);
}

// Behind a filter too: what makes the portion less than the agent's free resources, and whether it is too little.
function whatCuts(state: State, client: Client, portion: Portion, decisive: ReasonCode): ReasonCode[] {
  const reasons: ReasonCode[] = [];
  if (portion.kept) reasons.push("RESERVED_FOR_OTHERS");
  if (portion.cutByLimit) reasons.push("QUOTA_LIMIT");
  if (portion.cutByHeadroom) reasons.push("QUOTA_HEADROOM");
  if (!isNothing(portion) && !reaches(client.minimum ?? state.minimum, portion.row, 0, portion.pieces))
    reasons.push("BELOW_MIN_ALLOCATABLE");
  if (reasons.length === 0 && decisive !== "FILTERED") reasons.push(decisive);
  return reasons;
}

function isNothing({ row, pieces }: Portion): boolean {
  return pieces.length === 0 && row.every((milli) => milli === 0);
}

function isFiltered(state: State, agent: Agent, client: Client, { row, pieces }: Portion): boolean {
  if ((state.filters.active[client.index] ?? 0) === 0) return false;
  return blocks(state.filters, agent.index, client.index, row, resourcesOf(pieces));
}

function explainAgent(
  state: State,
  client: Client,
  agent: Agent,
  reasons: readonly ReasonCode[],
  portion: Portion,
): AgentExplanation {
  const { settings, id: agentId } = agent;
  const constraint = reasons.includes("OFFER_CONSTRAINT") && firstFailure(client.constraints!, settings);
  const hasPortion = reasons.some((reason) => HAS_PORTION.has(reason));
  return {
    agentId,
    hostname: settings.hostname,
    reasons,
    free: freeQuantities(state, agent),
    ...(reasons.includes("FILTERED") ? filterOf(state, client, agent) : {}),
    ...(reasons.includes("NOTHING_LEFT") ? { holders: holdersOf(state, agent) } : {}),
    ...(constraint === false ? {} : { constraint: constraint ?? "" }),
    ...(hasPortion ? { offerable: withPieces(state, quantitiesOf(state.space, portion.row), portion.pieces) } : {}),
  };
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
