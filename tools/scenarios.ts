// `npm run scenarios -- --rewrite [FILE …]` renews the answers in test/scenarios/*.txt. Read the diff before you commit it.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { parseScenario, playScenario, printScenario } from "@meseta/sim/scenario.ts";

const folder = new URL("../test/scenarios/", import.meta.url);
const rewrite = process.argv.includes("--rewrite");
const named = process.argv
  .slice(2)
  .filter((word) => !word.startsWith("--"))
  .map((word) => basename(word));

for (const name of readdirSync(folder).filter(
  (file) => file.endsWith(".txt") && (named.length === 0 || named.includes(file)),
)) {
  const file = new URL(name, folder);
  const text = readFileSync(file, "utf8");
  const { heading, blocks } = parseScenario(text);
  const answers = await playScenario(blocks);
  const played = printScenario(
    heading,
    blocks.map(({ commands }, i) => ({ commands, answer: answers[i]! })),
  );
  if (played === text) console.log(`= ${name}`);
  else if (rewrite) {
    writeFileSync(file, played);
    console.log(`✎ ${name}`);
  } else {
    console.log(`✗ ${name} differs; look with --rewrite and git diff`);
    process.exitCode = 1;
  }
}
