// What every store does, whatever is behind it. Each driver's test calls `everyStore` with a way to open it.
import { type Change, EpochRefused, MAX_VALUE_LENGTH, type Store, StoreFailed } from "@meseta/lib/core/ports/store.ts";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";

/** Opens another handle on one and the same place; each call of the maker is a new, empty place. */
export type MakeStore = () => () => Promise<Store>;

export interface Extent {
  /** How many random histories are tried; a driver over a network does fewer in the same time. */
  readonly histories: number;
}

export function everyStore(name: string, make: MakeStore, { histories }: Extent): void {
  const opened: Store[] = [];
  /** A place, with all its handles closed after the test. */
  const place = () => {
    const handle = make();
    return async () => {
      const store = await handle();
      opened.push(store);
      return store;
    };
  };
  /** A handle that owns a new place. */
  const owner = async (open = place()) => {
    const store = await open();
    const { epoch, version } = await store.open();
    return { store, epoch, version, open, commit: (change: Change) => store.commit(change, epoch) };
  };
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close().catch(() => {});
  });

  describe(`the store port, ${name}: what was committed`, () => {
    it("is there for the next owner, with the number of commits", async () => {
      const first = await owner();
      await first.commit(puts({ "a/1": "one", "a/2": "two", "b/1": "three" }));
      await first.commit({ puts: new Map([["a/2", "zwei"]]), deletes: new Set(["a/1"]) });
      await first.store.close();
      const { store, version } = await owner(first.open);
      expect(version).toBe(first.version + 2);
      expect(await store.scan("")).toEqual([
        ["a/2", "zwei"],
        ["b/1", "three"],
      ]);
    });

    it("is seen by whoever reads without owning, as soon as the commit resolves", async () => {
      const { commit, open } = await owner();
      const reader = await open();
      await commit(puts({ a: "1" }));
      expect(await reader.scan("")).toEqual([["a", "1"]]);
      await commit(puts({ a: "2" }));
      expect(await reader.scan("a")).toEqual([["a", "2"]]);
    });

    it("is read by prefix, and nothing beside it", async () => {
      const { store, commit } = await owner();
      await commit(
        puts({ "a/1": "", "a/2": "", a: "", "a.": "", a0: "", "b/1": "", "😀/1": "", "😀": "", "\u{10FFFF}": "" }),
      );
      const keys = async (prefix: string) => (await store.scan(prefix)).map(([key]) => key);
      expect(await keys("a/")).toEqual(["a/1", "a/2"]);
      expect(await keys("a")).toEqual(["a", "a.", "a/1", "a/2", "a0"]);
      expect(await keys("😀")).toEqual(["😀", "😀/1"]);
      expect(await keys("\u{10FFFF}")).toEqual(["\u{10FFFF}"]);
      expect(await keys("nothing")).toEqual([]);
    });

    it("is in the order of the keys' UTF-8 bytes", async () => {
      const { store, commit } = await owner();
      const keys = ["", "\u0001", "A", "a", "a\u0000", "a/", "z", "é", "\u{FFFD}", "\u{10000}", "😀"];
      await commit(puts(Object.fromEntries([...keys].reverse().map((key) => [key, "x"]))));
      expect((await store.scan("")).map(([key]) => key)).toEqual(keys);
    });

    it("is any text exactly, also with keys that are prefixes of one another", async () => {
      const { store, commit } = await owner();
      const odd = { k: "", "k/": "\u0000é😀\uFEFF\n", "k/😀": "x".repeat(300_000), "k/'\"": "=#" };
      await commit(puts(odd));
      expect(Object.fromEntries(await store.scan("k"))).toEqual(odd);
    });

    it("may be large: values of many megabytes come and go, and are replaced by small ones", async () => {
      const { store, commit } = await owner();
      const large = (letter: string, units: number) => letter.repeat(units);
      await commit(puts({ a: large("a", 5_000_000), b: large("é", 1_500_000), c: "small" }));
      expect(sizes(await store.scan(""))).toEqual({ a: "a 5000000", b: "é 1500000", c: "s 5" });
      await commit({
        puts: new Map([
          ["b", "small"],
          ["c", large("c", 3_000_000)],
        ]),
        deletes: new Set(["a"]),
      });
      expect(sizes(await store.scan(""))).toEqual({ b: "s 5", c: "c 3000000" });
    });

    it("may be thousands of records, each there once", async () => {
      const { store, commit } = await owner();
      const keys = Array.from({ length: 4_321 }, (_, i) => `record/${String(i).padStart(6, "0")}`);
      for (let at = 0; at < keys.length; at += store.maxRecords)
        await commit(puts(Object.fromEntries(keys.slice(at, at + store.maxRecords).map((key) => [key, `of ${key}`]))));
      expect(await store.scan("record/")).toEqual(keys.map((key) => [key, `of ${key}`]));
    });

    it("takes place in the order in which it was asked for, without waiting for one another", async () => {
      const { store, commit } = await owner();
      await Promise.all(Array.from({ length: 20 }, (_, i) => commit(puts({ last: `${i}`, [`all/${i}`]: "" }))));
      expect(await store.scan("last")).toEqual([["last", "19"]]);
      expect(await store.scan("all/")).toHaveLength(20);
    });
  });

  describe(`the store port, ${name}: a commit`, () => {
    it("is seen as a whole or not at all, also the largest one", async () => {
      const { store, commit, open } = await owner();
      const reader = await open();
      const count = Math.min(store.maxRecords, 2_000);
      const all = (round: number) =>
        puts(Object.fromEntries(Array.from({ length: count }, (_, i) => [`r/${i}`, filling(round, i)])));
      await commit(all(0));
      let writing = true;
      const writer = (async () => {
        for (let round = 1; round <= 6; round++) await commit(all(round));
      })().finally(() => (writing = false));
      while (writing) {
        await new Promise(setImmediate); // A driver that reads at once would let nobody else have a turn.
        const seen = await reader.scan("r/");
        expect(seen).toHaveLength(count);
        expect(new Set(seen.map(([, value]) => value.split(" ")[0])).size).toBe(1);
      }
      await writer;
    });

    it("may put and delete nothing, what is there already, or what is not there", async () => {
      const { store, commit } = await owner();
      await commit(puts({ a: "1" }));
      await commit({ puts: new Map(), deletes: new Set() });
      await commit({ puts: new Map([["a", "1"]]), deletes: new Set(["b"]) });
      expect(await store.scan("")).toEqual([["a", "1"]]);
    });

    it("with a value beyond the bound is refused, and nothing of it is there", async () => {
      const { store, commit } = await owner();
      await commit(puts({ a: "before" }));
      const large = { a: "after", b: "x".repeat(MAX_VALUE_LENGTH + 1) };
      await expect(commit(puts(large))).rejects.toBeInstanceOf(StoreFailed);
      await expect(commit(puts(large))).rejects.toThrow(/record b is larger than/);
      expect(await store.scan("")).toEqual([["a", "before"]]);
      await commit(puts({ a: "later" }));
      expect(await store.scan("")).toEqual([["a", "later"]]);
    });
  });

  describe(`the store port, ${name}: an owner`, () => {
    it("comes after all before it: epochs only rise", async () => {
      const open = place();
      let last = 0;
      for (let life = 0; life < 4; life++) {
        const { epoch, store } = await owner(open);
        expect(epoch).toBeGreaterThan(last);
        last = epoch;
        await store.close();
      }
    });

    it("comes after another store's as well, when it is told of it", async () => {
      const { store, epoch } = await owner();
      const far = epoch + 1_000_000;
      expect((await store.open(far)).epoch).toBe(far + 1);
      expect((await store.open(epoch)).epoch).toBe(far + 2);
      await store.commit(puts({ a: "1" }), far + 2);
    });

    it("whose epoch is over is refused, and nothing of its commit is there, whether it was closed or not", async () => {
      const old = await owner();
      await old.commit(puts({ x: "first" }));
      const young = await owner(old.open);
      await expect(old.commit(puts({ x: "old", y: "old" }))).rejects.toBeInstanceOf(EpochRefused);
      await young.commit(puts({ x: "young" }));
      await expect(old.commit({ puts: new Map(), deletes: new Set(["x"]) })).rejects.toBeInstanceOf(EpochRefused);
      expect(await young.store.scan("")).toEqual([["x", "young"]]);
      await expect(young.store.commit(puts({ x: "z" }), old.epoch)).rejects.toThrow(
        `epoch ${old.epoch} is over: the store now belongs to epoch ${young.epoch}`,
      );
    });

    it("may still read when its epoch is over", async () => {
      const old = await owner();
      const young = await owner(old.open);
      await young.commit(puts({ x: "young" }));
      expect(await old.store.scan("")).toEqual([["x", "young"]]);
    });

    it("can have been refused, and open again", async () => {
      const first = await owner();
      const second = await owner(first.open);
      await expect(first.commit(puts({ x: "1" }))).rejects.toBeInstanceOf(EpochRefused);
      const { epoch } = await first.store.open();
      await first.store.commit(puts({ x: "1 again" }), epoch);
      await expect(second.commit(puts({ x: "2" }))).rejects.toBeInstanceOf(EpochRefused);
      expect(await second.store.scan("")).toEqual([["x", "1 again"]]);
    });
  });

  describe(`the store port, ${name}: closing`, () => {
    it("is done when what was being committed is stored", async () => {
      const { store, commit, open } = await owner();
      const committed = [commit(puts({ last: "word" })), commit(puts({ very: "last" }))];
      await store.close();
      await Promise.all(committed);
      expect(await (await open()).scan("")).toHaveLength(2);
    });

    it("ends it: what is asked for afterwards is refused, and may be closed again", async () => {
      const { store, commit, open } = await owner();
      await store.close();
      await expect(commit(puts({ a: "late" }))).rejects.toBeInstanceOf(StoreFailed);
      await expect(store.scan("")).rejects.toBeInstanceOf(StoreFailed);
      await expect(store.open()).rejects.toBeInstanceOf(StoreFailed);
      await store.close();
      expect(await (await open()).scan("")).toEqual([]);
    });
  });

  it(`the store port, ${name}: whatever is committed by whichever owners, it is what a map would hold`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const open = place();
        const model = new Map<string, string>();
        let now = await owner(open);
        for (const one of steps) {
          if (one === "next owner") now = await owner(open);
          else {
            await now.commit(one);
            for (const [key, value] of one.puts) model.set(key, value);
            for (const key of one.deletes) model.delete(key);
          }
          expect(await now.store.scan("")).toEqual(inOrder(model));
        }
        for (const store of opened.splice(0)) await store.close();
      }),
      { numRuns: histories },
    );
  });
}

const key = fc.oneof(fc.constantFrom("a", "a/", "a/1", "b", "é", "😀"), fc.string({ maxLength: 4, unit: "grapheme" }));
const step = fc.oneof(
  { weight: 1, arbitrary: fc.constant("next owner" as const) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.dictionary(key, fc.string({ unit: "grapheme" }), { maxKeys: 5 }), fc.array(key, { maxLength: 3 }))
      .map(([put, gone]) => ({
        puts: new Map(Object.entries(put)),
        deletes: new Set(gone.filter((one) => !(one in put))),
      })),
  },
);

function inOrder(records: ReadonlyMap<string, string>): [string, string][] {
  return [...records].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** A change that only puts. */
export function puts(entries: Readonly<Record<string, string>>): Change {
  return { puts: new Map(Object.entries(entries)), deletes: new Set() };
}

// Now and then one that is large beside the others.
function filling(round: number, at: number): string {
  return `${round} ${"x".repeat(at % 500 === 7 ? 40_000 : at % 50)}`;
}

function sizes(records: readonly [string, string][]): Record<string, string> {
  return Object.fromEntries(
    records.map(([key, value]) => [key, `${value[0]} ${new Set(value).size <= 4 ? value.length : "mixed"}`]),
  );
}
