import type { Agent } from "@meseta/kernel/core/agent/agent.ts";
import type { AgentEvent } from "@meseta/kernel/core/agent/event.ts";
import type { AgentEffect } from "@meseta/kernel/core/agent/out.ts";
import type { Master } from "@meseta/kernel/core/master/master.ts";
import type { Core, Outbox } from "@meseta/lib/core/daemon.ts";
import type { Cluster } from "./cluster.ts";

/** One thing done wrong on purpose, as somebody could in one line. A simulator that does not notice it is blind there. */
export interface Mutant {
  readonly name: string;
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
];

interface Spoiling<Event, Effect, C> {
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

function spoiled<Event, Effect, Out extends Outbox<Effect>, C extends Core<Event, Out>>(
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
