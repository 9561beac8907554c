import { existsSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Terminal } from "@meseta/shell/io/terminal.ts";
import type { Settings } from "../flags.ts";
import { type Notice, reach } from "./claim.ts";

/**
 * `meseta down`: asks the `up` that owns the directory to stop. Where that was killed, its agents are gone and their
 * tasks run on: then a cluster is started once more to end them, as the next `up` would take them over.
 */
export async function down(settings: Settings, terminal: Terminal): Promise<number> {
  const dir = resolve(settings["dir"]!);
  const wipe = settings["wipe"] === "true";
  if (!existsSync(join(dir, "up.json"))) {
    terminal.err(`There is no cluster in ${dir}.\n`);
    return 4;
  }
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

async function takeOver(
  settings: Settings,
  terminal: Terminal,
  dir: string,
): Promise<Awaited<ReturnType<typeof reach>>> {
  const { up } = await import("./up.ts");
  terminal.err("The cluster's processes are gone; taking its tasks over to end them …\n");
  const quiet: Terminal = { ...terminal, out: () => {} };
  void up({ ...settings, ip: "127.0.0.1", "log-level": "info", json: "true" }, quiet).catch(() => {});
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
