import type {
  FrameworkInfoCapabilityType,
  OfferOperation,
  Resource,
  TaskState,
} from "@meseta/api/mesos/generated/mesos.ts";
import { unallocate } from "@meseta/api/mesos/resources/allocation.ts";
import { add, contains, sum } from "@meseta/api/mesos/resources/bag.ts";
import { quantities } from "@meseta/api/mesos/resources/quantities.ts";
import { createRandom, type Random } from "@meseta/lib/core/random.ts";
import { expect, test } from "vitest";
import { bag } from "../allocator/sketch.rig.ts";
import { capabilitiesNamed, type LinkAgent, type Scheduler, Stage, task } from "./stage.rig.ts";
import { holdsResources } from "./statuses.ts";

const SEEDS = 40;
const STEPS = 250;

test(`whatever frameworks, agents and operators do, the books agree after every step (${SEEDS} seeds)`, () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const play = new Play(seed);
    for (let step = 0; step < STEPS; step++) {
      const scene = play.step();
      try {
        play.check();
      } catch (error) {
        throw new Error(`seed ${seed}, step ${step} (${scene}): ${(error as Error).message}`, { cause: error });
      }
    }
  }
});

/** An agent with what it would report: the master's launches, less what ended. */
interface Actor {
  readonly link: LinkAgent;
  running: Map<string, { framework: Scheduler; task: string }>;
}

/** Random scenes, each possible in a real cluster, some of them rude. */
class Play {
  readonly stage = new Stage({
    maxCompletedTasksPerFramework: 5,
    maxUnreachableTasksPerFramework: 5,
    maxCompletedFrameworks: 2,
  });
  readonly random: Random;
  readonly agents: Actor[] = [];
  readonly frameworks: Scheduler[] = [];
  #tasks = 0;

  constructor(seed: number) {
    this.random = createRandom(seed);
  }

  step(): string {
    const scenes = Object.entries(this.#scenes);
    const [name, scene] = scenes[this.random.below(scenes.length)]!;
    scene();
    return name;
  }

  check(): void {
    const { state } = this.stage;
    const held = new Map<string, Resource[][]>([...state.agents.keys()].map((id) => [id, []]));
    for (const { offer } of state.offers.values()) held.get(offer.agent_id.value)!.push(offer.resources ?? []);
    for (const framework of state.frameworks.values())
      for (const { task: held1 } of framework.tasks.values()) {
        expect([...state.agents.get(held1.agent_id.value)!.tasks].some((entry) => entry.task === held1)).toBe(true);
        if (holdsResources(held1.state)) held.get(held1.agent_id.value)!.push(held1.resources ?? []);
      }
    for (const agent of state.agents.values())
      for (const executors of agent.executors.values())
        for (const executor of executors.values()) held.get(agent.id)!.push(executor.resources ?? []);
    let used: Resource[] = [];
    for (const [id, parts] of held) {
      const all = unallocate(sum(parts));
      const agent = state.agents.get(id)!;
      if (agent.connection === "recovered") continue;
      expect(contains(agent.total, all), `agent ${id} gives more than it has`).toBe(true);
      used = add(used, all);
    }
    const cpus = (quantities(used).get("cpus") ?? 0) / 1000;
    expect(state.allocator.metrics().resources["cpus"]?.offeredOrAllocated ?? 0, "held by the allocator").toBeCloseTo(
      cpus,
    );
    for (const [key, owner] of state.streams) {
      const of =
        owner.kind === "scheduler"
          ? state.frameworks.get(owner.frameworkId)
          : owner.kind === "agent"
            ? state.agents.get(owner.agentId)
            : undefined;
      if (owner.kind !== "operator") expect(of?.stream).toBe(key);
    }
  }

  #any<T>(items: readonly T[]): T | undefined {
    return items.length === 0 ? undefined : items[this.random.below(items.length)];
  }

