// `npm run damage -- [--cases N] [--seed N] [--target NAME] [--processes]`: stored files are flipped, cut, exchanged and lost, and read.

import { hasEtcd } from "@meseta/drivers/store/etcd/etcd.rig.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { readOptions } from "@meseta/lib/io/options.ts";
import { judge, type Tally, type Target, type Verdict } from "./cases.ts";
import { AGENT, agentTarget } from "./targets/agent.ts";
import { archiveTarget } from "./targets/archive.ts";
import { etcdTarget } from "./targets/etcd.ts";
import { MEMBER, membersTarget } from "./targets/members.ts";
import { partTargets } from "./targets/parts.ts";
import { sqliteTargets } from "./targets/sqlite.ts";

const values = readOptions(
  "damage",
  "Stored files are flipped, cut, exchanged and lost, and read: they must be refused with the place, or read as they were.",
  {
    cases: { type: "string", value: "N", about: "how many, over all targets; 2000 unless said, 40 of --processes" },
    seed: { type: "string", value: "N", default: "1", about: "of what is drawn" },
    target: { type: "string", value: "NAME", default: "", about: "only targets whose name contains this" },
    processes: {
      type: "boolean",
      about: "read by a master, init, cron or agent that is started on them, and by up's etcd",
    },
  },
);
const random = createRandom(Number(values.seed));
const said: string[] = [];
const all = values.processes
  ? await processTargets()
  : [...(await sqliteTargets(random)), archiveTarget(random), etcdTarget(random)];
const targets = all.filter(isAskedFor);
const cases = Number(values.cases ?? (values.processes ? 40 : 2_000));
for (const target of targets) report(target, await judge(target, Math.ceil(cases / targets.length), random));
if (said.length > 0) console.log(`of etcd's members ${said.length} were made anew:\n  ${said.join("\n  ")}`);

/** Those that are asked for: each takes some lives to make. */
async function processTargets(): Promise<Target[]> {
  const isRoot = process.getuid?.() === 0;
  const all: [name: string, make: () => Promise<Target>][] = [
    ...partTargets(),
    ...(isRoot ? [[AGENT, agentTarget] as [string, typeof agentTarget]] : []),
    ...(hasEtcd ? [[MEMBER, () => membersTarget(random, said)] as [string, typeof agentTarget]] : []),
  ];
  const made: Target[] = [];
  for (const [name, make] of all) if (isAskedFor({ name })) made.push(await make());
  return made;
}

function isAskedFor({ name }: Pick<Target, "name">): boolean {
  return name.toLowerCase().includes(values.target.toLowerCase());
}

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
