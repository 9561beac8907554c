import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryFolder } from "@meseta/lib/io/memory-folder.ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { secretsApart } from "./apart.ts";
import { createMemoryDisk, createMemoryStore } from "./memory.ts";

let dir: string;
let memory: MemoryFolder;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "meseta-apart-"));
  memory = new MemoryFolder(dir);
});
afterEach(() => {
  memory.remove("record");
  rmSync(dir, { recursive: true, force: true });
});

const record = (data: string) =>
  JSON.stringify({ info: { secret: { type: "VALUE", value: { data } } }, kept: data.length });
const disk = createMemoryDisk();
const open = async (over: readonly string[] = ["completed/"], where: MemoryFolder | undefined = memory) => {
  const store = secretsApart(createMemoryStore(disk), { memory: where, over });
  const { epoch } = await store.open();
  return {
    store,
    commit: (puts: Record<string, string>, deletes: string[] = []) =>
      store.commit({ puts: new Map(Object.entries(puts)), deletes: new Set(deletes) }, epoch),
  };
};
beforeEach(() => disk.records.clear());

test("a secret never reaches the disk, and is there again in the next life", async () => {
  const { commit } = await open();
  await commit({ "task/a": record("c2VjcmV0"), "task/b": '{"plain":1}' });
  expect([...disk.records.values()].join()).not.toContain("c2VjcmV0");
  expect(JSON.parse(disk.records.get("task/a")!)).toMatchObject({
    kept: 8,
    info: { secret: { type: "VALUE", value: { data: "" } } },
  });
  const next = await open();
  expect(await next.store.scan("task/")).toEqual([
    ["task/a", record("c2VjcmV0")],
    ["task/b", '{"plain":1}'],
  ]);
});

test("it goes with its record, and with the folder's last one nothing is left", async () => {
  const { commit } = await open();
  await commit({ "task/a": record("YQ=="), "task/b": record("Yg=="), "task/c": record("Yw==") });
  await commit({ "task/b": '{"plain":1}' }, ["task/a"]);
  expect(memory.names("record")).toHaveLength(1);
  await commit({ "completed/c": record("Yw==") }, ["task/c"]);
  expect(existsSync(memory.dir)).toBe(false);
  const next = await open();
  expect(await next.store.scan("completed/")).toEqual([
    ["completed/c", JSON.stringify({ ...JSON.parse(record("")), kept: 4 })],
  ]);
});

test("values of records that were never committed are swept by the next life", async () => {
  const { commit } = await open();
  disk.epoch++;
  await expect(commit({ "task/a": record("YQ==") })).rejects.toThrow("is over");
  expect(memory.names("record")).toHaveLength(1);
  const next = await open();
  expect(await next.store.scan("")).toEqual([]);
  expect(memory.names("record")).toEqual([]);
});

test("after a reboot, or without such memory, the values are empty and the records whole", async () => {
  const { commit } = await open();
  await commit({ "task/a": record("YQ==") });
  memory.remove("record");
  const empty = JSON.stringify({ ...JSON.parse(record("")), kept: 4 });
  expect(await (await open()).store.scan("")).toEqual([["task/a", empty]]);
  const without = secretsApart(createMemoryStore(disk), { memory: undefined, over: [] });
  const { epoch } = await without.open();
  await without.commit({ puts: new Map([["task/a", record("YQ==")]]), deletes: new Set() }, epoch);
  expect(await without.scan("")).toEqual([["task/a", empty]]);
});