  readonly #scenes: Record<string, () => void> = {
    framework: () => {
      if (this.frameworks.length >= 5) return;
      const types: FrameworkInfoCapabilityType[] = ["MULTI_ROLE", "RESERVATION_REFINEMENT"];
      if (this.random.below(2) === 0) types.push("PARTITION_AWARE");
      const roles = [["eng"], ["ops"], ["eng", "ops"], ["eng/ads"]][this.random.below(4)]!;
      const checkpoint = this.random.below(3) > 0;
      const capabilities = capabilitiesNamed(types);
      this.frameworks.push(
        this.stage.framework({ capabilities, roles, checkpoint, failover_timeout: 60 * this.random.below(3) }),
      );
    },
    agent: () => {
      if (this.agents.length >= 6) return;
      this.agents.push({ link: this.stage.agent("cpus:8;mem:1024;disk:100;ports:[1-100]"), running: new Map() });
    },
    launch: () => this.#launch(),
    launchMore: () => this.#launch(),
    launchAgain: () => this.#launch(),
    reserve: () => this.#accept((agent, role) => [this.#reserve(agent.id, role)]),
    decline: () => {
      const framework = this.#any(this.frameworks);
      const offer_ids = framework?.takeOffers().map(({ id }) => id);
      framework?.call({ type: "DECLINE", decline: { offer_ids, filters: { refuse_seconds: this.random.below(10) } } });
    },
    update: () => this.#update(),
    updateAgain: () => this.#update(),
    updateMore: () => this.#update(),
    executorExit: () => {
      const actor = this.#any(this.agents);
      const framework = this.#any(this.frameworks);
      if (actor === undefined || framework?.info.id === undefined) return;
      const ids = { framework_id: framework.info.id, executor_id: { value: "e" } };
      actor.link.send({ type: "EXECUTOR_EXITED", executor_exited: { ...ids, status: 0 } });
    },
    kill: () => {
      const framework = this.#any(this.frameworks);
      framework?.call({ type: "KILL", kill: { task_id: { value: `t${this.random.below(this.#tasks + 2)}` } } });
    },
    reconcile: () => void this.#any(this.frameworks)?.call({ type: "RECONCILE", reconcile: {} }),
    revive: () => void this.#any(this.frameworks)?.call({ type: "REVIVE" }),
    suppress: () => void (this.random.below(3) === 0 && this.#any(this.frameworks)?.call({ type: "SUPPRESS" })),
    schedulerLeaves: () => this.#any(this.frameworks)?.leave(),
    schedulerReturns: () => this.#any(this.frameworks)?.subscribe(),
    teardown: () => void (this.random.below(4) === 0 && this.#any(this.frameworks)?.call({ type: "TEARDOWN" })),
    agentLeaves: () => this.#any(this.agents)?.link.leave(),
    agentReturns: () => this.#return(this.#any(this.agents)),
    agentRestarts: () => {
      const actor = this.#any(this.agents);
      if (actor === undefined) return;
      actor.link.bootId = this.random.uuid();
      if (this.random.below(2) === 0) actor.running.clear();
      this.#return(actor);
    },
    agentForgetsItself: () => {
      const actor = this.#any(this.agents);
      if (actor === undefined || this.random.below(4) > 0) return;
      Object.assign(actor.link, { id: "", epoch: undefined, bootId: this.random.uuid() });
      actor.running.clear();
      actor.link.subscribe();
    },
    farewell: () => void (this.random.below(4) === 0 && this.#any(this.agents)?.link.call({ type: "UNSUBSCRIBE" })),
    silence: () => {
      const actor = this.#any(this.agents);
      if (actor !== undefined) actor.link.isSilent = this.random.below(2) === 0;
    },
    agentChanges: () => {
      const link = this.#any(this.agents)?.link;
      const agent = this.stage.state.agents.get(link?.id ?? "");
      if (link === undefined || agent === undefined) return;
      const total_resources = add(agent.total, bag("cpus:1"));
      const update_agent = { agent_info: agent.info, total_resources, resource_version: this.random.uuid() };
      link.send({ type: "UPDATE_AGENT", update_agent });
    },
    gone: () => {
      const id = this.#any(this.agents)?.link.id;
      if (id === undefined || this.random.below(6) > 0) return;
      this.stage.operate({ type: "MARK_AGENT_GONE", mark_agent_gone: { agent_id: { value: id } } });
    },
    drain: () => {
      const id = this.#any(this.agents)?.link.id;
      if (id === undefined || this.random.below(3) > 0) return;
      this.stage.operate({
        type: "DRAIN_AGENT",
        drain_agent: { agent_id: { value: id }, mark_gone: this.random.below(2) === 0 },
      });
    },
    reactivate: () => {
      const id = this.#any(this.agents)?.link.id;
      if (id !== undefined)
        this.stage.operate({ type: "REACTIVATE_AGENT", reactivate_agent: { agent_id: { value: id } } });
    },
    operatorReserves: () => {
      const id = this.#any(this.agents)?.link.id;
      if (id === undefined) return;
      const operation = this.#reserve(id, "ops");
      const resources = operation.reserve?.resources ?? [];
      this.stage.operate({ type: "RESERVE_RESOURCES", reserve_resources: { agent_id: { value: id }, resources } });
    },
    time: () => this.stage.pass(this.random.below(20_000)),
    muchTime: () => this.stage.pass(this.random.below(120_000)),
    restart: () => {
      if (this.random.below(5) === 0) this.stage.restart();
    },
  };

  #launch(): void {
    this.#accept((agent) => {
      const task_infos = Array.from({ length: 1 + this.random.below(3) }, () => this.#task(agent.id));
      return [{ type: "LAUNCH", launch: { task_infos } }];
    });
  }

