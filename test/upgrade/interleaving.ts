import { setTimeout as wait } from "node:timers/promises";
import type { Random } from "@meseta/lib/core/random.ts";
import type { Datacenter } from "./datacenter.ts";
import type { Release } from "./releases.ts";
import type { Work } from "./work.ts";

/** How often what was done. */
export interface Counts {
  rounds: number;
  replaced: number;
  killed: number;
  stopped: number;
  /** While they started, perhaps in the middle of a migration. */
  killedAtStart: number;
  back: number;
}

export const noCounts = (): Counts => ({ rounds: 0, replaced: 0, killed: 0, stopped: 0, killedAtStart: 0, back: 0 });

const BACK_SHARE = 0.2;
const KILL_AT_START_SHARE = 0.35;
const WAIT_SHARE = 0.4;
const MOST_PAUSE_MS = 1_500;

/** Replaces every part by the same one of `to`, in an order of chance; some go back to `from` on the way, and come again. */
export async function interleave(
  datacenter: Datacenter,
  work: Work,
  { from, to }: { readonly from: Release; readonly to: Release },
  random: Random,
  mayGoBack: boolean,
): Promise<Counts> {
  const counts = noCounts();
  const waiting = [...datacenter.parts.keys()];
  random.shuffle(waiting);
  while (waiting.length > 0) {
    const name = waiting.shift()!;
    await replace(datacenter, name, to, random, counts);
    if (mayGoBack && random.next() < BACK_SHARE) {
      await wait(random.below(MOST_PAUSE_MS));
      await replace(datacenter, name, from, random, counts);
      counts.back++;
      waiting.splice(random.below(waiting.length + 1), 0, name);
    }
    if (random.next() < WAIT_SHARE) await work.isWhole();
    else await wait(random.below(MOST_PAUSE_MS));
  }
  counts.rounds++;
  return counts;
}

async function replace(
  datacenter: Datacenter,
  name: string,
  release: Release,
  random: Random,
  counts: Counts,
): Promise<void> {
  const how = random.next() < 0.5 ? "killed" : "stopped";
  await datacenter.end(name, how);
  counts[how]++;
  counts.replaced++;
  datacenter.part(name).release = release;
  await wait(random.below(300));
  datacenter.run(name);
  while (random.next() < KILL_AT_START_SHARE) {
    await wait(random.below(MOST_PAUSE_MS));
    await datacenter.end(name, "killed");
    counts.killedAtStart++;
    datacenter.run(name);
  }
}
