import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readTar, temporary } from "./image.rig.ts";

it.each(["gnu", "pax", "posix", "ustar", "v7"])("archives of GNU tar in the format %s are read", (format) => {
  using folder = temporary("tar");
  const long = format === "v7" || format === "ustar" ? "d" : "d".repeat(150);
  mkdirSync(join(folder.path, "in", long), { recursive: true });
  writeFileSync(join(folder.path, "in", long, "file"), "hello");
  linkSync(join(folder.path, "in", long, "file"), join(folder.path, "in", long, "hard"));
  symlinkSync(`${long}/${"t".repeat(40)}`, join(folder.path, "in", "soft"));
  const tar = execFileSync("tar", [
    "-C",
    join(folder.path, "in"),
    `--format=${format}`,
    "--sort=name",
    "-cf",
    "-",
    ".",
  ]);
  expect(readTar([tar])).toEqual([
    { kind: "directory", name: "./", target: "", data: "" },
    { kind: "directory", name: `./${long}/`, target: "", data: "" },
    { kind: "file", name: `./${long}/file`, target: "", data: "hello" },
    { kind: "link", name: `./${long}/hard`, target: `./${long}/file`, data: "" },
    { kind: "symlink", name: "./soft", target: `${long}/${"t".repeat(40)}`, data: "" },
  ]);
});
