import type { FrameworkProcess } from "../world/framework.ts";
import type { SimMaster } from "../world/master.ts";
import type { Network } from "../world/network.ts";
import { Violation } from "./violation.ts";

/** How long a framework may believe in what is on an agent that the master has given up, while nothing keeps the two from talking. */
const MOST_MS = 60_000;

interface Parties {
  readonly framework: FrameworkProcess;
  readonly master: SimMaster;
  readonly network: Network;
  /** Whether it lives and is connected. */
  isConnected(): boolean;
  /** What it believes to be on the agent, in words; undefined when nothing. */
  believed(agentId: string): string | undefined;
}

/** That a framework of the house learns of agents that the master has given up, also when the word of it was lost. */
export class UnreachableChecker {
  readonly #parties: Parties;
  /** Since when each is given up and nothing stands between the framework and the master. */
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
      const what = nowMs - sinceMs > MOST_MS ? this.#parties.believed(id) : undefined;
      if (what !== undefined) throw new Violation(`${what}, and its agent ${id} was given up a minute ago`);
    }
  }

  #isQuiet(): boolean {
    const { framework, master, network, isConnected } = this.#parties;
    const { disk, alive, paused, place } = framework;
    if (!alive || paused || master.paused || disk.full || disk.slownessMs > 4 || disk.failures > 0) return false;
    return isConnected() && !network.isPartitioned(place, master.place);
  }
}
