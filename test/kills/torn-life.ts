// The program that is traced for torn images: `node torn-life.ts FILE SEED LIVES`: a store that is opened, committed to and closed. It says of each commit when it has resolved.
import { writeSync } from "node:fs";
import { openSqliteInline } from "@meseta/drivers/store/sqlite/inline.ts";
import { COMMITS_A_LIFE, changesOf } from "./torn-commits.ts";

const [path, seed, lives] = process.argv.slice(2) as [string, string, string];
const changes = changesOf(Number(seed), COMMITS_A_LIFE * Number(lives));
for (let life = 0; life < Number(lives); life++) {
  const store = openSqliteInline(path);
  const { epoch } = await store.open();
  for (let at = 0; at < COMMITS_A_LIFE; at++) {
    const number = life * COMMITS_A_LIFE + at;
    await store.commit(changes[number]!, epoch);
    writeSync(1, `${number + 1}\n`);
  }
  await store.close();
}
