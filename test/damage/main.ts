// `npm run damage -- [--cases N] [--seed N] [--target NAME]`: stored files are flipped, cut, exchanged and lost, and read.
import { parseArgs } from "node:util";
import { createRandom } from "@meseta/lib/core/random.ts";
import { judge, type Target, type Verdict } from "./cases.ts";
import { sqliteTargets } from "./targets/sqlite.ts";

const { values } = parseArgs({
  options: {
    cases: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
    target: { type: "string", default: "" },
  },
});
const random = createRandom(Number(values.seed));
const all: Target[] = [...(await sqliteTargets(random))];
const targets = all.filter(({ name }) => name.toLowerCase().includes(values.target.toLowerCase()));
for (const target of targets)
  report(target, await judge(target, Math.ceil(Number(values.cases) / targets.length), random));

function report({ name }: Target, { tallies, problems }: Verdict): void {
  console.log(`${name}:`);
  for (const [how, { cases, refused, harmless, vague, wrong }] of tallies)
    console.log(
      `  ${how.padEnd(20)} ${`${cases}`.padStart(6)} cases: ${refused} refused with their place, ${harmless} read as they were, ${vague} refused without, ${wrong} read as something else`,
    );
  for (const problem of problems.slice(0, 20)) console.log(`  ✗ ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
}
