import type { Target } from "./bench.ts";
import { keepFound } from "./found.ts";
import { type Finding, type Report, targetReport } from "./report.ts";
import { type Found, kindOf, Run, shrink } from "./run.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface Budget {
  readonly seed: number;
  /** Either so long for all targets together, */
  readonly ms?: number | undefined;
  /** or so many scenes of each. */
  readonly scenes?: number | undefined;
  /** Told at once of what is found. */
  found?(finding: Finding): void;
}

/** Different problems, after which it stops: more of them are rarely new. */
const MOST_FINDINGS = 20;
const MiB = 1024 * 1024;
/** After so many scenes all code is loaded and compiled, and memory should no longer grow. */
const WARM_SCENES = 40;

/** Fuzzes the targets in this process, in turns of equal time. `stop` is asked after each scene. */
export async function fuzz(
  targets: readonly Target[],
  budget: Budget,
  time: VirtualTime,
  stop: () => boolean,
): Promise<Report> {
  const runs = targets.map((target, at) => ({ target, run: new Run(target, budget.seed * 1_000 + at, time), ms: 0 }));
  const findings = new Map<string, Finding>();
  const startMs = performance.now();
  let scenes = 0;
  let warm = 0;
  for (;;) {
    const next = nextOf(runs, budget);
    const isOver = budget.ms !== undefined && performance.now() - startMs >= budget.ms;
    if (next === undefined || isOver || stop() || findings.size >= MOST_FINDINGS) break;
    const sceneMs = performance.now();
    const found = await next.run.scene();
    next.ms += performance.now() - sceneMs;
    if (++scenes === WARM_SCENES) warm = memoryMiB();
    if (found !== undefined) await note(found, next.target, findings, budget, time);
  }
  return {
    targets: runs.map(({ target, run, ms }) => targetReport(target.name, run.tally, ms / 1_000)),
    findings: [...findings.values()],
    memoryMiB: [warm === 0 ? memoryMiB() : warm, memoryMiB()],
  };
}

interface Turn {
  readonly target: Target;
  readonly run: Run;
  ms: number;
}

/** Whoever had the least time; or, where scenes are counted, whoever had the fewest. */
function nextOf(runs: readonly Turn[], { scenes }: Budget): Turn | undefined {
  if (scenes !== undefined) return runs.find(({ run }) => run.tally.scenes < scenes);
  return runs.reduce((least, one) => (one.ms < least.ms ? one : least));
}

async function note(
  found: Found,
  target: Target,
  findings: Map<string, Finding>,
  budget: Budget,
  time: VirtualTime,
): Promise<void> {
  const kind = `${target.name} ${kindOf(found.problem)}`;
  const known = findings.get(kind);
  if (known !== undefined) return void known.times++;
  const small = await shrink(target, found, time);
  const problem = small.problem.split("\n").slice(0, 4).join(" ").slice(0, 600);
  const finding = { target: target.name, problem, file: keepFound(small), steps: small.steps.length, times: 1 };
  findings.set(kind, finding);
  budget.found?.(finding);
}

function memoryMiB(): number {
  globalThis.gc?.();
  return Math.round(process.memoryUsage().rss / MiB);
}
