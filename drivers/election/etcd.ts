import { setTimeout as wait } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { Election } from "@meseta/lib/core/ports/election.ts";
import { type Log, silentLog } from "@meseta/lib/core/ports/log.ts";
import { StoreFailed } from "@meseta/lib/core/ports/store.ts";
import { leaderGone } from "@meseta/lib/io/standby-watch.ts";
import type { EtcdAddress } from "../store/etcd/address.ts";
import { EtcdClient } from "../store/etcd/client.ts";
import { MACHINE } from "../store/etcd/surroundings.ts";
import { Candidate, ENDING_MS, type KeptLease } from "./candidate.ts";
import { LeaseCells } from "./lease.ts";
import { isOver, ownMark } from "./process-mark.ts";
import type { RenewerData, RenewerNews } from "./renewer.ts";

export interface EtcdElectionOptions extends EtcdAddress {
  /** For the request at the leader that standbys hold; credentials, say. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Of a process that stands by and hears no etcd. */
  readonly log?: Log | undefined;
}

/** An election by one key in the folder of the store that the candidates share. */
export function etcdElection({ hosts, folder, access, headers, log = silentLog }: EtcdElectionOptions): Election {
  const mark = ownMark();
  return new Candidate({
    folder,
    mark,
    etcd: new EtcdClient(hosts, PATIENCE, access),
    lease: new ThreadLease({ hosts, access }),
    surroundings: MACHINE,
    silence: (reason) => tell(log, reason),
    leaderGone: (leader, signal, its) =>
      leaderGone(leader, signal, headers, () => its !== undefined && isOver(its, mark)),
  });
}

// One line for all attempts.
function tell(log: Log, reason: Error | undefined): void {
  if (reason === undefined) log.info("An etcd answers again");
  else log.warn("No etcd answers while this process stands by: it cannot lead", { reason: reason.message });
}

/** The least that an etcd with defaults grants. */
export const LEASE_SECONDS = 2;
export const PATIENCE = { wholeMs: 2_500, attemptMs: 500 };

/** A lease that a thread keeps. */
class ThreadLease implements KeptLease {
  readonly cells = new LeaseCells();
  readonly #at: Pick<EtcdAddress, "hosts" | "access">;
  #worker: Worker | undefined;

  constructor(at: Pick<EtcdAddress, "hosts" | "access">) {
    this.#at = at;
  }

  keep(failed: (reason: Error) => void): Promise<void> {
    const workerData: RenewerData = { ...this.#at, seconds: LEASE_SECONDS, buffer: this.cells.buffer };
    const worker = new Worker(new URL("./renewer.ts", import.meta.url), { workerData });
    this.#worker = worker;
    return new Promise((resolve, reject) => {
      worker.on("message", (news: RenewerNews) => ("ready" in news ? resolve() : reject(new StoreFailed(news.failed))));
      worker.on("error", (error: Error) => {
        reject(error);
        failed(error);
      });
    });
  }

  async end(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    const exited = new Promise((resolve) => worker.once("exit", resolve));
    worker.postMessage("end");
    await Promise.race([exited, wait(ENDING_MS)]);
    await worker.terminate();
  }
}
