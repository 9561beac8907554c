import type { Offer, OfferID, OfferOperation, TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { INIT_BOUNDS } from "../bounds.ts";
import { topOf } from "../definition/path.ts";
import { changeInstance } from "../fleet/change.ts";
import { hostOf } from "../fleet/hosts.ts";
import { definitionToLaunch, instanceOf, ownerOf } from "../fleet/lookup.ts";
import type { Host, Instance } from "../instance/instance.ts";
import { placesOf } from "../instance/instance.ts";
import type { InitOut } from "../out.ts";
import type { Place } from "../place.ts";
import { placementOf } from "../placement.ts";
import type { InitState } from "../state.ts";
import { launchOf } from "../task.ts";
import { countOffers, wasTaken } from "./demand.ts";
import { giveBack } from "./give-back.ts";
import { Seekers } from "./seekers.ts";

/**
 * Offers have come: they are looked at now, and where they are for thousands of launches, some of them with the next events, so that others get a turn. New
 * ones stand behind those that wait for that: more at a time would only wait elsewhere, on their way to the agents.
 */
export function receiveOffers(state: InitState, offers: readonly Offer[], nowMs: number, out: InitOut): void {
  for (const offer of offers) state.offered.set(offer.id.value, { offer, cameMs: nowMs });
  countOffers(state, offers.length, nowMs);
  if (!state.isUsingOffers) useOffers(state, nowMs, out);
}

/** Uses each offer for what is queued and for what is to be given back, or declines it: none is held. What is launched is stored before the ACCEPT goes. */
export function useOffers(state: InitState, nowMs: number, out: InitOut): void {
  const unused: OfferID[] = [];
  const late: OfferID[] = [];
  let looks = 0;
  for (const [id, { offer, cameMs }] of state.offered) {
    if (out.puts.size >= MOST_RECORDS || looks >= MOST_LOOKS) break;
    state.offered.delete(id);
    if (nowMs - cameMs >= LONGEST_WAIT_MS) late.push(offer.id);
    else {
      looks += 1 + state.queue.size;
      if (!useOffer(state, offer, nowMs, out)) unused.push(offer.id);
    }
  }
  state.isUsingOffers = state.offered.size > 0;
  if (state.isUsingOffers) out.wake(nowMs, { for: "offers" });
  decline(unused, state.config.declineMs, out);
  decline(late, 0, out);
}

/** Whose turn does not come for so long goes back unfiltered: the master takes back what is out for longer (a minute, unless it is told otherwise), launches and all, and divides it anew. */
const LONGEST_WAIT_MS = INIT_BOUNDS.offersMs.most;

function decline(offer_ids: OfferID[], refuseMs: number, out: InitOut): void {
  if (offer_ids.length === 0) return;
  out.send({ type: "DECLINE", decline: { offer_ids, filters: { refuse_seconds: refuseMs / 1000 } } });
}

/** In one event, give or take an offer's. */
const MOST_RECORDS = 500;
/** How often some service looks at some offer, in one event. */
const MOST_LOOKS = 200_000;

function useOffer(state: InitState, offer: Offer, nowMs: number, out: InitOut): boolean {
  if (state.isResting) return false;
  const operations = giveBack(state, offer, nowMs, out);
  const isGivingBack = operations.length > 0;
  const seekers = new Seekers(state);
  const mostInstances = nowMs < state.demand.oneByOneUntilMs ? 1 : mostOn(state);
  const limits = { mostInstances, settings: placementOf(state) };
  const placed = state.queue.take(offer, seekers, limits, state.random, nowMs);
  const host = placed.length === 0 ? undefined : hostOf(state, offer);
  const tasks: TaskInfo[] = [];
  for (const { instanceId, match } of placed) {
    if (match.kind === "reserve") {
      operations.push(...match.operations);
      const kept = { ...seekers.reservationOf(instanceId), host: host! };
      happen(state, instanceId, { type: "reserved", kept }, nowMs, out);
    } else launch(state, instanceId, match, { offer, host: host! }, { operations, tasks }, nowMs, out);
  }
  if (tasks.length > 0) operations.push({ type: "LAUNCH", launch: { task_infos: tasks } });
  const isFull = placed.length >= limits.mostInstances;
  const hasMore = isGivingBack || isFull || placed.some(({ match }) => match.kind === "reserve");
  if (!hasMore && offer.allocation_info?.role !== undefined) state.demand.refused.add(offer.allocation_info.role);
  if (operations.length === 0) return false;
  const filters = { refuse_seconds: hasMore ? 0 : state.config.declineMs / 1000 };
  out.send({ type: "ACCEPT", accept: { offer_ids: [offer.id], operations, filters } });
  return true;
}

function mostOn({ config }: InitState): number {
  return Math.min(config.mostInstancesPerOffer, MOST_RECORDS);
}

interface Wanted {
  readonly operations: OfferOperation[];
  /** Of apps: they go in one LAUNCH. */
  readonly tasks: TaskInfo[];
}

function launch(
  state: InitState,
  instanceId: string,
  place: Place,
  { offer, host }: { readonly offer: Offer; readonly host: Host },
  wanted: Wanted,
  nowMs: number,
  out: InitOut,
): void {
  const instance = instanceOf(state, instanceId)!;
  const spec = definitionToLaunch(state, instance)!;
  const { operation, taskIds } = launchOf(spec, place, contextOf(state, instance, offer), state.random);
  if (operation.type === "LAUNCH") wanted.tasks.push(...(operation.launch?.task_infos ?? []));
  else wanted.operations.push(operation);
  const definition = { version: spec.version, configVersion: spec.versionInfo.lastConfigChangeAt };
  const hostPorts = place.hostPorts.map((port) => port ?? null);
  happen(state, instanceId, { type: "launched", taskIds, host, hostPorts, ...definition }, nowMs, out);
  wasTaken(state, instance.spec);
}

// Placing has counted it already, so that the next ones on the same offer see it.
function happen(
  state: InitState,
  instanceId: string,
  event: Parameters<typeof changeInstance>[2] & { readonly type: "launched" | "reserved" },
  nowMs: number,
  out: InitOut,
): void {
  const instance = instanceOf(state, instanceId)!;
  const host = event.type === "launched" ? event.host : event.kept.host;
  if (placesOf(instance) === undefined) ownerOf(state, instanceId)!.tallies.remove(host.places);
  changeInstance(state, instanceId, event, nowMs, out);
}

function contextOf(state: InitState, { id, spec, incarnation }: Instance, offer: Offer) {
  const { config, master, tree } = state;
  return {
    offer,
    frameworkId: master.frameworkId!,
    instanceId: id,
    incarnation,
    environmentPrefix: config.environmentPrefix,
    bridgeName: config.bridgeName,
    enforcesRole: tree.groups.get(`/${topOf(spec)}`)?.enforceRole === true,
  };
}
