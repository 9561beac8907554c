import { existsSync, readdirSync, readlinkSync, renameSync, rmSync } from "node:fs";

/** The file of a store and what belongs to it. */
const WITH = ["", "-wal", "-shm", "-seal"];

/** Gives the files of a store, or a folder, other names, under which they can still be looked at: `store.db.damaged`, or with a number. Gives the first of these names. */
export function putAside(path: string): string {
  let aside = `${path}.damaged`;
  for (let number = 2; WITH.some((end) => existsSync(`${aside}${end}`)); number++) aside = `${path}.damaged-${number}`;
  for (const end of WITH) if (existsSync(`${path}${end}`)) renameSync(`${path}${end}`, `${aside}${end}`);
  return aside;
}

/** Whether there is nothing of a store. */
export function isVacant(path: string): boolean {
  return !WITH.some((end) => existsSync(`${path}${end}`));
}

/** Takes the files of a store away. */
export function takeAway(path: string): void {
  for (const end of WITH) rmSync(`${path}${end}`, { force: true });
}

/** A process that has one of these files open, as `process 12`; undefined when none has, or the system does not tell. SQLite cannot be asked once a file is damaged. */
export function userOf(path: string): string | undefined {
  const files = new Set(WITH.map((end) => `${path}${end}`));
  for (const pid of namesIn("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid))
    for (const fd of namesIn(`/proc/${pid}/fd`))
      if (files.has(targetOf(`/proc/${pid}/fd/${fd}`))) return `process ${pid}`;
  return undefined;
}

// Processes end while one looks, and some may not be looked at.
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return "";
  }
}
