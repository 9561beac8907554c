import type { Init } from "@meseta/init/core/init.ts";
import { AutoscaleChecker } from "../checkers/autoscale.ts";
import { DeadlineChecker } from "../checkers/deadlines.ts";
import { InitPatience } from "../checkers/init-patience.ts";
import { checkEmpty, checkServices } from "../checkers/init-rest.ts";
import { OfferChecker } from "../checkers/offers.ts";
import { instanceIn, ServiceChecker } from "../checkers/services.ts";
import { StrayChecker } from "../checkers/strays.ts";
import { TreeChecker } from "../checkers/tree.ts";
import { UnreachableChecker } from "../checkers/unreachable.ts";
import { Deployer } from "../workloads/deployer.ts";
import { keepStill } from "../workloads/still.ts";
import type { SimAgent } from "../world/agent.ts";
import { SimFramework } from "../world/framework.ts";
import { INIT, type SimInit } from "../world/init.ts";
import type { House, Tenant } from "./tenant.ts";

/** The init that lives in the cluster, if any. */
export function initOf({ tenants }: { readonly tenants: readonly Tenant[] }): InitTenant | undefined {
  return tenants.find((tenant) => tenant instanceof InitTenant);
}

/** An init, those who deploy, and who watches that no service has too many instances or too few. */
export class InitTenant implements Tenant {
  readonly framework: SimInit;
  readonly deployer: Deployer;
  /** Nobody deploys by himself: who tells a history does. */
  isQuiet = false;
  /** One service is changed by nobody. */
  hasStill = false;
  readonly #house: House;
  readonly #checker: ServiceChecker;
  readonly #unreachable: UnreachableChecker;
  readonly #offers = new OfferChecker();
  readonly #deadlines = new DeadlineChecker();
  readonly #autoscale = new AutoscaleChecker();
  readonly #tree = new TreeChecker();
  readonly #patience = new InitPatience();
  readonly #strays: StrayChecker;

  constructor(house: House) {
    const { world, doors, network, master, agents, several, fail } = house;
    this.#house = house;
    this.framework = new SimFramework(INIT, world, doors, several);
    this.#checker = new ServiceChecker(master, agents, this.framework.disk, fail);
    this.deployer = new Deployer(this.framework, world, fail);
    this.deployer.onDeployment = (id) => this.#patience.acknowledged(id, this.framework.core);
    const { framework } = this;
    this.#strays = new StrayChecker(house, {
      framework,
      mind: () => (framework.core?.state.master.isConnected ? framework.core : undefined),
      knows: (id) => this.#knows(id),
    });
    this.#unreachable = new UnreachableChecker({
      framework,
      master,
      network,
      isConnected: () => framework.core?.state.master.isConnected === true,
      believed: (agentId) => believedOn(agentId, framework.core!),
    });
    this.#watch();
  }

  start(): void {
    this.#house.world.after(this.#house.world.between(0, 2_000), () => this.framework.start());
    if (!this.isQuiet) this.deployer.start();
    if (this.hasStill) keepStill(this.framework, this.#house.world.of("still"));
    this.#strays.start();
  }

  rest(): void {
    this.deployer.resting = true;
  }

  checkRest(): void {
    checkServices({ ...this.#house, init: this.framework });
  }

  wipe(): void {
    this.deployer.wipe();
  }

  checkEmpty(): void {
    checkEmpty({ init: this.framework });
  }

  started(frameworkId: string, taskId: string, agent: SimAgent): void {
    if (frameworkId === this.framework.frameworkId || taskId.includes(".instance-"))
      this.#checker.started(taskId, agent);
  }

  mayErase(persistenceId: string): boolean | undefined {
    return persistenceId.includes("#") ? !this.#checker.keeps(persistenceId) : undefined;
  }

  looked(): void {
    this.#checker.lookForLosses();
    this.#house.guard(() => this.#unreachable.look(this.#house.world.nowMs));
    this.#house.guard(() => this.#patience.look(this.#workingCore(), this.#house.world.nowMs));
  }

  // A store that fails, or a process that stands still, keeps it from everything.
  #workingCore(): Init | undefined {
    const { core, alive, paused, disk } = this.framework;
    if (!alive || paused || disk.full || disk.failures > 0 || core?.state.master.isConnected !== true) return undefined;
    return core;
  }

  #knows(taskId: string): boolean {
    const { services } = this.framework.core!.state;
    return services.values().some(({ instances }) => instances.get(instanceIn(taskId))?.tasks[taskId] !== undefined);
  }

  #watch(): void {
    const { framework } = this;
    framework.onCrash = this.#house.fail;
    framework.watch = {
      loaded: (core) => {
        this.#checker.loaded();
        this.#offers.forget();
        this.#deadlines.forget();
        this.#autoscale.loaded(core);
        this.#house.guard(() => this.deployer.check(core.state.tree.version));
        this.#house.guard(() => this.#tree.loaded(core));
        this.#house.guard(() => this.#patience.loaded(core));
      },
      applied: (event, out, core, nowMs) => {
        this.#checker.applied(event, out);
        this.#house.guard(() => {
          this.#offers.applied(event, out);
          this.#deadlines.applied(out, core, nowMs);
          this.#autoscale.applied(event, out, core);
          this.#tree.applied(core);
          this.#patience.applied(core);
        });
      },
    };
    framework.disk.onCommit = ({ puts }) => {
      this.#checker.committed(puts);
      framework.committed();
    };
  }
}

function believedOn(agentId: string, { state }: Init): string | undefined {
  for (const { instances } of state.services.values())
    for (const { id, condition, host, tasks } of instances.values()) {
      if (host?.agent_id.value !== agentId || condition.startsWith("Unreachable")) continue;
      if (Object.keys(tasks).length > 0) return `${id} is ${condition} for init`;
    }
  return undefined;
}
