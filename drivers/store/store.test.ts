import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StoreDamaged } from "@meseta/lib/core/ports/store.ts";
import { testFolder } from "@meseta/lib/io/test-folder.rig.ts";
import { describe, expect, it } from "vitest";
import { everyStore, type MakeStore, puts } from "./conformance.rig.ts";
import { createMemoryDisk, createMemoryStore } from "./memory.ts";
import { openSqliteInline } from "./sqlite/inline.ts";
import { openSqlite } from "./sqlite/store.ts";

const root = testFolder("store");

let count = 0;
const newPath = () => join(root, `${count++}`, "store.db");
const drivers: Readonly<Record<string, MakeStore>> = {
  memory: () => {
    const disk = createMemoryDisk();
    return async () => createMemoryStore(disk);
  },
  "sqlite in a worker": () => {
    const path = newPath();
    return () => openSqlite(path);
  },
  "sqlite inline": () => {
    const path = newPath();
    return async () => openSqliteInline(path);
  },
};

for (const [name, make] of Object.entries(drivers)) everyStore(name, make, { histories: name === "memory" ? 100 : 10 });

describe("a damaged sqlite file", () => {
  it("is refused by name when a record does not match its checksum, before anything of it is changed", async () => {
    const path = newPath();
    const store = openSqliteInline(path);
    const { epoch } = await store.open();
    await store.commit(puts({ "agent/1": "good" }), epoch);
    await store.close();
    const db = new DatabaseSync(path);
    db.exec("UPDATE record SET value = 'evil'");
    db.close();
    const files = (): Buffer[] => [path, `${path}-seal`].map((file) => readFileSync(file));
    const before = files();
    expect(() => openSqliteInline(path)).toThrow(/store\.db is damaged: record 1 \(agent\/1\)/);
    await expect(openSqlite(path)).rejects.toThrow(StoreDamaged);
    expect(files()).toEqual(before);
  });

  it("is refused by name when a record is damaged while it is open", async () => {
    const path = newPath();
    const store = openSqliteInline(path);
    const { epoch } = await store.open();
    await store.commit(puts({ "agent/1": "good" }), epoch);
    const db = new DatabaseSync(path);
    db.exec("UPDATE record SET value = 'evil'");
    db.close();
    await expect(store.scan("")).rejects.toThrow(/store\.db is damaged: record 1 \(agent\/1\)/);
    await store.close();
  });

  it("is refused when it is no database at all", async () => {
    const path = join(root, "garbage.db");
    writeFileSync(path, "this is not a database, but it is long enough to look like one to nobody".repeat(50));
    expect(() => openSqliteInline(path)).toThrow(StoreDamaged);
    await expect(openSqlite(path)).rejects.toThrow(StoreDamaged);
  });
});

it("a store that was lost and made anew comes after the one that was lost", async () => {
  const path = newPath();
  const first = openSqliteInline(path);
  const { epoch } = await first.open();
  await first.close();
  rmSync(dirname(path), { recursive: true });
  const second = openSqliteInline(path);
  expect((await second.open()).epoch).toBeGreaterThanOrEqual(epoch);
  expect(epoch).toBeGreaterThan(1_700_000_000);
  await second.close();
});
