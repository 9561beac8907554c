import type { Cron } from "@meseta/cron/core/cron.ts";
import type { CronEvent } from "@meseta/cron/core/event.ts";
import type { CronEffect } from "@meseta/cron/core/out.ts";
import type { DeploymentEffect } from "@meseta/init/core/deployment.ts";
import type { InitEvent } from "@meseta/init/core/event.ts";
import type { Init } from "@meseta/init/core/init.ts";
import type { InitEffect } from "@meseta/init/core/out.ts";
import { specAt } from "@meseta/init/core/spec.ts";
import type { Agent } from "@meseta/kernel/core/agent/agent.ts";
import type { AgentEvent } from "@meseta/kernel/core/agent/event.ts";
import type { AgentEffect } from "@meseta/kernel/core/agent/out.ts";
import type { Master } from "@meseta/kernel/core/master/master.ts";
import type { Core, Outbox } from "@meseta/lib/core/daemon.ts";
import type { Cluster } from "./cluster.ts";
import type { TenantName } from "./tenants/all.ts";
import { cronOf } from "./tenants/cron.ts";
import { initOf } from "./tenants/init.ts";

/** One thing done wrong on purpose, as somebody could in one line. A simulator that does not notice it is blind there. */
export interface Mutant {
  readonly name: string;
  /** Who must take part for it to be noticed; unless said, whoever does. */
  readonly tenants?: readonly TenantName[];
  spoil(cluster: Cluster): void;
}

export const MUTANTS: readonly Mutant[] = [
  agent("an update is sent before it is stored", { save: (key) => !key.startsWith("progress/") }),
  agent("the launch intent is not stored", { save: (key) => !key.startsWith("task/") }),
  agent("an acknowledged end stays in the store", { erase: (key) => !key.startsWith("progress/") }),
  agent("acknowledgements are not heard", {
    event: (event) => event.type !== "link-event" || event.event.type !== "ACKNOWLEDGE",
  }),
  agent("a lost update is not sent again", {
    event: (event) => event.type !== "wake" || event.wake.for !== "update-retry",
  }),
  agent("SIGKILL never follows SIGTERM", {
    event: (event) => event.type !== "wake" || event.wake.for !== "run" || event.wake.wake.for !== "escalate",
  }),
  agent("an exit that nobody saw counts as success", { event: succeedUnseen }),
  agent("a task is started twice", {
    effect: (effect) => (effect.type === "launch" ? [effect, twin(effect)] : [effect]),
  }),
  agent("the data of a new volume is moved aside", {
    effect: (effect) =>
      effect.type === "make-volume"
        ? [effect, { type: "move-volume", path: effect.path, mount: false, trash: effect.path }]
        : [effect],
  }),
  agent("the end of an executor is not told", {
    effect: (effect) => (effect.type === "tell" && effect.message.type === "EXECUTOR_EXITED" ? [] : [effect]),
  }),
  agent("what an operation made is not stored", { save: (key) => key !== "resources" }),
  master("quota is not stored", { save: (key) => !key.startsWith("quota/") }),
  master("weights are not stored", { save: (key) => !key.startsWith("weight/") }),
  master("agents are stored as active", {
    save: (key, value) => !key.startsWith("agent/") || !value.includes('"deactivated":true'),
  }),
  master("some of what is released is not given back", { spoil: leak }),
  init("init does not store what it launches", {
    save: (key, value) => !key.startsWith("instance/") || !value.includes('"condition":"Provisioned"'),
  }),
  init("init does not store what is wanted", { save: (key) => !key.startsWith("spec/") && key !== "root" }),
  init("init does not store its deployments", { save: (key) => !key.startsWith("deployment/") }),
  init("init stores instances that are no more", { erase: (key) => !key.startsWith("instance/") }),
  init("init does not kill", { effect: (effect) => (isSent(effect, "KILL") ? [] : [effect]) }),
  init("init does not acknowledge", { effect: (effect) => (isSent(effect, "ACKNOWLEDGE") ? [] : [effect]) }),
  init("init holds offers that it does not use", { effect: (effect) => (isSent(effect, "DECLINE") ? [] : [effect]) }),
  init("init keeps what it reserved", { effect: keepReserved }),
  init("init does not hear that agents are lost", {
    event: (event) => event.type !== "heard" || event.event.update?.status.state !== "TASK_UNREACHABLE",
  }),
  init("init replaces all old instances at once", { spoil: (core) => decide(core, killAll) }),
  init("init starts one instance too many", { spoil: (core) => decide(core, startMore) }),
  init("init lets deployments go on after their deadline", {
    spoil: ({ state }) => (state.deployments.expire = () => []),
  }),
  init("init brings back less than a deployment that failed has changed", { spoil: forgetChange }),
  init("init does not say that an app scales itself", {
    effect: (effect) =>
      effect.type === "publish" && effect.notice.eventType === "app_autoscaled_event" ? [] : [effect],
  }),
  cron("cron does not store what it launches", {
    save: (key, value) => !key.startsWith("run/") || !value.includes('"phase":"launched"'),
  }),
  cron("cron does not store how far its schedules are", { save: (key) => !key.startsWith("progress/") }),
  cron("cron stores runs that have ended", { erase: (key) => !key.startsWith("run/") }),
  cron("cron does not kill", { effect: (effect) => (isSent(effect, "KILL") ? [] : [effect]) }),
  cron("cron does not acknowledge", { effect: (effect) => (isSent(effect, "ACKNOWLEDGE") ? [] : [effect]) }),
  cron("cron does not hear that tasks have ended", {
    event: (event) => event.type !== "heard" || event.event.update?.status.state !== "TASK_FINISHED",
  }),
];

