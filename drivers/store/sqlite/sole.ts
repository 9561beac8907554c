import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as wait } from "node:timers/promises";
import { type Store, StoreInUse } from "@meseta/lib/core/ports/store.ts";
import { isBusy } from "./database.ts";

/** A process that was told to end, and has the store open until it has. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 50;

/**
 * Opens the store of a part, which only one process at a time may have: another one would take it over, and who had it would go on answering
 * until its next write. It is told by a lock beside the store, which dies with its process. Rejects with StoreInUse when another process has it
 * for longer than `patienceMs`; `waits` hears it when there is one to wait for.
 */
export async function openAsSole(
  path: string,
  open: (path: string) => Store | Promise<Store>,
  waits: () => void = () => {},
  patienceMs = PATIENCE_MS,
): Promise<Store> {
  const release = await take(path, waits, performance.now() + patienceMs);
  try {
    const store = await open(path);
    return { ...store, close: () => store.close().finally(release) };
  } catch (error) {
    release();
    throw error;
  }
}

async function take(path: string, waits: () => void, untilMs: number): Promise<() => void> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  for (let looks = 0; ; looks++) {
    const release = tryLock(`${path}-lock`);
    if (release !== undefined) return release;
    if (looks === 0) waits();
    if (performance.now() >= untilMs) throw new StoreInUse(path);
    await wait(LOOK_MS);
  }
}

/** Locked as SQLite locks: Node has no other lock that ends with its process. Nothing is ever written to it. */
function tryLock(path: string): (() => void) | undefined {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { timeout: 0 });
    // Without it a killed process would leave a journal; OFF is not allowed to Node's databases.
    db.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return () => db?.close();
  } catch (error) {
    db?.close();
    if (isBusy(error)) return undefined;
    // On a disk that is full or that only can be read a part still starts: its epoch guards the store.
    return () => {};
  }
}
