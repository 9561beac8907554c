import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { giveAway, giveFresh, inFolder } from "./held-folder.ts";

const alice = [1000, 1001] as const;
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "meseta-held-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe("work in a folder that is held", () => {
  test("reaches that folder, also when its name has become another's meanwhile", async () => {
    make("a/b");
    await inFolder(at("a/b"), (here) => {
      renameSync(at("a"), at("moved"));
      make("a/b");
      writeFileSync(`${here}/file`, "here");
    });
    expect(readFileSync(at("moved/b/file"), "utf8")).toBe("here");
    expect(existsSync(at("a/b/file"))).toBe(false);
  });

  test("follows a link that the agent made, and none in a folder where others can make one", async () => {
    make("real/child", "ours", "open");
    symlinkSync(at("real"), at("ours/link"));
    symlinkSync(at("real"), at("open/link"));
    expect(await inFolder(at("ours/link/child"), (here) => existsSync(here))).toBe(true);
    chmodSync(at("open"), 0o777);
    await expect(inFolder(at("open/link/child"), () => {})).rejects.toMatchObject({ code: "ENOTDIR" });
  });

  test("tells what is not there, and what is no folder", async () => {
    writeFileSync(at("file"), "");
    await expect(inFolder(at("none/child"), () => {})).rejects.toMatchObject({ code: "ENOENT" });
    await expect(inFolder(at("file"), () => {})).rejects.toMatchObject({ code: "ENOTDIR" });
  });
});

describe.skipIf(process.env["CI"] !== "true" && process.getuid?.() !== 0)("a folder that is given away", () => {
  test("goes with all that is in it, links themselves and not what they lead to", () => {
    make("box/below", "precious");
    for (const name of ["box/file", "box/below/file"]) writeFileSync(at(name), "");
    symlinkSync(at("precious"), at("box/link"));
    giveAway(at("box"), ...alice);
    expect(["box", "box/file", "box/below", "box/below/file", "box/link"].map(ownerOf)).toEqual(
      Array.from({ length: 5 }, () => [...alice]),
    );
    expect(ownerOf("precious")).toEqual([0, 0]);
  });

  test("keeps files that have a name elsewhere too, and what already is its owner's stays untouched", () => {
    make("box", "hers/inner");
    writeFileSync(at("shadow"), "");
    linkSync(at("shadow"), at("box/second-name"));
    giveAway(at("box"), ...alice);
    expect(ownerOf("shadow")).toEqual([0, 0]);
    chownSync(at("hers"), ...alice);
    giveAway(at("hers"), ...alice);
    expect(ownerOf("hers/inner")).toEqual([0, 0]);
  });

  test("is what is at its path without a link anywhere on it, whoever made that", () => {
    make("precious/child");
    symlinkSync(at("precious"), at("link"));
    expect(() => giveAway(at("link/child"), ...alice)).toThrow(/ENOTDIR|ELOOP/);
    expect(ownerOf("precious/child")).toEqual([0, 0]);
  });
});

describe.skipIf(process.env["CI"] !== "true" && process.getuid?.() !== 0)(
  "a volume that is given to its first user",
  () => {
    test("is given while it is the agent's and nothing is in it but what belongs to the agent", () => {
      make("volume/lost+found", "volume/.trash");
      giveFresh(at("volume"), ...alice);
      expect(ownerOf("volume")).toEqual([0, 0]);
      giveFresh(at("volume"), ...alice, [".trash"]);
      expect(ownerOf("volume")).toEqual([...alice]);
      expect(ownerOf("volume/lost+found")).toEqual([0, 0]);
      giveFresh(at("volume"), 2000, 2000, [".trash"]);
      expect(ownerOf("volume")).toEqual([...alice]);
    });

    test("keeps its owner when data is in it, and is never a link", () => {
      make("volume", "precious");
      writeFileSync(at("volume/data"), "");
      giveFresh(at("volume"), ...alice);
      expect(ownerOf("volume")).toEqual([0, 0]);
      symlinkSync(at("precious"), at("link"));
      expect(() => giveFresh(at("link"), ...alice)).toThrow(/ENOTDIR|ELOOP/);
      expect(ownerOf("precious")).toEqual([0, 0]);
    });
  },
);

function at(name: string): string {
  return join(dir, name);
}

function make(...names: string[]): void {
  for (const name of names) mkdirSync(at(name), { recursive: true });
}

function ownerOf(name: string): number[] {
  const { uid, gid } = lstatSync(at(name));
  return [uid, gid];
}