/** Whether it is a call of this type to the master. */
export const isSent = (effect: InitEffect | CronEffect, type: string): boolean =>
  effect.type === "send" && effect.call.type === type;

function keepReserved(effect: InitEffect): InitEffect[] {
  if (effect.type !== "send" || effect.call.accept === undefined) return [effect];
  const operations = effect.call.accept.operations?.filter(({ type }) => type !== "UNRESERVE" && type !== "DESTROY");
  return [{ ...effect, call: { ...effect.call, accept: { ...effect.call.accept, operations } } }];
}

/** Deployments decide something else. */
function decide(
  { state }: Init,
  change: (effects: readonly DeploymentEffect[], state: Init["state"]) => DeploymentEffect[],
): void {
  const right = state.deployments.settle.bind(state.deployments);
  state.deployments.settle = (...parts) => change(right(...parts), state);
}

function killAll(effects: readonly DeploymentEffect[], { services, tree }: Init["state"]): DeploymentEffect[] {
  return effects.flatMap((effect) => {
    if (effect.type !== "goal" || effect.goal === "Running") return [effect];
    const service = [...services.values()].find(({ instances }) => instances.has(effect.instanceId));
    const spec = service && specAt(tree, service.id);
    const old = [...(service?.instances.values() ?? [])].filter(
      ({ goal, configVersion }) => goal === "Running" && configVersion !== spec?.versionInfo.lastConfigChangeAt,
    );
    return [effect, ...old.map(({ id }) => ({ ...effect, instanceId: id }))];
  });
}

function startMore(effects: readonly DeploymentEffect[]): DeploymentEffect[] {
  return effects.map((effect) => (effect.type === "start" ? { ...effect, create: effect.create + 1 } : effect));
}

/** Of what a deployment changed all but one thing is undone. */
function forgetChange({ state: { deployments } }: Init): void {
  const right = deployments.expire.bind(deployments);
  deployments.expire = (nowMs) =>
    right(nowMs).map((effect) => ({ ...effect, deployment: withoutOne(effect) }) as never);
}

function withoutOne(effect: DeploymentEffect): unknown {
  if (effect.type !== "expired") return undefined;
  const { plan } = effect.deployment;
  return {
    ...effect.deployment,
    plan: { ...plan, changes: Object.fromEntries(Object.entries(plan.changes).slice(1)) },
  };
}

/** What is done wrong. */
export interface Spoiling<Event, Effect, C> {
  /** Whether the record reaches the store. */
  save?(key: string, value: string): boolean;
  /** Whether the record leaves the store. */
  erase?(key: string): boolean;
  /** Whether the event is heard. */
  event?(event: Event): boolean;
  /** What is done in place of the effect. */
  effect?(effect: Effect): Effect[];
  spoil?(core: C): void;
}

function agent(name: string, spoiling: Spoiling<AgentEvent, AgentEffect, Agent>): Mutant {
  return {
    name,
    spoil: ({ agents }) => {
      for (const each of agents) each.spoil = (core) => spoiled(core, spoiling);
    },
  };
}

function master(name: string, spoiling: Spoiling<never, never, Master>): Mutant {
  return {
    name,
    spoil: (cluster) => {
      cluster.master.spoil = (core) => spoiled(core, spoiling as Spoiling<unknown, unknown, Master>);
    },
  };
}

function init(name: string, spoiling: Spoiling<InitEvent, InitEffect, Init>): Mutant {
  return {
    name,
    tenants: ["init"],
    spoil: (cluster) => {
      initOf(cluster)!.framework.spoil = (core) => spoiled(core, spoiling);
    },
  };
}

function cron(name: string, spoiling: Spoiling<CronEvent, CronEffect, Cron>): Mutant {
  return {
    name,
    tenants: ["cron"],
    spoil: (cluster) => {
      cronOf(cluster)!.framework.spoil = (core) => spoiled(core, spoiling);
    },
  };
}

/** The core, doing that wrong. */
export function spoiled<Event, Effect, Out extends Outbox<Effect>, C extends Core<Event, Out>>(
  core: C,
  spoiling: Spoiling<Event, Effect, C>,
): C {
  const right = core.apply.bind(core);
  spoiling.spoil?.(core);
  core.apply = (event, nowMs, out) => {
    if (spoiling.event?.(event) === false) return;
    right(event, nowMs, out);
    for (const [key, value] of out.puts) if (spoiling.save?.(key, value) === false) out.puts.delete(key);
    for (const key of out.deletes) if (spoiling.erase?.(key) === false) out.deletes.delete(key);
    if (spoiling.effect !== undefined) out.effects = out.effects.flatMap((effect) => spoiling.effect!(effect));
  };
  return core;
}

function twin(effect: AgentEffect & { type: "launch" }): AgentEffect {
  return { ...effect, container: { ...effect.container, id: `${effect.container.id}-again` } };
}

function succeedUnseen(event: AgentEvent): boolean {
  if (event.type === "container" && event.event.type === "exited" && event.event.waitStatus === "lost")
    event.event = { type: "exited", id: event.event.id, waitStatus: 0 };
  return true;
}

function leak({ state: { allocator } }: Master): void {
  const right = allocator.recover.bind(allocator);
  let calls = 0;
  allocator.recover = (...parts) => {
    if (++calls % 20 > 0) right(...parts);
  };
}
