import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { errorCodes, errorPage, errorsMarkdown, problem } from "./errors.ts";

test("the reference page is what the registry says", () => {
  const page = readFileSync(new URL("../docs/reference/errors.md", import.meta.url), "utf8");
  expect(page, "run `node tools/errors.ts`").toBe(errorsMarkdown());
});

test("every code has a page that names it and something to try", () => {
  for (const code of errorCodes) {
    expect(errorPage(code)).toContain(`${code}: `);
    expect(errorPage(code)).toMatch(/Try:\n {2}\S/);
  }
});

test("a code that does not exist has no page, whatever objects inherit", () => {
  expect(errorPage("no-such-code")).toBeUndefined();
  expect(errorPage("constructor")).toBeUndefined();
});

test("values fill the texts, and a suggestion whose value is missing is left out", () => {
  const found = problem("not-found", { kind: "task", name: "web", why: "3 tasks were looked at" });
  expect(found).toEqual({
    code: "not-found",
    exit: 4,
    message: "there is no task web",
    why: "3 tasks were looked at",
    try: ["meseta task list"],
  });
  expect(problem("port-taken", { port: 5050, why: "by redis" }).try).toEqual([]);
});
