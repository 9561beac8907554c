import { rmSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { Failure } from "@meseta/shell/core/failure.ts";
import type { Terminal } from "@meseta/shell/io/terminal.ts";
import type { Settings } from "../flags.ts";
import { type Notice, reach } from "./claim.ts";
import { readKept } from "./kept.ts";
import { up } from "./up.ts";

/**
 * `meseta down`: asks the `up` that owns the directory to stop. Where that was killed, its agents are gone and their
 * tasks run on: then a cluster is started once more to end them, as the next `up` would take them over.
 */
export async function down(settings: Settings, terminal: Terminal): Promise<number> {
  const dir = resolve(settings["dir"]!);
  const wipe = settings["wipe"] === "true";
  const kept = readKept(dir);
  if (kept === undefined)
    throw new Failure("not-running", { dir, why: "no `meseta up` was ever run with this directory" });
  if (!kept.running) return alreadyStopped(dir, wipe, terminal);
  const owner = (await reach(dir)) ?? (await takeOver(settings, terminal, dir));
  if (owner === undefined) return 1;
  for await (const line of createInterface({ input: owner })) {
    const { event } = JSON.parse(line) as Notice;
    if (event === "ready") owner.write(wipe ? "wipe\n" : "stop\n");
    if (event === "stopped") break;
  }
  if (wipe) rmSync(dir, { recursive: true, force: true });
  terminal.out(wipe ? `Stopped, and removed ${dir}.\n` : `Stopped. Ids and history are kept in ${dir}.\n`);
  return 0;
}

function alreadyStopped(dir: string, wipe: boolean, terminal: Terminal): number {
  if (wipe) rmSync(dir, { recursive: true, force: true });
  terminal.out(wipe ? `The cluster had stopped before; removed ${dir}.\n` : "The cluster has stopped already.\n");
  return 0;
}

async function takeOver(
  settings: Settings,
  terminal: Terminal,
  dir: string,
): Promise<Awaited<ReturnType<typeof reach>>> {
  terminal.err("The cluster's processes are gone; taking its tasks over to end them …\n");
  const quiet: Terminal = { ...terminal, out: () => {} };
  void up({ ...settings, insecure: "true", "log-level": "info", json: "true" }, quiet).catch(() => {});
  return waitFor(dir);
}

// The new owner listens at once, and acts on "stop" when it is ready.
async function waitFor(dir: string): Promise<Awaited<ReturnType<typeof reach>>> {
  for (let tries = 0; tries < 100; tries++) {
    const owner = await reach(dir);
    if (owner !== undefined) return owner;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return undefined;
}
