import { closeSync, constants, fstatSync, lchownSync, lstatSync, openSync, readdirSync } from "node:fs";

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;

/**
 * Gives a folder and what is in it to these ids of the machine, when it is not theirs already. Each folder is held by a descriptor while
 * it is gone through, so that no link put in its place leads elsewhere; mounts are not entered, and files of several names left alone.
 * No part of the path may be a link: what lies below another sandbox can be moved by that one's user. Throws then.
 */
export function giveAway(folder: string, uid: number, gid: number): void {
  const fd = openStepByStep(folder);
  try {
    const { uid: owner, dev } = fstatSync(fd);
    if (owner !== uid) give(fd, dev, uid, gid);
  } finally {
    closeSync(fd);
  }
}

/** The same of a folder that the agent made before it had a user, such as a persistent volume: only while nothing is in it. `owner` is "uid:gid". */
export function giveFresh(folder: string, owner: string): void {
  const fd = openSync(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  const here = `/proc/self/fd/${fd}`;
  const [uid, gid] = owner.split(":").map(Number) as [number, number];
  try {
    if (fstatSync(fd).uid !== process.getuid?.()) return;
    if (readdirSync(here).every((name) => name === "lost+found")) lchownSync(`${here}/.`, uid, gid);
  } finally {
    closeSync(fd);
  }
}

function openStepByStep(folder: string): number {
  let at = openSync("/", O_RDONLY | O_DIRECTORY);
  for (const name of folder.split("/").filter((part) => part !== "")) {
    const above = at;
    try {
      at = openSync(`/proc/self/fd/${above}/${name}`, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    } finally {
      closeSync(above);
    }
  }
  return at;
}

function give(fd: number, dev: number, uid: number, gid: number): void {
  const here = `/proc/self/fd/${fd}`;
  for (const name of readdirSync(here)) {
    const path = `${here}/${name}`;
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (!stats || stats.dev !== dev) continue;
    if (stats.isDirectory()) enter(path, dev, uid, gid);
    else if (stats.nlink === 1) lchownSync(path, uid, gid);
  }
  lchownSync(`${here}/.`, uid, gid);
}

function enter(path: string, dev: number, uid: number, gid: number): void {
  const fd = openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    if (fstatSync(fd).dev === dev) give(fd, dev, uid, gid);
  } finally {
    closeSync(fd);
  }
}
