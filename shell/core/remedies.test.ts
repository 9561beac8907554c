import { globSync, readFileSync } from "node:fs";
import { errorCodes, problem } from "@meseta/api/errors.ts";
import { expect, test } from "vitest";
import { parse } from "../parse.ts";
import { allRows } from "../table/all.ts";
import { route } from "./route.ts";

const values = {
  again: "meseta status",
  command: "node list",
  folder: "/",
  help: "meseta help",
  kind: "node",
  path: "/x",
  task: "t",
};

test("every command that an error suggests exists and parses", () => {
  for (const code of errorCodes) {
    for (const line of problem(code, values).try) {
      const words = line.replace(/^MESETA_\w+=\S+ /, "").split(" ");
      expect(words[0], `${code}: ${line}`).toBe("meseta");
      const found = route(
        words.slice(1).filter((word) => word !== "…"),
        allRows,
      );
      expect(found.type, `${code}: ${line}`).not.toBe("unknown");
      if (found.type === "command" && found.row.kind !== "boot")
        expect(() => parse(found.row, found.rest)).not.toThrow();
    }
  }
});

test("every code is used by someone", () => {
  const root = new URL("../../", import.meta.url).pathname;
  const files = globSync("{boot,drivers,kernel,sdk,shell}/**/*.ts", { cwd: root, exclude: ["**/*.test.ts"] });
  const sources = files.map((file) => readFileSync(root + file, "utf8")).join("\n");
  expect(errorCodes.filter((code) => !sources.includes(`"${code}"`) && !sources.includes(`${code}:`))).toEqual([]);
});
