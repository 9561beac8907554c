import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { parseResources } from "@meseta/api/mesos/resources/parse.ts";
import { AGENT_DEFAULTS, type AgentConfig, PLAIN_PROCESSES } from "@meseta/kernel/core/agent/state.ts";
import { MASTER_DEFAULTS, type MasterConfig } from "@meseta/kernel/core/master/state.ts";
import { checkEmpty, checkServices } from "./checkers/init-rest.ts";
import { checkResources } from "./checkers/resources.ts";
import { checkAllocator, checkRest } from "./checkers/rest.ts";
import { ServiceChecker } from "./checkers/services.ts";
import { StoredChecker } from "./checkers/stored.ts";
import { checkEnd, checkStarts, checkTold } from "./checkers/truth.ts";
import { Violation } from "./checkers/violation.ts";
import { Deployer } from "./workloads/deployer.ts";
import type { Operator } from "./workloads/operator.ts";
import { SimScheduler, type Workload } from "./workloads/scheduler.ts";
import { SimAgent } from "./world/agent.ts";
import { Doors } from "./world/door.ts";
import { SimInit } from "./world/init.ts";
import { SimMaster } from "./world/master.ts";
import { Network } from "./world/network.ts";
import { World } from "./world/world.ts";

/** A cluster to simulate. */
export interface Plan {
  agents: number;
  /** Resources of each agent, in the text form of Mesos' flags. */
  resources: string;
}

/** The allocator's books are compared with the master's after so many changes: it costs more than the other checks. */
const CHANGES_A_COMPARISON = 16;

/** A whole datacenter in memory: one master, agents on machines, frameworks, and the checkers that watch them. */
export class Cluster {
  readonly world: World;
  readonly network: Network;
  readonly doors: Doors;
  readonly master: SimMaster;
  readonly agents: SimAgent[];
  readonly schedulers: SimScheduler[] = [];
  /** Of each agent. */
  readonly resources: readonly Resource[];
  operator: Operator | undefined;
  init: SimInit | undefined;
  deployer: Deployer | undefined;
  updates = 0;
  /** Whether the data of this volume may be erased, because somebody asked for it. */
  mayErase: (persistenceId: string) => boolean = () => true;
  #services: ServiceChecker | undefined;
  #checkedVersion = -1;
  #changes = 0;
  #broken: Error | undefined;

  constructor(seed: number, plan: Plan) {
    this.resources = resourcesOf(plan.resources);
    this.world = new World(seed);
    this.network = new Network(this.world);
    this.doors = new Doors(this.network);
    this.master = new SimMaster(this.world, this.doors, masterConfig());
    this.agents = Array.from(
      { length: plan.agents },
      (_, i) => new SimAgent(`a${i + 1}`, this.world, this.doors, agentConfig(i + 1, this.resources)),
    );
    this.master.onCrash = (reason) => this.#break(reason);
    this.master.onLoaded = ({ state }) => this.#guard(() => this.operator?.ledger.check(state));
    for (const agent of this.agents) this.#watch(agent);
  }

  start(): void {
    this.master.start();
    for (const agent of this.agents) this.world.after(this.world.between(0, 500), () => agent.start());
    if (this.init !== undefined) this.world.after(this.world.between(0, 2_000), () => this.init!.start());
    this.deployer?.start();
  }

  /** A framework joins after at most two seconds, and is watched. */
  add(workload: Workload): SimScheduler {
    const scheduler = new SimScheduler(workload, this.world, this.doors);
    scheduler.onUpdate = (status) => {
      this.updates++;
      checkEnd(scheduler.frameworkId!, status, this.agents);
    };
    this.schedulers.push(scheduler);
    this.world.after(this.world.between(0, 2_000), () => scheduler.start());
    return scheduler;
  }

