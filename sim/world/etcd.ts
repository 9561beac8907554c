import type { Operation, Range, Transaction } from "@meseta/drivers/store/etcd/messages.ts";
import type { Doors } from "./door.ts";
import { EtcdKeys, Refused, type Written } from "./etcd-keys.ts";
import type { End } from "./network.ts";
import type { World } from "./world.ts";

/** A call of a client of etcd, and what it is answered: the method says what. */
export type EtcdCall =
  | { readonly method: "range"; readonly range: Range }
  | { readonly method: "transact"; readonly transaction: Transaction }
  | { readonly method: "compact" }
  | { readonly method: "grant"; readonly id: number; readonly seconds: number }
  | { readonly method: "renew"; readonly id: number }
  | { readonly method: "revoke"; readonly id: number };

/** The statuses of gRPC that matter. */
const [OUT_OF_RANGE, NOT_FOUND, EXHAUSTED, UNAVAILABLE] = [11, 5, 8, 14];
/** etcd has no room: reading goes on. */
class Full extends Error {}

interface Lease {
  readonly seconds: number;
  endMs: number;
}

interface Watcher {
  readonly folder: string;
  told(by: string, written: Written): void;
  believed(by: string): void;
}

/** A call at a member; `by` is the life of the process that makes it. */
interface Asked {
  readonly member: EtcdMember;
  readonly end: End;
  readonly from: string;
  readonly by: string;
  readonly request: number;
  readonly call: EtcdCall;
}

/** One of the members: where clients connect. */
export class EtcdMember {
  readonly place: string;
  alive = true;
  /** It does not reach the others. */
  apart = false;

  constructor(place: string) {
    this.place = place;
  }
}

/** How long the members take to agree on a leader when theirs is gone. */
const ELECTION_MS: readonly [number, number] = [300, 1_500];
/** Leases that are over are looked for that often. */
const EXPIRY_MS = 500;

/** Who takes away the keys of a lease that was not renewed in time. */
export const ITSELF = "etcd itself";

/**
 * A simulated etcd of several members: one history of writes, as long as most members reach one another. Each call takes its time and may lose its
 * answer, and what was on its way when the members lost their leader is done, refused, forgotten, or done later.
 */
export class SimEtcd {
  readonly keys = new EtcdKeys();
  readonly members: readonly EtcdMember[];
  /** The longest that a write takes to be on the disks of most members. */
  slownessMs = 4;
  /** Its quota is reached: it takes no writes and makes no leases, and renews those that there are. */
  full = false;
  /** Of 100 writes, how many lose their answer after they were done. */
  lostPercent = 0;
  readonly #watchers: Watcher[] = [];
  /** Writes of a process that are still to be done before something happens. */
  readonly #counted = new Map<string, { left: number; then: () => void }>();
  readonly #world: World;
  readonly #doors: Doors;
  readonly #leases = new Map<number, Lease>();
  #leader: EtcdMember;
  /** No member leads before that. */
  #leaderlessUntilMs = 0;
  #late: (() => void)[] = [];

  constructor(world: World, doors: Doors, members: number) {
    this.#world = world;
    this.#doors = doors;
    this.members = Array.from({ length: members }, (_, at) => new EtcdMember(`etcd${at + 1}`));
    this.#leader = this.members[0]!;
    for (const member of this.members) this.#listen(member);
  }

  get places(): readonly string[] {
    return this.members.map(({ place }) => place);
  }

  /** `told` hears of each transaction that wrote something into that folder, and which life of which process has sent it; and of keys whose lease was over. `believed`: whenever one is told that its commit is done. */
  watch(folder: string, { told, believed }: Omit<Watcher, "folder">): void {
    this.#watchers.push({ folder: `/${folder}/`, told, believed });
  }

  /** A process was told that a commit of its store in that folder is done. */
  believes(by: string, folder: string): void {
    for (const watcher of this.#watchers) if (watcher.folder === `/${folder}/`) watcher.believed(by);
  }

  #tell(by: string, written: Written): void {
    for (const key of [...written.puts.keys(), ...written.deletes]) {
      // A transaction is of one store.
      for (const { folder, told } of this.#watchers) if (key.startsWith(folder)) told(by, written);
      return;
    }
  }

  /** kill -9 of one member; it has all that it had when it is started again. */
  kill(member: EtcdMember): void {
    member.alive = false;
    this.#doors.leave(member.place);
    this.#membersChanged();
  }

  start(member: EtcdMember): void {
    if (member.alive) return;
    member.alive = true;
    this.#listen(member);
    this.#membersChanged();
  }

  /** When so many more writes of the process at `place` are done, and before it knows of the last of them, this happens. */
  afterWrites(place: string, left: number, then: () => void): void {
    this.#counted.set(place, { left, then });
  }

  /** Nothing happens any more that was to happen after some writes. */
  disarm(): void {
    this.#counted.clear();
  }

  setApart(member: EtcdMember, apart: boolean): void {
    member.apart = apart;
    this.#membersChanged();
  }

  /** Whether a call at this member can be done now. */
  #works(member: EtcdMember): boolean {
    return member.alive && !member.apart && this.#hasLeader();
  }

