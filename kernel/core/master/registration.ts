import type { Call } from "@meseta/api/mesos/generated/link.ts";
import { upgradeAll } from "@meseta/api/mesos/resources/formats.ts";
import { idProblem } from "@meseta/api/mesos/resources/ids.ts";
import { validateResources } from "@meseta/api/mesos/resources/validate.ts";
import { agreedVersion, LINK_VERSIONS, strangerText, versionsOf } from "../link-version.ts";
import { type Arrival, admit, comeBack } from "./admission.ts";
import { placeOf, removeAgent } from "./agents.ts";
import { count, countOwn } from "./counters.ts";
import type { MasterEvent, StreamId } from "./event.ts";
import { machineAt } from "./machines.ts";
import type { MasterOut } from "./out.ts";
import type { Agent, MasterState } from "./state.ts";

type AgentSubscribe = Extract<MasterEvent, { type: "agent-subscribe" }>;

/** An agent opens its stream: it registers, or comes back with all that runs on it. */
export function subscribeAgent(state: MasterState, event: AgentSubscribe, nowMs: number, out: MasterOut): void {
  const { stream, call } = event;
  const subscribe = call.subscribe;
  if (subscribe === undefined)
    return out.refuseStream(stream, { status: 400, text: "Expecting 'subscribe' to be present" });
  const arrival: Arrival = { stream, address: subscribe.ip ?? event.address, call, subscribe };
  const id = call.agent_id?.value ?? subscribe.agent_info.id?.value ?? idOfProcess(state, arrival);
  const refusal = registrationProblem(state, arrival, id);
  if (refusal !== undefined) return out.refuseStream(stream, refusal);
  if (isBeyond(state, id)) return refuseNew(state, stream, out);
  const shutdown = shutdownReason(state, arrival, id);
  if (shutdown !== undefined) return turnAway(stream, shutdown, out);
  if (id === undefined) register(state, arrival, nowMs, out);
  else reregister(state, id, arrival, nowMs, out);
}

function registrationProblem(
  state: MasterState,
  { call, subscribe }: Arrival,
  id: string | undefined,
): { status: number; text: string } | undefined {
  const { agent_info, total_resources, oversubscribed_resources } = subscribe;
  const bad = (text: string) => ({ status: 400, text });
  const spoken = versionsOf(call);
  if (agreedVersion(spoken, LINK_VERSIONS) === undefined) return bad(strangerText(spoken, LINK_VERSIONS));
  if (call.epoch !== undefined && call.epoch > state.epoch)
    return { status: 409, text: `This master's epoch ${state.epoch} is over: the agent has met epoch ${call.epoch}` };
  if (isLate(id === undefined ? undefined : state.agents.get(id), call))
    return { status: 409, text: "The agent has subscribed again since: this subscription came late" };
  const problem = id === undefined ? undefined : idProblem(id);
  if (problem !== undefined) return bad(`The agent's id is not valid: ${problem}`);
  const { domain, requireAgentDomain } = state.config;
  if (agent_info.domain !== undefined && domain === undefined)
    return bad("The agent has a domain, but this master has none");
  if (agent_info.domain === undefined && requireAgentDomain)
    return bad("The agent has no domain, but this master requires one (--require-agent-domain)");
  if (majorOf(subscribe.version) < 1)
    return bad(
      `The agent's version is '${subscribe.version}', but this master needs ${MINIMUM_AGENT_VERSION} or later`,
    );
  const resources = [...(total_resources ?? agent_info.resources ?? []), ...(oversubscribed_resources ?? [])];
  const refusal = validateResources(upgradeAll(resources));
  return refusal === undefined ? undefined : bad(refusal.message);
}

const MINIMUM_AGENT_VERSION = "1.0.0";

function majorOf(version: string): number {
  return Number(/^(\d+)(\.|$)/.exec(version)?.[1] ?? 0);
}

