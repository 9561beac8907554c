import { join } from "node:path";
import { createRandom } from "@meseta/lib/core/random.ts";
import { Datacenter, type Sizes } from "./datacenter.ts";
import { type Counts, interleave, noCounts } from "./interleaving.ts";
import { refuseOlder } from "./refused.ts";
import { formatsOf, type Release } from "./releases.ts";
import { Work } from "./work.ts";

export interface Plan {
  /** For the cluster's files and logs. */
  readonly folder: string;
  readonly from: Release;
  readonly to: Release;
  readonly rounds: number;
  readonly seed: number;
  readonly sizes?: Sizes;
  /** When it is aborted the round under way is the last one. */
  readonly signal?: AbortSignal;
  say(text: string): void;
}

const SIZES: Sizes = { masters: 3, agents: 2, etcds: 3 };

/** Plays all rounds; false when one of them has lost something. */
export async function play(plan: Plan): Promise<boolean> {
  const total = noCounts();
  const isOneWay = (await formatsOf(plan.from)) < (await formatsOf(plan.to));
  const clusters = isOneWay ? plan.rounds : 1;
  const rounds = isOneWay ? 1 : plan.rounds;
  for (let at = 0; at < clusters && !plan.signal?.aborted; at++) {
    const first = plan.seed + at;
    if (!(await playOn(join(plan.folder, `cluster-${first}`), { ...plan, rounds, seed: first }, isOneWay, total)))
      return false;
  }
  plan.say(`all ${total.rounds} rounds are well: ${told(total)}; 0 tasks ended or begun anew, 0 objects lost`);
  return true;
}

async function playOn(dir: string, plan: Plan, isOneWay: boolean, total: Counts): Promise<boolean> {
  const { from, to, say } = plan;
  const datacenter = await Datacenter.start(dir, from, plan.sizes ?? SIZES);
  let seed = plan.seed;
  try {
    const work = new Work(datacenter);
    await work.begin();
    for (let round = 0; round < plan.rounds && !plan.signal?.aborted; round++, seed++) {
      const way = round % 2 === 0 ? { from, to } : { from: to, to: from };
      const counts: Counts = await interleave(datacenter, work, way, createRandom(seed), !isOneWay);
      await work.isWhole();
      for (const key of Object.keys(counts) as (keyof Counts)[]) total[key] += counts[key];
      say(`seed ${seed}, to ${way.to.commit}: ${told(counts)}; whole, ${work.fired} runs of the job so far`);
      if (isOneWay) {
        say(await refuseOlder(datacenter, from));
        await work.isWhole();
      }
    }
    return true;
  } catch (error) {
    say(`seed ${seed} FAILED: ${(error as Error).message}`);
    for (const { name, release, ends } of datacenter.parts.values())
      say(`  ${name} is of ${release.commit}; ended by itself: ${ends.join(", ") || "never"}`);
    return false;
  } finally {
    await datacenter.stop();
  }
}

function told({ replaced, killed, stopped, killedAtStart, back }: Counts): string {
  return `${replaced} replaced (${stopped} stopped, ${killed} killed), ${killedAtStart} killed while they started, ${back} put back on the way`;
}
