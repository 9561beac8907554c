import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readPlace } from "@meseta/boot/store/place.ts";
import { etcdStore, etcdWishes } from "@meseta/boot/up/etcd.ts";
import { LocalEtcd } from "@meseta/boot/up/local-etcd.ts";
import { Supervised } from "@meseta/boot/up/supervise.ts";
import type { EtcdAddress } from "@meseta/drivers/store/etcd/address.ts";
import { openEtcd } from "@meseta/drivers/store/etcd/store.ts";
import { silentLog } from "@meseta/lib/core/ports/log.ts";
import type { Random } from "@meseta/lib/core/random.ts";
import { freePort } from "@meseta/lib/io/free-port.rig.ts";
import type { Target } from "../cases.ts";
import type { Files } from "../harm.ts";

export const MEMBER = "a member of up's etcd";
const HARMED = "etcd-2";

/**
 * The etcd of three that `meseta up` runs, of which one member's files are damaged: what is read afterwards is what was there, because the member was made anew from the others, or because
 * etcd did that itself. `said` gets what `up` says of it.
 */
export async function membersTarget(random: Random, said: string[]): Promise<Target> {
  const dir = mkdtempSync(join(tmpdir(), "meseta-members-"));
  process.once("exit", () => rmSync(dir, { recursive: true, force: true }));
  const whole = join(dir, "whole");
  const ports: Record<string, number> = {};
  for (const { part } of etcdWishes()) ports[part] = await freePort();
  const older: Files[] = [];
  for (const counts of [false, true]) {
    await running(whole, ports, counts, said, (address) => write(address, random));
    older.push(filesOf(join(whole, HARMED)));
  }
  const files = older.pop()!;
  return {
    name: MEMBER,
    files,
    older,
    isLocated: () => false,
    async read(harmed) {
      const cluster = join(dir, "harmed");
      rmSync(cluster, { recursive: true, force: true });
      cpSync(whole, cluster, { recursive: true });
      rmSync(join(cluster, HARMED), { recursive: true });
      for (const [name, bytes] of harmed) put(join(cluster, HARMED, name), bytes, files.get(name)!.length);
      return running(cluster, ports, true, said, (address) => read(address));
    },
  };
}

/** The log is made long before it is written: what is not written yet is nothing. */
const LOG_BYTES = 64_000_000;

function filesOf(folder: string): Files {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const written = names.filter((name) => !name.endsWith(".tmp") && statSync(join(folder, name)).isFile());
  return new Map(written.map((name) => [name, withoutEnd(readFileSync(join(folder, name)))]));
}

function withoutEnd(bytes: Buffer): Buffer {
  if (bytes.length !== LOG_BYTES) return bytes;
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return Buffer.from(bytes.subarray(0, end));
}

function put(path: string, bytes: Buffer, length: number): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, bytes);
  if (path.endsWith(".wal") && bytes.length >= length) truncateSync(path, LOG_BYTES);
}

async function running<T>(
  dir: string,
  ports: Record<string, number>,
  counts: boolean,
  said: string[],
  work: (address: EtcdAddress) => Promise<T>,
): Promise<T> {
  mkdirSync(join(dir, "logs"), { recursive: true });
  const etcd = new LocalEtcd(dir, ports, {
    supervise: (part) => new Supervised(part, silentLog),
    say: (line) => void said.push(line),
  });
  try {
    await etcd.start(counts);
    return await work(readPlace(etcdStore(ports)) as EtcdAddress);
  } finally {
    await etcd.stop();
  }
}

async function write(address: EtcdAddress, random: Random): Promise<void> {
  const store = openEtcd(address);
  const { epoch } = await store.open();
  for (let commit = 0; commit < 40; commit++) {
    const puts = new Map<string, string>();
    for (let at = 0; at < 8; at++)
      puts.set(`record/${random.below(200)}`, `${random.uuid()} ${"x".repeat(random.below(300))}`);
    await store.commit({ puts, deletes: new Set() }, epoch);
  }
  await store.close();
}

async function read(address: EtcdAddress): Promise<string> {
  const store = openEtcd(address);
  try {
    return JSON.stringify(await store.scan(""));
  } finally {
    await store.close();
  }
}
