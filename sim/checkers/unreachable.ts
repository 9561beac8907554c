import type { SimInit } from "../world/init.ts";
import type { SimMaster } from "../world/master.ts";
import type { Network } from "../world/network.ts";
import { Violation } from "./violation.ts";

/** How long init may believe in what is on an agent that the master has given up, while nothing keeps the two from talking. */
const MOST_MS = 60_000;

interface Parties {
  readonly init: SimInit;
  readonly master: SimMaster;
  readonly network: Network;
}

/** That init learns of agents that the master has given up, also when the word of it was lost. */
export class UnreachableChecker {
  readonly #parties: Parties;
  /** Since when each is given up and nothing stands between init and the master. */
  readonly #since = new Map<string, number>();

  constructor(parties: Parties) {
    this.#parties = parties;
  }

  look(nowMs: number): void {
    const lost = this.#parties.master.core?.state.unreachableAgents;
    if (lost === undefined || !this.#isQuiet()) return this.#since.clear();
    for (const id of this.#since.keys()) if (!lost.has(id)) this.#since.delete(id);
    for (const id of lost.keys()) {
      const sinceMs = this.#since.get(id) ?? nowMs;
      this.#since.set(id, sinceMs);
      if (nowMs - sinceMs > MOST_MS) this.#check(id);
    }
  }

  #isQuiet(): boolean {
    const { init, master, network } = this.#parties;
    const { disk, alive, paused, core, place } = init;
    if (!alive || paused || master.paused || disk.full || disk.slownessMs > 4 || disk.failures > 0) return false;
    return core?.state.master.isConnected === true && !network.isPartitioned(place, master.place);
  }

  #check(agentId: string): void {
    for (const { instances } of this.#parties.init.core!.state.services.values())
      for (const { id, condition, host, tasks } of instances.values()) {
        if (host?.agent_id.value !== agentId || condition.startsWith("Unreachable")) continue;
        if (Object.keys(tasks).length > 0)
          throw new Violation(`${id} is ${condition} for init, and its agent ${agentId} was given up a minute ago`);
      }
  }
}
