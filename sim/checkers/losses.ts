import type { SimMaster } from "../world/master.ts";

/** Which agents the master has given up, and when: a task that was there before may live on, and nobody can be blamed for starting another one. */
export class Losses {
  readonly #master: SimMaster;
  readonly #counts = new Map<string, number>();
  readonly #away = new Set<string>();
  /** Of each task: its agent, and how often that had been lost when the task was first seen. */
  readonly #places = new Map<string, { readonly agentId: string; readonly losses: number }>();

  constructor(master: SimMaster) {
    this.#master = master;
  }

  /** Looks which agents are lost since the last time. */
  look(): void {
    const state = this.#master.core?.state;
    if (state === undefined) return;
    for (const lost of [state.unreachableAgents, state.goneAgents, state.removedAgents])
      for (const id of lost.keys())
        if (!this.#away.has(id)) {
          this.#away.add(id);
          this.#counts.set(id, this.#of(id) + 1);
        }
    for (const id of this.#away) if (state.agents.has(id)) this.#away.delete(id);
  }

  /** The task is on that agent. What is known of it stays. */
  note(taskId: string, agentId: string): void {
    if (!this.#places.has(taskId)) this.#places.set(taskId, { agentId, losses: this.#of(agentId) });
  }

  /** Whether its agent was lost since the task was first seen. */
  isLost(taskId: string): boolean {
    const place = this.#places.get(taskId);
    return place !== undefined && this.#of(place.agentId) > place.losses;
  }

  #of(agentId: string): number {
    return this.#counts.get(agentId) ?? 0;
  }
}
