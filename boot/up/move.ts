import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Failure } from "@meseta/shell/core/failure.ts";
import { CRON } from "../commands/cron.ts";
import { INIT } from "../commands/init.ts";
import { fill } from "../store/fill.ts";
import { type Held, holdAlone, holdToFill } from "../store/hold.ts";
import { type Part, type Place, placeOf, placeUrl } from "../store/place.ts";

/** The parts of a cluster whose records move, under the names that they have when nobody gives them one. */
const PARTS: readonly Part[] = [
  { part: "master" },
  { part: "init", name: INIT.flags["name"]!.default },
  { part: "cron", name: CRON.flags["name"]!.default },
];

/** What a process that was killed leaves behind in etcd is gone after 15 s. */
const PATIENCE_MS = 30_000;
const LOOK_MS = 250;

/**
 * Copies the records of a cluster's master, init and cron from the files in `dir` to an etcd, or back, and compares them. Each is whole on the other side afterwards, and
 * nothing is taken away here: who is interrupted does all of it again. Gives the names of those that had any. Rejects with `store-in-use` while one of them runs.
 */
export async function moveRecords(dir: string, etcd: string, way: "to etcd" | "to files"): Promise<string[]> {
  const moved: string[] = [];
  for (const part of PARTS) {
    const inFile = placeOf({}, part, join(dir, part.part));
    const inEtcd = placeOf({ store: etcd }, part, dir);
    const [from, to] = way === "to etcd" ? [inFile, inEtcd] : [inEtcd, inFile];
    if (await copied(from, to)) moved.push(part.part);
  }
  return moved;
}

async function copied(from: Place, to: Place): Promise<boolean> {
  if (from.kind === "sqlite" && !existsSync(from.path)) return false;
  const source = await unused(() => holdAlone(from)).catch(none);
  if (source === undefined) return false;
  try {
    const target = await unused(() => holdToFill(to));
    try {
      await copy(source, target, placeUrl(from));
    } finally {
      await target.store.close();
    }
  } finally {
    await source.store.close();
  }
  return true;
}

async function copy(source: Held, target: Held, from: string): Promise<void> {
  const { epoch } = (await source.look())!;
  const records = await source.store.scan("");
  // What is there is of an earlier time, or of a copy that was interrupted: `up` knows which side counts.
  await fill(target, { records, from, epoch, force: true, again: "", progress() {} });
}

/** The parts of a cluster that was killed end a moment later. */
async function unused(hold: () => Promise<Held>): Promise<Held> {
  for (const endMs = performance.now() + PATIENCE_MS; ; await wait(LOOK_MS))
    try {
      return await hold();
    } catch (error) {
      if (!isFailure(error, "store-in-use") || performance.now() > endMs) throw error;
    }
}

function none(error: unknown): undefined {
  if (!isFailure(error, "no-store")) throw error;
}

function isFailure(error: unknown, code: string): boolean {
  return error instanceof Failure && error.problem.code === code;
}
