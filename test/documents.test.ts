import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

it("every link of every page leads to a file, and to a name that stands in it", () => {
  expect(pages().flatMap((page) => linksOf(page).flatMap((link) => problemOf(page, link)))).toEqual([]);
});

it("the story of one task has at least ten steps, each with a link to code", () => {
  const story = readFileSync(join(root, "ARCHITECTURE.md"), "utf8")
    .split("## The life of one task")[1]!
    .split("\n## ")[0]!;
  const steps = story.split(/^\d+\. /m).slice(1);
  expect(steps.length).toBeGreaterThanOrEqual(10);
  for (const step of steps) expect(step).toMatch(/\]\([\w/.-]+\.ts#\w+\)/);
});

it("every room of the map in the README exists", () => {
  const rooms = [...readFileSync(join(root, "README.md"), "utf8").matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`([\w/]+)\/`/g)].map(([, room]) => room!),
  );
  expect(rooms.length).toBeGreaterThan(8);
  expect(rooms.filter((room) => !existsSync(join(root, room)))).toEqual([]);
});

function problemOf(page: string, link: string): string[] {
  const [path, symbol] = link.split("#") as [string, string | undefined];
  const target = join(dirname(page), path);
  if (!existsSync(target)) return [`${relative(root, page)}: ${link} leads nowhere`];
  if (symbol === undefined || statSync(target).isDirectory() || !/\.(ts|mjs)$/.test(path)) return [];
  const declares = new RegExp(`\\b(function\\*?|class|const|interface|type) ${symbol}\\b`);
  return declares.test(readFileSync(target, "utf8")) ? [] : [`${relative(root, page)}: ${path} declares no ${symbol}`];
}

function linksOf(page: string): string[] {
  return [...readFileSync(page, "utf8").matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link!)
    .filter((link) => !/^(https?:|#)/.test(link));
}

function pages(folder = root): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === "node_modules" || entry.name.startsWith(".")) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return pages(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}
