// The allocator's cycles: P1 (everything is offered), P2 (everything is filtered; quota). Each beside a bare kernel of the same shape,
// timed in the same run: a heap of shares in typed arrays, and a linear scan over the ends of all filters.
import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { type Allocation, type Allocator, allocatorOf } from "../kernel/core/allocator/allocator.ts";
import { reblock } from "../kernel/core/allocator/candidates.ts";
import { refuse } from "../kernel/core/allocator/filters.ts";
import { parcelOf, resourcesOf } from "../kernel/core/allocator/parcel.ts";
import { createState, type State } from "../kernel/core/allocator/state.ts";

const ROUNDS = 9;
const YEAR_SECONDS = 365 * 24 * 3600;

/** cpus, mem, disk of ten kinds of machines. */
const SIZES = Array.from({ length: 10 }, (_, kind) => [16 + 4 * kind, 4096 + 1024 * kind, 4096 + 512 * kind] as const);

main();

function main(): void {
  wholeCluster(20_000, 2_000);
  filteredByCalls(1_000, 200);
  filteredEverywhere(20_000, 2_000);
  quota(2_500, 500, 3_000);
  oneDecline(20_000, 2_000);
}

/** P1: all agents are free, all frameworks of one role want offers; offers built and handed over. */
function wholeCluster(agents: number, frameworks: number): void {
  const { allocator } = cluster(agents, frameworks);
  const heapMs = median(ROUNDS, () => time(() => heapKernel(agents, frameworks)));
  let offers: Allocation | undefined;
  const firstMs = time(() => (offers = allocator.allocate(0)));
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    giveBackAll(allocator, offers!, undefined);
    times.push(time(() => (offers = allocator.allocate(0))));
  }
  const ms = middle(times);
  print(
    `P1 ${agents} agents × ${frameworks} frameworks, ${count(offers!)} offers`,
    ms,
    `first ${show(firstMs)}; heap kernel ${show(heapMs)}, ratio ${(ms / heapMs).toFixed(1)}; Mesos 1.8: 3800 ms`,
  );
}

/** P2, through the front door: every framework declines every agent, then a cycle over all of them. */
function filteredByCalls(agents: number, frameworks: number): void {
  const { allocator, state } = cluster(agents, frameworks);
  let declines = 0;
  let declineMs = 0;
  for (let offers = allocator.allocate(0); offers.offers.length > 0; offers = allocator.allocate(0)) {
    declines += count(offers);
    declineMs += time(() => giveBackAll(allocator, offers, YEAR_SECONDS));
  }
  measureFiltered(
    `P2 ${agents} × ${frameworks}, all filtered by ${declines} declines (${((declineMs * 1000) / declines).toFixed(2)} µs each)`,
    state,
    allocator,
    agents * frameworks,
  );
}

/** The same where declining 40 million times would take the bench's time: the filters are put in by hand. */
function filteredEverywhere(agents: number, frameworks: number): void {
  const { allocator, state } = cluster(agents, frameworks);
  for (let agent = 0; agent < agents; agent++) {
    const parcel = parcelOf(state.space, agentResources(agent));
    for (let client = 0; client < frameworks; client++) {
      refuse(state.filters, agent, client, parcel.row, resourcesOf(parcel.pieces), YEAR_SECONDS * 1000);
    }
  }
  measureFiltered(`P2 ${agents} × ${frameworks}, all filtered`, state, allocator, agents * frameworks);
}

function measureFiltered(what: string, state: State, allocator: Allocator, pairs: number): void {
  const until = new Float64Array(pairs).fill(YEAR_SECONDS * 1000);
  const repeat = Math.ceil(4e7 / pairs);
  const scanMs = median(ROUNDS, () => time(() => repeatedly(repeat, () => scanKernel(until)))) / repeat;
  const cycle = (cold: boolean) => {
    state.allDirty = true;
    if (cold) for (const agent of state.agents.values()) reblock(state, agent);
    allocator.allocate(0);
  };
  const firstMs = time(() => cycle(true));
  const ms = median(ROUNDS, () => time(() => repeatedly(repeat, () => cycle(false)))) / repeat;
  const againMs = median(ROUNDS, () => time(() => repeatedly(repeat, () => cycle(true)))) / repeat;
  print(
    what,
    ms,
    `linear scan of the pairs ${show(scanMs)}, ratio ${(ms / scanMs).toFixed(2)}; with who is blocked found out anew ${show(againMs)} (first ${show(firstMs)}), ratio ${(againMs / scanMs).toFixed(2)}`,
  );
}

/** P2, quota: small and large guarantees on as many agents as Mesos' LargeAndSmallQuota has, one framework a role. */
function quota(small: number, large: number, agents: number): void {
  const { allocator } = empty();
  for (let role = 0; role < small + large; role++) {
    const guarantees =
      role < small ? { cpus: { value: 4 }, mem: { value: 1024 } } : { cpus: { value: 64 }, mem: { value: 16_384 } };
    allocator.setQuota({ role: `role${role}`, guarantees, limits: guarantees });
    allocator.addFramework(`f${role}`, { roles: [`role${role}`], capabilities: ["MULTI_ROLE"] }, 0);
  }
  for (let agent = 0; agent < agents; agent++)
    allocator.addAgent(`agent${agent}`, { hostname: `h${agent}` }, agentResources(agent));
  let offers: Allocation | undefined;
  const firstMs = time(() => (offers = allocator.allocate(0)));
  const made = count(offers!);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    giveBackAll(allocator, offers!, undefined);
    times.push(time(() => (offers = allocator.allocate(0))));
  }
  const heapMs = median(ROUNDS, () => time(() => repeatedly(50, () => heapKernel(made, small + large)))) / 50;
  const ms = middle(times);
  print(
    `P2 quota, ${small} small + ${large} large roles, ${agents} agents, ${made} offers`,
    ms,
    `first ${show(firstMs)}; heap kernel ${show(heapMs)}, ratio ${(ms / heapMs).toFixed(1)}`,
  );
}