  #hasLeader(): boolean {
    return (
      this.#leader.alive && !this.#leader.apart && this.#hasQuorum() && this.#world.nowMs >= this.#leaderlessUntilMs
    );
  }

  #hasQuorum(): boolean {
    return this.members.filter(({ alive, apart }) => alive && !apart).length * 2 > this.members.length;
  }

  // A new leader lets all leases begin anew.
  #membersChanged(): void {
    if (!this.#hasQuorum()) return;
    const isLed = this.#leader.alive && !this.#leader.apart && this.#leaderlessUntilMs === 0;
    if (isLed) return;
    this.#leader = this.members.find(({ alive, apart }) => alive && !apart)!;
    this.#leaderlessUntilMs = this.#world.nowMs + this.#world.between(...ELECTION_MS);
    this.#world.after(this.#leaderlessUntilMs - this.#world.nowMs, () => this.#ledAgain());
  }

  #ledAgain(): void {
    if (!this.#hasLeader()) return;
    this.#leaderlessUntilMs = 0;
    for (const lease of this.#leases.values()) lease.endMs = this.#world.nowMs + lease.seconds * 1000;
    for (const write of this.#late.splice(0)) this.#world.after(this.#world.between(0, 1_000), write);
  }

  #listen(member: EtcdMember): void {
    this.#doors.listen(member.place, (end, from) => {
      end.onMessage = (wire) => {
        if (wire.kind === "etcd-call") this.#heard({ member, end, from, ...wire });
      };
    });
  }

  #heard(asked: Asked): void {
    const { member, call } = asked;
    if (!this.#works(member)) return this.#unled(asked);
    // Only writes wait for the disks.
    const isWrite = call.method !== "range" && call.method !== "renew";
    this.#world.after(this.#world.between(0, isWrite ? this.slownessMs : 2), () => {
      if (this.#works(member)) this.#do(asked);
      else this.#overtaken(asked);
    });
  }

  // A member that has noticed says so; one that has not keeps the call.
  #unled({ end, request }: Asked): void {
    if (this.#world.chance(50)) return;
    this.#world.after(this.#world.between(0, 500), () =>
      end.send({ kind: "etcd-refused", request, status: UNAVAILABLE, text: "etcdserver: no leader" }),
    );
  }

  #overtaken(asked: Asked): void {
    const fate = this.#world.random.below(3);
    if (fate === 0) this.#unled(asked);
    else if (fate === 1 && asked.call.method === "transact") this.#late.push(() => this.#do(asked));
  }

  #do({ member, end, from, by, request, call }: Asked): void {
    try {
      const answer = this.#answer(call, by);
      if (call.method === "transact") this.#count(from);
      if (call.method !== "renew" && this.lostPercent > 0 && this.#world.chance(this.lostPercent)) return end.close();
      if (member.alive) end.send({ kind: "etcd-answer", request, answer });
    } catch (error) {
      const { message } = error as Error;
      const status = error instanceof Refused ? NOT_FOUND : error instanceof Full ? EXHAUSTED : OUT_OF_RANGE;
      end.send({ kind: "etcd-refused", request, status, text: message });
    }
  }

  #count(place: string): void {
    const counted = this.#counted.get(place);
    if (counted === undefined || --counted.left > 0) return;
    this.#counted.delete(place);
    counted.then();
  }

  #answer(call: EtcdCall, by: string): unknown {
    switch (call.method) {
      case "range":
        return this.keys.range(call.range);
      case "transact": {
        if (this.full && isPut(call.transaction)) throw new Full("etcdserver: mvcc: database space exceeded");
        const { outcome, written } = this.keys.transact(call.transaction);
        this.#tell(by, written);
        return outcome;
      }
      case "compact":
        return undefined;
      case "grant":
        if (this.full) throw new Full("etcdserver: mvcc: database space exceeded");
        if (!this.keys.grant(call.id)) throw new Refused("etcdserver: lease already exists");
        return this.#begin(call.id, { seconds: call.seconds, endMs: this.#world.nowMs + call.seconds * 1000 });
      case "renew":
        return this.#renew(call.id);
      case "revoke":
        if (!this.#leases.delete(call.id)) throw new Refused("etcdserver: requested lease not found");
        return void this.keys.revoke(call.id);
    }
  }

  #renew(id: number): number {
    const lease = this.#leases.get(id);
    if (lease === undefined || lease.endMs <= this.#world.nowMs) return 0;
    lease.endMs = this.#world.nowMs + lease.seconds * 1000;
    return lease.seconds;
  }

  #begin(id: number, lease: Lease): void {
    this.#leases.set(id, lease);
    this.#expire(id, lease);
  }

  #expire(id: number, lease: Lease): void {
    const leftMs = Math.max(0, lease.endMs - this.#world.nowMs);
    this.#world.after(leftMs + this.#world.between(0, EXPIRY_MS), () => {
      if (this.#leases.get(id) !== lease) return;
      if (lease.endMs > this.#world.nowMs || !this.#hasLeader()) return this.#expire(id, lease);
      this.#leases.delete(id);
      this.#tell(ITSELF, { puts: new Map(), deletes: new Set(this.keys.revoke(id)) });
    });
  }
}

// As etcd does: by what might be written, whatever the conditions say.
function isPut({ does, otherwise = [] }: Transaction): boolean {
  const puts = (operation: Operation): boolean =>
    "put" in operation || ("all" in operation && operation.all.some((one) => puts(one)));
  return [...does, ...otherwise].some((operation) => puts(operation));
}
