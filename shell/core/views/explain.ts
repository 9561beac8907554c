// Says in words why a framework gets no offers: one sentence for each role, what would help, then node by node.
import type { AgentExplanation, Amounts, Explanation, RoleExplanation } from "@meseta/sdk/operator/explanation.ts";
import { decimal, mebibytes, percent } from "../amounts.ts";
import { type Listing, type OutputForm, render } from "../listing.ts";
import { lastPart } from "../name.ts";
import { since, span } from "../since.ts";

/** Why a node makes no offer, as words that follow "because", and what an operator or the framework can do. */
const REASONS: Readonly<Record<string, { readonly words: string; readonly help?: string }>> = {
  FRAMEWORK_INACTIVE: { words: "the framework is not connected", help: "start its scheduler again" },
  ROLE_SUPPRESSED: { words: "the framework asked for no offers in this role", help: "it must send REVIVE" },
  WAITING_FOR_AGENTS: { words: "the master waits for agents to come back after its start", help: "meseta node list" },
  AGENT_DEACTIVATED: { words: "the node is deactivated or draining", help: "meseta node activate NODE" },
  AGENT_NOT_WHITELISTED: { words: "the node is not on the master's whitelist" },
  NOTHING_LEFT: { words: "nothing is left there", help: "end something, or add a node" },
  RESERVED_FOR_OTHERS: { words: "what is left is reserved for other roles", help: "meseta unreserve NODE RESOURCES" },
  OFFER_CONSTRAINT: { words: "the framework's own offer constraints exclude it" },
  GPU_AGENT: { words: "it has GPUs, and the framework has no GPU_RESOURCES capability" },
  REMOTE_REGION: { words: "it is in another region, and the framework is not REGION_AWARE" },
  QUOTA_LIMIT: { words: "the role has reached its quota limit", help: "meseta quota set ROLE --limit …" },
  QUOTA_HEADROOM: { words: "the rest is kept for guarantees of other roles", help: "meseta quota list" },
  BELOW_MIN_ALLOCATABLE: { words: "what is left is too little to be offered" },
  FILTERED: { words: "the framework refused it", help: "wait, or the framework sends REVIVE" },
  NONE: { words: "nothing stands in the way: an offer is due" },
};

export function reasonWords(code: string): string {
  return REASONS[code]?.words ?? code.toLowerCase().replaceAll("_", " ");
}

/** The whole explanation as text. */
export function explainText(explanation: Explanation, nowMs: number, output: OutputForm): string {
  if (explanation.roles.length === 0) return "The framework has no roles, so it can get no offers.\n";
  return explanation.roles.map((role) => roleText(role, nowMs, output)).join("\n");
}

function roleText(role: RoleExplanation, nowMs: number, output: OutputForm): string {
  const last = role.lastOfferMs === undefined ? "no offer so far" : `last offer ${since(role.lastOfferMs, nowMs)} ago`;
  const lines = [
    `${output.paint(`role ${role.role}`, "strong")}: ${sentence(role)}`,
    `  ${last}, dominant share ${percent(role.dominantShare, 1)}${quotaText(role)}`,
    ...remedies(role).map((help) => `  try  ${help}`),
  ];
  const nodes = render(agentListing(role.agents, nowMs), role.agents, output);
  return `${lines.join("\n")}\n\n${nodes}`;
}

/** As in "3 nodes looked at: on 2 nothing is left there; 1 the framework refused it". */
function sentence(role: RoleExplanation): string {
  const reasons = Object.entries(role.reasons).sort(([, a], [, b]) => b - a);
  const total = reasons.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return "there are no nodes";
  const parts = reasons.map(([code, count]) => `${count === total ? "all" : count}: ${reasonWords(code)}`);
  return `${total} node${total === 1 ? "" : "s"} looked at; ${parts.join("; ")}`;
}

function remedies(role: RoleExplanation): string[] {
  const helps = Object.keys(role.reasons).flatMap((code) => REASONS[code]?.help ?? []);
  return [...new Set(helps)].map((help) => help.replace("ROLE", role.role));
}

function quotaText({ quota }: RoleExplanation): string {
  if (!quota) return "";
  const limit = Object.keys(quota.limits).length > 0 ? `, limit ${amountsText(quota.limits)}` : "";
  return `; quota of ${quota.role}: guaranteed ${amountsText(quota.guarantees)}${limit}, uses ${amountsText(quota.consumed)}`;
}

function agentListing(agents: readonly AgentExplanation[], nowMs: number): Listing<AgentExplanation> {
  return {
    items: agents,
    name: (agent) => agent.agentId,
    none: "",
    columns: [
      { title: "NODE", text: (agent) => lastPart(agent.agentId) },
      { title: "HOST", text: (agent) => agent.hostname },
      { title: "FREE", text: (agent) => amountsText(agent.free) },
      {
        title: "WHY NOT",
        text: (agent) => [reasonWords(agent.reason), detail(agent, nowMs)].filter((text) => text !== "").join(": "),
        tone: (agent) => (agent.reason === "NONE" ? "good" : "warn"),
      },
    ],
  };
}

function detail(agent: AgentExplanation, nowMs: number): string {
  if (agent.filter) return `for another ${span(Math.max(0, agent.filter.untilMs - nowMs))}`;
  if (agent.constraint !== undefined) return agent.constraint;
  if (agent.offerable) return amountsText(agent.offerable);
  const holder = agent.holders?.[0];
  if (!holder) return "";
  return `most is held by ${lastPart(holder.frameworkId)} (${holder.role}): ${amountsText(holder.quantities)}`;
}

/** "cpus 1.5, mem 512 MiB". */
export function amountsText(amounts: Amounts): string {
  const size = (name: string, value: number): string =>
    name === "mem" || name === "disk" ? mebibytes(value) : decimal(value);
  const list = Object.entries(amounts).filter(([, value]) => value !== 0);
  return list.map(([name, value]) => `${name} ${size(name, value)}`).join(", ") || "nothing";
}
