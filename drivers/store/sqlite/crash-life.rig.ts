// The program whose life is traced: a store that is opened, committed to and closed, three times. It says of each commit when it has resolved.
import { writeSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { changeOf } from "./crash-commits.rig.ts";
import { openSqliteInline } from "./inline.ts";
import { openSqlite } from "./store.ts";

const [how, path] = process.argv.slice(2) as [string, string];
let commit = 0;
for (let life = 0; life < 3; life++) {
  const store = how === "inline" ? openSqliteInline(path) : await openSqlite(path);
  const { epoch } = await store.open();
  for (let i = 0; i < 4; i++) {
    await store.commit(changeOf(++commit), epoch);
    writeSync(1, `${commit}\n`);
    // The log begins anew in the midst of a life, as it does when it has grown.
    if (i === 1) checkpoint(path);
  }
  await store.close();
}

function checkpoint(path: string): void {
  const db = new DatabaseSync(path);
  db.exec("PRAGMA wal_checkpoint(RESTART)");
  db.close();
}
