import { mkdirSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { counted } from "@meseta/lib/core/words.ts";
import { Failure } from "@meseta/shell/core/failure.ts";
import type { Terminal } from "@meseta/shell/io/terminal.ts";
import type { Settings } from "../flags.ts";
import { makeFolder } from "../folder.ts";
import { Claim, type Notice } from "./claim.ts";
import { remember } from "./kept.ts";
import type { Ready } from "./layout.ts";
import { LocalCluster } from "./local-cluster.ts";
import { View } from "./view.ts";

/**
 * `meseta up`: a cluster on this machine, each part a process of its own, until Ctrl-C. A second `up` on the same
 * directory shows the first. Returns the exit code.
 */
export async function up(settings: Settings, terminal: Terminal): Promise<number> {
  const dir = resolve(settings["dir"]!);
  const kept = remember(dir, settings);
  // Tasks of other users must reach their sandboxes through it; what they may not read has folders of its own.
  makeFolder(dir, 0o711);
  mkdirSync(join(dir, "logs"), { recursive: true, mode: 0o700 });
  const stop = Promise.withResolvers<{ wipe: boolean }>();
  const claim = await Claim.take(dir, (wipe) => stop.resolve({ wipe }));
  if (!(claim instanceof Claim)) return attach(claim, settings, terminal);
  const cluster = new LocalCluster(dir, kept, settings, terminal);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => stop.resolve({ wipe: false }));
  try {
    claim.announce(await Promise.race([cluster.start(), stop.promise.then(interrupted)]));
    const { wipe } = await stop.promise;
    await cluster.stop();
    if (wipe) rmSync(dir, { recursive: true, force: true });
    claim.announce({ event: "stopped" });
    if (settings["json"] === "true") terminal.out(`${JSON.stringify({ event: "stopped" })}\n`);
    return 0;
  } catch (error) {
    await cluster.stop();
    throw error;
  } finally {
    claim.release();
  }
}

function otherNumber(name: "masters" | "agents", there: number, wanted: string | undefined, dir: string): string {
  if (wanted === undefined || Number(wanted) === there) return "";
  return `It has ${counted(there, name.slice(0, -1))}. For ${wanted}, stop it first: meseta down --dir ${dir}\n`;
}

function interrupted(): never {
  throw new Failure("interrupted", { why: "the cluster was not ready yet; it is stopped" });
}

/** Another `up` owns the directory: shows its cluster until it stops, or until Ctrl-C, which only ends the view. */
async function attach(owner: Socket, settings: Settings, terminal: Terminal): Promise<number> {
  process.once("SIGINT", () => process.exit(130));
  let view: View | undefined;
  for await (const line of createInterface({ input: owner })) {
    const notice = JSON.parse(line) as Notice;
    if (settings["json"] === "true") terminal.out(`${line}\n`);
    else if (notice.event === "ready") {
      const { masters, agents, dir } = notice as unknown as Ready;
      terminal.out(`The cluster in ${dir} is run by another \`meseta up\`; Ctrl-C ends only this view.

`);
      for (const [name, there] of [
        ["masters", masters],
        ["agents", agents],
      ] as const)
        terminal.err(otherNumber(name, there.length, settings[name], dir));
      view = new View(terminal, masters, () => []);
      void view.watch();
    }
    if (notice.event === "stopped") break;
  }
  view?.close();
  return 0;
}
