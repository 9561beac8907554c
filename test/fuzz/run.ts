import { createRandom, type Random } from "@meseta/lib/core/random.ts";
import type { Target } from "./bench.ts";
import { bend } from "./grammar/bytes.ts";
import { once, pick } from "./grammar/odd.ts";
import { type Outcome, Player } from "./play.ts";
import type { Asking, Sending, Step } from "./step.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** The cases of one daemon's life, after those of its setting. */
const CASES_A_SCENE = 200;
/** In every so many scenes answers are read whole, and what readers see is compared before and after each refusal. */
const CAREFUL_SCENE = 8;
const MOST_KEPT = 4_000;
const LARGEST_KEPT = 8 * 1024;

export interface Found {
  readonly target: string;
  readonly problem: string;
  /** All steps of the scene up to the one that broke it. */
  readonly steps: readonly Step[];
}

export interface Tally {
  cases: number;
  scenes: number;
  /** How often each status was answered. */
  readonly statuses: Map<number, number>;
  /** Kinds of answers that differ. */
  signatures: number;
}

/** Fuzzes one target, scene after scene, all drawn from one seed. What got an answer of a new kind is kept, and bent again later. */
export class Run {
  readonly tally: Tally = { cases: 0, scenes: 0, statuses: new Map(), signatures: 0 };
  readonly #target: Target;
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #seen = new Set<string>();
  readonly #kept: (Asking | Sending)[] = [];

  constructor(target: Target, seed: number, time: VirtualTime) {
    this.#target = target;
    this.#time = time;
    this.#random = createRandom(seed);
  }

  /** One life of the daemon; what it found ends it. */
  async scene(): Promise<Found | undefined> {
    const player = await Player.open(this.#target, this.#time);
    player.isCareful = this.tally.scenes++ % CAREFUL_SCENE === 0;
    const steps: Step[] = [];
    try {
      for (const step of this.#target.setting) {
        const problem = (await this.#play(step, player, steps)).problem;
        if (problem !== undefined) return { target: this.#target.name, problem, steps };
      }
      for (let i = 0; i < CASES_A_SCENE; i++) {
        const step = this.#draw(player);
        const outcome = await this.#play(step, player, steps);
        if (outcome.problem !== undefined) return { target: this.#target.name, problem: outcome.problem, steps };
        this.#keep(step, outcome);
      }
      const problem = await player.lives();
      return problem === undefined ? undefined : { target: this.#target.name, problem, steps };
    } finally {
      player.close();
    }
  }

  async #play(step: Step, player: Player, steps: Step[]): Promise<Outcome> {
    steps.push(step);
    const outcome = await player.play(step);
    if (step.do !== "ask" && step.do !== "send") return outcome;
    this.tally.cases++;
    this.tally.statuses.set(outcome.status, (this.tally.statuses.get(outcome.status) ?? 0) + 1);
    return outcome;
  }

  #draw(player: Player): Step {
    const random = this.#random;
    if (this.#kept.length === 0 || !once(random, 6)) return this.#target.draw(random, player.bench.known());
    const step = pick(random, this.#kept);
    return once(random, 4) ? step : bent(step, random);
  }

  #keep(step: Step, { status, text }: Outcome): void {
    if (step.do !== "ask" && step.do !== "send") return;
    const door = step.do === "send" ? step.ends : `${step.method} ${step.target.replace(/[?].*/, "").slice(0, 40)}`;
    const signature = `${door} ${status} ${step.do === "send" ? text : shapeOf(text)}`;
    if (this.#seen.has(signature) || this.#kept.length >= MOST_KEPT) return;
    this.#seen.add(signature);
    this.tally.signatures++;
    if (sizeOf(step) <= LARGEST_KEPT) this.#kept.push(step);
  }
}

function bent(step: Asking | Sending, random: Random): Step {
  if (step.do === "ask") return { ...step, body: bend(step.body, random) };
  const at = random.below(step.parts.length);
  const part = Buffer.from(bend(Buffer.from(step.parts[at]!, "latin1"), random)).toString("latin1");
  return { ...step, parts: step.parts.with(at, part) };
}

function sizeOf(step: Asking | Sending): number {
  return step.do === "ask" ? step.body.length : step.parts.reduce((sum, part) => sum + part.length, 0);
}

/** A sentence without what is particular in it. */
function shapeOf(text: string): string {
  return text.replace(/'[^']*'|"[^"]*"|[\d.]+|near: .*/gs, "#").slice(0, 80);
}

/** The problem that these steps show, on a daemon of their own; undefined when there is none. */
export async function replay(target: Target, steps: readonly Step[], time: VirtualTime): Promise<string | undefined> {
  const player = await Player.open(target, time);
  player.isCareful = true;
  try {
    for (const step of steps) {
      const { problem } = await player.play(step);
      if (problem !== undefined) return problem;
    }
    return await player.lives();
  } finally {
    player.close();
  }
}

/** Fewer steps that show a problem of the same kind. */
export async function shrink(target: Target, found: Found, time: VirtualTime): Promise<Found> {
  let steps = [...found.steps];
  let { problem } = found;
  const kind = kindOf(problem);
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let at = Math.max(0, steps.length - size); ; at = Math.max(0, at - size)) {
      const fewer = [...steps.slice(0, at), ...steps.slice(at + size)];
      const shown = fewer.length === 0 ? undefined : await replay(target, fewer, time);
      if (shown !== undefined && kindOf(shown) === kind) [steps, problem] = [fewer, shown];
      if (at === 0) break;
    }
  return { ...found, problem, steps };
}

/** What is the same in all findings of one cause, as far as a sentence tells. */
export function kindOf(problem: string): string {
  return shapeOf(problem.split("\n")[0]!.replace(/\/\S+/g, "#")).slice(0, 40);
}
