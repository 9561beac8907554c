import type { Call, CallSubscribe } from "@meseta/api/mesos/generated/link.ts";
import type { AgentInfo, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { add } from "@meseta/api/mesos/resources/bag.ts";
import { upgradeAll } from "@meseta/api/mesos/resources/formats.ts";
import { idProblem } from "@meseta/api/mesos/resources/ids.ts";
import { validateResources } from "@meseta/api/mesos/resources/validate.ts";
import type { AgentSettings } from "../allocator/allocator.ts";
import { placeOf, removeAgent } from "./agents.ts";
import { detachAgent } from "./connections.ts";
import { count } from "./counters.ts";
import { drainIfEmpty } from "./drain.ts";
import type { MasterEvent, StreamId } from "./event.ts";
import { holdingsOf } from "./held.ts";
import { LINK_VERSION } from "./link.ts";
import { machineAt, machineOf } from "./machines.ts";
import type { MasterOut } from "./out.ts";
import { startPings } from "./pings.ts";
import { publishAgentAdded } from "./publish.ts";
import { saveAgent } from "./records.ts";
import { reconcileAgent } from "./reports.ts";
import { keys } from "./saved.ts";
import type { Agent, MasterState } from "./state.ts";

type AgentSubscribe = Extract<MasterEvent, { type: "agent-subscribe" }>;

/** An agent opens its stream: it registers, or comes back with all that runs on it. */
export function subscribeAgent(state: MasterState, event: AgentSubscribe, nowMs: number, out: MasterOut): void {
  const { stream, call, address } = event;
  const subscribe = call.subscribe;
  if (subscribe === undefined)
    return out.refuseStream(stream, { status: 400, text: "Expecting 'subscribe' to be present" });
  const id =
    call.agent_id?.value ?? subscribe.agent_info.id?.value ?? idOfProcess(state, subscribe.agent_info, call.boot_id);
  const refusal = registrationProblem(state, event, subscribe, id);
  if (refusal !== undefined) return out.refuseStream(stream, refusal);
  const shutdown = shutdownReason(state, event, subscribe, id);
  if (shutdown !== undefined) return turnAway(stream, shutdown, out);
  if (id === undefined) register(state, event, subscribe, nowMs, out);
  else reregister(state, event, subscribe, id, address, nowMs, out);
}

function registrationProblem(
  state: MasterState,
  { call }: AgentSubscribe,
  { agent_info, total_resources, oversubscribed_resources }: CallSubscribe,
  id: string | undefined,
): { status: number; text: string } | undefined {
  const bad = (text: string) => ({ status: 400, text });
  if (call.link_version !== LINK_VERSION)
    return bad(`This master speaks version ${LINK_VERSION} of the agent link, not ${call.link_version}`);
  if (call.epoch !== undefined && call.epoch > state.epoch)
    return { status: 409, text: `This master's epoch ${state.epoch} is over: the agent has met epoch ${call.epoch}` };
  if (isLate(id === undefined ? undefined : state.agents.get(id), call))
    return { status: 409, text: "The agent has subscribed again since: this subscription came late" };
  const problem = id === undefined ? undefined : idProblem(id);
  if (problem !== undefined) return bad(`The agent's id is not valid: ${problem}`);
  if (agent_info.domain !== undefined && state.config.domain === undefined)
    return bad("The agent has a domain, but this master has none");
  const resources = [...(total_resources ?? agent_info.resources ?? []), ...(oversubscribed_resources ?? [])];
  const refusal = validateResources(upgradeAll(resources));
  return refusal === undefined ? undefined : bad(refusal.message);
}

// A process numbers its subscriptions; one that was held up on the way must not replace the newer one.
function isLate(known: Agent | undefined, { boot_id, subscription = 0 }: Call): boolean {
  return known?.connection === "connected" && known.bootId === boot_id && subscription < (known.subscription ?? 0);
}

// These agents are not to come back: they kill their tasks and stop.
function shutdownReason(
  state: MasterState,
  { call, address }: AgentSubscribe,
  { agent_info }: CallSubscribe,
  id: string | undefined,
): string | undefined {
  if (id !== undefined && state.goneAgents.has(id)) return "Agent has been marked gone";
  if (machineAt(state, agent_info.hostname, address)?.mode === "DOWN") return "Machine is `DOWN`";
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
function idOfProcess(state: MasterState, info: AgentInfo, bootId: string): string | undefined {
  const id = state.agentPlaces.get(placeOf(info));
  return id !== undefined && state.agents.get(id)?.bootId === bootId ? id : undefined;
}

function register(
  state: MasterState,
  event: AgentSubscribe,
  subscribe: CallSubscribe,
  nowMs: number,
  out: MasterOut,
): void {
  const id = `${state.id}-S${state.nextAgent++}`;
  replaceFormer(state, id, subscribe, nowMs, out);
  count(state, "messages_register_slave");
  count(state, "slave_registrations");
  admit(state, event, subscribe, id, nowMs, out);
  out.log("info", "An agent registered", {
    agent: id,
    hostname: subscribe.agent_info.hostname,
    address: event.address,
  });
}

function reregister(
  state: MasterState,
  event: AgentSubscribe,
  subscribe: CallSubscribe,
  id: string,
  address: string,
  nowMs: number,
  out: MasterOut,
): void {
  replaceFormer(state, id, subscribe, nowMs, out);
  count(state, "messages_reregister_slave");
  count(state, "slave_reregistrations");
  const known = state.agents.get(id);
  if (known === undefined || known.connection === "recovered") admit(state, event, subscribe, id, nowMs, out);
  else comeBack(state, known, event, subscribe, nowMs, out);
  out.log("info", "An agent registered again", { agent: id, hostname: subscribe.agent_info.hostname, address });
}

// Two agents cannot listen at one place, so the other one is no more.
function replaceFormer(
  state: MasterState,
  id: string,
  { agent_info }: CallSubscribe,
  nowMs: number,
  out: MasterOut,
): void {
  const former = state.agentPlaces.get(placeOf(agent_info));
  if (former !== undefined && former !== id)
    removeAgent(state, former, "A new agent registered at the same address", nowMs, out);
}

// New to this master's memory: registering, recovered from the store, back from unreachable, or unknown to the store.
function admit(
  state: MasterState,
  { stream, call, address }: AgentSubscribe,
  subscribe: CallSubscribe,
  id: string,
  nowMs: number,
  out: MasterOut,
): void {
  const unreachable = state.unreachableAgents.get(id);
  const agent = state.agents.get(id) ?? newAgent(id, subscribe.agent_info, nowMs);
  if (unreachable !== undefined) {
    state.unreachableAgents.delete(id);
    out.erase(keys.unreachable(id));
    agent.deactivated = unreachable.deactivated;
    const config = unreachable.drain;
    if (config !== undefined) agent.drain = { info: { state: "DRAINING", config }, config, startMs: nowMs };
  }
  if (agent.connection === "recovered" || unreachable !== undefined) agent.reregisteredMs = nowMs;
  state.agents.set(id, agent);
  attach(state, agent, stream, address, call, subscribe);
  const report = reconcileAgent(state, agent, subscribe, unreachable === undefined ? "new" : "unreachable", nowMs, out);
  state.allocator.addAgent(id, settingsOf(state, agent), agent.total, holdingsOf(agent));
  saveAgent(agent, out);
  welcome(state, agent, report, nowMs, out);
  publishAgentAdded(state, agent, out);
  drainIfEmpty(state, agent, nowMs, out);
}

// Known with its tasks: only its connection, or its process, is new.
function comeBack(
  state: MasterState,
  agent: Agent,
  { stream, call, address }: AgentSubscribe,
  subscribe: CallSubscribe,
  nowMs: number,
  out: MasterOut,
): void {
  const before = JSON.stringify([agent.info, agent.address, agent.version, agent.capabilities]);
  const old = agent.stream;
  detachAgent(state, agent, out);
  if (old !== undefined) out.close(old);
  attach(state, agent, stream, address, call, subscribe);
  agent.reregisteredMs = nowMs;
  const report = reconcileAgent(state, agent, subscribe, "known", nowMs, out);
  state.allocator.updateAgent(agent.id, settingsOf(state, agent));
  state.allocator.updateTotal(agent.id, agent.total);
  if (!agent.deactivated) state.allocator.activateAgent(agent.id);
  if (JSON.stringify([agent.info, agent.address, agent.version, agent.capabilities]) !== before) saveAgent(agent, out);
  welcome(state, agent, report, nowMs, out);
  drainIfEmpty(state, agent, nowMs, out);
}

function attach(
  state: MasterState,
  agent: Agent,
  stream: StreamId,
  address: string,
  call: Call,
  subscribe: CallSubscribe,
): void {
  state.agentPlaces.delete(placeOf(agent.info));
  agent.info = { ...subscribe.agent_info, id: { value: agent.id } };
  state.agentPlaces.set(placeOf(agent.info), agent.id);
  agent.address = address;
  agent.version = subscribe.version;
  agent.capabilities = subscribe.capabilities ?? [];
  agent.bootId = call.boot_id;
  agent.subscription = call.subscription;
  agent.connection = "connected";
  agent.stream = stream;
  state.streams.set(stream, { kind: "agent", agentId: agent.id });
  agent.total = totalOf(subscribe.total_resources ?? agent.info.resources, subscribe.oversubscribed_resources);
  agent.resourceVersion = subscribe.resource_version;
  agent.viewVersion = ++state.version;
}

/** What the agent says that it has, in the form in which everything here computes. */
export function totalOf(total: readonly Resource[] = [], oversubscribed: readonly Resource[] = []): Resource[] {
  return add(upgradeAll(total), upgradeAll(oversubscribed));
}

/** What the allocator must know of the agent. */
export function settingsOf(state: MasterState, agent: Agent): AgentSettings {
  const { hostname, attributes, domain } = agent.info;
  const unavailability = machineOf(state, agent)?.unavailability;
  return {
    hostname,
    attributes,
    domain,
    unavailability,
    active: agent.connection === "connected" && !agent.deactivated,
  };
}

function welcome(
  state: MasterState,
  agent: Agent,
  report: ReturnType<typeof reconcileAgent>,
  nowMs: number,
  out: MasterOut,
): void {
  const stream = agent.stream!;
  const { pingIntervalMs, maxPingTimeouts } = state.config;
  out.open(stream);
  out.sendAgent(stream, {
    type: "SUBSCRIBED",
    subscribed: {
      agent_id: { value: agent.id },
      epoch: state.epoch,
      master_info: state.info,
      ping_interval_seconds: pingIntervalMs / 1000,
      ping_timeout_seconds: (pingIntervalMs * maxPingTimeouts) / 1000,
      missing_tasks: report.missingTasks,
      missing_operations: report.missingOperations,
      drain_config: agent.drain?.config,
    },
  });
  for (const event of report.events) out.sendAgent(stream, event);
  startPings(state, agent, nowMs, out);
}

/** An agent of which nothing is known but who it is. */
export function newAgent(id: string, info: AgentInfo, registeredMs: number): Agent {
  return {
    id,
    info: { ...info, id: { value: id } },
    address: "",
    version: "",
    capabilities: [],
    connection: "disconnected",
    deactivated: false,
    drain: undefined,
    stream: undefined,
    observed: undefined,
    bootId: undefined,
    subscription: undefined,
    disconnections: 0,
    missedPings: 0,
    pongSincePing: false,
    registeredMs,
    reregisteredMs: undefined,
    total: [],
    resourceVersion: "",
    executors: new Map(),
    tasks: new Set(),
    offers: new Set(),
    inverseOffers: new Set(),
    operations: new Set(),
    viewVersion: 0,
  };
}
