import type { MachineInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { newAgent } from "./admission.ts";
import { placeOf } from "./agents.ts";
import { newFramework, settingsOf } from "./frameworks.ts";
import { newHistory, remember } from "./history.ts";
import { machineKey } from "./machines.ts";
import { restoreMachines } from "./operator/maintenance.ts";
import type { SavedRecords } from "./saved.ts";
import type { CompletedFramework, Framework, History, MasterState, MasterTask } from "./state.ts";

/** All records of the store as it gives them: key and text, in key order. Those of other owners are passed over. */
export type Records = Iterable<readonly [key: string, text: string]>;

/**
 * Fills a fresh state from the store: what was durable. Agents are `recovered` until they register again, frameworks until they
 * subscribe again; tasks and executors come back with the agents.
 */
export function load(state: MasterState, records: Records): void {
  const all = [...records];
  const each = <Prefix extends keyof SavedRecords>(
    prefix: Prefix,
    take: (value: SavedRecords[Prefix], rest: string) => void,
  ) => {
    for (const [key, text] of all) if (key.startsWith(prefix)) take(JSON.parse(text), key.slice(prefix.length));
  };
  each("removed-framework/", (_, id) => state.removedFrameworks.add(id));
  each("framework/", ({ info, registeredMs }, id) => state.frameworks.set(id, newFramework(id, info, registeredMs)));
  each("completed-framework/", (saved, id) => {
    state.completedFrameworks.set(id, { id, ...saved, completedTasks: [], history: newHistory() });
  });
  sortCompleted(state);
  each("completed-task/", ({ tasks }, rest) => loadHistory(state, tasks.map(entryOf), rest));
  each("agent/", ({ info, address, version, capabilities, registeredMs, deactivated, drain }, id) => {
    const agent = newAgent(id, info, registeredMs);
    Object.assign(agent, { address, version, capabilities, deactivated, drain, connection: "recovered" });
    state.agents.set(id, agent);
    state.agentPlaces.set(placeOf(info, address), id);
  });
  each("unreachable/", ({ info, unreachableMs, deactivated, drain }, id) => {
    state.unreachableAgents.set(id, { id, info, unreachableMs, deactivated, drain });
  });
  each("gone/", ({ goneMs }, id) => state.goneAgents.set(id, { goneMs }));
  each("removed-agent/", ({ removedMs }, id) => state.removedAgents.set(id, { removedMs }));
  each("quota/", (config) => state.quotas.set(config.role, config));
  each("weight/", ({ weight }, role) => state.weights.set(role, weight));
  each("machine/", (info: MachineInfo) => state.machines.set(machineKey(info.id), info));
  each("schedule", (schedule) => (state.schedule = schedule));
  restoreMachines(state, [...state.machines.values()]);
  prepareAllocator(state);
}

function entryOf(task: MasterTask["task"]): MasterTask {
  return { task, kill: undefined, awaitsAcknowledgement: false, version: 0 };
}

// The oldest is the first to be forgotten; keys are in the order of ids.
function sortCompleted(state: MasterState): void {
  const sorted = [...state.completedFrameworks.values()].sort((a, b) => a.unregisteredMs - b.unregisteredMs);
  state.completedFrameworks.clear();
  for (const framework of sorted) state.completedFrameworks.set(framework.id, framework);
}

function loadHistory(state: MasterState, tasks: MasterTask[], rest: string): void {
  const key = `completed-task/${rest}`;
  const [frameworkId = "", number = "0"] = rest.split("/");
  const owner: Framework | CompletedFramework | undefined =
    state.frameworks.get(frameworkId) ?? state.completedFrameworks.get(frameworkId);
  // Its framework was forgotten, and the master stopped before it had erased all of its history.
  if (owner === undefined) return void state.erasures.push(key);
  remember(owner, tasks);
  note(owner.history, key, tasks.length, Number(number));
}

function note(history: History, key: string, tasks: number, number: number): void {
  history.records.push({ key, count: tasks });
  history.saved += tasks;
  history.next = Math.max(history.next, number + 1);
}

function prepareAllocator({ allocator, frameworks, quotas, weights, agents, startMs }: MasterState): void {
  for (const [role, weight] of weights) allocator.setWeight(role, weight);
  for (const config of quotas.values()) allocator.setQuota(config);
  for (const framework of frameworks.values()) allocator.addFramework(framework.id, settingsOf(framework), startMs);
  if (agents.size > 0) allocator.expectAgents(agents.size, startMs);
}
