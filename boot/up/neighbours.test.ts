import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { writeKept } from "./kept.ts";
import { USUAL_BLOCK } from "./machine.ts";
import { blocksOf, clashes, freeBlock, neighboursOf } from "./neighbours.ts";

const dirs: string[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true });
});

function cluster(kept: Partial<Parameters<typeof writeKept>[1]> | undefined): string {
  const dir = mkdtempSync(join(tmpdir(), "meseta-neighbour-"));
  dirs.push(dir);
  if (kept !== undefined) writeKept(dir, { agents: 1, ip: "127.0.0.1", running: true, ...kept });
  return dir;
}

const table =
  (...found: string[]) =>
  () =>
    [
      "Num       RefCount Protocol Flags    Type St Inode Path",
      "0000000000000000: 00000003 00000000 00000000 0001 03 12345",
      ...found.map((dir) => `0000000000000000: 00000002 00000000 00010000 0001 01 23456 ${join(dir, "up.sock")}`),
      "0000000000000000: 00000002 00000000 00010000 0001 01 34567 /run/other.sock",
    ].join("\n");

it("the first cluster of a machine offers the usual ports, those that start beside it get blocks of their own", () => {
  expect(freeBlock(neighboursOf("/mine", table("/mine")))).toEqual(USUAL_BLOCK);
  const [first, second] = [cluster({}), cluster({ ports: { begin: 30_000, end: 30_999 } })];
  expect(freeBlock(neighboursOf("/mine", table(first)))).toEqual({ begin: 30_000, end: 30_999 });
  expect(freeBlock(neighboursOf("/mine", table(first, second)))).toEqual({ begin: 29_000, end: 29_999 });
});

it("a cluster of which nothing can be read is taken to offer the usual ports", () => {
  expect(neighboursOf("/mine", table("/nowhere"))).toEqual([{ dir: "/nowhere", blocks: [USUAL_BLOCK] }]);
});

it("resources that were given say which ports a cluster offers, if any", () => {
  expect(blocksOf({ resources: "cpus:1;ports:[1-2, 5-6]" })).toEqual([
    { begin: 1, end: 2 },
    { begin: 5, end: 6 },
  ]);
  expect(blocksOf({ resources: "cpus:1" })).toEqual([]);
  const neighbours = [{ dir: "/a", blocks: blocksOf({ resources: "ports:[100-200]" }) }];
  expect(clashes({ begin: 200, end: 300 }, neighbours)).toEqual(neighbours);
  expect(clashes({ begin: 201, end: 300 }, neighbours)).toEqual([]);
});
