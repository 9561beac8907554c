import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { EpochRefused, type Store, StoreDamaged } from "@meseta/lib/core/ports/store.ts";
import { afterAll, describe, expect, it } from "vitest";
import { createMemoryDisk, createMemoryStore } from "./memory.ts";
import { openSqliteInline } from "./sqlite/inline.ts";
import { openSqlite } from "./sqlite/store.ts";

const root = mkdtempSync(join(tmpdir(), "meseta-store-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
const newPath = () => join(root, `${count++}`, "store.db");
const drivers: Record<string, () => () => Promise<Store>> = {
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

const puts = (entries: Record<string, string>) => ({
  puts: new Map(Object.entries(entries)),
  deletes: new Set<string>(),
});

describe.each(Object.entries(drivers))("the store port, driver %s", (_name, create) => {
  it("keeps what was committed for the next owner", async () => {
    const open = create();
    const first = await open();
    const { epoch } = await first.open();
    await first.commit(puts({ "a/1": "one", "a/2": "two", "b/1": "three" }), epoch);
    await first.commit({ puts: new Map([["a/2", "zwei"]]), deletes: new Set(["a/1"]) }, epoch);
    await first.close();
    const second = await open();
    const opened = await second.open();
    expect(opened).toEqual({ epoch: epoch + 1, version: 2 });
    expect(await second.scan("a/")).toEqual([["a/2", "zwei"]]);
    expect(await second.scan("")).toEqual([
      ["a/2", "zwei"],
      ["b/1", "three"],
    ]);
    await second.close();
  });

  it("refuses the commit of an owner whose epoch is over, and changes nothing", async () => {
    const open = create();
    const old = await open();
    const { epoch } = await old.open();
    const young = await open();
    const opened = await young.open();
    await expect(old.commit(puts({ x: "old" }), epoch)).rejects.toBeInstanceOf(EpochRefused);
    await young.commit(puts({ x: "young" }), opened.epoch);
    expect(await young.scan("x")).toEqual([["x", "young"]]);
    await old.close();
    await young.close();
  });

  it("is closed only when what is being committed is stored", async () => {
    const open = create();
    const store = await open();
    const { epoch } = await store.open();
    const committed = store.commit(puts({ last: "word" }), epoch);
    await store.close();
    await committed;
    const again = await open();
    await again.open();
    expect(await again.scan("last")).toEqual([["last", "word"]]);
    await again.close();
  });

  it("keeps any text exactly, also keys that are prefixes of one another", async () => {
    const store = await create()();
    const { epoch } = await store.open();
    const odd = { k: "", "k/": "\u0000é😀", "k/😀": "x".repeat(300_000) };
    await store.commit(puts(odd), epoch);
    expect(Object.fromEntries(await store.scan("k"))).toEqual(odd);
    await store.close();
  });
});

describe("a damaged sqlite file", () => {
  it("is refused by name when a record does not match its checksum", async () => {
    const path = newPath();
    const store = openSqliteInline(path);
    const { epoch } = await store.open();
    await store.commit(puts({ "agent/1": "good" }), epoch);
    await store.close();
    const db = new DatabaseSync(path);
    db.exec("UPDATE record SET value = 'evil'");
    db.close();
    const again = openSqliteInline(path);
    await again.open();
    await expect(again.scan("")).rejects.toThrow(/store\.db is damaged: record 1 \(agent\/1\)/);
    await again.close();
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
