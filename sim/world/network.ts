import type { Wire } from "./wire.ts";
import type { World } from "./world.ts";

/** How the network treats messages between two places; a scenario changes it while running. */
export interface Weather {
  minDelayMs: number;
  maxDelayMs: number;
  /** Of 100 calls that may be made twice, how many are, the second time later: as by a client that saw no answer and asks again. */
  twicePercent: number;
}

/** Calls that mean the same when they come again. */
const REPEATABLE = /"type":"(ACKNOWLEDGE|KILL|DECLINE|RECONCILE)"/;
const LATER_MS = 10_000;

/** One end of a connection, as the process on it sees it. */
export interface End {
  /** Sends a message to the other end; dropped when the connection is cut. */
  send(message: Wire): void;
  /** Ends the connection; the other end learns of it after the messages that were sent before. */
  close(): void;
  onMessage: (message: Wire) => void;
  onClose: () => void;
}

/**
 * Connections like TCP's: in order, each message late by a random time, lost only together with the connection. A
 * connection between partitioned places delivers nothing until the partition heals; it then delivers late.
 */
export class Network {
  readonly #world: World;
  readonly weather: Weather = { minDelayMs: 0, maxDelayMs: 20, twicePercent: 0 };
  readonly #blocked = new Set<string>();
  /** Places whose machines have no power. */
  readonly #dark = new Set<string>();
  /** How many more messages each of these places sends or gets before its connections break. */
  readonly #countdowns = new Map<string, number>();
  readonly #connections = new Set<Connection>();
  /** When each place got its last message from each other one. */
  readonly #heard = new Map<string, Map<string, number>>();
  /** Places that can be named together. */
  readonly #groups = new Map<string, readonly string[]>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Opens a connection from a process at `from` to one at `to`; both ends exist at once, messages take their time. */
  connect(from: string, to: string): [End, End] {
    const connection = new Connection(from, to, this.#world, this);
    this.#connections.add(connection);
    return connection.ends;
  }

  /** How many connections there are, broken ones whose end is still on its way included. */
  get connections(): number {
    return this.#connections.size;
  }

  /** From now on `name` means all these places, where it is said who is cut off from whom. */
  group(name: string, places: readonly string[]): void {
    this.#groups.set(name, places);
  }

  partition(a: string, b: string): void {
    this.block(a, b);
    this.block(b, a);
  }

  /** Nothing gets from `from` to `to` any more; the other way is free. */
  block(from: string, to: string): void {
    for (const way of this.#ways(from, to)) this.#blocked.add(way);
  }

  /** Both ways are free again. */
  heal(a: string, b: string): void {
    for (const way of [...this.#ways(a, b), ...this.#ways(b, a)]) this.#blocked.delete(way);
    for (const connection of this.#connections) connection.flush();
  }

  isPartitioned(a: string, b: string): boolean {
    if (this.#dark.size === 0 && this.#blocked.size === 0) return false;
    const isDark = [a, b].some((place) => this.#each(place).some((one) => this.#dark.has(one)));
    return isDark || [...this.#ways(a, b), ...this.#ways(b, a)].some((way) => this.#blocked.has(way));
  }

  isBlocked(from: string, to: string): boolean {
    if (this.#dark.size > 0 && (this.#dark.has(from) || this.#dark.has(to))) return true;
    return this.#blocked.size > 0 && this.#blocked.has(`${from}>${to}`);
  }

  #ways(from: string, to: string): string[] {
    return this.#each(from).flatMap((one) => this.#each(to).map((other) => `${one}>${other}`));
  }

  #each(place: string): readonly string[] {
    return this.#groups.get(place) ?? [place];
  }

  /** The machine at `place` loses its power: what it had sent and is not there yet is lost, and its peers learn of nothing until it is back. */
  darken(place: string): void {
    this.#dark.add(place);
    for (const connection of this.#connections) if (connection.touches(place)) connection.lose(place);
  }

  /** It has power again: peers of before learn that nobody knows them. */
  lighten(place: string): void {
    this.#dark.delete(place);
    for (const connection of this.#connections) connection.flush();
  }

  isDark(place: string): boolean {
    return this.#dark.has(place);
  }

  /** All connections of `place` break after so many more messages from or to it. */
  dropAfter(place: string, messages: number): void {
    for (const one of this.#each(place)) this.#countdowns.set(one, messages);
  }

  /** Nothing breaks any more that was to break after some messages. */
  disarm(): void {
    this.#countdowns.clear();
  }

  /** A process at `to` has got a message. */
  heard(from: string, to: string): void {
    let heard = this.#heard.get(to);
    if (heard === undefined) this.#heard.set(to, (heard = new Map()));
    heard.set(from, this.#world.nowMs);
  }

  /** When `at` got its last message from a process at `from`; 0: never. */
  lastHeardMs(at: string, from: string): number {
    return this.#heard.get(at)?.get(from) ?? 0;
  }

  /** A message is delivered. */
  delivered(from: string, to: string): void {
    if (this.#countdowns.size === 0) return;
    for (const place of [from, to]) {
      const left = this.#countdowns.get(place);
      if (left === undefined) continue;
      if (left > 1) this.#countdowns.set(place, left - 1);
      else this.#countdowns.delete(place) && this.drop(place);
    }
  }

  /** A process at `place` died: all its connections break. The peers learn it as a close, if the network lets them. */
  breakAll(place: string): void {
    for (const connection of [...this.#connections]) if (connection.touches(place)) connection.break(place);
  }

  /** Something on the way drops all connections of `place`: both sides learn of it after what was sent before. */
  drop(place: string): void {
    for (const connection of [...this.#connections]) if (connection.touches(place)) connection.drop();
  }

  forget(connection: Connection): void {
    this.#connections.delete(connection);
  }
}

const [CLIENT, SERVER] = [0, 1] as const;

type Parcel = { message: Wire } | { end: true };

class Connection {
  readonly ends: [End, End];
  readonly #places: [string, string];
  readonly #world: World;
  readonly #network: Network;
  readonly #lanes: [Lane, Lane];
  #open: [boolean, boolean] = [true, true];
  /** The server's machine has been without power since, and the client has not heard of it. */
  #isForgotten = false;

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

  /** The machine of this end is gone, with all that it had not sent yet. Whom it served learns that only from what it answers when it is back: who says nothing goes on to believe in it. */
  lose(place: string): void {
    for (const side of [CLIENT, SERVER])
      if (this.#places[side] === place) {
        const hadEnded = !this.#open[side];
        this.#open[side] = false;
        this.#lanes[side].queue.length = 0;
        if (side === SERVER) this.#isForgotten = true;
        else if (!hadEnded || this.#open[SERVER]) this.#put(side, { end: true });
      }
    this.#endWhenOver();
  }

  drop(): void {
    for (const side of [0, 1] as const) if (this.#open[side]) this.#put(side, { end: true });
  }

  flush(): void {
    for (const side of [0, 1] as const) this.#move(side);
  }

  #end(side: 0 | 1): End {
    return {
      send: (message) => {
        if (this.#open[side]) this.#put(side, { message });
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
    if (lane.moving || lane.queue.length === 0 || this.#isBlocked(side)) return;
    lane.moving = true;
    const { minDelayMs, maxDelayMs } = this.#network.weather;
    this.#world.after(this.#world.between(minDelayMs, maxDelayMs), () => {
      lane.moving = false;
      if (this.#isBlocked(side) || lane.queue.length === 0) return;
      this.#deliver(side, lane.queue.shift()!);
      this.#move(side);
    });
  }

  #isBlocked(side: 0 | 1): boolean {
    return this.#network.isBlocked(this.#places[side], this.#places[side === 0 ? 1 : 0]);
  }

  #deliver(side: 0 | 1, parcel: Parcel): void {
    const other = side === 0 ? 1 : 0;
    this.#world.log?.(told(parcel, this.#open[other]), this.#places[side], this.#places[other]);
    if ("message" in parcel) {
      if (this.#open[other]) {
        this.#network.heard(this.#places[side], this.#places[other]);
        this.#hand(other, parcel.message);
      } else if (this.#isForgotten && side === CLIENT) this.#tellForgotten();
      this.#network.delivered(this.#places[side], this.#places[other]);
    } else if (this.#open[other]) {
      this.#open[other] = false;
      this.ends[other].onClose();
    }
    this.#endWhenOver();
  }

  #tellForgotten(): void {
    this.#isForgotten = false;
    this.#put(SERVER, { end: true });
  }

  #endWhenOver(): void {
    if (!this.#open[0] && !this.#open[1] && this.#lanes.every(({ queue }) => queue.length === 0))
      this.#network.forget(this);
  }

  #hand(side: 0 | 1, message: Wire): void {
    this.ends[side].onMessage(message);
    const { twicePercent } = this.#network.weather;
    if (twicePercent === 0 || message.kind !== "call" || !REPEATABLE.test(message.body)) return;
    if (!this.#world.chance(twicePercent)) return;
    this.#world.after(this.#world.between(0, LATER_MS), () => this.#open[side] && this.ends[side].onMessage(message));
  }
}

interface Lane {
  queue: Parcel[];
  moving: boolean;
}

/** For the log of a history: what is delivered, and whether anybody is there. */
function told(parcel: Parcel, isHeard: boolean): string {
  const what = "message" in parcel ? wireText(parcel.message) : "end";
  return isHeard ? what : `(${what})`;
}

function wireText(wire: Wire): string {
  if (wire.kind === "answer" || wire.kind === "refused") return `${wire.kind} ${wire.status} ${wire.text}`.trimEnd();
  if ("body" in wire) return `${wire.kind} ${wire.body}`;
  return wire.kind === "etcd-call" ? `${wire.kind} ${JSON.stringify(wire.call)}` : wire.kind;
}
