// Says why a framework gets no offers: the master's sentence, what would help, then role by role and node by node.

import { counted } from "@meseta/lib/core/words.ts";
import type { AgentExplanation, Amounts, Explanation, RoleExplanation } from "@meseta/sdk/core/explanation.ts";
import { decimal, mebibytes, percent } from "../amounts.ts";
import { type Listing, type OutputForm, render } from "../listing.ts";
import { lastPart } from "../name.ts";
import { since, span } from "../since.ts";

/** What to do about a reason; those that are missing here are the framework's own choice or nobody's fault. */
const REMEDIES: Readonly<Record<string, string>> = {
  FRAMEWORK_INACTIVE: "start its scheduler again",
  ROLE_SUPPRESSED: "its scheduler must send REVIVE for role ROLE",
  WAITING_FOR_AGENTS: "meseta node list",
  AGENT_DEACTIVATED: "meseta node activate NODE",
  NOTHING_LEFT: "meseta task list --sort -cpus, and end something; or add a node",
  RESERVED_FOR_OTHERS: "meseta node show NODE, then meseta unreserve NODE RESOURCES --role OTHER",
  QUOTA_LIMIT: "meseta quota set ROLE --limit …",
  QUOTA_HEADROOM: "meseta quota list",
  FILTERED: "wait until its filters end, or its scheduler sends REVIVE",
};

/** The whole explanation as text. */
export function explainText(explanation: Explanation, nowMs: number, output: OutputForm): string {
  const head = `${output.paint(explanation.name ?? explanation.framework_id, "strong")}: ${explanation.summary}\n`;
  return head + explanation.roles.map((role) => `\n${roleText(role, nowMs, output)}`).join("");
}

function roleText(role: RoleExplanation, nowMs: number, output: OutputForm): string {
  const lastMs = role.last_offer_time === undefined ? undefined : role.last_offer_time * 1000;
  const last = lastMs === undefined ? "no offer so far" : `last offer ${since(lastMs, nowMs)} ago`;
  const count = Object.values(role.reasons).reduce((sum, each) => sum + each, 0);
  const lines = [
    `${output.paint(`Role ${role.role}`, "strong")}: ${counted(count, "node")} looked at; ${last}; dominant share ${percent(role.dominant_share, 1)}`,
    ...quotaLines(role),
    ...reasonsOf(role).flatMap((reason) => remedy(role.role, reason)),
  ];
  const nodes = render(agentListing(role.agents, nowMs), role.agents, output);
  return `${lines.join("\n")}\n${nodes === "" ? "" : `\n${nodes}`}`;
}

function reasonsOf({ reasons, agents }: RoleExplanation): string[] {
  const behind = agents.flatMap(({ also = [] }) => also.map(({ reason }) => reason));
  return [...new Set([...Object.keys(reasons), ...behind])];
}

function remedy(role: string, reason: string): string[] {
  const words = REMEDIES[reason];
  return words === undefined ? [] : [`  try  ${words.replaceAll("ROLE", role)}`];
}

function quotaLines({ quota }: RoleExplanation): string[] {
  if (!quota) return [];
  const limit = Object.keys(quota.limits).length > 0 ? `limit ${amountsText(quota.limits)}` : "no limit";
  const guaranteed = `guaranteed ${amountsText(quota.guarantees)}`;
  return [`  quota of ${quota.role}: ${guaranteed}, ${limit}, in use ${amountsText(quota.consumed)}`];
}

function agentListing(agents: readonly AgentExplanation[], nowMs: number): Listing<AgentExplanation> {
  return {
    items: agents,
    name: (agent) => agent.agent_id,
    none: "",
    columns: [
      { title: "NODE", text: (agent) => lastPart(agent.agent_id) },
      { title: "HOST", text: (agent) => agent.hostname },
      { title: "FREE", text: (agent) => amountsText(agent.free) },
      {
        title: "WHY NOT",
        text: (agent) => whys(agent, nowMs),
        tone: (agent) => (agent.reason === "NONE" ? "good" : "warn"),
      },
    ],
  };
}

// The first reason decides; what stands behind it follows, so that nobody waits for a filter to end in vain.
function whys(agent: AgentExplanation, nowMs: number): string {
  const all = [agent, ...(agent.also ?? [])];
  return all
    .map(({ reason, why }) => [why, detail(agent, reason, nowMs)].filter((text) => text !== "").join(": "))
    .join("; also: ");
}

function detail(agent: AgentExplanation, reason: string, nowMs: number): string {
  const { filter, constraint, offerable } = agent;
  const holder = agent.holders?.[0];
  if (reason === "FILTERED" && filter) return `another ${span(Math.max(0, filter.until_time * 1000 - nowMs))}`;
  if (reason === "OFFER_CONSTRAINT") return constraint ?? "";
  if (OF_A_PORTION.has(reason) && offerable) return `${amountsText(offerable)} could be offered`;
  if (reason !== "NOTHING_LEFT" || !holder) return "";
  return `most is held by ${lastPart(holder.framework_id)} (${holder.role}): ${amountsText(holder.quantities)}`;
}

const OF_A_PORTION: ReadonlySet<string> = new Set(["QUOTA_LIMIT", "QUOTA_HEADROOM", "BELOW_MIN_ALLOCATABLE", "NONE"]);

/** "cpus 1.5, mem 512 MiB". */
export function amountsText(amounts: Amounts): string {
  const size = (name: string, value: number): string =>
    name === "mem" || name === "disk" ? mebibytes(value) : decimal(value);
  const list = Object.entries(amounts).filter(([, value]) => value !== 0);
  return list.map(([name, value]) => `${name} ${size(name, value)}`).join(", ") || "nothing";
}
