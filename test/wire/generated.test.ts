import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { generate } from "../../tools/generate.ts";

const root = new URL("../../api/mesos/", import.meta.url);
const table = readFileSync(new URL("wire.tsv", root), "utf8");

test("the generated files are what the wire table says, byte for byte", () => {
  const files = generate(table);
  expect(readdirSync(new URL("generated/", root)).sort()).toEqual([...files.keys()].sort());
  for (const [name, text] of files) {
    expect(readFileSync(new URL("generated/" + name, root), "utf8") === text, `${name} is old: npm run generate`).toBe(
      true,
    );
  }
});

test("two names that would become one TypeScript name are refused", () => {
  const head = "kind\tpackage\tmessage_or_enum\tname\tnumber\tlabel\ttype\tdefault\tdeprecated\n";
  const rows = ["field\tp\tA.B\tx\t1\toptional\tstring\t\t", "field\tp\tAB\tx\t1\toptional\tstring\t\t"];
  expect(() => generate(head + rows.join("\n"))).toThrow("same TypeScript name");
});
