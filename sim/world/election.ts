import { Candidate, type KeptLease, type Pace } from "@meseta/drivers/election/candidate.ts";
import { LEASE_SECONDS, PATIENCE } from "@meseta/drivers/election/etcd.ts";
import { LeaseKeeper } from "@meseta/drivers/election/keep-lease.ts";
import { LeaseCells } from "@meseta/drivers/election/lease.ts";
import type { ProcessMark } from "@meseta/drivers/election/process-mark.ts";
import { etcdStore } from "@meseta/drivers/store/etcd/store.ts";
import type { Surroundings } from "@meseta/drivers/store/etcd/surroundings.ts";
import type { Address } from "@meseta/lib/core/ports/election.ts";
import { CONNECT_MS, goneFor, type How, PAUSE_MS } from "@meseta/lib/io/standby-watch.ts";
import type { Doors } from "./door.ts";
import type { SimEtcd } from "./etcd.ts";
import { SimEtcdClient, surroundingsOf } from "./etcd-client.ts";
import type { Contest, Process } from "./life.ts";
import { MASTER_PORT } from "./masters.ts";
import type { World } from "./world.ts";

/** How a contest on etcd is held. */
export interface Rules {
  readonly leaseSeconds: number;
  readonly pace: Pace;
}

/** As in production, which looks often. */
export const PRODUCTION: Rules = { leaseSeconds: LEASE_SECONDS, pace: { lookMs: 250, checkMs: 50 } };
/** The same with less to do, for histories in which that is not what is looked at. */
export const LEISURELY: Rules = { leaseSeconds: 6, pace: { lookMs: 1_500, checkMs: 500 } };

/** Who contends, on what. */
export interface Contender {
  readonly process: Process;
  readonly doors: Doors;
  readonly etcd: SimEtcd;
  readonly folder: string;
  readonly rules: Rules;
}

/** Enters the contest of the processes on one folder of etcd: production's store and election, over the simulated etcd and connections. */
export function enter({ process, doors, etcd, folder, rules }: Contender): Contest {
  const { places } = etcd;
  const surroundings = surroundingsOf(process);
  const address = { hosts: places, folder };
  const client = new SimEtcdClient(process, doors, places, PATIENCE);
  const lease = new OwnLease(new SimEtcdClient(process, doors, places), rules.leaseSeconds, surroundings);
  return {
    address: { hostname: process.place, port: MASTER_PORT },
    stored: () => etcd.believes(process.name, folder),
    store: etcdStore(address, new SimEtcdClient(process, doors, places), surroundings),
    election: new Candidate({
      folder,
      etcd: client,
      lease,
      surroundings,
      pace: rules.pace,
      mark: markOf(process),
      leaderGone: (leader, signal, its) => leaderGone(process, doors, leader, signal, () => isOver(process, its)),
    }),
  };
}

/** Who has begun in that world: what a machine knows of its own processes. */
const begun = new WeakMap<World, Process[]>();

function markOf(process: Process): ProcessMark {
  const all = begun.get(process.world) ?? [];
  begun.set(process.world, all);
  return { within: process.place, pid: all.push(process), started: 0 };
}

function isOver({ world, place }: Process, its: ProcessMark | undefined): boolean {
  return its?.within === place && begun.get(world)?.[its.pid - 1]?.alive === false;
}

/** A lease that the process keeps itself: a simulated one is never busy. */
class OwnLease implements KeptLease {
  readonly cells = new LeaseCells();
  readonly #etcd: SimEtcdClient;
  readonly #seconds: number;
  readonly #surroundings: Surroundings;
  #keeper: LeaseKeeper | undefined;

  constructor(etcd: SimEtcdClient, seconds: number, surroundings: Surroundings) {
    this.#etcd = etcd;
    this.#seconds = seconds;
    this.#surroundings = surroundings;
  }

  keep(failed: (reason: Error) => void): Promise<void> {
    return new Promise((ready, never) => {
      const [etcd, cells, seconds, surroundings] = [this.#etcd, this.cells, this.#seconds, this.#surroundings];
      this.#keeper = new LeaseKeeper({ etcd, cells, seconds, surroundings, ready, failed: never });
      this.#keeper.keep().catch(failed);
    });
  }

  async end(): Promise<void> {
    await this.#keeper?.end();
    this.#etcd.close();
  }
}

function leaderGone(
  process: Process,
  doors: Doors,
  leader: Address,
  signal: AbortSignal,
  isOver: () => boolean,
): Promise<void> {
  const attend = (): Promise<How> => held(process, doors, leader.hostname, signal);
  return goneFor(attend, () => process.wait(PAUSE_MS), signal, isOver);
}

/** One request that the leader holds, until it is over. */
function held(process: Process, doors: Doors, leader: string, signal: AbortSignal): Promise<How> {
  return new Promise((resolve) => {
    const isThere = doors.isListening(leader);
    const end = doors.connect(process.place, leader);
    let answered = false;
    const settle = (how: How): void => {
      end.close();
      resolve(how);
    };
    signal.addEventListener("abort", () => settle("unknown"), { once: true });
    void process.wait(CONNECT_MS).then(() => answered || settle("unknown"));
    end.onClose = () => process.run(() => settle(answered ? "broke" : isThere ? "unknown" : "refused"));
    end.onMessage = (wire) =>
      process.run(() => {
        answered = true;
        if (wire.kind === "refused") settle(wire.status === 503 ? "other" : "unknown");
      });
    end.send({ kind: "standby-watch" });
  });
}
