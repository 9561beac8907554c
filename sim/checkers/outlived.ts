import type { Cluster } from "../cluster.ts";
import type { SimAgent } from "../world/agent.ts";
import type { MasterProcess } from "../world/master-process.ts";
import { Lasting } from "./lasting.ts";
import { type Guard, lookAgainAndAgain } from "./look.ts";

/** An agent that comes back is told at once, and kills by force after five seconds. */
const MOST_MS = 24_000;
/** The master asks every 15 s whether an agent is there: what it said before has come as well, since one thing is heard after the other. */
const HEARD_MS = 20_000;

/** That nothing outlives its framework for long, on agents that the master which removed it can talk to: also on those that were away when it was removed. */
export class OutlivedChecker {
  readonly #cluster: Cluster;
  readonly #lasting = new Lasting();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Looks every two seconds. `guard` is told what is wrong. */
  start(guard: Guard): void {
    lookAgainAndAgain(this.#cluster.world, guard, () => this.#look());
  }

  #look(): void {
    const { leader } = this.#cluster.master;
    const core = leader?.paused === false ? leader.core : undefined;
    if (leader === undefined || core === undefined) return this.#lasting.forget();
    const { agents, removedFrameworks } = core.state;
    if (removedFrameworks.size === 0) return;
    for (const agent of this.#cluster.agents) {
      const known = agents.get(agent.core?.state.agentId ?? "");
      const isThere = known?.connection === "connected" && this.#canAct(agent) && this.#hears(agent, leader);
      this.#lookAt(agent, isThere ? agent.core : undefined, removedFrameworks);
    }
  }

  #canAct({ paused, disk, machine }: SimAgent): boolean {
    return !paused && machine.launcherAlive && !disk.full && disk.failures === 0;
  }

  #hears({ place }: SimAgent, leader: MasterProcess): boolean {
    const { network, world } = this.#cluster;
    const isHeard = world.nowMs - network.lastHeardMs(place, leader.place) < HEARD_MS;
    return isHeard && !network.isPartitioned(place, leader.place);
  }

  #lookAt({ place, machine }: SimAgent, life: object | undefined, removed: ReadonlySet<string>): void {
    for (const { script } of machine.running) {
      if (script.task === undefined || !removed.has(script.task.slice(0, script.task.indexOf("/")))) continue;
      this.#lasting.check(`${script.task} on ${place}`, life, this.#cluster.world.nowMs, MOST_MS, () => {
        return `${script.task} runs on ${place}, and its framework is no more`;
      });
    }
  }
}
