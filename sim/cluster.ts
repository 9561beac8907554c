import { parseResources } from "@meseta/api/mesos/resources/parse.ts";
import { AGENT_DEFAULTS, type AgentConfig } from "@meseta/kernel/core/agent/state.ts";
import { MASTER_DEFAULTS, type MasterConfig } from "@meseta/kernel/core/master/state.ts";
import { checkResources, UpdateChecker, Violation } from "./checkers/kernel.ts";
import { SimScheduler, type Workload } from "./workloads/scheduler.ts";
import { SimAgent } from "./world/agent.ts";
import { Doors } from "./world/door.ts";
import { SimMaster } from "./world/master.ts";
import { Network } from "./world/network.ts";
import { World } from "./world/world.ts";

/** A cluster to simulate. */
export interface Plan {
  agents: number;
  /** Resources of each agent, in the text form of Mesos' flags. */
  resources: string;
}

/** A whole datacenter in memory: one master, agents on machines, frameworks, and the checkers that watch them. */
export class Cluster {
  readonly world: World;
  readonly network: Network;
  readonly doors: Doors;
  readonly master: SimMaster;
  readonly agents: SimAgent[];
  readonly schedulers: SimScheduler[] = [];
  updates = 0;
  #checkedVersion = -1;

  constructor(seed: number, plan: Plan) {
    this.world = new World(seed);
    this.network = new Network(this.world);
    this.doors = new Doors(this.network);
    this.master = new SimMaster(this.world, this.doors, masterConfig());
    this.agents = Array.from(
      { length: plan.agents },
      (_, i) => new SimAgent(`a${i + 1}`, this.world, this.doors, agentConfig(i + 1, plan.resources)),
    );
    for (const process of [this.master, ...this.agents])
      process.onCrash = (reason) => {
        throw reason;
      };
  }

  start(): void {
    this.master.start();
    for (const agent of this.agents) this.world.after(this.world.between(0, 500), () => agent.start());
  }

  /** A framework joins after at most two seconds, watched by a checker of its own. */
  add(workload: Workload): SimScheduler {
    const scheduler = new SimScheduler(workload, this.world, this.doors);
    const checker = new UpdateChecker();
    scheduler.onUpdate = (status) => {
      this.updates++;
      checker.heard(status);
    };
    this.schedulers.push(scheduler);
    this.world.after(this.world.between(0, 2_000), () => scheduler.start());
    return scheduler;
  }

  /** Lives for `ms`, and checks the invariants after every step that changed anything. */
  async run(ms: number): Promise<void> {
    await this.world.run(ms, () => this.#check());
  }

  #check(): void {
    const state = this.master.core?.state;
    if (state === undefined || state.version === this.#checkedVersion) return;
    this.#checkedVersion = state.version;
    checkResources(state);
  }

  /** I3 on the machines: no task was ever started twice. */
  checkLaunches(): void {
    for (const agent of this.agents)
      for (const [id, count] of agent.machine.launches)
        if (count > 1) throw new Violation(`I3: container ${id} was started ${count} times on ${agent.place}`);
  }

  /** Liveness, when all faults have healed and frameworks rest: nothing runs, nothing is held, everyone is back. */
  checkRest(): void {
    const state = this.master.core!.state;
    for (const agent of this.agents) {
      const running = agent.machine.running;
      if (running.length > 0)
        throw new Violation(`rest: ${running.length} processes still run on ${agent.place}, such as ${running[0]!.id}`);
    }
    for (const scheduler of this.schedulers) {
      const alive = [...scheduler.tasks].filter(([, task]) => scheduler.alive.includes(task));
      if (alive.length > 0)
        throw new Violation(`rest: ${scheduler.place} believes that ${alive[0]![0]} is ${alive[0]![1].state}`);
    }
    const connected = [...state.agents.values()].filter((agent) => agent.connection === "connected").length;
    if (connected !== this.agents.length)
      throw new Violation(`rest: ${connected} of ${this.agents.length} agents are connected`);
    for (const agent of state.agents.values())
      if (agent.tasks.size > 0)
        throw new Violation(`rest: the master still holds ${agent.tasks.size} tasks of agent ${agent.id}`);
  }
}

function masterConfig(): MasterConfig {
  return { ...MASTER_DEFAULTS, hostname: "master", ip: "127.0.0.1", port: 5050, version: "1.12.0" };
}

function agentConfig(number: number, resources: string): AgentConfig {
  const parsed = parseResources(resources);
  if (!Array.isArray(parsed)) throw new Error(parsed.message);
  return {
    ...AGENT_DEFAULTS,
    hostname: `a${number}`,
    ip: "127.0.0.1",
    port: 5050 + number,
    version: "1.12.0",
    workDir: "/sim",
    resources: parsed,
    pid: 1,
    user: "root",
    flags: {},
    switchUser: false,
    rootTasks: true,
  };
}
