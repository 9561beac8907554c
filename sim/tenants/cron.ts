import type { Cron } from "@meseta/cron/core/cron.ts";
import { AskingChecker } from "../checkers/cron-asking.ts";
import { CronBooks } from "../checkers/cron-books.ts";
import { CronPatience } from "../checkers/cron-patience.ts";
import { PlaceChecker } from "../checkers/cron-places.ts";
import { RemovedChecker } from "../checkers/cron-removed.ts";
import { checkJobs, checkNoJobs, JobChecker } from "../checkers/jobs.ts";
import { StrayChecker } from "../checkers/strays.ts";
import { UnreachableChecker } from "../checkers/unreachable.ts";
import type { SimAgent } from "../world/agent.ts";
import { CRON, type SimCron } from "../world/cron.ts";
import { SimFramework } from "../world/framework.ts";
import type { World } from "../world/world.ts";
import type { House, Tenant } from "./tenant.ts";

/** Those who use a cron. */
export interface People {
  start(): void;
  rest(): void;
  wipe(): void;
  /** Cron begins with these jobs. Throws when one is missing that was acknowledged. */
  check(jobs: ReadonlyMap<string, unknown>): void;
}

/** The cron that lives in the cluster, if any. */
export function cronOf({ tenants }: { readonly tenants: readonly Tenant[] }): CronTenant | undefined {
  return tenants.find((tenant) => tenant instanceof CronTenant);
}

/** A cron, those who plan, and who watches that what is due runs once. */
export class CronTenant<P extends People = People> implements Tenant {
  readonly framework: SimCron;
  readonly people: P;
  readonly #house: House;
  readonly #checker: JobChecker;
  readonly #books: CronBooks;
  readonly #patience: CronPatience;
  readonly #strays: StrayChecker;
  readonly #removed = new RemovedChecker();
  readonly #unreachable: UnreachableChecker;
  readonly #places = new PlaceChecker();
  readonly #asking = new AskingChecker();

  constructor(house: House, peopleOf: (cron: SimCron, world: World, fail: House["fail"]) => P) {
    const { world, doors, network, master, agents, several, fail } = house;
    this.#house = house;
    this.framework = new SimFramework(CRON, world, doors, several);
    this.#checker = new JobChecker(master, agents);
    this.#books = new CronBooks(() => world.nowMs);
    this.#patience = new CronPatience(() => world.nowMs);
    const { framework } = this;
    this.#strays = new StrayChecker(house, {
      framework,
      mind: () => (framework.core?.state.master.isConnected ? framework.core : undefined),
      knows: (id) => framework.core!.state.tasks.has(id) || framework.core!.state.kills.has(id),
    });
    this.#unreachable = new UnreachableChecker({
      framework,
      master,
      network,
      isConnected: () => framework.core?.state.master.isConnected === true,
      believed: (agentId) => believedOn(agentId, framework.core!),
    });
    this.people = peopleOf(this.framework, world, fail);
    this.#watch();
  }

  start(): void {
    this.#house.world.after(this.#house.world.between(0, 2_000), () => this.framework.start());
    this.people.start();
    this.#strays.start();
  }

  rest(): void {
    this.people.rest();
  }

  checkRest(): void {
    checkJobs(this.framework.core, this.framework.nowMs, this.#house.agents);
  }

  wipe(): void {
    this.people.wipe();
  }

  checkEmpty(): void {
    checkNoJobs(this.framework.core!, this.framework.disk.records.records.keys());
  }

  started(frameworkId: string, taskId: string, agent: SimAgent): void {
    if (frameworkId === this.framework.frameworkId || this.#checker.knows(taskId)) this.#checker.started(taskId, agent);
  }

  mayErase(): undefined {
    return undefined;
  }

  looked(): void {
    this.#checker.looked();
    const { world, master } = this.#house;
    this.#house.guard(() => this.#unreachable.look(world.nowMs));
    const { nowMs } = this.framework;
    this.#house.guard(() => this.#asking.look(this.#ableCore(), world.nowMs, nowMs));
    this.#house.guard(() => this.#places.look(this.#workingCore(), master.core!.state, world.nowMs, nowMs));
  }

  // Who cannot store or be heard launches nothing.
  #ableCore(): Cron | undefined {
    const { alive, paused, disk, core } = this.framework;
    if (!alive || paused || disk.full || disk.failures > 0) return undefined;
    return core?.state.master.isConnected === true ? core : undefined;
  }

  // Operators set limits, and take agents out.
  #workingCore(): Cron | undefined {
    const { master, network, isOperated } = this.#house;
    if (isOperated() || master.processes.length > 1) return undefined;
    if (network.isPartitioned(this.framework.place, master.place)) return undefined;
    const isAble = master.alive && !master.paused && !master.disk.full && master.disk.failures === 0;
    return isAble ? this.#ableCore() : undefined;
  }

  #watch(): void {
    const { framework } = this;
    const { guard } = this.#house;
    framework.onCrash = this.#house.fail;
    framework.watch = {
      loaded: (core) =>
        guard(() => {
          this.#books.forget();
          this.#asking.forget();
          this.#removed.loaded(core);
          this.people.check(core.state.entries);
          this.#checker.loaded(core);
        }),
      applied: (event, out, core, nowMs) => {
        this.#checker.applied(out, nowMs);
        guard(() => this.#books.applied(event, out));
        this.#asking.applied(event, out);
        guard(() => this.#patience.applied(out, core, nowMs));
        guard(() => this.#removed.applied(out, core));
      },
    };
    framework.disk.onCommit = (change) => {
      guard(() => this.#checker.committed(change.puts, change.deletes));
      guard(() => this.#books.committed(change));
      framework.committed();
    };
  }
}

function believedOn(agentId: string, { state }: Cron): string | undefined {
  for (const [taskId, { job, run }] of state.tasks) {
    const task = state.entries.get(job)?.runs?.get(run)?.tasks.at(-1);
    if (task?.id !== taskId || task.agentId !== agentId || task.unreachableSinceMs !== undefined) continue;
    return `${taskId} is ${task.state} for cron`;
  }
  return undefined;
}
