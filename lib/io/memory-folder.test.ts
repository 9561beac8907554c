import { existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync, statfsSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MemoryFolder } from "./memory-folder.ts";

let disk: string;
let place: string;
beforeEach(() => {
  disk = mkdtempSync(join(tmpdir(), "meseta-disk-"));
  place = mkdtempSync("/dev/shm/meseta-test-");
});
afterEach(() => {
  for (const dir of [disk, place]) rmSync(dir, { recursive: true, force: true });
});

test("it is on a tmpfs, for its user alone, and goes with the last thing in it", () => {
  const memory = new MemoryFolder(disk, [disk, place]);
  expect(statfsSync(place).type).toBe(0x01021994);
  expect(memory.make("a", "b")).toBe(join(memory.dir, "a", "b"));
  memory.make("c");
  expect(lstatSync(memory.dir).mode & 0o777).toBe(0o700);
  writeFileSync(memory.path("a", "b", "file"), "");
  memory.remove("c");
  expect(memory.names("a")).toEqual(["b"]);
  memory.remove("a", "b");
  expect(existsSync(memory.dir)).toBe(false);
  expect(memory.names("a")).toEqual([]);
});

test("it goes as well when what was in it was removed by others", () => {
  const memory = new MemoryFolder(disk, [disk, place]);
  memory.make("a", "b");
  rmSync(memory.path("a"), { recursive: true });
  memory.remove("a", "b");
  expect(existsSync(memory.dir)).toBe(false);
});

test("a folder that somebody else could have put there is refused", () => {
  const memory = new MemoryFolder(disk, [place]);
  mkdirSync(memory.dir, { mode: 0o755 });
  expect(() => memory.make("a")).toThrow("somebody else's");
  rmSync(memory.dir, { recursive: true });
  symlinkSync(disk, memory.dir);
  expect(() => memory.make("a")).toThrow("somebody else's");
});

test("one whose folder is on no disk any more is swept by others, and none that still belongs to one", () => {
  const [gone, kept] = [join(disk, "gone"), join(disk, "kept")];
  mkdirSync(kept);
  const [lost, other, mine] = [gone, kept, disk].map((dir) => new MemoryFolder(dir, [place])) as [
    MemoryFolder,
    MemoryFolder,
    MemoryFolder,
  ];
  for (const one of [lost, other, mine]) one.make("a");
  mine.sweepOthers();
  expect([lost, other, mine].map(({ dir }) => existsSync(dir))).toEqual([false, true, true]);
});

test("where there is no tmpfs it says what to do", () => {
  expect(() => new MemoryFolder(disk, [disk])).toThrow();
});
