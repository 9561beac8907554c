import type { CommandInfoURI } from "@meseta/api/mesos/generated/mesos.ts";
import type { AgentEvent } from "../../core/agent/event.ts";
import type { Fetcher, Sandbox, Sandboxes } from "../../core/agent/outside.ts";

/** Fetches into sandboxes that are still being made. One that is stopped before its sandbox is there never begins. */
export class Fetches {
  readonly #fetcher: Fetcher;
  readonly #sandboxes: Sandboxes;
  readonly #post: (event: AgentEvent) => void;
  readonly #waiting = new Set<string>();

  constructor(fetcher: Fetcher, sandboxes: Sandboxes, post: (event: AgentEvent) => void) {
    this.#fetcher = fetcher;
    this.#sandboxes = sandboxes;
    this.#post = post;
  }

  /** Ends in one `fetched`. */
  fetch(id: string, sandbox: Sandbox, uris: readonly CommandInfoURI[]): void {
    this.#fetch(id, sandbox, uris).then(
      () => this.#post({ type: "fetched", id, error: undefined }),
      ({ message }: Error) =>
        this.#post({ type: "fetched", id, error: `Failed to fetch all URIs for container '${id}': ${message}` }),
    );
  }

  stop(id: string): void {
    if (!this.#waiting.delete(id)) this.#fetcher.stop(id);
  }

  async #fetch(id: string, sandbox: Sandbox, uris: readonly CommandInfoURI[]): Promise<void> {
    this.#waiting.add(id);
    try {
      await this.#sandboxes.prepare(sandbox);
      if (!this.#waiting.has(id)) throw new Error("it was stopped");
    } finally {
      this.#waiting.delete(id);
    }
    await this.#fetcher.fetch(id, sandbox, uris);
  }
}

/** The fetcher of an agent that was given none: for tests and benches that fetch nothing. */
export const noFetcher: Fetcher & { close(): void } = {
  fetch: async () => {
    throw new Error("this agent has no fetcher");
  },
  stop() {},
  close() {},
  cacheSize: () => ({ totalBytes: 0, usedBytes: 0 }),
};
