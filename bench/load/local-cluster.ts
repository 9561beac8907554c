// A whole cluster as `meseta up` starts it, for benches that end parts of it; and how busy the machine was meanwhile.
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { holderOf } from "@meseta/boot/up/addresses.ts";
import { etcdProgram } from "@meseta/boot/up/etcd.ts";
import type { Ready } from "@meseta/boot/up/layout.ts";
import { line, millis, quantile } from "../measure/numbers.ts";

export const MESETA = fileURLToPath(new URL("../../bin/meseta", import.meta.url));

/**
 * Starts a cluster of three masters with these flags of `up` more, lets `use` have it, and ends it. `timeouts`: those of the etcd, `up`'s own (50 ms between
 * heartbeats, 500 ms until an election) or etcd's defaults (100 ms, 1 s).
 */
export async function withCluster(
  flags: readonly string[],
  timeouts: "short" | "default",
  use: (ready: Ready) => Promise<void>,
): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "meseta-bench-"));
  const env = timeouts === "short" ? process.env : { ...process.env, PATH: `${plainEtcd(dir)}:${process.env["PATH"]}` };
  const args = ["up", "--json", "--masters", "3", "--agents", "2", ...flags, "--dir", dir];
  const up = spawn(MESETA, args, { stdio: ["ignore", "pipe", "inherit"], env });
  const ended = new Promise((resolve) => up.once("exit", resolve));
  try {
    const { value } = await createInterface({ input: up.stdout })[Symbol.asyncIterator]().next();
    await whileTimed(() => use(readyOf(value)));
  } finally {
    up.kill("SIGINT");
    await ended;
    rmSync(dir, { recursive: true, force: true });
  }
}

function readyOf(line: string | undefined): Ready {
  if (line === undefined) throw new Error("the cluster did not start");
  return JSON.parse(line) as Ready;
}

/** The pid of who listens at the URL. */
export function pidAt(url: string): number {
  return Number(/^pid (\d+)/.exec(holderOf(Number(new URL(url).port)) ?? "")?.[1]);
}

/** The URL of the etcd member that leads the others. */
export async function etcdLeader(store: string): Promise<string> {
  for (;;)
    for (const host of hostsOf(store)) {
      const said = await fetch(`http://${host}/v3/maintenance/status`, { method: "POST", body: "{}" }).then(
        (answer) => answer.json() as Promise<{ leader?: string; header?: { member_id?: string } }>,
        () => undefined,
      );
      if (said?.leader !== undefined && said.leader === said.header?.member_id) return `http://${host}`;
    }
}

function hostsOf(store: string): string[] {
  return store.slice("etcd://".length).split("/")[0]!.split(",");
}

// `up` starts the etcd that is first in the PATH, with the timeouts at the end; this one leaves them away.
function plainEtcd(dir: string): string {
  const file = join(dir, "etcd");
  const script = `#!/bin/bash\nexec ${etcdProgram()} "\${@:1:$#-4}"\n`;
  writeFileSync(file, script);
  chmodSync(file, 0o755);
  return dir;
}

const TIMER_MS = 10;

// Of a busy machine little can be said: how late a bare timer is tells what was possible.
async function whileTimed(work: () => Promise<void>): Promise<void> {
  const late: number[] = [];
  let dueMs = performance.now() + TIMER_MS;
  const timer = setInterval(() => {
    late.push(Math.max(0, performance.now() - dueMs));
    dueMs = performance.now() + TIMER_MS;
  }, TIMER_MS);
  const before = loadavg()[0]!;
  await work();
  clearInterval(timer);
  line(
    "a bare timer of the bench is late",
    millis(quantile(late, 0.5)),
    `p99 ${millis(quantile(late, 0.99))}, most ${millis(quantile(late, 1))}`,
    `load average ${before.toFixed(1)} and ${loadavg()[0]!.toFixed(1)}`,
  );
}
