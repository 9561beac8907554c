import type { MasterInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { hostAndPort } from "@meseta/lib/core/address.ts";
import { unreachable } from "@meseta/lib/core/assert.ts";
import type { Core } from "@meseta/lib/core/daemon.ts";
import type { Random } from "@meseta/lib/core/random.ts";
import { createAllocator } from "../allocator/allocator.ts";
import { closeStream } from "./connections.ts";
import type { MasterEvent, Wake } from "./event.ts";
import { expireFailover } from "./frameworks.ts";
import { giveUp, removeNext } from "./giving-up.ts";
import { beat } from "./heartbeats.ts";
import { receiveAgentCall } from "./link.ts";
import { load, type Records } from "./load.ts";
import { expireOffers, makeOffers } from "./offers.ts";
import { applyOperatorCall } from "./operator/operator.ts";
import { subscribeOperator } from "./operator/subscribe.ts";
import type { MasterOut } from "./out.ts";
import { checkPing } from "./pings.ts";
import { eraseSome } from "./records.ts";
import { giveUpRecovered, start } from "./recovery.ts";
import { subscribeAgent } from "./registration.ts";
import { collectRegistry } from "./registry.ts";
import { receiveSchedulerCall } from "./scheduler.ts";
import type { MasterConfig, MasterState } from "./state.ts";
import { subscribeScheduler } from "./subscribe.ts";

export interface MasterParts {
  readonly random: Random;
  /** Of the store: it rises with every owner. */
  readonly epoch: number;
  readonly startMs: number;
  /** All that the store holds. */
  readonly records: Records;
}

/** The master, as it was saved. The event `{ type: "wake", wake: { for: "start" } }` sets it going. */
export function createMaster(config: MasterConfig, parts: MasterParts): Master {
  const state = createState(config, parts);
  load(state, parts.records);
  return new Master(state);
}

/**
 * Shares the machines: takes in agents and what they have, divides it by the allocator, and launches what frameworks make of their
 * offers. Decides everything and does nothing: what is to be saved, sent and answered is written into `out`.
 */
export class Master implements Core<MasterEvent, MasterOut> {
  readonly state: MasterState;

  constructor(state: MasterState) {
    this.state = state;
  }

  apply(event: MasterEvent, nowMs: number, out: MasterOut): void {
    dispatch(this.state, event, nowMs, out);
    offer(this.state, nowMs, out);
  }
}

function dispatch(state: MasterState, event: MasterEvent, nowMs: number, out: MasterOut): void {
  switch (event.type) {
    case "scheduler-subscribe":
      return subscribeScheduler(state, event, nowMs, out);
    case "scheduler-call":
      return receiveSchedulerCall(state, event, nowMs, out);
    case "agent-subscribe":
      return subscribeAgent(state, event, nowMs, out);
    case "agent-call":
      return receiveAgentCall(state, event, nowMs, out);
    case "operator-subscribe":
      return subscribeOperator(state, event, nowMs, out);
    case "operator-call":
      return applyOperatorCall(state, event, nowMs, out);
    case "stream-closed":
      return closeStream(state, event.stream, nowMs, out);
    case "whitelist":
      return setWhitelist(state, event.hostnames);
    case "wake":
      return wakeUp(state, event.wake, nowMs, out);
    default:
      return unreachable(event);
  }
}

function wakeUp(state: MasterState, wake: Wake, nowMs: number, out: MasterOut): void {
  switch (wake.for) {
    case "start":
      return start(state, nowMs, out);
    case "allocation":
      if (wake.atMs === state.allocationWakeMs) state.allocationWakeMs = Number.POSITIVE_INFINITY;
      return;
    case "heartbeat":
      return beat(state, wake.stream, nowMs, out);
    case "ping":
      return checkPing(state, wake.agentId, wake.stream, nowMs, out);
    case "agent-reregistration":
      return giveUpAgent(state, wake.agentId, wake.disconnection, nowMs, out);
    case "agent-removal":
      return removeNext(state, nowMs, out);
    case "recovery-deadline":
      return giveUpRecovered(state, nowMs, out);
    case "framework-failover":
      return expireFailover(state, wake.frameworkId, wake.disconnection, nowMs, out);
    case "offer-timeout":
      return expireOffers(state, nowMs, out);
    case "registry-gc":
      return collectRegistry(state, nowMs, out);
    case "erasure":
      return eraseSome(state, nowMs, out);
    default:
      return unreachable(wake);
  }
}

// It is told again and again, because a core that was loaded afresh does not know it.
function setWhitelist(state: MasterState, hostnames: readonly string[] | undefined): void {
  if (JSON.stringify(hostnames) === JSON.stringify(state.whitelist)) return;
  state.whitelist = hostnames;
  state.allocator.setWhitelist(hostnames);
}

function giveUpAgent(state: MasterState, agentId: string, disconnection: number, nowMs: number, out: MasterOut): void {
  const agent = state.agents.get(agentId);
  if (agent?.connection !== "disconnected" || agent.disconnections !== disconnection) return;
  giveUp(state, agent, "Agent did not re-register within the timeout", nowMs, out);
}

// Whatever an event freed is offered again at once.
function offer(state: MasterState, nowMs: number, out: MasterOut): void {
  const { allocator } = state;
  if (allocator.hasWork(nowMs)) makeOffers(state, allocator.allocate(nowMs), nowMs, out);
  const atMs = Math.max(allocator.nextWakeMs(), nowMs + 1);
  if (atMs >= state.allocationWakeMs) return;
  state.allocationWakeMs = atMs;
  out.wake(atMs, { for: "allocation", atMs });
}

function createState(config: MasterConfig, { random, epoch, startMs }: MasterParts): MasterState {
  const id = random.uuid();
  const { allocationIntervalMs, domain } = config;
  return {
    config,
    id,
    info: infoOf(config, id),
    random,
    epoch,
    startMs,
    frameworks: new Map(),
    completedFrameworks: new Map(),
    removedFrameworks: new Set(),
    agents: new Map(),
    agentPlaces: new Map(),
    unreachableAgents: new Map(),
    goneAgents: new Map(),
    removedAgents: new Map(),
    agentsAtStart: 0,
    givenUp: new Map(),
    nextRemovalMs: Number.NEGATIVE_INFINITY,
    offers: new Map(),
    inverseOffers: new Map(),
    operations: new Map(),
    quotas: new Map(),
    weights: new Map(),
    machines: new Map(),
    schedule: undefined,
    subscribers: new Set(),
    streams: new Map(),
    counters: new Map(),
    allocator: createAllocator({ ...config.allocator, allocationIntervalMs, region: domain?.region }, random),
    erasures: [],
    whitelist: undefined,
    allocationWakeMs: Number.POSITIVE_INFINITY,
    offerWakeMs: Number.POSITIVE_INFINITY,
    nextFramework: 0,
    nextAgent: 0,
    nextOffer: 0,
    version: 0,
  };
}

function infoOf({ hostname, ip, port, version, domain }: MasterConfig, id: string): MasterInfo {
  const info: MasterInfo = {
    id,
    ip: packed(ip),
    port,
    pid: `master@${hostAndPort(ip, port)}`,
    hostname,
    version,
    address: { hostname, ip, port },
    capabilities: [{ type: "AGENT_UPDATE" }, { type: "AGENT_DRAINING" }, { type: "QUOTA_V2" }],
  };
  if (domain === undefined) return info;
  return { ...info, domain: { fault_domain: { region: { name: domain.region }, zone: { name: domain.zone } } } };
}

// The old form of an IPv4 address: its four bytes in network order, read as a little-endian number. 0 for IPv6.
function packed(ip: string): number {
  const bytes = ip.split(".").map(Number);
  if (bytes.length !== 4 || bytes.some((byte) => !Number.isInteger(byte) || byte < 0 || byte > 255)) return 0;
  return bytes.reduceRight((packedSoFar, byte) => packedSoFar * 256 + byte, 0);
}