/** What one decline and the run after it cost in a large, otherwise settled cluster. */
function oneDecline(agents: number, frameworks: number): void {
  const { allocator } = cluster(agents, frameworks);
  let offers = allocator
    .allocate(0)
    .offers.flatMap(({ frameworkId, offers: drafts }) => drafts.map((draft) => ({ frameworkId, ...draft })));
  const ms = time(() => {
    for (const { frameworkId, role, agentId, resources } of offers.slice(0, 5_000)) {
      allocator.recover(frameworkId, role, agentId, resources, { refuseSeconds: 5, nowMs: 0 });
      allocator.allocate(0);
    }
  });
  offers = [];
  print(
    `one decline and the offer that follows, ${agents} agents × ${frameworks} frameworks`,
    ms / 5_000,
    "5,000 in a row, each with its own run",
  );
}

function cluster(agents: number, frameworks: number): { allocator: Allocator; state: State } {
  const { allocator, state } = empty();
  for (let i = 0; i < frameworks; i++)
    allocator.addFramework(`framework-${String(i).padStart(4, "0")}`, { roles: ["*"], capabilities: [] }, 0);
  for (let i = 0; i < agents; i++) allocator.addAgent(`agent-S${i}`, { hostname: `host${i}` }, agentResources(i));
  return { allocator, state };
}

function empty(): { allocator: Allocator; state: State } {
  const state = createState({}, Math.floor(createRandom(7).next() * 2 ** 32));
  return { allocator: allocatorOf(state), state };
}

// The ports are fragmented as in Mesos' DeclineOffers benchmark.
function agentResources(agent: number): Resource[] {
  const scalar = (name: string, value: number): Resource => ({ name, type: "SCALAR", scalar: { value } });
  const range = [31_000, 31_126, 31_512, 31_624].map((begin, i) => ({ begin, end: begin + 100 + i + (agent % 3) }));
  const [cpus, mem, disk] = SIZES[agent % SIZES.length]!;
  return [
    scalar("cpus", cpus),
    scalar("mem", mem),
    scalar("disk", disk),
    { name: "ports", type: "RANGES", ranges: { range } },
  ];
}

function giveBackAll(allocator: Allocator, { offers }: Allocation, refuseSeconds: number | undefined): void {
  for (const { frameworkId, offers: drafts } of offers) {
    for (const { role, agentId, resources } of drafts) {
      allocator.recover(
        frameworkId,
        role,
        agentId,
        resources,
        refuseSeconds === undefined ? undefined : { refuseSeconds, nowMs: 0 },
      );
    }
  }
}

/** Dominant shares over three resources in rows of numbers, and a binary heap of them: each agent to the framework with the smallest share. */
function heapKernel(agents: number, frameworks: number): number {
  const held = new Float64Array(frameworks * 3);
  const shares = new Float64Array(frameworks);
  const given = new Int32Array(frameworks);
  const heap = Int32Array.from({ length: frameworks }, (_, i) => i);
  const before = (a: number, b: number): boolean =>
    shares[a]! < shares[b]! || (shares[a] === shares[b] && (given[a]! < given[b]! || (given[a] === given[b] && a < b)));
  for (let agent = 0; agent < agents; agent++) {
    const top = heap[0]!;
    const size = SIZES[agent % SIZES.length]!;
    let share = 0;
    for (let r = 0; r < 3; r++) share = Math.max(share, (held[top * 3 + r]! += size[r]!) / (agents * 4096));
    shares[top] = share;
    given[top]!++;
    let hole = 0;
    for (let child = 1; child < frameworks; child = 2 * hole + 1) {
      if (child + 1 < frameworks && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, top)) break;
      heap[hole] = heap[child]!;
      hole = child;
    }
    heap[hole] = top;
  }
  return shares[0]!;
}

function scanKernel(until: Float64Array): number {
  let blocked = 0;
  for (let i = 0; i < until.length; i++) if (until[i]! > 0) blocked++;
  return blocked;
}

function count({ offers }: Allocation): number {
  return offers.reduce((sum, { offers: drafts }) => sum + drafts.length, 0);
}

/** CPU time of this thread, not wall time: a busy neighbour counts for little. */
function time(work: () => unknown): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

function repeatedly(count: number, work: () => unknown): void {
  for (let i = 0; i < count; i++) work();
}

function median(rounds: number, measure: () => number): number {
  return middle(Array.from({ length: rounds }, measure));
}

function middle(times: number[]): number {
  return times.sort((a, b) => a - b)[times.length >> 1]!;
}

function show(ms: number): string {
  return ms < 0.1 ? `${(ms * 1000).toFixed(1)} µs` : `${ms.toFixed(1)} ms`;
}

function print(what: string, ms: number, beside: string): void {
  console.log(`${what}: ${show(ms)} (${beside})`);
}
