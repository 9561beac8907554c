// A thread that keeps a lease in etcd, so that a process whose own thread is busy keeps it as well. What is held stands in memory that both see.
import { setTimeout as wait } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { EtcdClient } from "../store/etcd/client.ts";
import { heldUntil, LeaseCells, pauseMs } from "./lease.ts";

export interface RenewerData {
  readonly hosts: readonly string[];
  readonly seconds: number;
  readonly buffer: SharedArrayBuffer;
}

/** To the process: the first lease is there, or why not. */
export type RenewerNews = { readonly ready: true } | { readonly failed: string };

const { hosts, seconds, buffer } = workerData as RenewerData;
const cells = new LeaseCells(buffer);
const client = new EtcdClient(hosts);
const terms = { seconds };
// A member that does not answer leaves time for the next.
const RENEWING = { wholeMs: (seconds * 1000) / 2, attemptMs: (seconds * 1000) / 5 };
const ENDING = { wholeMs: 1_000, attemptMs: 500 };
const PAUSE_MS = 50;
let ended = false;
let heard = false;

parentPort!.on("message", () => void end());
await begin();

async function begin(): Promise<void> {
  while (!ended) {
    try {
      await keepOne();
    } catch (error) {
      if (!heard) return tell({ failed: (error as Error).message });
      await wait(PAUSE_MS);
    }
  }
}

/** Makes a lease, and renews it until it is over. Rejects when none can be made. */
async function keepOne(): Promise<void> {
  // Our own choice, because etcd's are larger than a number is exact.
  const id = 1 + Math.floor(Math.random() * 2 ** 50);
  let sentNs = process.hrtime.bigint();
  await client.grant(id, seconds);
  for (let left = seconds; left > 0 && !ended; left = await renew(id)) {
    cells.renewed(id, heldUntil(sentNs, terms));
    if (!heard) tell({ ready: true });
    await wait(pauseMs(sentNs, process.hrtime.bigint(), terms));
    sentNs = process.hrtime.bigint();
  }
  cells.over();

  async function renew(lease: number): Promise<number> {
    while (!ended) {
      sentNs = process.hrtime.bigint();
      try {
        return await client.renew(lease, RENEWING);
      } catch {
        await wait(PAUSE_MS);
      }
    }
    return 0;
  }
}

async function end(): Promise<void> {
  ended = true;
  const { id } = cells;
  cells.over();
  if (id !== 0) await client.revoke(id, ENDING).catch(() => {});
  client.close();
  process.exit(0);
}

function tell(news: RenewerNews): void {
  heard = true;
  parentPort!.postMessage(news);
}
