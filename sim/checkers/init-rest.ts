import type { RunSpec } from "@meseta/api/marathon/group.ts";
import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import type { Instance } from "@meseta/init/core/instance/instance.ts";
import { ownerOf } from "@meseta/init/core/place/reservation.ts";
import { specsOf } from "@meseta/init/core/spec.ts";
import type { InitState } from "@meseta/init/core/state.ts";
import type { Agent, MasterState } from "@meseta/kernel/core/master/state.ts";
import type { SimAgent } from "../world/agent.ts";
import type { SimInit } from "../world/init.ts";
import type { SimMaster } from "../world/master.ts";
import { leftOf } from "./resources.ts";
import { instanceIn } from "./services.ts";
import { Violation } from "./violation.ts";

/** A cluster on which an init runs, at rest. */
export interface Standing {
  readonly init: SimInit;
  readonly master: SimMaster;
  readonly agents: readonly SimAgent[];
}

/**
 * All faults have healed a good while ago, and nobody changes anything: each service has exactly its instances, running what is wanted; deployments are over, or
 * wait for what has no place; no task and no reservation is nobody's.
 */
export function checkServices({ init, master, agents }: Standing): void {
  const state = init.core?.state;
  if (state === undefined) throw new Violation("rest: init is not alive");
  if (!state.master.isConnected) throw new Violation("rest: init is not connected");
  const cluster = master.core!.state;
  const waiting = new Set<string>();
  for (const spec of specsOf(state.tree)) if (isWaiting(spec, state, cluster)) waiting.add(spec.id);
  for (const { plan, step } of state.deployments.all)
    if (!plan.steps[step]!.actions.some(({ id }) => waiting.has(id)))
      throw new Violation(`rest: deployment ${plan.id} goes on: ${JSON.stringify(plan.steps)} at ${step}`);
  checkTasks(state, agents);
  for (const spec of specsOf(state.tree))
    if (!waiting.has(spec.id) && !isHeld(state, spec.id)) checkNumber(spec, state, agents);
  for (const { id, instances } of state.services.values())
    if (!isWanted(state, id) && instances.size > 0)
      throw new Violation(`rest: ${id} is gone, and has ${instances.size} instances`);
  checkKept(state, cluster);
}

