import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { openEtcd } from "@meseta/drivers/store/etcd/store.ts";
import type { Datacenter } from "./datacenter.ts";
import type { Release } from "./releases.ts";

const STARTING_MS = 60_000;

/**
 * Starts the master of an older release on the records of a cluster that a newer one has brought up, while nobody else has them open. Gives what it said; throws when it
 * was not refused, or anything in the store is another than before.
 */
export async function refuseOlder(datacenter: Datacenter, older: Release): Promise<string> {
  const masters = [...datacenter.parts.values()].filter(({ args }) => args[0] === "master");
  for (const { name } of masters) await datacenter.end(name, "stopped");
  const before = await contents(datacenter);
  const { status, stderr } = spawnSync(join(older.dir, "bin", "meseta"), masters[0]!.args, {
    timeout: STARTING_MS,
    encoding: "utf8",
  });
  if (status !== 6 || !stderr.includes("newer-state"))
    throw new Error(`the older release was not refused: it ended with ${status} and said ${stderr}`);
  if ((await contents(datacenter)) !== before)
    throw new Error("the older release was refused, but has changed the records");
  for (const { name } of masters) datacenter.run(name);
  return stderr;
}

async function contents({ etcd }: Datacenter): Promise<string> {
  const store = openEtcd({ hosts: etcd.hosts, folder: "upgrade/master" });
  try {
    return JSON.stringify([await store.look(), await store.scan("")]);
  } finally {
    await store.close();
  }
}
