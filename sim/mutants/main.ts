// `npm run sim:mutants [-- --only ID --from 1 --seeds 2000 --jobs 2]`: plants each bug, one at a time, and says which history notices it first. Exit 1 below 95 %.
import { readOptions, refuseOptions } from "@meseta/lib/io/options.ts";
import { MUTANTS } from "./all.ts";
import { Control, hunt } from "./hunt.ts";
import type { HistoryKind, Mutant } from "./mutant.ts";

const DEMANDED = 0.95;

const values = readOptions(
  "sim:mutants",
  "Plants bugs of one line into the source, one at a time, and says which history notices each first. Ends with 1 when fewer than 95 % are noticed.",
  {
    only: { type: "string", value: "ID", multiple: true, about: "those whose id begins so" },
    from: { type: "string", value: "N", default: "1", about: "the first history" },
    seeds: { type: "string", value: "N", default: "2000", about: "histories to try for each" },
    jobs: { type: "string", value: "N", default: "2", about: "so many at a time" },
    control: { type: "string", value: "N", default: "20", about: "histories without a bug that must pass before" },
  },
);

const control = new Control();
const chosen = MUTANTS.filter(({ id }) => values.only?.some((name) => id.startsWith(name)) ?? true);
if (chosen.length === 0) refuseOptions("sim:mutants", `--only ${values.only}: no bug has an id that begins so`);
await controlled(chosen, Number(values.control));
const caught = await all(chosen, Number(values.seeds), Number(values.jobs));
control.end();
console.log(`${caught} of ${chosen.length} mutants are noticed, ${((100 * caught) / chosen.length).toFixed(1)} %`);
process.exitCode = caught < chosen.length * DEMANDED ? 1 : 0;

/** The same histories without a bug come first. */
async function controlled(mutants: readonly Mutant[], seeds: number): Promise<void> {
  const kinds = new Set<HistoryKind>(mutants.map(({ by = "any" }) => by));
  for (const kind of kinds)
    for (let seed = 1; seed <= seeds; seed++) {
      const violation = await control.notices(kind, seed);
      if (violation !== undefined) throw new Error(`without a mutant, ${kind}: ${violation}`);
    }
  console.log(
    `nothing planted: ${[...kinds].map((kind) => `${seeds} histories (${kind})`).join(", ")}, and no violation`,
  );
}

async function all(mutants: readonly Mutant[], seeds: number, jobs: number): Promise<number> {
  const left = [...mutants];
  let number = 0;
  const work = async (): Promise<void> => {
    for (let mutant = left.shift(); mutant !== undefined; mutant = left.shift())
      if (await told(mutant, seeds)) number++;
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return number;
}

async function told(mutant: Mutant, seeds: number): Promise<boolean> {
  const { id, like, by = "any" } = mutant;
  const found = await hunt(mutant, seeds, control, Number(values.from));
  const name = `${id} (${like})`.padEnd(52);
  if (found === undefined) console.log(`${name} NOT noticed, after ${seeds} seeds (${by})`);
  else {
    const { seed, tookMs, violation } = found;
    const words = violation.replace(/^(jobs of )?seed \d+, at [\d.]+ s: /, "").split("\n")[0]!;
    console.log(`${name} seed ${seed} (${by}), ${(tookMs / 1000).toFixed(0)} s: ${words.slice(0, 120)}`);
  }
  return found !== undefined;
}
