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

  /** The driver told something; called after the core has it in its queue. It calls back when the core has applied it. */
  heard({ type, id }: ContainerEvent): void {
    const callbacks = this.#callbacks.get(id);
    if (callbacks === undefined || (type !== "exited" && type !== "launch_failed")) return;
    setImmediate(() => {
      for (const callback of callbacks) callback();
    });
  }
}
