// R6: from the kill -9 of the only master until its next life answers as the leader. `node bench/restart.ts [KILLS [STORE]]`, STORE being `sqlite` or `etcd`: one of one member
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { EtcdCluster } from "@meseta/drivers/store/etcd/etcd.rig.ts";
import { freePort } from "@meseta/lib/io/free-port.rig.ts";
import { MESETA } from "./load/local-cluster.ts";
import { line, millis, quantile } from "./measure/numbers.ts";

const [KILLS, STORE] = [Number(process.argv[2] ?? 20), process.argv[3] ?? "etcd"];

const dir = mkdtempSync(join(tmpdir(), "meseta-bench-"));
const etcd = STORE === "etcd" ? await EtcdCluster.start(1) : undefined;
const port = await freePort();
const store = etcd === undefined ? [] : ["--store", `etcd://${etcd.hosts[0]}`];
const took: number[] = [];
let master = start();
await leads();
while (took.length < KILLS) {
  // A lease is renewed three times a second: at any moment of that.
  await wait(500 + Math.random() * 500);
  await end(master);
  const beganMs = performance.now();
  master = start();
  await leads();
  took.push(performance.now() - beganMs);
}
await end(master);
await etcd?.stop();
rmSync(dir, { recursive: true });
const [p50, most] = [quantile(took, 0.5), Math.max(...took)].map(millis);
line(`R6 kill → the master answers again, ${STORE}`, p50!, `most ${most}, of ${took.length}`, "goal 2000 ms");

function start(): ChildProcess {
  return spawn(MESETA, ["master", "--port", String(port), "--dir", dir, ...store], { stdio: "ignore" });
}

async function end(process: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => process.once("exit", resolve));
  process.kill("SIGKILL");
  await gone;
}

async function leads(): Promise<void> {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/weights`, { redirect: "manual" }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.status === 200) return;
    await wait(5);
  }
}
