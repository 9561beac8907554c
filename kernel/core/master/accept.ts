import type { OfferOperation, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import type { CallAccept } from "@meseta/api/mesos/generated/scheduler.ts";
import { isRefusal } from "@meseta/api/mesos/refusal.ts";
import { allocateMissing, unallocate } from "@meseta/api/mesos/resources/allocation.ts";
import { add, sameResource, subtract, sum } from "@meseta/api/mesos/resources/bag.ts";
import { upgradeAll } from "@meseta/api/mesos/resources/formats.ts";
import { applyOperation, conversionsOf } from "@meseta/api/mesos/resources/operations.ts";
import { isPersistentVolume, nonShared, shared, sharedOnce } from "@meseta/api/mesos/resources/select.ts";
import { inOperation } from "@meseta/api/mesos/resources/within.ts";
import { assert } from "@meseta/lib/core/assert.ts";
import { capabilitiesOf } from "./capabilities.ts";
import { count, countOf } from "./counters.ts";
import { launchGroup, launchTasks, refuseLaunch } from "./launch.ts";
import { giveBack, rescindWhere, takeOffer } from "./offers.ts";
import { refuseOperation, sendOperation } from "./operations.ts";
import type { MasterOut } from "./out.ts";
import type { Agent, Framework, MasterState, OutstandingOffer } from "./state.ts";
import type { OperationContext } from "./validate/asker.ts";
import { validateOffers } from "./validate/offers.ts";
import { validateOperation } from "./validate/operation.ts";
import { usedOn } from "./views/held.ts";

/** One ACCEPT that is being carried out: what its offers hold, and what became of it so far. */
export interface Acceptance {
  readonly state: MasterState;
  readonly framework: Framework;
  readonly agent: Agent;
  readonly role: string;
  readonly nowMs: number;
  readonly out: MasterOut;
  /** All that the offers held. */
  readonly offered: readonly Resource[];
  /** What is left of it and of what was made of it, but for shared volumes. */
  left: Resource[];
  /** One of each shared volume: using it does not use it up. */
  sharedLeft: Resource[];
  /** One entry for each use. */
  sharedUsed: Resource[];
  /** Volumes that were grown or shrunk, which this ACCEPT cannot use. */
  resized: Resource[];
  isConverted: boolean;
}

/**
 * ACCEPT: uses up offers of one role on one agent. Its operations are done in their order, each for itself: the failure of one does
 * not stop the next. What is left goes back, filtered as if it had been declined. A bad set of offers does nothing but give them back.
 */
export function accept(
  state: MasterState,
  framework: Framework,
  call: CallAccept,
  nowMs: number,
  out: MasterOut,
): void {
  const operations = call.operations ?? [];
  countAccept(state, framework, call);
  const ids = call.offer_ids ?? [];
  const refusal = validateOffers(ids, framework.id, (id) => subjectOf(state.offers.get(id)));
  const taken = ids.flatMap(({ value }) => takeOwnOffer(state, framework, value) ?? []);
  if (refusal !== undefined) {
    for (const outstanding of taken) giveBack(state, outstanding);
    return refuseAll(framework, taken[0], operations, refusal.message, nowMs, out);
  }
  const acceptance = begin(state, framework, taken, nowMs, out);
  if (operations.length > 0) state.allocator.accepted(framework.id, acceptance.role, nowMs);
  for (const operation of operations) carryOut(acceptance, operation);
  settle(acceptance, call.filters?.refuse_seconds);
}

/** Takes resources out of what is left, for a launch. */
export function use(acceptance: Acceptance, resources: readonly Resource[]): void {
  acceptance.left = subtract(acceptance.left, nonShared(resources));
  acceptance.sharedUsed.push(...shared(resources));
}

function subjectOf(outstanding: OutstandingOffer | undefined) {
  if (outstanding === undefined) return undefined;
  const { offer, role } = outstanding;
  return { frameworkId: offer.framework_id.value, agentId: offer.agent_id.value, role };
}

function takeOwnOffer(state: MasterState, framework: Framework, offerId: string): OutstandingOffer | undefined {
  return framework.offers.has(offerId) ? takeOffer(state, offerId) : undefined;
}

function begin(
  state: MasterState,
  framework: Framework,
  taken: readonly OutstandingOffer[],
  nowMs: number,
  out: MasterOut,
): Acceptance {
  const { offer, role } = taken[0]!;
  const agent = state.agents.get(offer.agent_id.value)!;
  const offered = taken.length === 1 ? (offer.resources ?? []) : sum(taken.map((one) => one.offer.resources ?? []));
  const acceptance: Acceptance = {
    ...{ state, framework, agent, role, nowMs, out, offered },
    ...{ left: [...offered], sharedLeft: [], sharedUsed: [], resized: [], isConverted: false },
  };
  setLeft(acceptance, acceptance.left);
  returnFurtherCopies(acceptance);
  return acceptance;
}

// Each of several offers may hold a copy of one shared volume, but one is enough for any number of uses.
function returnFurtherCopies(acceptance: Acceptance): void {
  if (acceptance.sharedLeft.length < 2) return;
  const once = sharedOnce(acceptance.sharedLeft);
  recover(acceptance, subtract(acceptance.sharedLeft, once));
  acceptance.sharedLeft = once;
}

function setLeft(acceptance: Acceptance, resources: readonly Resource[]): void {
  const volumes = shared(resources);
  acceptance.sharedLeft = volumes;
  acceptance.left = volumes.length === 0 ? [...resources] : nonShared(resources);
}

function carryOut(acceptance: Acceptance, operation: OfferOperation): void {
  const { role } = acceptance;
  const marked = inOperation(operation, (resources) => allocateMissing(upgradeAll(resources), role));
  if (marked.type === "LAUNCH") launchTasks(acceptance, marked);
  else if (marked.type === "LAUNCH_GROUP") launchGroup(acceptance, marked);
  else convert(acceptance, marked);
}

function convert(acceptance: Acceptance, operation: OfferOperation): void {
  const { state, framework, agent, role, out } = acceptance;
  if (operation.type === "DESTROY") rescindVolumes(acceptance, operation);
  const refuseIt = ({ message }: { message: string }) => refuseOperation(framework, agent.id, operation, message, out);
  const problem = validateOperation(operation, contextOf(acceptance));
  if (problem !== undefined) return refuseIt(problem);
  const conversions = conversionsOf(operation);
  if (isRefusal(conversions)) return refuseIt(conversions);
  const left = applyOperation(add(acceptance.left, acceptance.sharedLeft), operation);
  if (isRefusal(left)) return refuseIt(left);
  const total = applyOperation(agent.total, inOperation(operation, unallocate));
  if (isRefusal(total)) return refuseIt(total);
  const done = state.allocator.convert(agent.id, conversions, { frameworkId: framework.id, role });
  assert(done, `an offer of agent ${agent.id} held what the allocator does not know`);
  agent.total = total;
  acceptance.isConverted = true;
  keep(
    acceptance,
    operation,
    left,
    conversions.flatMap(({ converted }) => converted),
  );
  sendOperation(state, agent, framework, operation, out);
}

function keep(
  acceptance: Acceptance,
  { type }: OfferOperation,
  left: Resource[],
  converted: readonly Resource[],
): void {
  if (type !== "GROW_VOLUME" && type !== "SHRINK_VOLUME") return setLeft(acceptance, left);
  acceptance.resized = add(acceptance.resized, converted);
  setLeft(acceptance, subtract(left, converted));
}

// A shared volume may stand in offers to others, who could not use it any more.
function rescindVolumes({ state, agent, out }: Acceptance, operation: OfferOperation): void {
  const volumes = shared(operation.destroy?.volumes ?? []).filter(isPersistentVolume);
  if (volumes.length === 0) return;
  const bare = unallocate(volumes);
  const holdsOne = (resources: readonly Resource[]) =>
    unallocate(shared(resources)).some((resource) => bare.some((volume) => sameResource(volume, resource)));
  rescindWhere(state, agent.id, holdsOne, out);
}

function contextOf({ framework, agent }: Acceptance): OperationContext {
  return {
    framework: framework.info,
    principal: framework.info.principal,
    agentCapabilities: capabilitiesOf(agent),
    total: agent.total,
    get used() {
      return usedOn(agent).list();
    },
  };
}

// What was converted comes back unfiltered: the framework has shown that it wants it.
function settle(acceptance: Acceptance, refuseSeconds: number | undefined): void {
  const { offered, left, nowMs, isConverted } = acceptance;
  const converted = isConverted ? subtract(left, offered) : [];
  const declined = isConverted ? subtract(left, converted) : left;
  recover(acceptance, add(converted, acceptance.resized));
  recover(acceptance, add(declined, settleShared(acceptance)), { refuseSeconds, nowMs });
}

function recover(
  { state, framework, agent, role }: Acceptance,
  resources: readonly Resource[],
  refusal?: { refuseSeconds: number | undefined; nowMs: number },
): void {
  if (resources.length > 0) state.allocator.recover(framework.id, role, agent.id, resources, refusal);
}

// The first use of a shared volume takes the copy that was offered; every further one is charged.
function settleShared({ state, framework, agent, role, sharedLeft, sharedUsed }: Acceptance): Resource[] {
  if (sharedLeft.length === 0) return [];
  const unused = subtract(sharedLeft, sharedUsed);
  const further = subtract(sharedUsed, sharedLeft);
  if (further.length > 0) state.allocator.charge(framework.id, role, agent.id, further);
  return unused;
}

function refuseAll(
  framework: Framework,
  taken: OutstandingOffer | undefined,
  operations: readonly OfferOperation[],
  message: string,
  nowMs: number,
  out: MasterOut,
): void {
  for (const operation of operations) {
    if (operation.type === "LAUNCH" || operation.type === "LAUNCH_GROUP")
      refuseLaunch(framework, operation, `Task launched with invalid offers: ${message}`, nowMs, out);
    else {
      const reason = `Operation attempted with invalid offers: ${message}`;
      refuseOperation(framework, taken?.offer.agent_id.value, operation, reason, out);
    }
  }
}

function countAccept(state: MasterState, framework: Framework, { operations = [], offer_ids = [] }: CallAccept): void {
  const isDecline = operations.length === 0;
  countOf(framework, isDecline ? "offers/declined" : "offers/accepted", offer_ids.length);
  if (isDecline) return count(state, "messages_decline_offers");
  const launches = operations.filter(({ type }) => type === "LAUNCH" || type === "LAUNCH_GROUP").length;
  if (launches > 0) count(state, "messages_launch_tasks", launches);
}
