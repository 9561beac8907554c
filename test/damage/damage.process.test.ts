import { createRandom } from "@meseta/lib/core/random.ts";
import { expect, it } from "vitest";
import { judge, type Target } from "./cases.ts";
import type { Files } from "./harm.ts";
import { archiveTarget } from "./targets/archive.ts";
import { etcdTarget } from "./targets/etcd.ts";
import { partTargets } from "./targets/parts.ts";
import { sqliteTargets } from "./targets/sqlite.ts";

it("whatever is damaged of a store, its log, a backup or a value in etcd, is refused with its place, or read as it was", {
  timeout: 400_000,
}, async () => {
  const random = createRandom(1);
  for (const target of [...(await sqliteTargets(random)), archiveTarget(random), etcdTarget(random)]) {
    const { problems, tallies } = await judge(target, 150, random);
    expect(problems).toEqual([]);
    expect([...tallies.values()].reduce((sum, { refused }) => sum + refused, 0)).toBeGreaterThan(20);
  }
});

it("a master that is started on damaged files ends with the place and a remedy and changes nothing, or serves what was there", {
  timeout: 400_000,
}, async () => {
  const [, make] = partTargets().find(([name]) => name === "master, a process, killed")!;
  const { problems, tallies } = await judge(await make(), 4, createRandom(6));
  expect(problems).toEqual([]);
  expect([...tallies.values()].reduce((sum, { cases }) => sum + cases, 0)).toBe(4);
});

it("who reads without a look at checksums, or refuses without a place, is told of", async () => {
  const files: Files = new Map([["file", Buffer.from("what was written")]]);
  const target = (read: Target["read"]): Target => ({
    name: "careless",
    files,
    older: [],
    read,
    isLocated: (message) => message.includes("byte"),
  });
  const careless = await judge(
    target((found) => String(found.get("file"))),
    50,
    createRandom(1),
  );
  expect(careless.problems.length).toBeGreaterThan(40);
  const refusing = (found: Files): string => {
    if (found.get("file")?.equals(files.get("file")!)) return "good";
    throw new Error("something is wrong");
  };
  const vague = await judge(target(refusing), 50, createRandom(1));
  expect(vague.problems).toHaveLength(50);
});
