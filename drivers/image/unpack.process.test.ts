import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { expect, it } from "vitest";
import { ImageFailed } from "./failure.ts";
import { type RigEntry, sha256, tarOf, temporary } from "./image.rig.ts";
import { type Budget, type Unpacked, unpackLayer } from "./unpack.ts";

const plenty = (): Budget => ({ bytesLeft: 2 ** 40, entriesLeft: 1e6, keepFree: 0 });

interface Place extends Disposable {
  /** Where the layer is unpacked; beside it lies what must not be touched. */
  readonly root: string;
  readonly outside: string;
  /** Unpacks there. */
  unpack(layer: readonly RigEntry[] | Buffer, budget?: Budget): Promise<Unpacked>;
  /** Type, mode, owner and name of all that is there. */
  listing(): string[];
}

function place(): Place {
  const folder = temporary("unpack");
  const [root, outside] = [join(folder.path, "root"), join(folder.path, "outside")];
  for (const path of [root, outside]) mkdirSync(path);
  writeFileSync(join(outside, "precious"), "untouched");
  return {
    root,
    outside,
    async unpack(layer, budget = plenty()) {
      const bytes = Buffer.isBuffer(layer) ? layer : tarOf(layer);
      writeFileSync(join(folder.path, "layer"), bytes);
      return unpackLayer(join(folder.path, "layer"), bytes.length, root, budget);
    },
    listing: () =>
      execFileSync("find", [root, "-mindepth", "1", "-printf", "%y %m %U:%G %P\n"], { encoding: "utf8" })
        .trim()
        .split("\n")
        .sort(),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

it("files, folders and links come with their modes, owners and times", async () => {
  using layer = place();
  await layer.unpack([
    { name: "./", mode: 0o711, mtime: 5 },
    { name: "home/", mode: 0o750, uid: 1000, gid: 100, mtime: 10 },
    { name: "home/file", mode: 0o640, uid: 1000, gid: 1001, mtime: 20, data: "hello" },
    { name: "home/soft", type: "2", target: "../../outside/precious", uid: 1000, gid: 1001, mtime: 30 },
    { name: "home/hard", type: "1", target: "home/file" },
    { name: "tmp/", mode: 0o1777 },
    { name: "made/by/itself", data: "" },
  ]);
  expect(layer.listing()).toEqual([
    "d 1777 0:0 tmp",
    "d 750 1000:100 home",
    "d 755 0:0 made",
    "d 755 0:0 made/by",
    "f 640 1000:1001 home/file",
    "f 640 1000:1001 home/hard",
    "f 644 0:0 made/by/itself",
    "l 777 1000:1001 home/soft",
  ]);
  const times = ["", "home", "home/file", "home/soft"].map((name) => lstatSync(join(layer.root, name)).mtimeMs / 1000);
  expect(times).toEqual([5, 10, 20, 30]);
  expect(lstatSync(join(layer.root, "home/hard")).ino).toBe(lstatSync(join(layer.root, "home/file")).ino);
  expect(lstatSync(layer.root).mode & 0o7777).toBe(0o711);
});

it.each([
  ["plain", (tar: Buffer) => tar],
  ["gzip", (tar: Buffer) => gzipSync(tar)],
  [
    "gzip in several members",
    (tar: Buffer) => Buffer.concat([gzipSync(tar.subarray(0, 700)), gzipSync(tar.subarray(700))]),
  ],
  ["zstd", (tar: Buffer) => zstdCompressSync(tar)],
])("a layer may be %s; its digest is that of the tar", async (_, compress) => {
  using layer = place();
  const tar = tarOf([{ name: "file", data: "x".repeat(100_000) }]);
  const unpacked = await layer.unpack(compress(tar));
  expect(unpacked).toEqual({ diffId: sha256(tar), bytes: tar.length, dropped: { setid: 0, attributes: 0 } });
  expect(readFileSync(join(layer.root, "file"), "utf8")).toBe("x".repeat(100_000));
});

it("what a layer takes away becomes overlayfs' marks", async () => {
  using layer = place();
  await layer.unpack([
    { name: "etc/" },
    { name: "etc/.wh.gone" },
    { name: "var/.wh.cache" },
    { name: "opt/.wh..wh..opq" },
    { name: "opt/new", data: "" },
    { name: ".wh.again" },
    { name: "again/", mtime: 7 },
    { name: ".wh.file" },
    { name: "file", data: "" },
    { name: ".wh..wh.plnk/1.2", data: "of aufs" },
  ]);
  expect(layer.listing()).toEqual([
    "c 0 0:0 etc/gone",
    "c 0 0:0 var/cache",
    "d 755 0:0 again",
    "d 755 0:0 etc",
    "d 755 0:0 opt",
    "d 755 0:0 var",
    "f 644 0:0 file",
    "f 644 0:0 opt/new",
  ]);
  expect(lstatSync(join(layer.root, "etc/gone")).rdev).toBe(0);
  expect(["opt", "again", "etc"].map((name) => opaque(join(layer.root, name)))).toEqual([true, true, false]);
  expect(lstatSync(join(layer.root, "again")).mtimeMs).toBe(7000);
});

it("overlayfs shows what the layers mean together", async () => {
  using lower = place();
  using upper = place();
  await lower.unpack([
    { name: "a/old", data: "" },
    { name: "b/gone", data: "" },
    { name: "b/stays", data: "" },
    { name: "c/old", data: "" },
  ]);
  await upper.unpack([
    { name: "a/.wh..wh..opq" },
    { name: "a/new", data: "" },
    { name: "b/.wh.gone" },
    { name: ".wh.c" },
  ]);
  const merged = join(upper.outside, "merged");
  mkdirSync(merged);
  const show = `mount -t overlay overlay -o lowerdir=${upper.root}:${lower.root} ${merged} && cd ${merged} && find . -mindepth 1 | sort`;
  expect(execFileSync("unshare", ["-m", "sh", "-ec", show], { encoding: "utf8" }).trim().split("\n")).toEqual([
    "./a",
    "./a/new",
    "./b",
    "./b/stays",
  ]);
});

it("setuid and setgid bits and extended attributes are dropped and counted", async () => {
  using layer = place();
  const { dropped } = await layer.unpack([
    { name: "su", mode: 0o4755, data: "" },
    { name: "wall", mode: 0o2755, gid: 5, data: "" },
    { name: "mail/", mode: 0o2775 },
    {
      name: "ping",
      data: "",
      pax: { "SCHILY.xattr.security.capability": "x", "SCHILY.xattr.trusted.overlay.opaque": "y" },
    },
  ]);
  expect(dropped).toEqual({ setid: 3, attributes: 2 });
  expect(layer.listing()).toEqual(["d 775 0:0 mail", "f 644 0:0 ping", "f 755 0:0 su", "f 755 0:5 wall"]);
});

it("of two entries of one name the later counts", async () => {
  using layer = place();
  await layer.unpack([
    { name: "a", data: "first" },
    { name: "a", type: "2", target: "b" },
    { name: "b", type: "2", target: "../outside/precious" },
    { name: "b", data: "second" },
    { name: "c/", mode: 0o700 },
    { name: "c/d/" },
    { name: "c/", mode: 0o711 },
    { name: "e", data: "" },
    { name: "e/" },
    { name: "f/" },
    { name: "f", data: "" },
  ]);
  expect(layer.listing()).toEqual([
    "d 711 0:0 c",
    "d 755 0:0 c/d",
    "d 755 0:0 e",
    "f 644 0:0 b",
    "f 644 0:0 f",
    "l 777 0:0 a",
  ]);
  expect(readFileSync(join(layer.outside, "precious"), "utf8")).toBe("untouched");
});

it("names from the root on lie below the layer's, as everywhere", async () => {
  using layer = place();
  await layer.unpack([{ name: "/" }, { name: "/app/" }, { name: "//app/./file", data: "x" }]);
  expect(layer.listing()).toEqual(["d 755 0:0 app", "f 644 0:0 app/file"]);
});

it("names that are no UTF-8 stay what they are", async () => {
  using layer = place();
  const name = Buffer.from([0x66, 0xff]);
  await layer.unpack([
    { name, data: "" },
    { name: Buffer.concat([Buffer.from(".wh."), Buffer.from([0xfe])]), data: "" },
  ]);
  expect(
    readdirSync(layer.root, { encoding: "buffer" })
      .map((one) => one.toString("hex"))
      .sort(),
  ).toEqual(["66ff", "fe"]);
});

it("folders as deep as the bound are made", async () => {
  using layer = place();
  const deep = Array(255).fill("d".repeat(15)).join("/");
  await layer.unpack([
    { name: `${deep}/file`, data: "x" },
    { name: "hard", type: "1", target: `${deep}/file`, pax: { linkpath: `${deep}/file` } },
  ]);
  expect(lstatSync(join(layer.root, "hard")).nlink).toBe(2);
});

const out = "../outside";
it.each<[string, readonly RigEntry[] | (() => Buffer), string]>([
  ["a name that climbs out", [{ name: "../outside/new", data: "x" }], "leads out of the layer"],
  ["a name that climbs out from below", [{ name: "a/../../outside/new", data: "x" }], "leads out of the layer"],
  ["a folder that climbs out", [{ name: "../outside/", mode: 0o777 }], "leads out of the layer"],
  [
    "a long name that climbs out",
    [{ name: "a", pax: { path: "../outside/new" }, data: "x" }],
    "leads out of the layer",
  ],
  [
    "a file through a link",
    [
      { name: "l", type: "2", target: out },
      { name: "l/new", data: "x" },
    ],
    "which is a link or a file",
  ],
  [
    "a file through a link from the root",
    [
      { name: "l", type: "2", target: "/tmp" },
      { name: "l/new", data: "x" },
    ],
    "which is a link or a file",
  ],
  [
    "a file through two links",
    [
      { name: "a", type: "2", target: "b" },
      { name: "b", type: "2", target: out },
      { name: "a/new", data: "x" },
    ],
    "a link or a file",
  ],
  ["a folder through a link", [{ name: "l", type: "2", target: out }, { name: "l/new/" }], "which is a link or a file"],
  [
    "a folder swapped for a link",
    [{ name: "d/" }, { name: "d", type: "2", target: out }, { name: "d/new", data: "x" }],
    "which is a link or a file",
  ],
  [
    "a mark through a link",
    [{ name: "l", type: "2", target: out }, { name: "l/.wh.precious" }],
    "which is a link or a file",
  ],
  [
    "an opaque mark through a link",
    [{ name: "l", type: "2", target: out }, { name: "l/.wh..wh..opq" }],
    "which is a link or a file",
  ],
  ["a mark for two dots", [{ name: ".wh..." }], "takes away no name"],
  ["a mark for one dot", [{ name: ".wh.." }], "takes away no name"],
  ["a mark for nothing", [{ name: ".wh." }], "takes away no name"],
  ["a hard link that climbs out", [{ name: "h", type: "1", target: "../outside/precious" }], "leads out of the layer"],
  [
    "a hard link through a link",
    [
      { name: "l", type: "2", target: out },
      { name: "h", type: "1", target: "l/precious" },
    ],
    "which is a link or a file",
  ],
  ["a hard link from the root", [{ name: "h", type: "1", target: "/etc/passwd" }], "not in it|no file of that layer"],
  ["a hard link to nothing", [{ name: "h", type: "1", target: "missing" }], "no file of that layer"],
  ["a hard link to a folder", [{ name: "d/" }, { name: "h", type: "1", target: "d" }], "no file of that layer"],
  [
    "a hard link to itself",
    [
      { name: "h", data: "" },
      { name: "h", type: "1", target: "h" },
    ],
    "no file of that layer",
  ],
  [
    "a hard link through a link, made good by a file",
    [
      { name: "l", type: "2", target: out },
      { name: "l", type: "1", target: "l/precious" },
    ],
    "which is a link or a file",
  ],
  ["a disk", [{ name: "sda", type: "4" }], "has a block device"],
  ["a character device", [{ name: "mem", type: "3" }], "has a character device"],
  ["a pipe", [{ name: "pipe", type: "6" }], "has a pipe"],
  [
    "a folder that is not empty, replaced",
    [
      { name: "d/f", data: "" },
      { name: "d", type: "2", target: out },
    ],
    "replaces one of its own folders",
  ],
  ["the root as a file", [{ name: ".", type: "0", data: "x" }], "the root of a layer is not a folder"],
  ["the root as a link", [{ name: "./", type: "2", target: out }], "the root of a layer is not a folder"],
  ["a link to nowhere", [{ name: "l", type: "2", target: "" }], "leads nowhere"],
  ["a NUL in a name", [{ name: "x", pax: { path: "a\0b" } }], "has a NUL"],
  ["a name of many folders", [{ name: "x", pax: { path: "a/".repeat(257) } }], "folders deep"],
  ["a name of 5,000 bytes", [{ name: "x", pax: { path: "a".repeat(5000) } }], "longer than 4096"],
  ["a part of 256 bytes", [{ name: "x", pax: { path: "a".repeat(256) } }], "longer than 255"],
  ["an owner that cannot be", [{ name: "x", pax: { uid: "4294967295" } }], "an owner that cannot be"],
  [
    "a cut-off archive",
    () => tarOf([{ name: "x", data: "y".repeat(2000) }]).subarray(0, 1024),
    "in the middle of an entry",
  ],
  ["a cut-off gzip", () => gzipSync(tarOf([{ name: "x", data: "y".repeat(2000) }])).subarray(0, 60), "damaged"],
  [
    "a cut-off zstd",
    () => zstdCompressSync(tarOf([{ name: "x", data: "y".repeat(2000) }])).subarray(0, 30),
    "damaged|in the middle",
  ],
  ["no archive at all", () => Buffer.from("no archive at all".repeat(100)), "damaged, or not a tar"],
])("%s is refused, and nothing outside is touched", async (_, layer, why) => {
  using target = place();
  const failure = await target.unpack(typeof layer === "function" ? layer() : layer).catch((error) => error);
  expect(failure).toBeInstanceOf(ImageFailed);
  expect(failure.message).toMatch(new RegExp(why));
  expect(readdirSync(target.outside)).toEqual(["precious"]);
  expect(readFileSync(join(target.outside, "precious"), "utf8")).toBe("untouched");
  expect(lstatSync(join(target.outside, "precious")).nlink).toBe(1);
});

it("whatever a layer says, nothing outside is touched, and it is unpacked or refused with a sentence", async () => {
  const part = fc.constantFrom("a", "b", "c", "..", ".", "", "outside", "precious", ".wh.a", ".wh..wh..opq", ".wh..");
  const name = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  const entry = fc.record({
    name,
    type: fc.constantFrom("0", "1", "2", "2", "5"),
    target: fc.oneof(name, fc.constantFrom("../outside", "../outside/precious", "/", "/tmp", "..")),
    data: fc.constantFrom("", "changed"),
    mode: fc.constantFrom(0o644, 0o777, 0o6755),
    uid: fc.constantFrom(0, 1234),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 8 }), async (entries) => {
      using target = place();
      const layer = entries.map((one) => (one.type === "0" ? one : { ...one, data: "" }));
      await target.unpack(layer).catch((error) => {
        expect(error).toBeInstanceOf(ImageFailed);
        expect(error.message).not.toMatch(/cannot be unpacked|undefined/);
      });
      const precious = lstatSync(join(target.outside, "precious"));
      expect([precious.nlink, precious.uid, precious.mode & 0o7777]).toEqual([1, 0, 0o644]);
      expect(readFileSync(join(target.outside, "precious"), "utf8")).toBe("untouched");
      expect(readdirSync(target.outside)).toEqual(["precious"]);
      expect(readdirSync(join(target.root, "..")).sort()).toEqual(["layer", "outside", "root"]);
    }),
    { numRuns: 300 },
  );
});

