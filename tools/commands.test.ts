import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { commandsMarkdown } from "./commands.ts";

test("the reference page of commands is what the commands say", () => {
  const page = readFileSync(new URL("../docs/reference/commands.md", import.meta.url), "utf8");
  expect(page, "run `node tools/commands.ts`").toBe(commandsMarkdown());
});
