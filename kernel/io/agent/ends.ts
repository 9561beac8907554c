import type { ContainerEvent } from "../../core/agent/ports.ts";

/** Calls back when containers end: those who follow one need not ask over and over. */
export class Ends {
  readonly #callbacks = new Map<string, Set<() => void>>();

  /** Calls back at the end of the container of that id; the function that is returned takes it back. */
  on(id: string, callback: () => void): () => void {
    const callbacks = this.#callbacks.get(id) ?? new Set();
    this.#callbacks.set(id, callbacks.add(callback));
    return () => {
      callbacks.delete(callback);
      if (callbacks.size === 0 && this.#callbacks.get(id) === callbacks) this.#callbacks.delete(id);
    };
  }

  /** The driver told something; called after the core has it in its queue, so that who asks then is told the end. */
  heard(event: ContainerEvent): void {
    if (event.type !== "exited" && event.type !== "launch_failed") return;
    for (const callback of this.#callbacks.get(event.id) ?? []) callback();
  }
}
