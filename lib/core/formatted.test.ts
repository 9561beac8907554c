import { createMemoryDisk, createMemoryStore, type MemoryDisk } from "@meseta/drivers/store/memory.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FORMAT_KEY, type Format, isOfStore, type Migration } from "./format.ts";
import { formatted } from "./formatted.ts";
import { type Store, StoreFailed, StoreNewer } from "./ports/store.ts";

const doubled: Migration = (records) => new Map([...records].map(([key, text]) => [key, text + text]));
const moved: Migration = (records) =>
  new Map([...records].filter(([, text]) => text !== "").map(([key, text]) => [`moved/${key}`, text]));

const FIRST: Format = { part: "test", migrations: [] };
const SECOND: Format = { part: "test", migrations: [doubled] };
const THIRD: Format = { part: "test", migrations: [doubled, moved] };
const release = ({ migrations }: Format) => `0.${migrations.length + 1}.0`;

function openedBy(format: Format, disk: MemoryDisk, most = 100_000) {
  return formatted(bounded(disk, most), { format, release: release(format), place: "sqlite:/store.db" });
}

/** A store that takes so many records a commit, and refuses more. */
function bounded(disk: MemoryDisk, maxRecords: number): Store {
  const store = createMemoryStore(disk);
  return {
    ...store,
    maxRecords,
    commit(change, epoch) {
      expect(change.puts.size + change.deletes.size).toBeLessThanOrEqual(maxRecords);
      return store.commit(change, epoch);
    },
  };
}

function diskOf(records: Readonly<Record<string, string>>): MemoryDisk {
  return { ...createMemoryDisk(), records: new Map(Object.entries(records)) };
}

const copied = (disk: MemoryDisk): MemoryDisk => ({ ...disk, records: new Map(disk.records) });
const own = (disk: MemoryDisk) => new Map([...disk.records].filter(([key]) => !isOfStore(key)));

describe("a store with a format", () => {
  it("of the first one holds what it held, and nothing more", async () => {
    const disk = diskOf({ a: "1" });
    await openedBy(FIRST, disk).open();
    expect([...disk.records]).toEqual([["a", "1"]]);
  });

  it("is brought up by all steps in one commit, once", async () => {
    const disk = diskOf({ a: "1", b: "" });
    expect((await openedBy(THIRD, disk).open()).version).toBe(1);
    expect(own(disk)).toEqual(new Map([["moved/a", "11"]]));
    const { epoch, version } = await openedBy(THIRD, disk).open();
    expect([version, disk.epoch]).toEqual([1, epoch]);
    expect(own(disk)).toEqual(new Map([["moved/a", "11"]]));
  });

  it("is brought up from where it is", async () => {
    const disk = diskOf({ a: "1" });
    await openedBy(SECOND, disk).open();
    await openedBy(THIRD, disk).open();
    expect(own(disk)).toEqual(new Map([["moved/a", "11"]]));
  });

  it("that is newer is refused with both releases and both formats, and nothing is changed", async () => {
    const disk = diskOf({ a: "1" });
    await openedBy(THIRD, disk).open();
    const before = JSON.stringify([disk.epoch, disk.version, [...disk.records]]);
    for (const older of [FIRST, SECOND]) {
      const refused = openedBy(older, disk).open();
      await expect(refused).rejects.toBeInstanceOf(StoreNewer);
      await expect(openedBy(older, disk).refuseNewer()).rejects.toBeInstanceOf(StoreNewer);
      await expect(refused).rejects.toThrow(
        `sqlite:/store.db holds records of format 3, written by Meseta 0.3.0; this is Meseta ${release(older)}, which knows formats up to ${older.migrations.length + 1}`,
      );
    }
    expect(JSON.stringify([disk.epoch, disk.version, [...disk.records]])).toBe(before);
  });

  it("is not read by who was followed by a newer release since, nor while another process brings it up", async () => {
    const disk = diskOf({ a: "1" });
    const older = openedBy(FIRST, disk);
    await older.open();
    const newer = openedBy(SECOND, disk);
    await newer.open();
    await expect(older.scan("")).rejects.toBeInstanceOf(StoreNewer);
    expect(await newer.scan("a")).toEqual([["a", "11"]]);
    disk.records.set(FORMAT_KEY, JSON.stringify({ format: 2, release: "0.2.0", isUnderWay: true }));
    await expect(newer.scan("")).rejects.toBeInstanceOf(StoreFailed);
  });

  it("that a newer release took over and brought up meanwhile is refused", async () => {
    const disk = diskOf({ a: "1" });
    const store = createMemoryStore(disk);
    let opened = false;
    const late: Store = {
      ...store,
      async open(above) {
        if (!opened) await openedBy(SECOND, disk).open();
        opened = true;
        return store.open(above);
      },
    };
    const older = formatted(late, { format: FIRST, release: "0.1.0", place: "p" });
    await expect(older.open()).rejects.toBeInstanceOf(StoreNewer);
  });

  it("is, wherever the process is killed, whole in the old format or finished by the next who knows the new one", async () => {
    const texts = fc.dictionary(fc.string({ minLength: 1, maxLength: 3 }), fc.constantFrom("", "x", "y"), {
      maxKeys: 12,
    });
    await fc.assert(
      fc.asyncProperty(
        texts,
        fc.integer({ min: 3, max: 9 }),
        fc.constantFrom(SECOND, THIRD),
        async (records, most, format) => {
          const [begun, wanted] = [diskOf(records), diskOf(records)];
          await openedBy(format, wanted).open();
          for (let commits = 0; ; commits++)
            for (const isStored of [false, true]) {
              const disk = copied(begun);
              const isOver = await killedAfter(commits, isStored, disk, format, most);
              await olderSeesOldOrIsRefused(copied(disk), begun);
              await openedBy(format, disk, most).open();
              expect(disk.records).toEqual(wanted.records);
              if (isOver) return;
            }
        },
      ),
      { numRuns: 60 },
    );
  });
});

/** Brings up until that many commits were made, and is killed with the next, which is stored or not; true when it was done before. */
async function killedAfter(
  commits: number,
  isStored: boolean,
  disk: MemoryDisk,
  format: Format,
  most: number,
): Promise<boolean> {
  const store = bounded(disk, most);
  let left = commits;
  const mortal: Store = {
    ...store,
    async commit(change, epoch) {
      if (left < 0) throw new StoreFailed("dead");
      if (left-- > 0 || isStored) await store.commit(change, epoch);
      if (left < 0) throw new StoreFailed("killed");
    },
  };
  try {
    await formatted(mortal, { format, release: release(format), place: "p" }).open();
    return true;
  } catch (error) {
    if (!(error instanceof StoreFailed)) throw error;
    return false;
  }
}

async function olderSeesOldOrIsRefused(disk: MemoryDisk, before: MemoryDisk): Promise<void> {
  try {
    await openedBy(FIRST, disk).open();
  } catch (error) {
    expect(error).toBeInstanceOf(StoreNewer);
    expect(disk.records.has(FORMAT_KEY)).toBe(true);
    return;
  }
  expect(disk.records).toEqual(before.records);
}
