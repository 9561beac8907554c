import { access, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { NetworkConfig } from "./config.ts";
import type { GroupRecord } from "./record.ts";

/**
 * Who has joined the network that the agents of a machine share: a copy of each group's record, in the shared folder. So that what an
 * agent left behind whose own folder was removed is taken away by any other.
 */
export async function holdShared(record: GroupRecord, folder: string): Promise<void> {
  for (const holders of holdersOf(record)) {
    await mkdir(holders, { recursive: true, mode: 0o700 });
    const path = join(holders, record.id);
    await writeFile(`${path}.new`, JSON.stringify({ folder, record }), { mode: 0o600 });
    await rename(`${path}.new`, path);
  }
}

export async function releaseShared(record: GroupRecord): Promise<void> {
  for (const holders of holdersOf(record)) await rm(join(holders, record.id), { force: true });
}

/** Records of groups whose folders are no more. */
export async function abandonedGroups({ shared }: NetworkConfig): Promise<GroupRecord[]> {
  if (!shared) return [];
  const holders = join(shared.folder, "holders");
  const names = await readdir(holders).catch(() => []);
  const found = await Promise.all(names.map((name) => abandoned(join(holders, name))));
  return found.filter((record) => record !== undefined);
}

async function abandoned(path: string): Promise<GroupRecord | undefined> {
  try {
    const { folder, record } = JSON.parse(await readFile(path, "utf8")) as { folder: string; record: GroupRecord };
    const isThere = await access(folder).then(
      () => true,
      () => false,
    );
    return isThere ? undefined : record;
  } catch {
    // Just removed by its owner, or half written by one that was killed and had begun nothing.
    return undefined;
  }
}

function holdersOf({ attachments }: GroupRecord): string[] {
  const folders = attachments.flatMap(({ config }) => config.shared?.folder ?? []);
  return [...new Set(folders)].map((folder) => join(folder, "holders"));
}
