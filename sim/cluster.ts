import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { parseResources } from "@meseta/api/mesos/resources/parse.ts";
import { AGENT_DEFAULTS, type AgentConfig, PLAIN_PROCESSES } from "@meseta/kernel/core/agent/state.ts";
import { MASTER_DEFAULTS, type MasterConfig, type MasterState } from "@meseta/kernel/core/master/state.ts";
import { checkAbsent, checkRemoved } from "./checkers/absent.ts";
import { FormatChecker } from "./checkers/formats.ts";
import { type Contender, LeaderChecker } from "./checkers/leaders.ts";
import { OutlivedChecker } from "./checkers/outlived.ts";
import { checkResources } from "./checkers/resources.ts";
import { checkAllocator, checkRest } from "./checkers/rest.ts";
import { SilenceChecker } from "./checkers/silence.ts";
import { StoredChecker } from "./checkers/stored.ts";
import { checkEnd, checkStarts, checkTold, checkWanted } from "./checkers/truth.ts";
import { Violation } from "./checkers/violation.ts";
import { TENANTS, type TenantName } from "./tenants/all.ts";
import type { House, Tenant } from "./tenants/tenant.ts";
import type { Operator } from "./workloads/operator.ts";
import { Reader } from "./workloads/reader.ts";
import { SimScheduler, type Workload } from "./workloads/scheduler.ts";
import { SimAgent } from "./world/agent.ts";
import { Disk } from "./world/disk.ts";
import { Doors } from "./world/door.ts";
import { LEISURELY, PRODUCTION } from "./world/election.ts";
import { SimEtcd } from "./world/etcd.ts";
import { EtcdMirror } from "./world/etcd-mirror.ts";
import { type Several, SimMaster } from "./world/master.ts";
import { Network } from "./world/network.ts";
import { World } from "./world/world.ts";

/** A cluster to simulate. */
export interface Plan {
  agents: number;
  /** Resources of each agent, in the text form of Mesos' flags. */
  resources: string;
  /** When it begins, by its clocks. */
  startMs?: number;
  /** How many masters on one etcd, one of which leads; unless said, one on a disk of its own. */
  masters?: number;
  /** They renew and look as often as in production. */
  isBrisk?: boolean;
  /** How many processes each framework of the house has, where there is an etcd. */
  copies?: number;
}

/** What stays within a process. */
const INWARD: ReadonlySet<string> = new Set(["log", "wake", "publish"]);

const ETCD_MEMBERS = 3;

/** The allocator's books are compared with the master's after so many changes: it costs more than the other checks. */
const CHANGES_A_COMPARISON = 16;

/** A whole datacenter in memory: one master, agents on machines, frameworks, and the checkers that watch them. */
export class Cluster {
  readonly world: World;
  readonly network: Network;
  readonly doors: Doors;
  readonly master: SimMaster;
  /** What several masters share. */
  readonly etcd: SimEtcd | undefined;
  /** Watches several masters. */
  readonly leaders: LeaderChecker | undefined;
  readonly agents: SimAgent[];
  readonly schedulers: SimScheduler[] = [];
  /** Of each agent. */
  readonly resources: readonly Resource[];
  operator: Operator | undefined;
  /** The frameworks of the house that live here. */
  readonly tenants: Tenant[] = [];
  updates = 0;
  /** Whether the data of this volume, which is no tenant's, may be erased, because somebody asked for it. */
  mayErase: (persistenceId: string) => boolean = () => true;
  /** Who contends, and who watches them. */
  readonly contests: { readonly contenders: readonly Contender[]; readonly checker: LeaderChecker }[] = [];
  /** Each store, as it is durable, and of which release whoever serves it is. */
  readonly stores: { readonly disk: Disk; readonly checker: FormatChecker; readonly release: () => number }[] = [];
  readonly #several: Several | undefined;
  readonly #copies: number;
  #checked: object | undefined;
  #checkedVersion = -1;
  #changes = 0;
  #broken: Error | undefined;

  constructor(seed: number, plan: Plan) {
    this.resources = resourcesOf(plan.resources);
    this.world = new World(seed, plan.startMs);
    this.network = new Network(this.world);
    this.doors = new Doors(this.network);
    this.etcd = plan.masters === undefined ? undefined : new SimEtcd(this.world.of("etcd"), this.doors, ETCD_MEMBERS);
    const { masters: count = 1, isBrisk = false } = plan;
    const several = this.etcd && { count, etcd: this.etcd, rules: isBrisk ? PRODUCTION : LEISURELY };
    this.#several = several;
    this.#copies = plan.copies ?? 1;
    this.master = new SimMaster(this.world, this.doors, masterConfig(), several);
    this.doors.masters = this.master.processes.map(({ place }) => place);
    if (this.etcd !== undefined) {
      this.network.group(this.master.place, this.doors.masters);
      this.network.group("etcd", this.etcd.places);
    }
    this.agents = Array.from(
      { length: plan.agents },
      (_, i) => new SimAgent(`a${i + 1}`, this.world.of(`a${i + 1}`), this.doors, agentConfig(i + 1, this.resources)),
    );
    this.master.onCrash = (reason) => this.#break(reason);
    this.leaders = this.etcd && this.#contest("master", this.master.processes);
    this.master.onEffect = ({ type }, place, epoch) => INWARD.has(type) || this.leaders?.acts(place, epoch, type);
    this.master.onLoaded = ({ state }, epoch) => this.#loaded(state, epoch);
    for (const agent of this.agents) this.#watch(agent);
    this.#watchFormat("master", this.#masterDisk(), () => this.master.leader!.release.number);
    for (const agent of this.agents) this.#watchFormat(agent.place, agent.disk, () => agent.release.number);
  }

