import fc from "fast-check";
import { expect, it } from "vitest";
import { ImageFailed } from "./failure.ts";
import { readTar, tarOf } from "./image.rig.ts";
import { type TarEntry, TarReader } from "./tar.ts";

it("what was packed is read, however the bytes come", () => {
  const tar = tarOf([
    { name: "folder/" },
    { name: `folder/${"long".repeat(60)}`, data: "x".repeat(1000) },
    { name: "link", type: "2", target: "folder" },
    { name: "same", type: "1", target: "folder/file" },
    { name: "empty" },
  ]);
  const whole = readTar([tar]);
  expect(whole.map(({ kind, data }) => `${kind} ${data.length}`)).toEqual([
    "directory 0",
    "file 1000",
    "symlink 0",
    "link 0",
    "file 0",
  ]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: tar.length }), { maxLength: 20 }), (cuts) => {
      const points = [0, ...cuts.sort((a, b) => a - b), tar.length];
      expect(readTar(points.slice(1).map((end, at) => tar.subarray(points[at], end)))).toEqual(whole);
    }),
  );
});

it("an extended header counts for the next entry, a global one for all", () => {
  const entries = entriesOf(
    tarOf([
      { name: "global", type: "g", data: "12 uid=1234\n" },
      { name: "a", pax: { path: "other/name", mtime: "12.5", "SCHILY.xattr.user.x": "1", gid: "7" } },
      { name: "b" },
    ]),
  );
  expect(entries.map(({ name, uid, gid, mtime, attributes }) => [name, uid, gid, mtime, attributes])).toEqual([
    ["other/name", 1234, 7, 12.5, 1],
    ["b", 1234, 0, 1_700_000_000, 0],
  ]);
});

it("names keep their bytes when they are no UTF-8", () => {
  const name = Buffer.from([0x61, 0xff, 0xfe]);
  expect(Buffer.from(entriesOf(tarOf([{ name }]))[0]!.name, "latin1")).toEqual(name);
});

it("binary numbers are read as GNU writes them", () => {
  const tar = tarOf([{ name: "a" }]);
  tar.writeUInt8(0x80, 108);
  tar.fill(0, 109, 112);
  tar.writeUInt32BE(3_000_000_000, 112);
  resum(tar);
  expect(entriesOf(tar)[0]!.uid).toBe(3_000_000_000);
});

it.each([
  ["a number that is none", [[124, "zzz"]]],
  ["a negative size", [[124, "\xff".repeat(12)]]],
  ["an unknown type", [[156, "Z"]]],
  ["a sparse file", [[156, "S"]]],
  // biome-ignore format: a header's fields
  ["a huge extended header", [[156, "x"], [124, "77777777777"]]],
] as const)("%s is refused", (_, damage) => {
  const tar = tarOf([{ name: "a", data: "b" }]);
  for (const [at, text] of damage) tar.write(text, at, "latin1");
  resum(tar);
  expect(() => readTar([tar])).toThrow(ImageFailed);
});

it("a wrong checksum is refused", () => {
  const tar = tarOf([{ name: "a", data: "b" }]);
  tar.write("9", 0);
  expect(() => readTar([tar])).toThrow(ImageFailed);
});

it.each([
  "3 a",
  "100 path=x\n",
  "0 path=x\n",
  "-5 path=x\n",
  "9 path\n\n\n",
  "12 size=1e3\n",
  "13 uid=-1234\n",
  "x path=a\n",
])("the extended header %j is refused", (data) => {
  expect(() => readTar([tarOf([{ name: "p", type: "x", data }, { name: "a" }])])).toThrow(ImageFailed);
});

it("sparse files of PAX are refused", () => {
  expect(() => readTar([tarOf([{ name: "a", pax: { "GNU.sparse.major": "1" } }])])).toThrow("sparse");
});

it("an archive that ends amid an entry is refused", () => {
  const tar = tarOf([{ name: "a", data: "b".repeat(600) }]);
  for (const length of [100, 600, 1100]) expect(() => readTar([tar.subarray(0, length)])).toThrow("in the middle");
});

it("an archive that ends right behind its last file's data, without padding and end mark, is whole", () => {
  const tar = tarOf([{ name: "a", data: "b".repeat(600) }]);
  expect(readTar([tar.subarray(0, 512 + 600)])).toEqual(readTar([tar]));
});

it("whatever bytes come, they are a tar or a sentence", () => {
  const tar = tarOf([{ name: "a/" }, { name: "b".repeat(120), data: "c" }, { name: "l", type: "1", target: "x" }]);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(tar.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }), (changes) => {
      const other = Buffer.from(tar);
      for (const [at, byte] of changes) other[at] = byte;
      for (let head = 0; head + 512 <= other.length; head += 512) resum(other, head);
      try {
        readTar([other]);
      } catch (error) {
        expect(error).toBeInstanceOf(ImageFailed);
      }
    }),
  );
});

function entriesOf(tar: Buffer): TarEntry[] {
  const found: TarEntry[] = [];
  new TarReader({ entry: (entry) => found.push(entry), data() {}, end() {} }).push(tar);
  return found;
}

function resum(tar: Buffer, at = 0): void {
  tar.write("        ", at + 148, "latin1");
  const sum = tar.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, "0")}\0 `, at + 148, "latin1");
}
