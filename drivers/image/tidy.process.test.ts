import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildImage, startRegistry, temporary, writeLayout } from "./image.rig.ts";
import { LyingRegistry } from "./lying-registry.rig.ts";
import { only, Place, push, type RealRegistry, until } from "./place.rig.ts";

const root = temporary("registry");
let registry: RealRegistry;

beforeAll(async () => {
  registry = await startRegistry(root.path);
});

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  root[Symbol.dispose]();
});

const short = ({ diffIds }: { diffIds: string[] }): string[] => diffIds.map((diffId) => diffId.slice(7, 31)).sort();
it("an image goes when it is pruned and nobody uses it, and only then", async () => {
  const [one, two] = [
    buildImage({ layers: [only("base"), only("top")] }),
    buildImage({ layers: [only("base"), only("two")] }),
  ];
  push(registry, "one:1", { layers: [only("base"), only("top")] });
  push(registry, "two:1", { layers: [only("base"), only("two")] });
  await using place = await Place.open(registry);
  await place.prepare("one:1", "c1");
  await place.prepare("one:1", "c2");
  await place.prepare("two:1", "c3");
  place.images.release("c3");
  await place.images.prune(["docker.io/library/two:1"]);
  expect(place.layers()).toEqual([...new Set([...short(one), ...short(two)])].sort());
  place.images.release("c1");
  await place.images.prune([]);
  expect(place.layers()).toEqual(short(one));
  place.images.release("c2");
  await place.images.prune([]);
  expect(place.layers()).toEqual([]);
  expect(readdirSync(place.path("images", "trash"))).toEqual([]);
  expect(readdirSync(place.path("images", "blobs", "sha256"))).toEqual([]);
  await place.prepare("one:1", "c4");
});

it("who uses an image is known to the next life, until it says who is gone", async () => {
  push(registry, "held:1", { layers: [only("held")] });
  await using place = await Place.open(registry);
  await place.prepare("held:1", "a container with a / and a ~");
  await place.restart();
  await place.images.prune([]);
  expect(place.layers()).toHaveLength(1);
  await place.images.recover(new Set(["a container with a / and a ~"]));
  await place.images.prune([]);
  expect(place.layers()).toHaveLength(1);
  await place.images.recover(new Set());
  await place.images.prune([]);
  expect(place.layers()).toEqual([]);
});