  #task(agentId: string) {
    const id = `t${this.random.below(8) === 0 ? this.random.below(this.#tasks + 1) : this.#tasks++}`;
    const resources = `cpus:${this.random.below(4)};mem:${this.random.below(200)}`;
    if (this.random.below(3) > 0) return task(id, agentId, resources);
    const executor = { executor_id: { value: "e" }, command: { value: "x" }, resources: bag("cpus:0.5;mem:32") };
    return { ...task(id, agentId, resources, { executor }), command: undefined };
  }

  #reserve(agentId: string, role: string): OfferOperation {
    void agentId;
    const reservations = [{ type: "DYNAMIC" as const, role, principal: "p" }];
    const resources = bag("cpus:1;mem:10").map((resource) => ({ ...resource, reservations }));
    return { type: "RESERVE", reserve: { resources } };
  }

  #accept(make: (agent: LinkAgent, role: string) => OfferOperation[]): void {
    const framework = this.#any(this.frameworks);
    const offer = this.#any(framework?.takeOffers() ?? []);
    const actor = this.agents.find(({ link }) => link.id === offer?.agent_id.value);
    if (framework === undefined || offer === undefined || actor === undefined) return;
    framework.accept([offer], make(actor.link, offer.allocation_info!.role!), this.random.below(10));
    for (const { run } of actor.link.take("RUN"))
      actor.running.set(`${framework.id}/${run!.task!.task_id.value}`, { framework, task: run!.task!.task_id.value });
  }

  #update(): void {
    const actor = this.#any(this.agents);
    const [key, one] = this.#any([...(actor?.running ?? [])]) ?? [];
    if (actor === undefined || one === undefined || key === undefined || one.framework.info.id === undefined) return;
    const states: TaskState[] = ["TASK_RUNNING", "TASK_FINISHED", "TASK_FAILED", "TASK_KILLED"];
    const latest = states[this.random.below(4)]!;
    const state = this.random.below(2) === 0 ? latest : "TASK_RUNNING";
    const status = actor.link.update(one.framework, one.task, state, {}, latest);
    if (this.random.below(3) > 0) one.framework.acknowledge(status);
    if (state !== "TASK_RUNNING") actor.running.delete(key);
  }

  // It reports what it runs as the master last knew it; some of it the master has forgotten, some the agent has.
  #return(actor: Actor | undefined): void {
    if (actor === undefined) return;
    const { state } = this.stage;
    const held = [...actor.running.values()].flatMap(({ framework, task: id }) => {
      const known = state.frameworks.get(framework.info.id?.value ?? "");
      return known?.tasks.get(id)?.task ?? known?.unreachableTasks.get(id)?.task ?? [];
    });
    const tasks = held.map((one) => ({ ...one, state: "TASK_RUNNING" as const }));
    const frameworks = this.frameworks.flatMap(({ info }) => (info.id === undefined ? [] : [info]));
    const agent = state.agents.get(actor.link.id);
    actor.link.subscribe({
      tasks,
      frameworks,
      ...(agent && agent.total.length > 0 ? { total_resources: agent.total } : {}),
    });
  }
}
