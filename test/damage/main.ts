// `npm run damage -- [--cases N] [--seed N] [--target NAME]`: stored files are flipped, cut, exchanged and lost, and read.

import { createRandom } from "@meseta/lib/core/random.ts";
import { readOptions } from "@meseta/lib/io/options.ts";
import { judge, type Tally, type Target, type Verdict } from "./cases.ts";
import { archiveTarget } from "./targets/archive.ts";
import { etcdTarget } from "./targets/etcd.ts";
import { sqliteTargets } from "./targets/sqlite.ts";

const values = readOptions(
  "damage",
  "Stored files are flipped, cut, exchanged and lost, and read: they must be refused with the place, or read as they were.",
  {
    cases: { type: "string", value: "N", default: "2000", about: "how many, over all targets" },
    seed: { type: "string", value: "N", default: "1", about: "of what is drawn" },
    target: { type: "string", value: "NAME", default: "", about: "only targets whose name contains this" },
  },
);
const random = createRandom(Number(values.seed));
const all: Target[] = [...(await sqliteTargets(random)), archiveTarget(random), etcdTarget(random)];
const targets = all.filter(({ name }) => name.toLowerCase().includes(values.target.toLowerCase()));
for (const target of targets)
  report(target, await judge(target, Math.ceil(Number(values.cases) / targets.length), random));

function report({ name }: Target, { tallies, problems }: Verdict): void {
  console.log(`${name}:`);
  for (const [how, { cases, refused, harmless, vague, wrong }] of tallies)
    console.log(
      `  ${how.padEnd(20)} ${`${cases}`.padStart(6)} cases: ${refused} refused with their place, ${harmless} read as they were, ${vague} refused without, ${wrong} read as something else`,
    );
  console.log(`  ${total(tallies)} cases, ${problems.length} problems`);
  for (const problem of problems.slice(0, 20)) console.log(`  ✗ ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
}

function total(tallies: ReadonlyMap<unknown, Tally>): number {
  return [...tallies.values()].reduce((sum, { cases }) => sum + cases, 0);
}
