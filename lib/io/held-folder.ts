import { chownSync, closeSync, constants, fstatSync, openSync, readdirSync } from "node:fs";

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
/** A place in the tree and no more: needs no right to read (open(2)). */
const O_PATH = 0o10000000;

/**
 * Works in a folder that is held by a descriptor: `here` means it, whatever becomes of its names meanwhile. No part of its path is a link
 * that anybody but root or the agent could have put there. Throws ENOENT where a part is missing, ENOTDIR or ELOOP where one is such a
 * link or no folder.
 */
export async function inFolder<T>(folder: string, work: (here: string) => T | Promise<T>): Promise<T> {
  const fd = hold(folder, isOurs);
  try {
    return await work(here(fd));
  } finally {
    closeSync(fd);
  }
}

/**
 * Gives a folder and what is in it to these ids of the machine, when it is not theirs already. All of it is held by descriptors while it is
 * looked at and given, so that no link put in its place leads elsewhere; mounts are not entered, and files of several names left alone.
 * No part of the path may be a link, whoever made it. Throws then.
 */
export function giveAway(folder: string, uid: number, gid: number): void {
  holding(hold(folder, nowhere), (fd) => {
    const { uid: owner, dev } = fstatSync(fd);
    if (owner !== uid) give(fd, { dev, uid, gid });
  });
}

/**
 * The same of a folder that the agent made before it had a user, such as a persistent volume: only while it is the agent's, and nothing is in
 * it but `besides`. Links on the way as for `inFolder`; the folder itself is none.
 */
export function giveFresh(folder: string, uid: number, gid: number, besides: readonly string[] = []): void {
  const at = folder.replace(/\/+$/, "").lastIndexOf("/");
  const parent = hold(folder.slice(0, at), isOurs);
  holding(parent, () =>
    holding(openSync(`${here(parent)}/${folder.slice(at + 1)}`, O_RDONLY | O_DIRECTORY | O_NOFOLLOW), (fd) => {
      if (fstatSync(fd).uid !== process.getuid?.()) return;
      if (readdirSync(here(fd)).every((name) => name === "lost+found" || besides.includes(name)))
        chownSync(here(fd), uid, gid);
    }),
  );
}

function here(fd: number): string {
  return `/proc/self/fd/${fd}`;
}

function holding<T>(fd: number, work: (fd: number) => T): T {
  try {
    return work(fd);
  } finally {
    closeSync(fd);
  }
}

// Folder by folder; a link is followed only out of a folder for which `follows` says so.
function hold(folder: string, follows: (fd: number) => boolean): number {
  let at = openSync("/", O_PATH | O_DIRECTORY);
  for (const name of folder.split("/").filter((part) => part !== "")) {
    const above = at;
    at = holding(above, () =>
      openSync(`${here(above)}/${name}`, O_PATH | O_DIRECTORY | (follows(above) ? 0 : O_NOFOLLOW)),
    );
  }
  return at;
}

const nowhere = (): boolean => false;

// Nobody else can make or move anything in it.
function isOurs(fd: number): boolean {
  const { uid, mode } = fstatSync(fd);
  return (uid === 0 || uid === process.getuid?.()) && (mode & 0o022) === 0;
}

interface Gift {
  /** Nothing of another file system is given. */
  readonly dev: number;
  readonly uid: number;
  readonly gid: number;
}

// What is in a folder first: from then on its owner can put anything there.
function give(fd: number, gift: Gift): void {
  for (const name of readdirSync(`${here(fd)}/.`)) giveEntry(`${here(fd)}/${name}`, gift);
  chownSync(here(fd), gift.uid, gift.gid);
}

// Looked at and given as what is held: another file may have that name by then, or this one a second name.
function giveEntry(path: string, gift: Gift): void {
  const fd = heldEntry(path);
  if (fd === undefined) return;
  holding(fd, () => {
    const stats = fstatSync(fd);
    if (stats.dev !== gift.dev) return;
    if (stats.isDirectory()) give(fd, gift);
    else if (stats.nlink === 1) chownSync(here(fd), gift.uid, gift.gid);
  });
}

function heldEntry(path: string): number | undefined {
  try {
    return openSync(path, O_PATH | O_NOFOLLOW);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
