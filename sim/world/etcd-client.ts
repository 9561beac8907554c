import { type Etcd, understood } from "@meseta/drivers/store/etcd/client.ts";
import { GrpcRefused, GrpcUnanswered } from "@meseta/drivers/store/etcd/grpc.ts";
import { type Channel, Members, type Patience } from "@meseta/drivers/store/etcd/members.ts";
import type { Outcome, Page, Range, Transaction } from "@meseta/drivers/store/etcd/messages.ts";
import type { Surroundings } from "@meseta/drivers/store/etcd/surroundings.ts";
import type { Doors } from "./door.ts";
import type { EtcdCall } from "./etcd.ts";
import type { Process } from "./life.ts";
import type { End } from "./network.ts";

/** A process's client of the simulated etcd: production's choice of members and its patience, over simulated connections. */
export class SimEtcdClient implements Etcd {
  readonly #members: Members<EtcdCall, unknown>;
  readonly #names: string;

  constructor(process: Process, doors: Doors, places: readonly string[], patience?: Patience) {
    const open = (place: string): EtcdChannel => new EtcdChannel(process, doors.connect(process.place, place));
    this.#members = new Members(places, open, patience, surroundingsOf(process));
    this.#names = places.join(", ");
  }

  range(range: Range): Promise<Page> {
    return this.#call({ method: "range", range }) as Promise<Page>;
  }

  transact(transaction: Transaction): Promise<Outcome> {
    return this.#call({ method: "transact", transaction }) as Promise<Outcome>;
  }

  async compact(): Promise<void> {
    await this.#call({ method: "compact" });
  }

  async grant(id: number, seconds: number): Promise<void> {
    await this.#call({ method: "grant", id, seconds }, undefined, "lease already exists");
  }

  renew(id: number, patience: Patience): Promise<number> {
    return this.#call({ method: "renew", id }, patience) as Promise<number>;
  }

  async revoke(id: number, patience: Patience): Promise<void> {
    await this.#call({ method: "revoke", id }, patience, "lease not found");
  }

  close(): void {
    this.#members.close();
  }

  async #call(call: EtcdCall, patience?: Patience, asGood?: string): Promise<unknown> {
    try {
      return await this.#members.call(call.method, call, patience);
    } catch (error) {
      if (asGood !== undefined && error instanceof GrpcRefused && error.message.includes(asGood)) return undefined;
      throw understood(error as Error, this.#names);
    }
  }
}

/** What the store and the election of a simulated process have of time and chance. */
export function surroundingsOf(process: Process): Surroundings {
  const { world, place } = process;
  return {
    steadyNs: () => BigInt(Math.round(process.steadyMs() * 1e6)),
    dayMs: () => process.dayMs(),
    wait: (ms) => process.wait(ms),
    every: (ms, task) => repeat(process, ms, task),
    random: () => world.random.next(),
    newName: () => world.random.uuid(),
    host: place,
    pid: 1,
  };
}

function repeat(process: Process, ms: number, task: () => void): () => void {
  let ended = false;
  const next = async (): Promise<void> => {
    await process.wait(ms);
    if (ended) return;
    task();
    void next();
  };
  void next();
  return () => {
    ended = true;
  };
}

interface Waiting {
  readonly untilMs: number;
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** A connection to one member, as a channel of gRPC behaves. */
class EtcdChannel implements Channel<EtcdCall, unknown> {
  broken = false;
  readonly #process: Process;
  readonly #end: End;
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;
  #watchedUntilMs = Number.POSITIVE_INFINITY;

  constructor(process: Process, end: End) {
    this.#process = process;
    this.#end = end;
    end.onClose = () => process.run(() => this.#break());
    end.onMessage = (wire) => {
      if (wire.kind === "etcd-answer")
        process.run(() => this.#settle(wire.request, ({ resolve }) => resolve(wire.answer)));
      else if (wire.kind === "etcd-refused")
        process.run(() => this.#settle(wire.request, ({ reject }) => reject(new GrpcRefused(wire.status, wire.text))));
    };
  }

  call(_method: string, call: EtcdCall, timeoutMs: number): Promise<unknown> {
    if (this.broken) return Promise.reject(new GrpcUnanswered("the connection broke"));
    const request = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(request, { untilMs: this.#process.steadyMs() + timeoutMs, resolve, reject });
      this.#end.send({ kind: "etcd-call", by: this.#process.name, request, call });
      this.#watch();
    });
  }

  close(): void {
    this.#end.close();
    this.#break();
  }

  #settle(request: number, settle: (waiting: Waiting) => void): void {
    const waiting = this.#waiting.get(request);
    this.#waiting.delete(request);
    if (waiting !== undefined) settle(waiting);
  }

  #break(): void {
    this.broken = true;
    for (const { reject } of this.#waiting.values()) reject(new GrpcUnanswered("the connection broke"));
    this.#waiting.clear();
  }

  // One timer for all that waits: most calls are answered long before.
  #watch(): void {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { untilMs } of this.#waiting.values()) nextMs = Math.min(nextMs, untilMs);
    if (nextMs >= this.#watchedUntilMs) return;
    this.#watchedUntilMs = nextMs;
    void this.#process.wait(Math.max(1, nextMs - this.#process.steadyMs())).then(() => {
      this.#watchedUntilMs = Number.POSITIVE_INFINITY;
      for (const [request, { untilMs }] of this.#waiting)
        if (untilMs <= this.#process.steadyMs())
          this.#settle(request, ({ reject }) => reject(new GrpcUnanswered("no answer in time")));
      this.#watch();
    });
  }
}
