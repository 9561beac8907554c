import { type ChildProcess, execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { EtcdCluster, hasEtcd } from "@meseta/drivers/store/etcd/etcd.rig.ts";
import { freePort } from "@meseta/lib/io/free-port.rig.ts";
import { testFolder } from "@meseta/lib/io/test-folder.rig.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const MESETA = fileURLToPath(new URL("../bin/meseta", import.meta.url));

/** For all that is waited for, on a machine that does much else. */
const PATIENCE_MS = 600_000;

// As docs/operate/several-masters.md tells it.
describe.runIf(hasEtcd)("a master that was alone, with its records in a file", () => {
  const dir = testFolder("growing");
  const children = new Map<string, ChildProcess>();
  let etcd: EtcdCluster;
  beforeAll(async () => {
    etcd = await EtcdCluster.start(1);
  });
  afterAll(async () => {
    for (const child of children.values()) child.kill("SIGKILL");
    await etcd.stop();
  });

  /** Resolves to its URL; `store` left out, the records are in its folder. */
  const start = async (name: string, ...store: string[]) => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const flags = ["--port", new URL(url).port, "--dir", join(dir, name), ...store];
    children.set(url, spawn(MESETA, ["master", ...flags], { stdio: "ignore" }));
    return url;
  };
  const end = async (url: string, signal: NodeJS.Signals) => {
    const child = children.get(url)!;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await gone;
  };
  const weights = async (url: string) => {
    const answer = await fetch(`${url}/weights`).catch(() => undefined);
    if (answer?.status !== 200) return undefined;
    const list = (await answer.json()) as { role: string; weight: number }[];
    return list.map(({ role, weight }) => `${role} ${weight}`);
  };

  it("becomes three on an etcd by a copy of its records, of which each has them", {
    timeout: PATIENCE_MS,
  }, async () => {
    const alone = await start("alone");
    await expect.poll(() => weights(alone)).toEqual([]);
    const put = await fetch(`${alone}/weights`, { method: "PUT", body: JSON.stringify([{ role: "kept", weight: 3 }]) });
    expect(put.status).toBe(200);
    await end(alone, "SIGTERM");
    const store = `etcd://${etcd.hosts[0]}/meseta`;
    await promisify(execFile)(MESETA, ["store", "copy", `sqlite:${join(dir, "alone", "store.db")}`, `${store}/master`]);
    const masters = await Promise.all(["alone", "second", "third"].map((name) => start(name, "--store", store)));
    for (const url of masters) await expect.poll(() => weights(url)).toEqual(["kept 3"]);
    const { url: leader } = await fetch(`${masters[0]}/weights`);
    await end(new URL(leader).origin, "SIGKILL");
    for (const url of masters.filter((one) => one !== new URL(leader).origin))
      await expect.poll(() => weights(url)).toEqual(["kept 3"]);
  });
});
