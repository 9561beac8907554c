import { constants } from "node:fs";
import { type FileHandle, lstat, open, readdir, rmdir, unlink } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { inFolder } from "@meseta/lib/io/held-folder.ts";

/**
 * Removes a tree, and nothing but it: links in it are removed, never followed, and a mount in it stops the removal with an
 * error. Everything is reached through open folders, so that nobody can put a link in the way meanwhile. What is gone
 * already is no error.
 */
export async function removeTree(path: string): Promise<void> {
  try {
    await inFolder(dirname(path), (here) => removeIn(here, basename(path)));
  } catch (error) {
    // On the way there a task has put a link in a folder's place: what is behind it is not the tree, which goes with that task's sandbox.
    if (!GONE.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

const GONE = new Set(["ENOENT", "ENOTDIR", "ELOOP"]);

async function removeIn(parent: string, name: string): Promise<void> {
  const found = await lstat(`${parent}/${name}`).catch(nothingThere);
  if (found === undefined) return;
  if (!found.isDirectory()) return unlink(`${parent}/${name}`).catch(nothingThere);
  await removeFolder(parent, name, found.dev);
}

async function removeFolder(parent: string, name: string, device: number): Promise<void> {
  const path = `${parent}/${name}`;
  const folder = await openFolder(path);
  if (folder === undefined) return;
  try {
    if ((await folder.stat()).dev !== device) throw new Error(`${path} is a mount of another file system`);
    await makeWritable(folder);
    await removeEntries(`/proc/self/fd/${folder.fd}`, device);
  } finally {
    await folder.close();
  }
  await rmdir(path).catch(nothingThere);
}

async function removeEntries(folder: string, device: number): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeFolder(folder, entry.name, device);
    else await unlink(`${folder}/${entry.name}`).catch(nothingThere);
  }
}

function openFolder(path: string): Promise<FileHandle | undefined> {
  return open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW).catch(nothingThere);
}

// A task may have locked its own folders.
async function makeWritable(folder: FileHandle): Promise<void> {
  const { mode } = await folder.stat();
  if ((mode & 0o700) !== 0o700) await folder.chmod(mode | 0o700);
}

function nothingThere(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
