import type { House } from "../tenants/tenant.ts";
import type { FrameworkProcess } from "../world/framework.ts";
import { Lasting } from "./lasting.ts";
import { lookAgainAndAgain } from "./look.ts";

/** Who finds one has it killed at once, and asks the master 15 s after each new connection; an agent that comes back tells it. */
const MOST_MS = 90_000;

/** A framework of the house that can be asked whether it knows a task. */
export interface Knowing {
  readonly framework: FrameworkProcess;
  /** The mind that knows, when it is connected; another one after each start. */
  mind(): object | undefined;
  knows(taskId: string): boolean;
}

/** That nothing runs on for long that its framework knows nothing of, while all who have to do with it can talk to each other. */
export class StrayChecker {
  readonly #house: House;
  readonly #asked: Knowing;
  readonly #lasting = new Lasting();

  constructor(house: House, asked: Knowing) {
    this.#house = house;
    this.#asked = asked;
  }

  start(): void {
    const { world, guard } = this.#house;
    lookAgainAndAgain(world, guard, () => this.#look());
  }

  #look(): void {
    const { master, agents, network } = this.#house;
    const { framework } = this.#asked;
    const { leader } = master;
    const mind = leader?.paused === false && !framework.paused ? this.#asked.mind() : undefined;
    const isCutOff = (place: string): boolean => leader === undefined || network.isPartitioned(place, leader.place);
    if (mind === undefined || framework.seats.some(({ place }) => isCutOff(place))) return this.#lasting.forget();
    for (const agent of agents) {
      const known = leader?.core?.state.agents.get(agent.core?.state.agentId ?? "");
      const isThere =
        known?.connection === "connected" && !agent.paused && agent.machine.launcherAlive && !isCutOff(agent.place);
      this.#lookAt(agent.place, agent.machine.running, isThere ? mind : undefined);
    }
  }

  #lookAt(
    place: string,
    running: readonly { readonly script: { readonly task: string | undefined } }[],
    mind?: object,
  ): void {
    const prefix = `${this.#asked.framework.frameworkId}/`;
    for (const { script } of running) {
      if (script.task?.startsWith(prefix) !== true) continue;
      const task = script.task.slice(prefix.length);
      const isStray = !this.#asked.knows(task);
      this.#lasting.check(task, isStray ? mind : undefined, this.#house.world.nowMs, MOST_MS, () => {
        return `${task} runs on ${place}, and is nobody's`;
      });
    }
  }
}
