import type { AgentEvent } from "../../core/agent/event.ts";
import type { Sandbox, Sandboxes } from "../../core/agent/outside.ts";
import type { ContainerSpec, Containers } from "../../core/agent/ports.ts";

/** Starts containers in sandboxes that are still being made. A container that is destroyed before its sandbox is there never starts. */
export class Launches {
  readonly #containers: Containers;
  readonly #sandboxes: Sandboxes;
  readonly #post: (event: AgentEvent) => void;
  readonly #waiting = new Set<string>();

  constructor(containers: Containers, sandboxes: Sandboxes, post: (event: AgentEvent) => void) {
    this.#containers = containers;
    this.#sandboxes = sandboxes;
    this.#post = post;
  }

  launch(sandbox: Sandbox | undefined, container: ContainerSpec): void {
    if (sandbox === undefined) return this.#containers.launch(container);
    const { id } = container;
    this.#waiting.add(id);
    this.#containers.expect?.();
    this.#sandboxes.prepare(sandbox).then(
      () => this.#waiting.delete(id) && this.#containers.launch(container),
      ({ message }: Error) => {
        if (!this.#waiting.delete(id)) return;
        this.#post({ type: "container", event: { type: "launch_failed", id, cause: "directory", message } });
      },
    );
  }

  destroy(id: string): void {
    if (this.#waiting.delete(id)) this.#post({ type: "container", event: { type: "exited", id, waitStatus: SIGKILL } });
    else this.#containers.destroy(id);
  }
}

const SIGKILL = 9;
