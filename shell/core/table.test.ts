import fc from "fast-check";
import { expect, test } from "vitest";
import { layOut } from "./table.ts";

const headings = [{ title: "NAME" }, { title: "CPUS", right: true }, { title: "STATE" }];

test("words stand left, numbers right, and lines end without blanks", () => {
  const lines = layOut(
    headings,
    [
      ["web", "0.5", "● running"],
      ["a-long-name", "16", ""],
    ],
    { header: true },
  );
  expect(lines).toEqual(["NAME         CPUS  STATE", "web           0.5  ● running", "a-long-name    16"]);
});

test("no table is wider than the terminal, as long as the columns can give way", () => {
  const cell = fc.string({ maxLength: 60, unit: fc.constantFrom("a", "ö", "…", "●") });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cell, cell, cell), { maxLength: 8 }),
      fc.integer({ min: 30, max: 160 }),
      (rows, width) => {
        for (const line of layOut(headings, rows, { header: true, width }))
          expect([...line].length).toBeLessThanOrEqual(width);
      },
    ),
  );
});

test("colour does not change where columns begin", () => {
  const rows = [
    ["web", "1", "x"],
    ["api", "22", "y"],
  ];
  const paint = (text: string): string => `<${text}>`;
  const plain = layOut(headings, rows, { header: false });
  const painted = layOut(headings, rows, { header: false, paint });
  expect(painted.map((line) => line.replaceAll(/[<>]/g, ""))).toEqual(plain);
});