it("a link out of the layer is only a name: it is kept, and not followed by what replaces it", async () => {
  using layer = place();
  await layer.unpack([
    { name: "l", type: "2", target: "../outside/precious" },
    { name: "m", type: "1", target: "l" },
    { name: "l", data: "mine", uid: 5 },
  ]);
  expect(readlinkSync(join(layer.root, "m"))).toBe("../outside/precious");
  expect(readFileSync(join(layer.outside, "precious"), "utf8")).toBe("untouched");
  expect(lstatSync(join(layer.outside, "precious")).uid).toBe(0);
});

it("a bomb is refused before it has filled anything", async () => {
  using layer = place();
  const bomb = gzipSync(tarOf([{ name: "zeros", data: Buffer.alloc(120 * 1024 * 1024) }]));
  await expect(layer.unpack(bomb)).rejects.toThrow("more than 200 times its size");
  expect(existsSync(join(layer.root, "zeros"))).toBe(true);
});

it("bytes and entries have a bound that the layers of an image share", async () => {
  using layer = place();
  const budget = { bytesLeft: 5000, entriesLeft: 3, keepFree: 0 };
  await layer.unpack(
    [
      { name: "a", data: "" },
      { name: "b", data: "" },
    ],
    budget,
  );
  await expect(
    layer.unpack(
      [
        { name: "c", data: "" },
        { name: "d", data: "" },
      ],
      { ...budget, bytesLeft: 1e6 },
    ),
  ).rejects.toThrow("more entries than are taken");
  await expect(layer.unpack([{ name: "e", data: "x".repeat(4000) }], { ...budget, entriesLeft: 10 })).rejects.toThrow(
    "more bytes than are taken",
  );
});

it("a disk that would be too full stops the unpacking", async () => {
  using layer = place();
  const tar = tarOf([{ name: "big", data: Buffer.alloc(80 * 1024 * 1024, "x") }]);
  await expect(layer.unpack(tar, { ...plenty(), keepFree: 1 })).rejects.toThrow("less than 100 % free");
});

const opaque = (path: string): boolean => {
  const script =
    'require "syscall.ph"; my $k = "trusted.overlay.opaque"; my $v = "\\0" x 8; print syscall(&SYS_lgetxattr, $ARGV[0], $k, $v, 8) == 1 ? $v : ""';
  return execFileSync("perl", ["-e", script, path], { encoding: "utf8" }).startsWith("y");
};
