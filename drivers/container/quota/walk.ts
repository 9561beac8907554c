import type { Stats } from "node:fs";
import { constants } from "node:fs";
import { type FileHandle, lstat, open, opendir } from "node:fs/promises";

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** How many entries are asked about at a time: one by one each would wait for its turn. */
const AT_ONCE = 16;
/** How many entries between two pauses. */
const AT_A_TIME = 500;
/** Beyond this a path is begun anew at an open folder: the system takes no path of 4,096 bytes. */
const LONG_PATH = 3_000;
/** Folders that wait to be read, and files with several names: more than this are not remembered. */
const MOST_REMEMBERED = 1_000_000;

interface Task {
  readonly path: string;
  readonly device: number;
  /** Not a folder to read, but one to close: all that lies below it was read. */
  readonly done?: FileHandle;
}

/**
 * What lies below these paths takes on the disk, in bytes, as `du` counts it: blocks, with those of folders, each file once however many
 * names it has, no link followed, no other file system entered. Yields how much it is so far, every few hundred files, so that others get
 * their turn. What vanishes meanwhile, or cannot be read, is left out.
 */
export async function* walk(paths: readonly string[]): AsyncGenerator<number, number> {
  const seen = new Set<string>();
  const tasks: Task[] = [];
  let [bytes, entries] = [0, 0];
  const count = (found: Stats): void => {
    if (found.nlink > 1 && !found.isDirectory()) {
      const name = `${found.dev}:${found.ino}`;
      if (seen.has(name)) return;
      if (seen.size < MOST_REMEMBERED) seen.add(name);
    }
    bytes += found.blocks * 512;
  };
  try {
    for (const path of paths) {
      const found = await lstat(path).catch(() => undefined);
      if (found === undefined) continue;
      count(found);
      if (found.isDirectory()) tasks.push({ path, device: found.dev });
    }
    for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) {
      if (task.done !== undefined) {
        await task.done.close();
        continue;
      }
      for await (const found of below(task, tasks)) {
        count(found);
        if (++entries % AT_A_TIME === 0) yield bytes;
      }
    }
    return bytes;
  } finally {
    for (const { done } of tasks) await done?.close();
  }
}

/** The entries of one folder; its own folders are added to the tasks. */
async function* below({ path, device }: Task, tasks: Task[]): AsyncGenerator<Stats> {
  const folder = await open(path, FOLDER).catch(() => undefined);
  if (folder === undefined) return;
  const here = `/proc/self/fd/${folder.fd}`;
  const isLong = path.length > LONG_PATH;
  if (isLong) tasks.push({ path, device, done: folder });
  try {
    for await (const [name, found] of entriesOf(here)) {
      if (found?.dev !== device) continue;
      if (found.isDirectory() && tasks.length < MOST_REMEMBERED)
        tasks.push({ path: `${isLong ? here : path}/${name}`, device });
      yield found;
    }
  } catch {
    // It was removed while it was read.
  } finally {
    if (!isLong) await folder.close();
  }
}

async function* entriesOf(folder: string): AsyncGenerator<[name: string, found: Stats | undefined]> {
  const look = async ({ name }: { name: string }): Promise<[string, Stats | undefined]> => [
    name,
    await lstat(`${folder}/${name}`).catch(() => undefined),
  ];
  let batch: Promise<[string, Stats | undefined]>[] = [];
  for await (const entry of await opendir(folder, { bufferSize: 128 })) {
    if (batch.push(look(entry)) < AT_ONCE) continue;
    yield* await Promise.all(batch);
    batch = [];
  }
  yield* await Promise.all(batch);
}
