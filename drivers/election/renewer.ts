// A thread that keeps a lease in etcd, so that a process whose own thread is busy keeps it as well. What is held stands in memory that both see.
import { parentPort, workerData } from "node:worker_threads";
import type { EtcdAccess } from "../store/etcd/access.ts";
import { EtcdClient } from "../store/etcd/client.ts";
import { MACHINE } from "../store/etcd/surroundings.ts";
import { LeaseKeeper } from "./keep-lease.ts";
import { LeaseCells } from "./lease.ts";

export interface RenewerData {
  readonly hosts: readonly string[];
  readonly access?: EtcdAccess | undefined;
  readonly seconds: number;
  readonly buffer: SharedArrayBuffer;
}

/** To the process: the first lease is there, or why not. */
export type RenewerNews = { readonly ready: true } | { readonly failed: string };

const { hosts, access, seconds, buffer } = workerData as RenewerData;
const etcd = new EtcdClient(hosts, undefined, access);
const tell = (news: RenewerNews): void => parentPort!.postMessage(news);
const keeper = new LeaseKeeper({
  etcd,
  cells: new LeaseCells(buffer),
  seconds,
  surroundings: MACHINE,
  ready: () => tell({ ready: true }),
  failed: ({ message }) => tell({ failed: message }),
});

parentPort!.on("message", () => void end());
await keeper.keep();

async function end(): Promise<void> {
  await keeper.end();
  etcd.close();
  process.exit(0);
}
