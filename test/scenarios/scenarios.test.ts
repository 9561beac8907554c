import { readdirSync, readFileSync } from "node:fs";
import { parseScenario, playScenario, printScenario } from "@meseta/sim/scenario.ts";
import { expect, it } from "vitest";

const folder = new URL(".", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".txt"));

it.each(files)("%s: the datacenter answers as written", async (name) => {
  const text = readFileSync(new URL(name, folder), "utf8");
  const { heading, blocks } = parseScenario(text);
  const answers = await playScenario(blocks);
  expect(
    printScenario(
      heading,
      blocks.map(({ commands }, i) => ({ commands, answer: answers[i]! })),
    ),
  ).toBe(text);
});
