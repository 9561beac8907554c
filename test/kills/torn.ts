import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cutOffAfter, type Files, layOut, type Step, traced } from "@meseta/drivers/store/sqlite/crash.rig.ts";
import { SqliteFile } from "@meseta/drivers/store/sqlite/file.ts";
import type { Random } from "@meseta/lib/core/random.ts";
import { COMMITS_A_LIFE, changesOf, recordsAfterEach } from "./torn-commits.ts";

const PROGRAM = fileURLToPath(new URL("torn-life.ts", import.meta.url));
const LIVES = 3;
/** Of one traced life so many images are made: then there is another one, with other commits. */
const IMAGES_A_TRACE = 250;
// Images are looked at in memory: flushing them would take longer than all else.
const MEMORY = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

export interface Torn {
  readonly images: number;
  /** Between how many calls of the kernel they were cut, all traced lives together. */
  readonly places: number;
  readonly problems: readonly string[];
}

/**
 * Images of a SQLite store after a power cut between any two calls of the kernel: of what was not flushed each write may be lost, and may be torn within a sector's bounds. Each
 * is opened, and has to hold all commits that were answered, and of the one that was under way all or nothing.
 */
export async function tearImages(count: number, random: Random): Promise<Torn> {
  const problems: string[] = [];
  let places = 0;
  for (let made = 0; made < count; ) {
    const images = Math.min(IMAGES_A_TRACE, count - made);
    const life = tracedLife(random.below(2 ** 31));
    places += life.steps.length;
    problems.push(...tearLife(life, images, random));
    made += images;
  }
  return { images: count, places, problems };
}

interface Life {
  readonly seed: number;
  readonly steps: readonly Step[];
}

function tracedLife(seed: number): Life {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "meseta-torn-")));
  try {
    return { seed, steps: traced(PROGRAM, [join(dir, "store.db"), `${seed}`, `${LIVES}`], dir) };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function tearLife({ seed, steps }: Life, images: number, random: Random): string[] {
  const dir = mkdtempSync(join(MEMORY, "meseta-torn-"));
  const states = recordsAfterEach(changesOf(seed, COMMITS_A_LIFE * LIVES));
  const problems: string[] = [];
  for (let image = 0; image < images; image++) {
    const count = random.below(steps.length + 1);
    const answered = steps.slice(0, count).filter(({ type }) => type === "say").length;
    const found = recordsIn(cutOffAfter(steps, count, random), dir);
    if (found !== states[answered] && found !== states[answered + 1])
      problems.push(
        `life ${seed}, cut after call ${count}: not what was answered with commit ${answered}: ${found.slice(0, 200)}`,
      );
  }
  rmSync(dir, { recursive: true });
  return problems;
}

function recordsIn(files: Files, dir: string): string {
  layOut(files, dir);
  try {
    const file = new SqliteFile(join(dir, "store.db"));
    try {
      return JSON.stringify(file.scan(""));
    } finally {
      file.close();
    }
  } catch (error) {
    return (error as Error).message;
  }
}
