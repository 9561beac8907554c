// `npm run upgrade`: two releases in one cluster, and every way from one to the other.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { play } from "./play.ts";
import { lastRelease, type Release, releaseOf, withMigration } from "./releases.ts";

const HELP = `Usage: npm run upgrade -- [--from REF] [--to REF] [--rounds N] [--seed N] [--migrate] [--keep]

Replaces the parts of a running cluster by those of another release, one after the other and back again, and demands that nothing
is lost: no task, no object, no run of a job. A REF is what git takes for a commit; \`.\` is this folder as it stands.

  --from REF    The older release (default: the newest tag, or else the commit 20 before HEAD).
  --to REF      The newer one (default: HEAD).
  --rounds N    How many times all parts are replaced; every second time backwards (default 10).
  --seed N      Of the first round; each has the next one (default: by chance).
  --migrate     Gives the newer release a migration of all records. Then each round is forward on a new cluster, and ends with the refusal of the older release.
  --keep        Leaves the folder with the logs.

Ctrl-C: the round under way is the last one.
`;

const { values } = parseArgs({
  options: {
    from: { type: "string" },
    to: { type: "string", default: "HEAD" },
    rounds: { type: "string", default: "10" },
    seed: { type: "string" },
    migrate: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else process.exitCode = await main();

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "meseta-upgrade-"));
  const from = releaseOf(values.from ?? lastRelease(), folder);
  const plain = releaseOf(values.to, folder);
  const to = values.migrate ? withMigration(plain, folder) : plain;
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
  console.log(`from ${shown(from)} to ${shown(to)}, seed ${seed}`);
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  const say = (text: string) => console.log(text);
  const isWell = await play({ folder, from, to, rounds: Number(values.rounds), seed, signal: stop.signal, say });
  if (isWell && !values.keep) rmSync(folder, { recursive: true, force: true });
  else console.log(`logs are in ${folder}`);
  return isWell ? 0 : 1;
}

function shown({ ref, commit }: Release): string {
  return ref.startsWith(commit) ? commit : `${ref} (${commit})`;
}
