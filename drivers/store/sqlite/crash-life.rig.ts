// The program whose life is traced: a store that is opened, committed to and closed, three times. It says of each commit when it has resolved.
// What fails is tried again, as a part does that is started again, or waits for room on the disk.
import { writeSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { changeOf } from "./crash-commits.rig.ts";
import { openSqliteInline } from "./inline.ts";
import { openSqlite } from "./store.ts";

const [how, path] = process.argv.slice(2) as [string, string];
let commit = 0;
for (let life = 0; life < 3; life++) {
  const store = await again(async () => (how === "inline" ? openSqliteInline(path) : openSqlite(path)));
  const { epoch } = await again(() => store.open());
  for (let i = 0; i < 4; i++) {
    const change = changeOf(++commit);
    await again(() =>
      store.commit(change, epoch).catch(async (error) => {
        await store.scan("");
        throw error;
      }),
    );
    writeSync(1, `${commit}\n`);
    // The log begins anew in the midst of a life, as it does when it has grown.
    if (i === 1) await again(async () => checkpoint(path));
  }
  await store.close();
}

async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++)
    try {
      return await work();
    } catch (error) {
      if (attempt === 5) throw error;
    }
}

function checkpoint(path: string): void {
  const db = new DatabaseSync(path);
  db.exec("PRAGMA wal_checkpoint(RESTART)");
  db.close();
}
