// `npm run upgrade`: two releases in one cluster, and every way from one to the other.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readOptions, refuseOptions } from "@meseta/lib/io/options.ts";
import { play } from "./play.ts";
import { isRelease, lastRelease, type Release, releaseOf, withMigration } from "./releases.ts";

const values = readOptions(
  "upgrade",
  `Replaces the parts of a running cluster by those of another release, one after the other and back again, and demands that nothing is lost: no task, no object, no run
of a job. A REF is what git takes for a commit; \`.\` is this folder as it stands. Ctrl-C: the round under way is the last one.`,
  {
    from: {
      type: "string",
      value: "REF",
      about: "the older release (the newest tag, or else the commit 20 before HEAD)",
    },
    to: { type: "string", value: "REF", default: "HEAD", about: "the newer one" },
    rounds: {
      type: "string",
      value: "N",
      default: "10",
      about: "how many times all parts are replaced; every second time backwards",
    },
    seed: { type: "string", value: "N", about: "of the first round; each has the next one (by chance)" },
    migrate: {
      type: "boolean",
      about:
        "gives the newer release a migration of all records: each round is forward, on a new cluster, and ends with the refusal of the older release",
    },
    keep: { type: "boolean", about: "leaves the folder with the logs" },
  },
);
process.exitCode = await main();

async function main(): Promise<number> {
  for (const ref of [values.from, values.to])
    if (ref !== undefined && !isRelease(ref)) refuseOptions("upgrade", `${ref} is no commit of this repository`);
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
