import { expect, test } from "vitest";
import { allFlags, flagName } from "../core/row.ts";
import { overview } from "../overview.ts";
import { helpText, parse } from "../parse.ts";
import { allRows, nouns } from "./all.ts";

const rows = allRows.filter((row) => row.kind !== "boot");

test("every command is named by one noun and at most one verb, and no two are alike", () => {
  const paths = allRows.map((row) => row.path);
  expect(new Set(paths).size).toBe(paths.length);
  for (const path of paths) expect(path).toMatch(/^[a-z]+( [a-z]+)?$/);
});

test("every noun has its line on the first page of help", () => {
  const used = new Set(allRows.filter((row) => row.path.includes(" ")).map((row) => row.path.split(" ")[0]!));
  expect(Object.keys(nouns).sort()).toEqual([...used].sort());
});

for (const row of rows) {
  test(`${row.path}: its examples parse as they stand`, () => {
    expect(row.examples.length).toBeGreaterThan(0);
    for (const { line } of row.examples) {
      const words = shellWords(line);
      const own = words.slice(words.indexOf("meseta") + 1).slice(row.path.split(" ").length);
      if (words.includes("help")) continue;
      expect(parse(row, own.filter((word) => !/^[|>]/.test(word)).slice(0, endOf(own)))).toHaveProperty("given");
    }
  });

  test(`${row.path}: it takes the flags of its kind`, () => {
    const flags = allFlags(row).map(flagName);
    if (row.kind === "read")
      for (const name of ["output", "json", "watch", "filter", "sort", "header", "quiet"])
        expect(flags).toContain(name);
    if (row.kind === "destructive") expect(flags).toContain("yes");
    if (row.kind !== "local") expect(flags).toContain(row.to ?? "master");
    expect(new Set(flags).size, "no flag twice").toBe(flags.length);
  });

  test(`${row.path}: its help at 80 columns is the golden one`, async () => {
    const help = helpText(row);
    for (const line of help.split("\n")) if (!line.startsWith("  meseta")) expect(line.length).toBeLessThanOrEqual(80);
    await expect(help).toMatchFileSnapshot(`../golden/help/${row.path.replaceAll(" ", "-")}.txt`);
  });
}

test("the first page of help is the golden one", async () => {
  await expect(overview()).toMatchFileSnapshot("../golden/help/meseta.txt");
});

test("every command's code is there, and does one thing: run", async () => {
  for (const row of rows) expect(typeof (await row.load!()).run).toBe("function");
});

function shellWords(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? match[3]!);
}

function endOf(words: readonly string[]): number {
  const at = words.findIndex((word) => word === "||" || word === ">");
  return at < 0 ? words.length : at;
}
