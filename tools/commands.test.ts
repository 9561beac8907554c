import { globSync, readFileSync } from "node:fs";
import { route } from "@meseta/shell/core/route.ts";
import { allRows } from "@meseta/shell/table/all.ts";
import { expect, test } from "vitest";
import { commandsMarkdown } from "./commands.ts";

test("the reference page of commands is what the commands say", () => {
  const page = readFileSync(new URL("../docs/reference/commands.md", import.meta.url), "utf8");
  expect(page, "run `node tools/commands.ts`").toBe(commandsMarkdown());
});

test("every command that a page shows exists", () => {
  const root = new URL("../", import.meta.url).pathname;
  const unknown = globSync("{*.md,docs/{guide,operate}/**/*.md,*/README.md}", { cwd: root }).flatMap((page) => {
    const lines = readFileSync(root + page, "utf8").matchAll(
      /(?:^|`|\s{2,})(?:bin\/)?meseta ([a-z][^`\n]*?)(?=`|\n|\s{3,})/g,
    );
    return [...lines].flatMap(([, line]) =>
      route(line!.split(" "), allRows).type === "unknown" ? [`${page}: ${line}`] : [],
    );
  });
  expect(unknown).toEqual([]);
});