  #masterDisk(): Disk {
    if (this.etcd === undefined) return this.master.disk;
    const disk = new Disk(this.world);
    new EtcdMirror(this.etcd, this.master.place, disk);
    return disk;
  }

  #watchFormat(place: string, disk: Disk, release: () => number): void {
    const checker = new FormatChecker(place);
    disk.onStored = (change) => this.#guard(() => checker.committed(change));
    disk.onReplaced = () => checker.replaced(disk);
    this.stores.push({ disk, checker, release });
  }

  start(): void {
    this.master.start();
    const { operator, world } = this;
    if (operator !== undefined)
      new Reader(this.master, world.of("reader"), operator.ledger, (check) => this.#guard(check)).start();
    for (const agent of this.agents) this.world.after(this.world.between(0, 500), () => agent.start());
    new SilenceChecker(this).start((check) => this.#guard(check));
    new OutlivedChecker(this).start((check) => this.#guard(check));
    for (const tenant of this.tenants) tenant.start();
  }

  /** A framework joins after at most two seconds, and is watched. */
  add(workload: Workload): SimScheduler {
    const scheduler = new SimScheduler(workload, this.world.of(`scheduler-${workload.name}`), this.doors);
    scheduler.onUpdate = (status) => {
      this.updates++;
      checkEnd(scheduler.frameworkId!, status, this.agents);
      if (this.operator === undefined) checkWanted(scheduler, status);
    };
    this.schedulers.push(scheduler);
    this.world.after(this.world.between(0, 2_000), () => scheduler.start());
    return scheduler;
  }

  /** A framework of the house joins, and is watched. Its tenant is returned; it begins when the cluster does, or when it is told to. */
  addTenant<N extends TenantName>(name: N): ReturnType<(typeof TENANTS)[N]> {
    const { doors, network, master, agents } = this;
    const house: House = {
      world: this.world.of(name),
      doors,
      network,
      master,
      agents,
      several: this.#copies > 1 && this.#several ? { ...this.#several, count: this.#copies } : undefined,
      isOperated: () => this.operator !== undefined,
      guard: (check) => this.#guard(check),
      fail: (violation) => this.#break(violation),
    };
    const tenant = TENANTS[name](house) as ReturnType<(typeof TENANTS)[N]>;
    this.tenants.push(tenant);
    const { framework } = tenant;
    this.#watchFormat(framework.place, framework.disk, () => framework.release.number);
    if (framework.isOnEtcd) {
      this.network.group(
        framework.place,
        framework.seats.map(({ place }) => place),
      );
      framework.umpire = this.#contest(framework.place, framework.seats);
    }
    return tenant;
  }

  #contest(folder: string, contenders: readonly Contender[]): LeaderChecker {
    const checker = new LeaderChecker(folder, this.etcd!, (check) => this.#guard(check));
    this.contests.push({ contenders, checker });
    return checker;
  }

  /** Lives for `ms`, and checks the invariants after every step that changed anything. */
  async run(ms: number): Promise<void> {
    await this.world.run(ms, () => this.#check());
  }

  /** All has healed, and everyone rests. */
  checkEnd(): void {
    for (const { contenders, checker } of this.contests) checker.checkRest(contenders);
    for (const { disk, checker, release } of this.stores) checker.checkRest(disk, release());
    checkStarts(this.agents);
    for (const tenant of this.tenants) tenant.checkEmpty();
    checkRest(this);
    for (const scheduler of this.schedulers) checkTold(scheduler, this.agents);
    this.operator?.ledger.check(this.master.core!.state);
    if (this.#broken !== undefined) throw this.#broken;
  }

  // Who has been followed since may hold what was true before.
  #loaded(state: MasterState, epoch: number): void {
    if (this.leaders?.isNewest(epoch) === false) return;
    this.#guard(() => this.operator?.ledger.check(state));
    this.#guard(() =>
      checkRemoved(
        state,
        this.schedulers.flatMap(({ former }) => former),
      ),
    );
  }

  #watch(agent: SimAgent): void {
    const checker = new StoredChecker();
    agent.onCrash = (reason) => this.#break(reason);
    agent.machine.onStart = (task) => this.#started(task, agent);
    agent.disk.onCommit = (change) => checker.committed(change, this.world.steps);
    agent.onTell = (frameworkId, taskId, uuid) =>
      this.#guard(() => checker.told(`${frameworkId}/${taskId}`, uuid, this.world.steps));
    agent.machine.volumes.onErase = (path) =>
      this.#guard(() => {
        if (!this.#mayErase(path.slice(path.lastIndexOf("/") + 1)))
          throw new Violation(`I8: ${path} of ${agent.place} is erased, and nobody destroyed it`);
      });
  }

  #started(task: string, agent: SimAgent): void {
    const [frameworkId, taskId] = task.split("/") as [string, string];
    this.#guard(() => {
      for (const tenant of this.tenants) tenant.started(frameworkId, taskId, agent);
    });
  }

  #mayErase(persistenceId: string): boolean {
    const said = this.tenants.map((tenant) => tenant.mayErase(persistenceId)).find((one) => one !== undefined);
    return said ?? this.mayErase(persistenceId);
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
    if (state === undefined || (state === this.#checked && state.version === this.#checkedVersion)) return;
    [this.#checked, this.#checkedVersion] = [state, state.version];
    for (const tenant of this.tenants) tenant.looked();
    checkResources(state);
    checkAbsent(state);
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
