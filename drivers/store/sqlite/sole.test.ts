import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StoreInUse } from "@meseta/lib/core/ports/store.ts";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { openSqliteInline } from "./inline.ts";
import { openAsSole } from "./sole.ts";

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sole-"));
  path = join(dir, "part", "store.db");
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it("a store that is open is refused to others, and is free when it is closed", async () => {
  const first = await openAsSole(path, openSqliteInline);
  await first.open();
  await expect(openAsSole(path, openSqliteInline, undefined, 0)).rejects.toThrow(StoreInUse);
  await first.close();
  const next = await openAsSole(path, openSqliteInline, undefined, 0);
  await next.open();
  // Nor would a process that is killed leave one.
  expect(existsSync(`${path}-lock-journal`)).toBe(false);
  await next.close();
  expect([statSync(`${path}-lock`).size, existsSync(`${path}-lock-journal`)]).toEqual([0, false]);
});

it("who comes while another one ends says so, waits, and has it then", async () => {
  const first = await openAsSole(path, openSqliteInline);
  const told = Promise.withResolvers<void>();
  const second = openAsSole(path, openSqliteInline, told.resolve, 60_000);
  await told.promise;
  await first.close();
  await (await second).close();
});

it("one that cannot be opened is free again", async () => {
  const broken = vi.fn(() => Promise.reject(new Error("broken")));
  for (let time = 0; time < 2; time++) await expect(openAsSole(path, broken, undefined, 0)).rejects.toThrow("broken");
});

it("where no lock can be made, as on a full disk, a store opens all the same", async () => {
  const place = join("/proc/self/fd", "store.db");
  await (await openAsSole(place, () => openSqliteInline(path), undefined, 0)).close();
  expect(existsSync(path)).toBe(true);
});