// A process numbers its subscriptions; one that was held up on the way must not replace the newer one.
function isLate(known: Agent | undefined, { boot_id, subscription = 0 }: Call): boolean {
  return known?.connection === "connected" && known.bootId === boot_id && subscription < (known.subscription ?? 0);
}

function isBeyond({ agents, config }: MasterState, id: string | undefined): boolean {
  return agents.size >= config.maxAgents && (id === undefined || !agents.has(id));
}

function refuseNew(state: MasterState, stream: StreamId, out: MasterOut): void {
  const { maxAgents } = state.config;
  countOwn(state, "agents_refused");
  out.refuseStream(stream, { status: 503, text: `There are ${maxAgents} agents already (--max-agents)` });
  out.log("warn", "An agent was refused: there are too many", { maxAgents });
}

// These agents are not to come back: they kill their tasks and stop.
function shutdownReason(
  state: MasterState,
  { call, address, subscribe: { agent_info } }: Arrival,
  id: string | undefined,
): string | undefined {
  if (id !== undefined && state.goneAgents.has(id)) return "Agent has been marked gone";
  if (machineAt(state, agent_info.hostname, address)?.mode === "DOWN") return "Machine is `DOWN`";
  // Its tasks were told as lost, so they must end; the machine may register as a new agent.
  if (id !== undefined && state.removedAgents.has(id)) return "Agent attempted to re-register after removal";
  const known = id === undefined ? undefined : state.agents.get(id);
  if (known === undefined) return undefined;
  if (known.info.hostname !== agent_info.hostname)
    return `Agent ${id} is known as ${known.info.hostname}, and cannot come back as ${agent_info.hostname}`;
  if (known.connection === "connected" && known.bootId !== call.boot_id && known.address !== address)
    return `Agent ${id} is connected from ${known.address}, and cannot come from ${address} at the same time`;
  return undefined;
}

function turnAway(stream: StreamId, message: string, out: MasterOut): void {
  out.open(stream);
  out.sendAgent(stream, { type: "SHUTDOWN", shutdown: { message } });
  out.close(stream);
  out.log("warn", "An agent was turned away", { reason: message });
}

// An agent that did not get the answer to its first registration asks again without an id.
function idOfProcess(state: MasterState, { address, call, subscribe }: Arrival): string | undefined {
  const id = state.agentPlaces.get(placeOf(subscribe.agent_info, address));
  return id !== undefined && state.agents.get(id)?.bootId === call.boot_id ? id : undefined;
}

function register(state: MasterState, arrival: Arrival, nowMs: number, out: MasterOut): void {
  const id = `${state.id}-S${state.nextAgent++}`;
  replaceFormer(state, id, arrival, nowMs, out);
  count(state, "messages_register_slave");
  count(state, "slave_registrations");
  admit(state, id, arrival, nowMs, out);
  logArrival("An agent registered", id, arrival, out);
}

function reregister(state: MasterState, id: string, arrival: Arrival, nowMs: number, out: MasterOut): void {
  replaceFormer(state, id, arrival, nowMs, out);
  count(state, "messages_reregister_slave");
  count(state, "slave_reregistrations");
  const known = state.agents.get(id);
  if (known === undefined || known.connection === "recovered") admit(state, id, arrival, nowMs, out);
  else comeBack(state, known, arrival, nowMs, out);
  logArrival("An agent registered again", id, arrival, out);
}

// Two agents cannot listen at one place, so the other one is no more.
function replaceFormer(state: MasterState, id: string, arrival: Arrival, nowMs: number, out: MasterOut): void {
  const former = state.agentPlaces.get(placeOf(arrival.subscribe.agent_info, arrival.address));
  if (former !== undefined && former !== id)
    removeAgent(state, former, "A new agent registered at the same address", nowMs, out);
}

function logArrival(message: string, agent: string, { address, subscribe }: Arrival, out: MasterOut): void {
  out.log("info", message, { agent, hostname: subscribe.agent_info.hostname, address });
}
