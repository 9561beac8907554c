import type { End, Network } from "./network.ts";

/** What travels on a simulated connection: the parts of HTTP that the cores can tell apart. */
export type Wire =
  | { kind: "subscribe"; path: string; body: string; streamId?: string | undefined }
  | { kind: "call"; request: number; path: string; body: string; streamId?: string | undefined }
  | { kind: "answer"; request: number; status: number; text: string }
  | { kind: "opened"; headers: Readonly<Record<string, string>> }
  | { kind: "refused"; status: number; text: string }
  | { kind: "event"; body: string };

export const pack = (wire: Wire): string => JSON.stringify(wire);
export const unpack = (text: string): Wire => JSON.parse(text) as Wire;

/** Where processes listen, by place. Connecting to a place where nobody listens breaks at once. */
export class Doors {
  readonly #network: Network;
  readonly #listeners = new Map<string, (end: End, from: string) => void>();

  constructor(network: Network) {
    this.#network = network;
  }

  listen(place: string, onConnection: (end: End, from: string) => void): void {
    this.#listeners.set(place, onConnection);
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
