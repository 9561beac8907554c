import type { Cluster } from "../cluster.ts";
import type { SimScheduler } from "../workloads/scheduler.ts";
import type { SimAgent } from "../world/agent.ts";
import { allHeld, amounts, leftOf } from "./resources.ts";
import { Violation } from "./violation.ts";

/** Liveness (R2), when all faults have healed and all frameworks rest: nothing runs, nothing is held, everyone is back, nothing leaks. */
export function checkRest(cluster: Cluster): void {
  for (const agent of cluster.agents) checkAgent(agent);
  for (const scheduler of cluster.schedulers) checkScheduler(cluster, scheduler);
  checkMaster(cluster);
  checkBooks(cluster);
  checkBounds(cluster);
}

/** What an agent stores of work that goes on. */
const WORK = ["task/", "progress/", "executor/", "operation/", "erasure/"];

function checkAgent({ place, machine, core, disk }: SimAgent): void {
  const fail = (what: string): never => {
    throw new Violation(`rest: ${place} ${what}`);
  };
  const [process] = machine.running;
  if (process !== undefined) fail(`still runs ${process.script.task ?? process.id}`);
  if (core === undefined) return fail("is not alive");
  const { link, runs, executors, updates, operations, probes, waits, erasing, frameworks, drain, streams } = core.state;
  if (link.status !== "subscribed") fail(`is ${link.status}`);
  if (drain !== undefined) fail("still drains");
  const maps = { runs, executors, updates, operations, probes, waits, erasing, frameworks, streams };
  for (const [name, map] of Object.entries(maps))
    if (map.size > 0) fail(`still has ${map.size} ${name}: ${[...map.keys()][0]}`);
  const left = [...disk.records.records.keys()].find((key) => WORK.some((prefix) => key.startsWith(prefix)));
  if (left !== undefined) fail(`still stores ${left}`);
  if (machine.volumes.trash.size > 0) fail("has not emptied its trash");
}

function checkScheduler({ master }: Cluster, scheduler: SimScheduler): void {
  const { unreachableAgents } = master.core!.state;
  for (const [id, { state, agentId, end }] of scheduler.tasks) {
    // An agent that came back as another leaves these behind: for two weeks it may still return.
    if (end !== undefined || (state === "TASK_UNREACHABLE" && unreachableAgents.has(agentId))) continue;
    throw new Violation(`rest: ${scheduler.place} believes that ${id} is ${state}`);
  }
  for (const id of scheduler.openOperations) {
    const { state, agentId } = scheduler.operations.get(id)!;
    if (state === "OPERATION_UNREACHABLE" && unreachableAgents.has(agentId)) continue;
    throw new Violation(`rest: ${scheduler.place} believes that operation ${id} is ${state}`);
  }
}

function checkMaster({ master, agents }: Cluster): void {
  const { state } = master.core!;
  const connected = [...state.agents.values()].filter((agent) => agent.connection === "connected").length;
  if (connected !== agents.length || state.agents.size !== agents.length)
    throw new Violation(`rest: ${connected} of ${agents.length} agents are connected, ${state.agents.size} are known`);
  for (const agent of state.agents.values()) {
    const holds = { tasks: agent.tasks, operations: agent.operations, executors: agent.executors };
    for (const [name, map] of Object.entries(holds))
      if (map.size > 0) throw new Violation(`rest: the master still holds ${map.size} ${name} of agent ${agent.id}`);
    if (agent.drain !== undefined) throw new Violation(`rest: agent ${agent.id} is still ${agent.drain.info.state}`);
  }
  if (state.offers.size > 0)
    throw new Violation(`rest: ${state.offers.size} offers are outstanding, and nobody wants any`);
  for (const map of [state.operations, state.inverseOffers])
    if (map.size > 0) throw new Violation("rest: the master still has operations or inverse offers");
}

/** The agents' totals are the same on both sides and made of what was configured; the allocator holds what the master holds. */
function checkBooks({ master, agents, resources }: Cluster): void {
  const { state } = master.core!;
  for (const { place, core } of agents) {
    const agent = state.agents.get(core!.state.agentId!)!;
    if (amounts(agent.total) !== amounts(resources)) throw new Violation(`I1: ${place} has ${amounts(agent.total)}`);
    const reserved = agent.total.filter(({ reservations = [] }) => reservations.length > 0);
    if (reserved.length > 0)
      throw new Violation(`rest: ${place} still has reservations: ${JSON.stringify(reserved[0])}`);
    if (canonical(agent.total) !== canonical(core!.state.total))
      throw new Violation(`I1: the master and ${place} do not agree on what there is`);
    for (const [key, left] of leftOf(state, agent)) if (left < 0) throw new Violation(`I1: ${key} of ${place}`);
    if (!state.allocator.isFree(agent.id, agent.total))
      throw new Violation(`I1: nobody holds anything of ${place}, and for the allocator it is not free`);
  }
  checkAllocator(state);
}

/** What the allocator counts as offered or used is what the master has offered and what is used. */
export function checkAllocator(state: NonNullable<Cluster["master"]["core"]>["state"]): void {
  const metrics = state.allocator.metrics().resources;
  const all = allHeld(state);
  for (const name of ["cpus", "mem"]) {
    const [held, believed] = [all.get(name) ?? 0, Math.round((metrics[name]?.offeredOrAllocated ?? 0) * 1000)];
    if (held !== believed)
      throw new Violation(`I1: ${held / 1000} ${name} are held, and the allocator believes ${believed / 1000}`);
  }
}

const canonical = (resources: readonly object[]): string =>
  resources
    .map((resource) => JSON.stringify(resource))
    .sort()
    .join();

/** Who reads listens for twenty seconds at most, and reads again after half a second at least: many more would have to be forgotten. */
const LISTENERS = 20;

/** Nothing grows with time: each bound has its reason. */
function checkBounds({ world, network, master, etcd, agents, schedulers, tenants }: Cluster): void {
  const frameworks = schedulers.length + tenants.length;
  const parties = agents.length + frameworks;
  const seats = tenants.flatMap(({ framework }) => (framework.isOnEtcd ? framework.seats : []));
  const several = etcd === undefined ? 0 : master.processes.length + seats.length;
  const { state } = master.core!;
  const bounds: [name: string, size: number, most: number][] = [
    // Each party has a stream, a heartbeat or ping, a watchdog, retries and its own habits; leases of the past run out.
    ["timers", world.waiting, 100 * (parties + several) + 100],
    // A stream and calls each way; of several masters each party asks another one who leads, and each has three to etcd and one to who leads.
    ["connections", network.connections, 4 * parties + (several > 0 ? parties + 6 * several : 0)],
    ["streams and requests of the master", master.open, 2 * parties],
    // Of what was closed nothing is left; those who only listen come and go.
    ["streams in the master's core", state.streams.size, parties + LISTENERS],
    ["who listen", state.subscribers.size, LISTENERS],
    // One that never heard its id has subscribed as another; the first stays for its failover timeout.
    [
      "connected frameworks",
      [...state.frameworks.values()].filter(({ stream }) => stream !== undefined).length,
      frameworks,
    ],
  ];
  for (const [name, size, most] of bounds)
    if (size > most) throw new Violation(`growth: ${size} ${name}, where ${most} should do`);
}