  /** An init joins, and is watched. */
  addInit(): SimInit {
    const init = new SimInit(this.world, this.doors);
    const checker = new ServiceChecker(this.master, this.agents, init.disk, (violation) => this.#break(violation));
    const deployer = new Deployer(init, this.world, (violation) => this.#break(violation));
    init.onCrash = (reason) => this.#break(reason);
    init.watch = {
      loaded: (core) => {
        checker.loaded();
        this.#guard(() => deployer.check(core.state.tree.version));
      },
      applied: (event, out) => checker.applied(event, out),
    };
    init.disk.onCommit = ({ puts }) => {
      checker.committed(puts);
      init.committed();
    };
    for (const agent of this.agents) agent.machine.onStart = (task) => this.#started(task, agent);
    const mayErase = this.mayErase;
    this.mayErase = (id) => (id.includes("#") ? !checker.keeps(id) : mayErase(id));
    this.#services = checker;
    this.init = init;
    this.deployer = deployer;
    return init;
  }

  /** All faults have healed, and init has had time: all that is deployed is there, and nothing else. */
  checkServices(): void {
    const { init, master, agents } = this;
    if (init !== undefined) checkServices({ init, master, agents });
  }

  /** Lives for `ms`, and checks the invariants after every step that changed anything. */
  async run(ms: number): Promise<void> {
    await this.world.run(ms, () => this.#check());
  }

  /** All has healed, and everyone rests. */
  checkEnd(): void {
    checkStarts(this.agents);
    if (this.init !== undefined) checkEmpty({ init: this.init });
    checkRest(this);
    for (const scheduler of this.schedulers) checkTold(scheduler, this.agents);
    this.operator?.ledger.check(this.master.core!.state);
    if (this.#broken !== undefined) throw this.#broken;
  }

  #watch(agent: SimAgent): void {
    const checker = new StoredChecker();
    agent.onCrash = (reason) => this.#break(reason);
    agent.disk.onCommit = (change) => checker.committed(change, this.world.steps);
    agent.onTell = (frameworkId, taskId, uuid) =>
      this.#guard(() => checker.told(`${frameworkId}/${taskId}`, uuid, this.world.steps));
    agent.machine.volumes.onErase = (path) =>
      this.#guard(() => {
        if (!this.mayErase(path.slice(path.lastIndexOf("/") + 1)))
          throw new Violation(`I8: ${path} of ${agent.place} is erased, and nobody destroyed it`);
      });
  }

  #started(task: string, agent: SimAgent): void {
    const [framework, taskId] = task.split("/") as [string, string];
    if (framework === this.init?.core?.state.master.frameworkId || taskId.includes(".instance-"))
      this.#guard(() => this.#services!.started(taskId, agent));
  }

  // Production code calls some of these, and would take the exception for its own: the next step throws it.
  #guard(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#break(error as Error);
    }
  }

  #break(reason: Error): void {
    this.#broken ??= reason;
  }

  #check(): void {
    if (this.#broken !== undefined) throw this.#broken;
    const state = this.master.core?.state;
    if (state === undefined || state.version === this.#checkedVersion) return;
    this.#checkedVersion = state.version;
    this.#services?.lookForLosses();
    checkResources(state);
    if (++this.#changes % CHANGES_A_COMPARISON === 0) checkAllocator(state);
  }
}

function masterConfig(): MasterConfig {
  return { ...MASTER_DEFAULTS, hostname: "master", ip: "127.0.0.1", port: 5050, version: "1.12.0" };
}

function resourcesOf(text: string): Resource[] {
  const parsed = parseResources(text);
  if (!Array.isArray(parsed)) throw new Error(parsed.message);
  return parsed;
}

function agentConfig(number: number, resources: readonly Resource[]): AgentConfig {
  return {
    ...AGENT_DEFAULTS,
    hostname: `a${number}`,
    ip: "127.0.0.1",
    port: 5050 + number,
    version: "1.12.0",
    workDir: "/sim",
    resources,
    pid: 1,
    user: "root",
    flags: {},
    switchUser: false,
    rootTasks: true,
    containers: { ...PLAIN_PROCESSES, images: true },
    // Ten minutes in production: histories would have to rest for hours to see that all is acknowledged.
    updateRetryMaxMs: 60_000,
  };
}
