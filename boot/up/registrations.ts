import { join } from "node:path";
import { connectMaster } from "@meseta/sdk/operator/connect.ts";
import { Failure } from "@meseta/shell/core/failure.ts";
import type { Ready } from "./layout.ts";
import type { Supervised } from "./supervise.ts";

/** The agents and frameworks of a cluster that its masters do not know yet. */
export class Registrations {
  readonly #cluster: Pick<Ready, "masters" | "dir">;
  readonly #frameworks: readonly Supervised[];
  /** By name, with the port of an agent. */
  readonly #missing: Map<string, number | undefined>;

  constructor({ masters, agents, dir }: Pick<Ready, "masters" | "agents" | "dir">, frameworks: readonly Supervised[]) {
    this.#cluster = { masters, dir };
    this.#frameworks = frameworks;
    this.#missing = new Map(agents.map((url, at) => [`agent-${at + 1}`, Number(new URL(url).port)]));
    for (const { part } of frameworks) this.#missing.set(part.name, undefined);
  }

  get names(): string[] {
    return [...this.#missing.keys()];
  }

  /** Resolves when none is missing; rejects with `not-started` after `mostMs`. */
  async wait(mostMs: number): Promise<void> {
    const client = connectMaster(this.#cluster.masters);
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(this.#tooSlow(mostMs)), mostMs);
    const known = this.#frameworks.map(({ part, registered }) =>
      registered.then(() => this.#missing.delete(part.name)),
    );
    try {
      await Promise.race([late.promise, Promise.all([this.#seeAgents(client), ...known])]);
    } finally {
      clearTimeout(timer);
      client.close();
    }
  }

  async #seeAgents(client: ReturnType<typeof connectMaster>): Promise<void> {
    for await (const event of client.events()) {
      const agents = event.subscribed?.get_state?.get_agents?.agents ?? [event.agent_added?.agent ?? []].flat();
      for (const { agent_info, active } of agents) if (active !== false) this.#found(agent_info.port);
      if (![...this.#missing.values()].some((port) => port !== undefined)) return;
    }
  }

  #found(port: number | undefined): void {
    for (const [name, missing] of this.#missing) if (missing === port && port !== undefined) this.#missing.delete(name);
  }

  #tooSlow(mostMs: number): Failure {
    const { names } = this;
    return new Failure("not-started", {
      part: names.join(", "),
      why: `no master had taken it in within ${mostMs / 1000} s`,
      again: `less ${join(this.#cluster.dir, "logs", `${names[0]}.log`)}`,
    });
  }
}
