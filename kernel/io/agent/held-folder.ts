import { closeSync, constants, fstatSync, openSync } from "node:fs";

const { O_DIRECTORY, O_NOFOLLOW } = constants;
/** A place in the tree and no more: needs no right to read (open(2)). */
const O_PATH = 0o10000000;

/**
 * Works in a folder that is held by a descriptor: `here` means it, whatever becomes of its names meanwhile. No part of its path is a link
 * that anybody but root or the agent could have put there. Throws ENOENT where a part is missing, ENOTDIR or ELOOP where one is such a
 * link or no folder.
 */
export async function inFolder<T>(folder: string, work: (here: string) => T | Promise<T>): Promise<T> {
  const fd = hold(folder);
  try {
    return await work(`/proc/self/fd/${fd}`);
  } finally {
    closeSync(fd);
  }
}

function hold(folder: string): number {
  let at = openSync("/", O_PATH | O_DIRECTORY);
  for (const name of folder.split("/").filter((part) => part !== "")) {
    const above = at;
    try {
      const follow = isOurs(above) ? 0 : O_NOFOLLOW;
      at = openSync(`/proc/self/fd/${above}/${name}`, O_PATH | O_DIRECTORY | follow);
    } finally {
      closeSync(above);
    }
  }
  return at;
}

// Nobody else can make or move anything in it.
function isOurs(fd: number): boolean {
  const { uid, mode } = fstatSync(fd);
  return (uid === 0 || uid === process.getuid?.()) && (mode & 0o022) === 0;
}
