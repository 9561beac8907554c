import type { Random } from "@meseta/lib/core/random.ts";
import { type Files, HARMS, type Harm, harm } from "./harm.ts";

/** Files that somebody reads, and what comes of reading them. */
export interface Target {
  readonly name: string;
  readonly files: Files;
  /** The same as they were at some earlier times. */
  readonly older: readonly Files[];
  /** What they hold, as one text. Throws, or rejects, where it is refused. */
  read(files: Files): string | Promise<string>;
  /** Whether a refusal says where the damage is. */
  isLocated(message: string): boolean;
  /** Damage of which nothing can tell, and which is not tried: the page on reliability says why. */
  readonly untold?: (name: string, how: Harm) => boolean;
}

/** What came of the cases of one kind of harm. */
export interface Tally {
  cases: number;
  /** Refused, with the place. */
  refused: number;
  /** Read as it was. */
  harmless: number;
  /** Refused, and nobody knows where the damage is. */
  vague: number;
  /** Read as something else. */
  wrong: number;
}

export interface Verdict {
  readonly tallies: ReadonlyMap<Harm, Tally>;
  readonly problems: readonly string[];
}

const SMALL = 1_024;

/** Damages the files again and again, each time in one way, and reads them. */
export async function judge(target: Target, count: number, random: Random): Promise<Verdict> {
  const good = await target.read(target.files);
  const tallies = new Map<Harm, Tally>();
  const problems: string[] = [];
  // A file of some bytes is soon tried.
  const names = [...target.files].flatMap(([name, { length }]) => Array<string>(length > SMALL ? 9 : 1).fill(name));
  for (let done = 0; done < count; ) {
    const [name, how] = [names[random.below(names.length)]!, HARMS[random.below(HARMS.length)]!];
    if (target.untold?.(name, how)) continue;
    const older = target.older[random.below(target.older.length)] ?? new Map();
    const harmed = harm(target.files, name, how, older, random);
    if (harmed === undefined) continue;
    done++;
    const tally = tallies.get(how) ?? { cases: 0, refused: 0, harmless: 0, vague: 0, wrong: 0 };
    tallies.set(how, tally);
    tally.cases++;
    const problem = await one(target, harmed.files, good, tally);
    if (problem !== undefined) problems.push(`${target.name}, ${harmed.what}: ${problem}`);
  }
  return { tallies, problems };
}

async function one(target: Target, files: Files, good: string, tally: Tally): Promise<string | undefined> {
  let read: string;
  try {
    read = await target.read(files);
  } catch (error) {
    const { message } = error as Error;
    if (target.isLocated(message)) return void tally.refused++;
    tally.vague++;
    return `refused without its place: ${message}`;
  }
  if (read === good) return void tally.harmless++;
  tally.wrong++;
  return `read as something else: ${difference(good, read)}`;
}

function difference(good: string, read: string): string {
  let at = 0;
  while (at < good.length && good[at] === read[at]) at++;
  return `…${read.slice(Math.max(0, at - 20), at + 60)} instead of …${good.slice(Math.max(0, at - 20), at + 60)}`;
}
