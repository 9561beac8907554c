import type { World } from "./world.ts";

/** How the network treats messages between two places; a scenario changes it while running. */
export interface Weather {
  minDelayMs: number;
  maxDelayMs: number;
}

/** One end of a connection, as the process on it sees it. */
export interface End {
  /** Sends text to the other end; dropped when the connection is cut. */
  send(text: string): void;
  /** Ends the connection; the other end learns of it after the messages that were sent before. */
  close(): void;
  onMessage: (text: string) => void;
  onClose: () => void;
}

/**
 * Connections like TCP's: in order, each message late by a random time, lost only together with the connection. A
 * connection between partitioned places delivers nothing until the partition heals; it then delivers late.
 */
export class Network {
  readonly #world: World;
  readonly weather: Weather = { minDelayMs: 0, maxDelayMs: 20 };
  readonly #partitions = new Set<string>();
  readonly #connections = new Set<Connection>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Opens a connection from a process at `from` to one at `to`; both ends exist at once, messages take their time. */
  connect(from: string, to: string): [End, End] {
    const connection = new Connection(from, to, this.#world, this);
    this.#connections.add(connection);
    return connection.ends;
  }

  partition(a: string, b: string): void {
    this.#partitions.add(pair(a, b));
  }

  heal(a: string, b: string): void {
    this.#partitions.delete(pair(a, b));
    for (const connection of this.#connections) connection.flush();
  }

  isPartitioned(a: string, b: string): boolean {
    return this.#partitions.has(pair(a, b));
  }

  /** A process at `place` died: all its connections break. The peers learn it as a close, if the network lets them. */
  breakAll(place: string): void {
    for (const connection of [...this.#connections]) if (connection.touches(place)) connection.break(place);
  }

  forget(connection: Connection): void {
    this.#connections.delete(connection);
  }
}

const pair = (a: string, b: string): string => (a < b ? `${a}|${b}` : `${b}|${a}`);

type Parcel = { text: string } | { end: true };

class Connection {
  readonly ends: [End, End];
  readonly #places: [string, string];
  readonly #world: World;
  readonly #network: Network;
  readonly #lanes: [Lane, Lane];
  #open: [boolean, boolean] = [true, true];

  constructor(from: string, to: string, world: World, network: Network) {
    this.#places = [from, to];
    this.#world = world;
    this.#network = network;
    this.#lanes = [
      { queue: [], moving: false },
      { queue: [], moving: false },
    ];
    this.ends = [this.#end(0), this.#end(1)];
  }

  touches(place: string): boolean {
    return this.#places.includes(place);
  }

  break(place: string): void {
    for (const side of [0, 1] as const)
      if (this.#places[side] === place && this.#open[side]) {
        this.#open[side] = false;
        this.#put(side, { end: true });
      }
  }

  flush(): void {
    for (const side of [0, 1] as const) this.#move(side);
  }

  #end(side: 0 | 1): End {
    return {
      send: (text) => {
        if (this.#open[side]) this.#put(side, { text });
      },
      close: () => {
        if (!this.#open[side]) return;
        this.#open[side] = false;
        this.#put(side, { end: true });
      },
      onMessage: () => {},
      onClose: () => {},
    };
  }

  #put(side: 0 | 1, parcel: Parcel): void {
    this.#lanes[side].queue.push(parcel);
    this.#move(side);
  }

  // One parcel of a lane travels at a time, so order holds whatever the delays are.
  #move(side: 0 | 1): void {
    const lane = this.#lanes[side];
    if (lane.moving || lane.queue.length === 0 || this.#network.isPartitioned(...this.#places)) return;
    lane.moving = true;
    const { minDelayMs, maxDelayMs } = this.#network.weather;
    this.#world.after(this.#world.between(minDelayMs, maxDelayMs), () => {
      lane.moving = false;
      if (this.#network.isPartitioned(...this.#places)) return;
      this.#deliver(side, lane.queue.shift()!);
      this.#move(side);
    });
  }

  #deliver(side: 0 | 1, parcel: Parcel): void {
    const other = side === 0 ? 1 : 0;
    if ("text" in parcel) {
      if (this.#open[other]) this.ends[other].onMessage(parcel.text);
      return;
    }
    if (this.#open[other]) {
      this.#open[other] = false;
      this.ends[other].onClose();
    }
    this.#network.forget(this);
  }
}

interface Lane {
  queue: Parcel[];
  moving: boolean;
}
