import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** A file seen from outside. */
export interface Seen {
  /** Whether it is a store, or cannot be read at all; false for a database of something else. */
  readonly ours: boolean;
  /** Whether a process has it open. */
  readonly inUse: boolean;
}

/** Looks at a file that exists, and changes nothing in it. */
export function lookAt(path: string): Seen {
  if (statSync(path).size === 0) return { ours: true, inUse: false };
  const db = new DatabaseSync(path);
  try {
    const ours = db.prepare("SELECT count(*) AS tables FROM sqlite_master WHERE name IN ('owner', 'record')").get();
    return { ours: (ours as { tables: number }).tables === 2, inUse: !isAlone(db) };
  } catch {
    return { ours: true, inUse: false };
  } finally {
    db.close();
  }
}

function isAlone(db: DatabaseSync): boolean {
  try {
    db.exec("PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT");
    return true;
  } catch {
    return false;
  }
}
