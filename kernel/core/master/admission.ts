import type { Call, CallSubscribe } from "@meseta/api/mesos/generated/link.ts";
import type { AgentInfo, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { add } from "@meseta/api/mesos/resources/bag.ts";
import { upgradeAll } from "@meseta/api/mesos/resources/formats.ts";
import type { AgentSettings } from "../allocator/allocator.ts";
import { agreedVersion, LINK_VERSIONS, versionsOf } from "../link-version.ts";
import { placeOf } from "./agents.ts";
import { detachAgent } from "./connections.ts";
import { drainIfEmpty } from "./drain.ts";
import type { StreamId } from "./event.ts";
import { spare } from "./giving-up.ts";
import { holdingsOf } from "./held.ts";
import { machineOf } from "./machines.ts";
import type { MasterOut } from "./out.ts";
import { startPings } from "./pings.ts";
import { publishAgentAdded } from "./publish.ts";
import { saveAgent } from "./records.ts";
import { type AgentReconciliation, reconcileAgent } from "./reports.ts";
import { keys } from "./saved.ts";
import type { Agent, MasterState } from "./state.ts";

/** An agent that may register, and how it is reached. */
export interface Arrival {
  readonly stream: StreamId;
  readonly address: string;
  readonly call: Call;
  readonly subscribe: CallSubscribe;
}

/** Takes in an agent that is new to this master's memory: registering, recovered from the store, back from unreachable, or unknown to the store. */
export function admit(state: MasterState, id: string, arrival: Arrival, nowMs: number, out: MasterOut): void {
  const { subscribe } = arrival;
  const unreachable = state.unreachableAgents.get(id);
  const agent = state.agents.get(id) ?? newAgent(id, subscribe.agent_info, nowMs);
  const stored = agent.connection === "recovered" ? descriptionOf(agent) : undefined;
  if (unreachable !== undefined) {
    state.unreachableAgents.delete(id);
    out.erase(keys.unreachable(id));
    agent.deactivated = unreachable.deactivated;
    const config = unreachable.drain;
    if (config !== undefined) agent.drain = { info: { state: "DRAINING", config }, config, startMs: nowMs };
  }
  if (agent.connection === "recovered" || unreachable !== undefined) agent.reregisteredMs = nowMs;
  state.agents.set(id, agent);
  attach(state, agent, arrival);
  const report = reconcileAgent(state, agent, subscribe, unreachable === undefined ? "new" : "unreachable", nowMs, out);
  state.allocator.addAgent(id, settingsOf(state, agent), agent.total, holdingsOf(agent));
  if (descriptionOf(agent) !== stored) saveAgent(agent, out);
  welcome(state, agent, arrival, report, nowMs, out);
  publishAgentAdded(state, agent, out);
  drainIfEmpty(state, agent, nowMs, out);
}

/** Takes back an agent that is known with its tasks: only its connection, or its process, is new. */
export function comeBack(state: MasterState, agent: Agent, arrival: Arrival, nowMs: number, out: MasterOut): void {
  const { subscribe } = arrival;
  const before = descriptionOf(agent);
  const old = agent.stream;
  detachAgent(state, agent, out);
  if (old !== undefined) out.close(old);
  attach(state, agent, arrival);
  agent.reregisteredMs = nowMs;
  const report = reconcileAgent(state, agent, subscribe, "known", nowMs, out);
  state.allocator.updateAgent(agent.id, settingsOf(state, agent));
  state.allocator.updateTotal(agent.id, agent.total);
  if (!agent.deactivated) state.allocator.activateAgent(agent.id);
  if (descriptionOf(agent) !== before) saveAgent(agent, out);
  welcome(state, agent, arrival, report, nowMs, out);
  drainIfEmpty(state, agent, nowMs, out);
}

// What of its record an agent says itself.
function descriptionOf({ info, address, version, capabilities }: Agent): string {
  return JSON.stringify([info, address, version, capabilities]);
}

function attach(state: MasterState, agent: Agent, { stream, address, call, subscribe }: Arrival): void {
  spare(state, agent);
  state.agentPlaces.delete(placeOf(agent.info, agent.address));
  agent.info = withId(subscribe.agent_info, agent.id);
  agent.address = address;
  state.agentPlaces.set(placeOf(agent.info, address), agent.id);
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
  { call, subscribe: { drain_config } }: Arrival,
  report: AgentReconciliation,
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
      link_version: agreedVersion(versionsOf(call), LINK_VERSIONS),
    },
  });
  for (const event of report.events) out.sendAgent(stream, event);
  // It was reactivated while it was away.
  if (drain_config !== undefined && agent.drain === undefined) out.sendAgent(stream, { type: "REACTIVATE" });
  startPings(state, agent, nowMs, out);
}

// Last, wherever it stood: what is the same is to read the same.
function withId({ id: _, ...info }: AgentInfo, value: string): AgentInfo {
  return { ...info, id: { value } };
}

/** An agent of which nothing is known but who it is. */
export function newAgent(id: string, info: AgentInfo, registeredMs: number): Agent {
  return {
    id,
    info: withId(info, id),
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
