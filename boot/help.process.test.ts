import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { MASTER } from "./commands/master.ts";
import { helpOf } from "./flags.ts";

it("meseta help PART shows the flags of the part, as its --help does", () => {
  const main = fileURLToPath(new URL("./main.ts", import.meta.url));
  expect(execFileSync(process.execPath, [main, "help", "master"], { encoding: "utf8" })).toBe(helpOf(MASTER));
});
