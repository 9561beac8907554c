import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StoreFailed } from "@meseta/lib/core/ports/store.ts";
import { afterEach, beforeEach, expect, it } from "vitest";
import { fill } from "./fill.ts";
import { type Held, holdToFill } from "./hold.ts";

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), "meseta-store-fill-"))));
afterEach(() => rmSync(dir, { recursive: true }));

const FILLING = {
  records: [["a", "1"]] as [string, string][],
  from: "b",
  epoch: 1,
  force: false,
  again: "",
  progress() {},
};

/** A disk that is full from its second commit on. */
function full({ store, ...held }: Held): Held {
  let commits = 0;
  const commit: typeof store.commit = async (change, epoch) => {
    if (++commits > 1) throw new StoreFailed("disk full");
    return store.commit(change, epoch);
  };
  return { ...held, store: { ...store, commit } };
}

it("a store that was made to be filled, and cannot be, is gone again", async () => {
  const path = join(dir, "new.db");
  const held = full(await holdToFill({ kind: "sqlite", path }));
  await expect(fill(held, FILLING)).rejects.toThrow("disk full");
  await held.store.close();
  expect(readdirSync(dir)).toEqual([]);
});

it("one that was there stays, marked as unfinished", async () => {
  const path = join(dir, "old.db");
  await (await holdToFill({ kind: "sqlite", path })).store.close();
  const held = full(await holdToFill({ kind: "sqlite", path }));
  await expect(fill(held, FILLING)).rejects.toThrow("disk full");
  await held.store.close();
  const again = await holdToFill({ kind: "sqlite", path });
  expect((await again.store.scan("")).map(([key]) => key)).toEqual(["store/unfinished"]);
  await again.store.close();
});
