import type { CallMessage, CallShutdown } from "@meseta/api/mesos/generated/scheduler.ts";
import { count } from "./counters.ts";
import type { MasterOut } from "./out.ts";
import type { Framework, MasterState } from "./state.ts";
import { tellAgent } from "./tell.ts";

/** MESSAGE: on to the executor, as far as it goes: an agent that does not keep up with messages must not be cut off for them. */
export function relayMessage(
  state: MasterState,
  framework: Framework,
  { agent_id, executor_id, data }: CallMessage,
  out: MasterOut,
): void {
  count(state, "messages_framework_to_executor");
  const agent = state.agents.get(agent_id.value);
  const framework_message = { framework_id: { value: framework.id }, executor_id, data };
  const stream = agent?.stream;
  if (stream !== undefined) out.sendAgentUnlessSlow(stream, { type: "FRAMEWORK_MESSAGE", framework_message });
  count(
    state,
    stream !== undefined ? "valid_framework_to_executor_messages" : "invalid_framework_to_executor_messages",
  );
}

/** SHUTDOWN: on to the agent, which ends the executor and all its tasks. */
export function relayShutdown(
  state: MasterState,
  framework: Framework,
  { agent_id, executor_id }: CallShutdown,
  out: MasterOut,
): void {
  const agent = state.agents.get(agent_id.value);
  if (agent === undefined)
    return out.log("warn", "A SHUTDOWN was dropped: its agent is not known", { agent: agent_id.value });
  const shutdown_executor = { framework_id: { value: framework.id }, executor_id };
  tellAgent(agent, { type: "SHUTDOWN_EXECUTOR", shutdown_executor }, out);
}
