import type { FrameworkInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type { OfferConstraints } from "@meseta/api/mesos/generated/scheduler.ts";
import { count, countOwn } from "./counters.ts";
import type { MasterEvent, StreamId } from "./event.ts";
import { agentsWith, detachStream, newFramework, settingsOf } from "./frameworks.ts";
import { beat, HEARTBEAT_INTERVAL_MS } from "./heartbeats.ts";
import { discardOffers, rescindOffer } from "./offers.ts";
import type { MasterOut } from "./out.ts";
import { publishFrameworkAdded, publishFrameworkUpdated } from "./publish.ts";
import { saveFramework } from "./records.ts";
import type { Agent, Framework, MasterState } from "./state.ts";
import { tell, tellAgent } from "./tell.ts";
import { rolesOf, type SubscriptionContext, validateSubscribe, validateUpdateFramework } from "./validate/framework.ts";

type SchedulerSubscribe = Extract<MasterEvent, { type: "scheduler-subscribe" }>;
type SchedulerCall = Extract<MasterEvent, { type: "scheduler-call" }>;

/** What a framework says about itself when it subscribes or changes. */
interface Wishes {
  readonly info: FrameworkInfo;
  readonly suppressed: readonly string[];
  readonly constraints: OfferConstraints | undefined;
}

/** SUBSCRIBE: a framework opens its stream, for the first time or again. A refusal is an ERROR event, then the end of the stream. */
export function subscribeScheduler(state: MasterState, event: SchedulerSubscribe, nowMs: number, out: MasterOut): void {
  const { stream, principal, call } = event;
  const { framework_info: info, suppressed_roles = [], offer_constraints } = call.subscribe!;
  const known = state.frameworks.get(info.id?.value ?? "");
  const wishes = { info, suppressed: suppressed_roles, constraints: offer_constraints };
  count(state, info.id === undefined ? "messages_register_framework" : "messages_reregister_framework");
  const refusal = validateSubscribe(info, suppressed_roles, offer_constraints, contextOf(state, known, principal));
  const streamId = state.random.uuid();
  if (refusal !== undefined) return turnAway(stream, streamId, refusal.message, out);
  if (known === undefined && state.frameworks.size >= state.config.maxFrameworks) return refuseNew(state, stream, out);
  if (known === undefined) welcomeNew(state, wishes, stream, streamId, nowMs, out);
  else welcomeBack(state, known, wishes, stream, streamId, nowMs, out);
}

/** UPDATE_FRAMEWORK: all of it or nothing; done when it is answered. */
export function updateFramework(
  state: MasterState,
  framework: Framework,
  { request, principal, call }: SchedulerCall,
  nowMs: number,
  out: MasterOut,
): void {
  const { framework_info: info, suppressed_roles = [], offer_constraints } = call.update_framework!;
  const context = { ...contextOf(state, framework, principal), known: framework.info };
  const refusal = validateUpdateFramework(info, suppressed_roles, offer_constraints, context);
  if (refusal !== undefined) return out.answer(request, { status: 400, text: refusal.message });
  const wishes = { info, suppressed: suppressed_roles, constraints: offer_constraints };
  if (adopt(state, framework, wishes, nowMs, out)) describe(framework, agentsWith(state, framework), out);
  publishFrameworkUpdated(state, framework, out);
  out.answer(request, { status: 200 });
}

function contextOf(
  state: MasterState,
  known: Framework | undefined,
  principal: string | undefined,
): SubscriptionContext {
  return {
    roleWhitelist: state.config.roleWhitelist,
    rootSubmissions: state.config.rootSubmissions,
    isRemoved: (frameworkId) => state.removedFrameworks.has(frameworkId),
    known: known?.info,
    principal,
  };
}

function turnAway(stream: StreamId, streamId: string, message: string, out: MasterOut): void {
  out.open(stream, { "Mesos-Stream-Id": streamId });
  out.sendScheduler(stream, { type: "ERROR", error: { message } });
  out.close(stream);
  out.log("info", "A subscription was refused", { reason: message });
}

// It may come again: another framework may have ended.
function refuseNew(state: MasterState, stream: StreamId, out: MasterOut): void {
  const { maxFrameworks } = state.config;
  countOwn(state, "frameworks_refused");
  out.refuseStream(stream, { status: 503, text: `There are ${maxFrameworks} frameworks already (--max-frameworks)` });
  out.log("warn", "A framework was refused: there are too many", { maxFrameworks });
}

// An id that this master does not know is taken as it is: its store may have been lost, the framework's was not.
function welcomeNew(
  state: MasterState,
  wishes: Wishes,
  stream: StreamId,
  streamId: string,
  nowMs: number,
  out: MasterOut,
): void {
  const id = wishes.info.id?.value ?? newId(state);
  const framework = newFramework(id, { ...wishes.info, id: { value: id } }, nowMs);
  take(framework, wishes);
  state.frameworks.set(id, framework);
  attach(state, framework, stream, streamId);
  state.allocator.addFramework(id, settingsOf(framework), nowMs);
  saveFramework(framework, out);
  greet(state, framework, nowMs, out);
  publishFrameworkAdded(state, framework, out);
  out.log("info", "A framework subscribed", { framework: id, name: framework.info.name });
}

function newId(state: MasterState): string {
  return `${state.id}-${String(state.nextFramework++).padStart(4, "0")}`;
}

function welcomeBack(
  state: MasterState,
  framework: Framework,
  wishes: Wishes,
  stream: StreamId,
  streamId: string,
  nowMs: number,
  out: MasterOut,
): void {
  failOver(state, framework, out);
  attach(state, framework, stream, streamId);
  framework.reregisteredMs = nowMs;
  const { user, checkpoint } = framework.info;
  const isOther = adopt(state, framework, { ...wishes, info: { ...wishes.info, user, checkpoint } }, nowMs, out);
  describe(framework, isOther ? agentsWith(state, framework) : awaiting(state, framework), out);
  state.allocator.activateFramework(framework.id, nowMs);
  greet(state, framework, nowMs, out);
  publishFrameworkUpdated(state, framework, out);
  out.log("info", "A framework subscribed again", { framework: framework.id, name: framework.info.name });
}

// The newer subscription wins. What the older one was offered is not its any more.
function failOver(state: MasterState, framework: Framework, out: MasterOut): void {
  if (framework.stream === undefined) return;
  tell(framework, { type: "ERROR", error: { message: "Framework failed over" } }, out);
  out.close(framework.stream);
  detachStream(state, framework);
  discardOffers(state, framework);
}

function attach(state: MasterState, framework: Framework, stream: StreamId, streamId: string): void {
  framework.stream = stream;
  framework.streamId = streamId;
  framework.connection = "connected";
  framework.active = true;
  framework.version = ++state.version;
  state.streams.set(stream, { kind: "scheduler", frameworkId: framework.id });
}

function take(framework: Framework, { info, suppressed, constraints }: Wishes): void {
  framework.info = { ...info, id: { value: framework.id } };
  framework.roles = new Set(rolesOf(info));
  framework.suppressed = new Set(suppressed);
  framework.offerConstraints = constraints;
}

// Whether the framework is another now than it was described to its agents.
function adopt(state: MasterState, framework: Framework, wishes: Wishes, nowMs: number, out: MasterOut): boolean {
  const before = JSON.stringify(framework.info);
  take(framework, wishes);
  framework.version = ++state.version;
  state.allocator.updateFramework(framework.id, settingsOf(framework), nowMs);
  rescindOfLeftRoles(state, framework, out);
  if (JSON.stringify(framework.info) === before) return false;
  saveFramework(framework, out);
  return true;
}

function describe({ info }: Framework, agents: ReadonlySet<Agent>, out: MasterOut): void {
  for (const agent of agents)
    tellAgent(agent, { type: "UPDATE_FRAMEWORK", update_framework: { framework_info: info } }, out);
}

// What they told may have been lost with the scheduler that is gone, and they would be silent for ten seconds, or for minutes.
function awaiting({ agents }: MasterState, framework: Framework): Set<Agent> {
  const found = new Set<Agent>();
  for (const { task, awaitsAcknowledgement } of framework.tasks.values()) {
    const agent = awaitsAcknowledgement ? agents.get(task.agent_id.value) : undefined;
    if (agent !== undefined) found.add(agent);
  }
  return found;
}

function rescindOfLeftRoles(state: MasterState, { offers, roles }: Framework, out: MasterOut): void {
  for (const offerId of [...offers]) if (!roles.has(state.offers.get(offerId)!.role)) rescindOffer(state, offerId, out);
}

function greet(state: MasterState, framework: Framework, nowMs: number, out: MasterOut): void {
  const stream = framework.stream!;
  out.open(stream, { "Mesos-Stream-Id": framework.streamId! });
  tell(
    framework,
    {
      type: "SUBSCRIBED",
      subscribed: {
        framework_id: { value: framework.id },
        heartbeat_interval_seconds: HEARTBEAT_INTERVAL_MS / 1000,
        master_info: state.info,
      },
    },
    out,
  );
  beat(state, stream, nowMs, out);
}
