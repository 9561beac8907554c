import type { Call, FrameworkMessage, Message, MessageUpdateAgent } from "@meseta/api/mesos/generated/link.ts";
import { validateResources } from "@meseta/api/mesos/resources/validate.ts";
import { agreedVersion, LINK_VERSIONS, strangerText, versionsOf } from "../link-version.ts";
import { settingsOf, totalOf } from "./admission.ts";
import { removeAgent } from "./agents.ts";
import { count } from "./counters.ts";
import type { MasterEvent } from "./event.ts";
import { receiveExit } from "./executors.ts";
import { rescindOffersOfAgent } from "./offers.ts";
import { receiveOperationUpdate } from "./operations.ts";
import type { Answer, MasterOut } from "./out.ts";
import { noteAlive } from "./pings.ts";
import { receiveProbed } from "./probed.ts";
import { saveAgent } from "./records.ts";
import type { Agent, MasterState } from "./state.ts";
import { tellUnlessSlow } from "./tell.ts";
import { receiveUpdate } from "./updates.ts";

type AgentCall = Extract<MasterEvent, { type: "agent-call" }>;

/**
 * A call of an agent beside its stream: messages, or its farewell. Refused with 409 when it is not of the process that is
 * subscribed here now: the agent must subscribe again, and tells all then.
 */
export function receiveAgentCall(
  state: MasterState,
  { request, call }: AgentCall,
  nowMs: number,
  out: MasterOut,
): void {
  const agent = state.agents.get(call.agent_id?.value ?? "");
  const refusal = staleness(state, agent, call);
  if (agent === undefined || refusal !== undefined) return out.answer(request, refusal ?? { status: 409 });
  out.answer(request, { status: 202 });
  noteAlive(state, agent);
  if (call.type === "UNSUBSCRIBE") return unregister(state, agent, nowMs, out);
  for (const message of call.messages ?? []) receive(state, agent, message, nowMs, out);
}

function staleness(state: MasterState, agent: Agent | undefined, call: Call): Answer | undefined {
  const spoken = versionsOf(call);
  if (agreedVersion(spoken, LINK_VERSIONS) !== call.link_version)
    return { status: 400, text: strangerText(spoken, LINK_VERSIONS) };
  if (call.agent_id === undefined) return { status: 400, text: "Expecting 'agent_id' to be present" };
  if (call.epoch !== state.epoch)
    return { status: 409, text: `The call is for epoch ${call.epoch}, but this is ${state.epoch}: subscribe again` };
  if (agent?.connection !== "connected")
    return { status: 409, text: `Agent ${call.agent_id.value} is not subscribed to this master: subscribe again` };
  if (agent.bootId !== call.boot_id)
    return { status: 409, text: `Agent ${agent.id} is subscribed with another boot id: subscribe again` };
  if (agent.subscription !== call.subscription)
    return { status: 409, text: `Agent ${agent.id} has subscribed again since: the call came late` };
  return undefined;
}

function unregister(state: MasterState, agent: Agent, nowMs: number, out: MasterOut): void {
  count(state, "messages_unregister_slave");
  removeAgent(state, agent.id, "Agent unregistered", nowMs, out);
}

function receive(state: MasterState, agent: Agent, message: Message, nowMs: number, out: MasterOut): void {
  if (!state.agents.has(agent.id)) return;
  if (message.update !== undefined) return receiveUpdate(state, agent, message.update, nowMs, out);
  if (message.update_operation !== undefined)
    return receiveOperationUpdate(state, agent, message.update_operation, nowMs, out);
  if (message.executor_exited !== undefined) return receiveExit(state, agent, message.executor_exited, out);
  if (message.framework_message !== undefined) return receiveMessage(state, agent, message.framework_message, out);
  if (message.probed !== undefined) return receiveProbed(state, agent, message.probed, out);
  if (message.update_agent !== undefined) receiveAgentUpdate(state, agent, message.update_agent, out);
}

function receiveMessage(state: MasterState, agent: Agent, message: FrameworkMessage, out: MasterOut): void {
  count(state, "messages_executor_to_framework");
  const { framework_id, executor_id, data } = message;
  const framework = state.frameworks.get(framework_id.value);
  const event = { agent_id: { value: agent.id }, executor_id, data };
  const sent = framework !== undefined && tellUnlessSlow(framework, { type: "MESSAGE", message: event }, out);
  count(state, sent ? "valid_executor_to_framework_messages" : "invalid_executor_to_framework_messages");
}

// Its resources or attributes changed. What was offered of it may not be there any more, so all of it is offered afresh.
function receiveAgentUpdate(state: MasterState, agent: Agent, update: MessageUpdateAgent, out: MasterOut): void {
  count(state, "messages_update_slave");
  const total = totalOf(update.total_resources, update.oversubscribed_resources);
  const refusal = validateResources(total);
  if (refusal !== undefined)
    return out.log("error", "An agent's resources are not valid", { agent: agent.id, reason: refusal.message });
  const { hostname, port } = agent.info;
  rescindOffersOfAgent(state, agent.id, out);
  agent.info = { ...update.agent_info, hostname, port, id: { value: agent.id } };
  agent.total = total;
  agent.resourceVersion = update.resource_version;
  agent.viewVersion = ++state.version;
  state.allocator.updateAgent(agent.id, settingsOf(state, agent));
  state.allocator.updateTotal(agent.id, total);
  saveAgent(agent, out);
}
