import type { End, Network } from "./network.ts";

/** Where processes listen, by place. Connecting to a place where nobody listens breaks at once. */
export class Doors {
  /** Where masters are, as agents and frameworks are told. */
  masters: readonly string[] = ["master"];
  readonly #network: Network;
  readonly #listeners = new Map<string, (end: End, from: string) => void>();

  constructor(network: Network) {
    this.#network = network;
  }

  listen(place: string, onConnection: (end: End, from: string) => void): void {
    this.#listeners.set(place, onConnection);
  }

  /** Nobody listens at `place` any more; connections that were made stay. */
  unlisten(place: string): void {
    this.#listeners.delete(place);
  }

  isListening(place: string): boolean {
    return this.#listeners.has(place);
  }

  /** The process at `place` is dead: nobody listens, and all its connections break. */
  leave(place: string): void {
    this.#listeners.delete(place);
    this.#network.breakAll(place);
  }

  connect(from: string, to: string): End {
    const [mine, theirs] = this.#network.connect(from, to);
    const listener = this.#listeners.get(to);
    if (listener === undefined) theirs.close();
    else listener(theirs, from);
    return mine;
  }
}
