import type { CallDrainAgent } from "@meseta/api/mesos/generated/master.ts";
import type { DrainConfig, MachineID } from "@meseta/api/mesos/generated/mesos.ts";
import { refuse } from "@meseta/api/mesos/refusal.ts";
import { capabilitiesOf } from "../capabilities.ts";
import { drainIfEmpty } from "../drain.ts";
import { machineOf } from "../machines.ts";
import { rescindInverseOffersOfAgent, rescindOffersOfAgent } from "../offers.ts";
import type { Answer, MasterOut } from "../out.ts";
import { saveAgent, saveUnreachable } from "../records.ts";
import type { Agent, MasterState } from "../state.ts";
import { tellAgent } from "../tell.ts";
import { badRequest, done } from "./answers.ts";

/** DRAIN_AGENT: no more offers of it, and it ends all its tasks within the grace period. May be said again with other settings. */
export function drainAgent(state: MasterState, call: CallDrainAgent, nowMs: number, out: MasterOut): Answer {
  const id = call.agent_id.value;
  const agent = state.agents.get(id);
  const config = configOf(call);
  if (agent === undefined) return changeUnreachable(state, id, { drain: config, deactivated: true }, out);
  const refusal = validateDrain(state, agent);
  if (refusal !== undefined) return badRequest(refusal);
  agent.drain = { info: { state: "DRAINING", config }, config, startMs: nowMs };
  takeOut(state, agent, out);
  tellAgent(agent, { type: "DRAIN", drain: { config } }, out);
  drainIfEmpty(state, agent, nowMs, out);
  return done;
}

/** DEACTIVATE_AGENT: no more offers of it; its tasks run on. */
export function deactivateAgent(state: MasterState, id: string, out: MasterOut): Answer {
  const agent = state.agents.get(id);
  if (agent === undefined) return changeUnreachable(state, id, { deactivated: true }, out);
  takeOut(state, agent, out);
  return done;
}

/** REACTIVATE_AGENT: offers of it again, and no drain any more. */
export function reactivateAgent(state: MasterState, id: string, out: MasterOut): Answer {
  const agent = state.agents.get(id);
  const known = agent ?? state.unreachableAgents.get(id);
  if (known?.deactivated !== true) return badRequest(refuse("Agent is not deactivated"));
  if (agent === undefined) return changeUnreachable(state, id, { deactivated: false, drain: undefined }, out);
  if (agent.drain?.info.state === "DRAINING") return badRequest(refuse("Agent is still in the DRAINING state"));
  const wasDrained = agent.drain !== undefined;
  agent.deactivated = false;
  agent.drain = undefined;
  changed(state, agent, out);
  if (agent.connection === "connected") state.allocator.activateAgent(id);
  if (wasDrained) tellAgent(agent, { type: "REACTIVATE" }, out);
  return done;
}

function validateDrain(state: MasterState, agent: Agent) {
  if (agent.connection === "recovered") return undefined;
  const machine = machineOf(state, agent);
  if (machine !== undefined)
    return refuse(`Agent ${agent.id} is part of a maintenance schedule under Machine ${printMachine(machine.id)}`);
  if (!capabilitiesOf(agent).has("AGENT_DRAINING")) return refuse(`Agent ${agent.id} is not capable of draining`);
  return undefined;
}

function printMachine({ hostname, ip }: MachineID): string {
  return ip === undefined ? (hostname ?? "") : `${hostname ?? ""} (${ip})`;
}

function configOf({ max_grace_period, mark_gone }: CallDrainAgent): DrainConfig {
  const config: DrainConfig = { mark_gone: mark_gone ?? false };
  if (max_grace_period === undefined) return config;
  const { seconds = 0, nanos = 0 } = max_grace_period;
  return { max_grace_period: { nanoseconds: seconds * 1e9 + nanos }, ...config };
}

function takeOut(state: MasterState, agent: Agent, out: MasterOut): void {
  agent.deactivated = true;
  rescindOffersOfAgent(state, agent.id, out);
  rescindInverseOffersOfAgent(state, agent.id, out);
  if (agent.connection !== "recovered") state.allocator.deactivateAgent(agent.id);
  changed(state, agent, out);
}

function changed(state: MasterState, agent: Agent, out: MasterOut): void {
  agent.viewVersion = ++state.version;
  saveAgent(agent, out);
}

/** What is asked of an agent that is away waits for its return. */
function changeUnreachable(
  state: MasterState,
  id: string,
  changes: { drain?: DrainConfig | undefined; deactivated: boolean },
  out: MasterOut,
): Answer {
  const agent = state.unreachableAgents.get(id);
  if (agent === undefined) return badRequest(refuse("Unknown agent"));
  const after = { ...agent, ...changes };
  state.unreachableAgents.set(id, after);
  saveUnreachable(after, out);
  return done;
}
