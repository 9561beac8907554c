import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The architecture: each room, and the rooms that it may import. Everything may import itself. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  api: ["lib/core"],
  kernel: ["api", "lib"],
  drivers: ["api", "lib", "kernel/core"],
  init: ["sdk", "api", "lib"],
  cron: ["sdk", "api", "lib"],
  sdk: ["api", "lib"],
  shell: ["sdk", "api", "lib"],
  sim: ["kernel", "drivers", "init", "cron", "sdk", "api", "lib", "boot", "shell"],
  boot: ["kernel", "drivers", "init", "cron", "sdk", "shell", "api", "lib"],
};

/** Rooms that nothing imports, and that may import everything. */
const OPEN = ["test", "bench", "tools", "examples"];

/** The only libraries that a core or the api may use: they touch nothing outside. */
const PURE_LIBRARIES = ["re2js"];

interface Import {
  file: string;
  target: string;
}

it("every import follows the arrows", () => {
  const bad = [...imports()].flatMap(({ file, target }) => judge(file, target) ?? []);
  expect(bad).toEqual([]);
});

it("every room of the table exists, and every room that exists is in the table", () => {
  const ignored = new Set([...OPEN, "node_modules", "docs", "bin"]);
  const rooms = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && !ignored.has(entry.name))
    .map((entry) => entry.name);
  expect(rooms.sort()).toEqual(Object.keys(ARROWS).sort());
});

it("no file has a name that says nothing", () => {
  const empty = /(^|\/)(utils?|helpers?|common|misc|manager)(\/|\.|$)/;
  expect(sources().filter((file) => empty.test(file))).toEqual([]);
});

/** What is wrong with this import, and what to do instead; undefined when nothing is. */
function judge(file: string, target: string): string | undefined {
  const room = file.split("/")[0]!;
  // What lies at the root are settings of tools.
  if (OPEN.includes(room) || room === file || isTest(file)) return undefined;
  const there = locate(file, target);
  if (there === undefined) return judgeLibrary(file, target);
  const otherRoom = there.split("/")[0]!;
  if (otherRoom !== room && !ARROWS[room]!.some((allowed) => there === allowed || there.startsWith(`${allowed}/`)))
    return `${file} imports ${there}: ${room} may import only ${ARROWS[room]!.join(", ") || "itself"}. Move the code down, or pass it in through a port.`;
  if (isPure(file) && !isPure(there))
    return `${file} imports ${there}: a core imports only */core and api. Describe what it needs as a port beside it, and implement that outside.`;
  return undefined;
}

function judgeLibrary(file: string, target: string): string | undefined {
  if (!isPure(file) || PURE_LIBRARIES.includes(target)) return undefined;
  return `${file} imports ${target}: a core knows no Node and no library but ${PURE_LIBRARIES.join(", ")}. Pass the result in with the event.`;
}

/** The imported file within the project, or undefined for a library. */
function locate(file: string, target: string): string | undefined {
  if (target.startsWith("@meseta/")) return target.slice("@meseta/".length);
  if (target.startsWith(".")) return relative(root, resolve(root, dirname(file), target));
  return undefined;
}

const isTest = (file: string): boolean => file.endsWith(".test.ts");
const isPure = (file: string): boolean => file.startsWith("api/") || /^[a-z]+\/core\//.test(file);

function* imports(): Generator<Import> {
  const pattern =
    /^\s*(?:import|export)\b[^'"]*?\bfrom\s+["']([^"']+)["']|^\s*import\s+["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/gm;
  for (const file of sources())
    for (const match of readFileSync(join(root, file), "utf8").matchAll(pattern))
      yield { file, target: (match[1] ?? match[2] ?? match[3])! };
}

function sources(folder = ""): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.name === "node_modules" || entry.name.startsWith(".")) return [];
    if (entry.isDirectory()) return sources(path);
    return entry.name.endsWith(".ts") ? [path] : [];
  });
}