it("nothing that a pull counts on goes while it is under way", async () => {
  const shared = [{ name: "shared", data: "x" }];
  await using lying = await LyingRegistry.start({ layers: [shared, only("slow")] });
  await using place = await Place.open(registry);
  push(registry, "shared:1", { layers: [shared] });
  await place.prepare("shared:1", "c1");
  place.images.release("c1");
  const [asked, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  lying.lie = async ({ path }, _response, honest) => {
    if (path === lying.blobPath(1)) {
      asked.resolve();
      await go.promise;
    }
    honest();
  };
  const slow = place.prepare(`${lying.host}/app:1`, "c2");
  await asked.promise;
  await place.images.prune([]);
  go.resolve();
  expect((await slow).layers.map((path) => readdirSync(path))).toEqual([["only"], ["shared"]]);
  expect(lying.said("GET")).not.toContain(lying.blobPath(0));
});

it("deleting a layer never follows its links", async () => {
  await using place = await Place.open(registry);
  mkdirSync(place.path("outside"));
  writeFileSync(place.path("outside", "precious"), "untouched");
  writeLayout(place.path("layout"), {
    it: {
      layers: [
        [
          { name: "d/l", type: "2", target: place.path("outside") },
          { name: "e", type: "2", target: "/" },
        ],
      ],
    },
  });
  await place.prepare(`oci:${place.path("layout")}`);
  place.images.release("c1");
  await place.images.prune([]);
  expect(place.layers()).toEqual([]);
  expect(readFileSync(place.path("outside", "precious"), "utf8")).toBe("untouched");
});

it("a list of images that was damaged is put aside; what is in use stays", async () => {
  push(registry, "damaged:1", { layers: [only("damaged")] });
  await using place = await Place.open(registry);
  const { digest } = await place.prepare("damaged:1", "c1");
  await place.images.close();
  const list = place.path("images", "images.json");
  writeFileSync(list, readFileSync(list, "utf8").replace("damaged", "changed"));
  await place.restart();
  expect(existsSync(`${list}.damaged`)).toBe(true);
  await place.images.prune([]);
  expect(place.layers()).toHaveLength(1);
  expect((await place.prepare("damaged:1", "c2")).digest).toBe(digest);
  expect(place.programs.pulls).toBe(2);
});

it("when it is not even known what a holder uses, no layer goes", async () => {
  push(registry, "unknown:1", { layers: [only("unknown")] });
  await using place = await Place.open(registry);
  const { digest } = await place.prepare("unknown:1", "c1");
  await place.images.close();
  writeFileSync(place.path("images", "images.json"), "");
  writeFileSync(place.path("images", "blobs", "sha256", digest.slice(7)), "damaged");
  await place.restart();
  await place.images.prune([]);
  expect(place.layers()).toHaveLength(1);
  place.images.release("c1");
  await place.images.prune([]);
  expect(place.layers()).toEqual([]);
});

it("what an earlier life left half done goes at the start", async () => {
  push(registry, "half:1", { layers: [only("half")] });
  await using place = await Place.open(registry);
  await place.prepare("half:1");
  await place.images.close();
  mkdirSync(place.path("images", "temp", "0123-abc", "etc"), { recursive: true });
  mkdirSync(place.path("images", "trash", "1-2-3"), { recursive: true });
  mkdirSync(place.path("images", "layers", "f".repeat(24)));
  await place.restart();
  await place.images.close();
  expect(readdirSync(place.path("images", "temp"))).toEqual([]);
  expect(readdirSync(place.path("images", "trash"))).toEqual([]);
  expect(place.layers()).toHaveLength(1);
  await place.restart();
});

it("a layer that was not flushed when the machine went down does not count", async () => {
  push(registry, "flushed:1", { layers: [only("flushed")] });
  await using place = await Place.open(registry);
  await place.prepare("flushed:1");
  const marker = place.path("images", "layers", `${place.layers()[0]}.json`);
  const { diffId } = await until(() => {
    const found = JSON.parse(readFileSync(marker, "utf8"));
    return found.boot === undefined && found;
  });
  await place.images.close();
  writeFileSync(marker, JSON.stringify({ diffId, boot: "of an earlier start" }));
  await place.restart();
  expect(place.layers()).toEqual([]);
  await place.prepare("flushed:1");
  expect(place.programs.pulls).toBe(2);
});

it("a layer folder that somebody removed is made again", async () => {
  push(registry, "removed:1", { layers: [only("removed")] });
  await using place = await Place.open(registry);
  const { layers } = await place.prepare("removed:1");
  execFileSync("rm", ["-r", layers[0]!]);
  const again = await place.prepare("removed:1", "c2");
  expect(readFileSync(join(again.layers[0]!, "only"), "utf8")).toBe("removed");
});

it("when the disk is fuller than the headroom wants, what nobody uses goes, but what is excluded", async () => {
  for (const name of ["used", "unused", "excluded"]) push(registry, `${name}:1`, { layers: [only(name)] });
  await using place = await Place.open(registry, { gc: { headroom: 1, excluded: ["excluded:1"] } });
  await place.prepare("excluded:1", "c1");
  await place.prepare("unused:1", "c2");
  await place.prepare("used:1", "c3");
  place.images.release("c1");
  place.images.release("c2");
  await place.images.collect();
  expect(place.layers()).toHaveLength(2);
  await place.prepare("excluded:1", "c4");
  expect(place.programs.pulls).toBe(3);
});