/** Nothing is wanted any more: init has nothing left, and keeps nothing but what it may be asked to go back to. */
export function checkEmpty({ init }: Pick<Standing, "init">): void {
  const { services, deployments, kills, offered } = init.core!.state;
  const left = [...services.values()].flatMap(({ instances }) => [...instances.keys()]);
  if (left.length > 0) throw new Violation(`rest: init still has ${left}`);
  if (services.size > 0) throw new Violation(`rest: init still has the services ${[...services.keys()]}`);
  if (deployments.count > 0) throw new Violation("rest: a deployment of nothing goes on");
  if (kills.wakeAtMs !== undefined) throw new Violation("rest: init still kills something");
  if (offered.size > 0) throw new Violation("rest: init still holds offers");
  for (const key of init.disk.records.records.keys())
    if (/^(instance|spec|deployment|failure)\//.test(key)) throw new Violation(`rest: init still stores ${key}`);
}

function isWanted(state: InitState, id: string): boolean {
  return state.tree.apps.has(id) || state.tree.pods.has(id);
}

/** A deployment that waits acts on it, and may have come to any point. */
function isHeld({ deployments }: InitState, id: string): boolean {
  return deployments.actsOn(id);
}

function instancesOf(state: InitState, id: string): Instance[] {
  return [...(state.services.get(id)?.instances.values() ?? [])];
}

/** Whether some instance of it waits for a place that there is not, or for an agent that has not come back. */
function isWaiting(spec: RunSpec, state: InitState, cluster: MasterState): boolean {
  const instances = instancesOf(state, spec.id).filter(({ goal }) => goal === "Running");
  if (instances.some((one) => isAway(one, cluster))) return true;
  const queued = instances.filter(({ condition }) => condition === "Scheduled");
  for (const one of queued) {
    const place = [...cluster.agents.values()].find((agent) =>
      hasRoom(spec, one, instancesOf(state, spec.id), agent, cluster),
    );
    if (place !== undefined) throw new Violation(`rest: ${one.id} waits, and could be on ${place.info.hostname}`);
  }
  return queued.length > 0;
}

function isAway({ condition, host, kept }: Instance, { agents }: MasterState): boolean {
  const agentId = (host ?? kept?.host)?.agent_id.value ?? "";
  return (condition.startsWith("Unreachable") || condition === "Scheduled") && agentId !== "" && !agents.has(agentId);
}

function hasRoom(spec: RunSpec, one: Instance, all: readonly Instance[], agent: Agent, cluster: MasterState): boolean {
  if (one.kept !== undefined) return one.kept.host.agent_id.value === agent.id;
  const left = leftOf(cluster, agent);
  const free = (name: string): number => left.get(`${name} () `) ?? 0;
  const needs = needsOf(spec);
  if (free("cpus") < needs.cpus * 1000 || free("mem") < needs.mem * 1000 || free("disk") < needs.disk * 1000)
    return false;
  const there = new Map<string, number>();
  // Those that rest count as well: what is kept for them stays where it is.
  for (const other of all) {
    const hostname = (other.host ?? other.kept?.host)?.hostname;
    if (hostname !== undefined) there.set(hostname, (there.get(hostname) ?? 0) + 1);
  }
  const constraints = "containers" in spec ? [] : spec.constraints;
  return constraints.every((constraint) => allows(constraint, agent.info.hostname, there));
}

function needsOf(spec: RunSpec): { cpus: number; mem: number; disk: number } {
  if (!("containers" in spec)) {
    const volumes = (spec.container?.volumes ?? []).reduce((sum, { persistent }) => sum + (persistent?.size ?? 0), 0);
    return { cpus: spec.cpus, mem: spec.mem, disk: spec.disk + volumes };
  }
  const parts = [spec.executorResources, ...spec.containers.map(({ resources }) => resources)];
  const sum = (name: "cpus" | "mem" | "disk"): number => parts.reduce((all, part) => all + part[name], 0);
  return { cpus: sum("cpus"), mem: sum("mem"), disk: sum("disk") };
}

function allows(
  [, operator, value]: readonly [string, string, string?],
  hostname: string,
  there: ReadonlyMap<string, number>,
): boolean {
  const here = there.get(hostname) ?? 0;
  switch (operator) {
    case "UNIQUE":
      return here === 0;
    case "MAX_PER":
      return here < Number(value);
    case "CLUSTER":
      return hostname === value;
    case "UNLIKE":
      return hostname !== value;
    default:
      // GROUP_BY: where fewest are, one more is always right.
      return here <= Math.min(...there.values());
  }
}

/** Everything that runs is an instance's that is known, and is told to run; and the other way round. */
function checkTasks(state: InitState, agents: readonly SimAgent[]): void {
  for (const { machine, place } of agents)
    for (const task of tasksOn(machine, state)) {
      const service = [...state.services.values()].find(({ instances }) => instances.has(instanceIn(task)));
      const instance = service?.instances.get(instanceIn(task));
      if (instance?.tasks[task] === undefined) throw new Violation(`rest: ${task} runs on ${place}, and is nobody's`);
      if (instance.goal !== "Running")
        throw new Violation(`rest: ${task} runs on ${place}, and is to be ${instance.goal}`);
    }
}

function tasksOn(machine: SimAgent["machine"], { master }: InitState): string[] {
  return machine.running.flatMap(({ script }) => {
    const [framework, task] = (script.task ?? "/").split("/") as [string, string];
    return framework === master.frameworkId ? [task] : [];
  });
}

function checkNumber(spec: RunSpec, state: InitState, agents: readonly SimAgent[]): void {
  const isPod = "containers" in spec;
  const target = isPod ? spec.scaling.instances : spec.instances;
  const instances = instancesOf(state, spec.id).filter(({ goal }) => goal !== "Stopped");
  const told = instances.map((one) => `${one.id} ${one.goal} ${one.condition} ${one.configVersion}`).join("; ");
  if (instances.length !== target)
    throw new Violation(`rest: ${spec.id} has ${instances.length} instances, not ${target}: ${told}`);
  const old = instances.find(({ configVersion }) => configVersion !== spec.versionInfo.lastConfigChangeAt);
  if (old !== undefined) throw new Violation(`rest: ${old.id} is of ${old.configVersion}: ${told}`);
  const commands = isPod
    ? spec.containers.map(({ exec }) => JSON.stringify(exec?.command)).map((text) => /change (\d+)/.exec(text)?.[0])
    : [/change (\d+)/.exec(spec.cmd ?? "")?.[0]];
  for (const instance of instances)
    for (const [task, { condition }] of Object.entries(instance.tasks)) {
      // A pod's container may finish while the others go on.
      if (isPod && condition === "Finished") continue;
      const truth = agents
        .flatMap(({ machine }) => machine.running)
        .find(({ script }) => script.task?.endsWith(`/${task}`));
      if (truth === undefined) throw new Violation(`rest: ${task} is ${condition} for init, and runs nowhere`);
      if (!commands.includes(/change (\d+)/.exec(JSON.stringify(truth.spec.command))?.[0]))
        throw new Violation(`rest: ${task} does not run what is wanted: ${JSON.stringify(truth.spec.command)}`);
    }
}

/** What is reserved by init is some instance's. */
function checkKept(state: InitState, cluster: MasterState): void {
  for (const agent of cluster.agents.values())
    for (const resource of agent.total) {
      const owner = ownerOf(resource as Resource);
      if (owner?.frameworkId !== state.master.frameworkId || owner === undefined) continue;
      const instance = [...state.services.values()].flatMap(
        ({ instances }) => instances.get(owner.instanceId) ?? [],
      )[0];
      if (instance?.kept?.host.agent_id.value !== agent.id)
        throw new Violation(
          `rest: ${agent.info.hostname} keeps something for ${owner.instanceId}, and nobody needs it`,
        );
    }
}
