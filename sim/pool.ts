import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Choice, type Played, playSeed } from "./played.ts";

const WORKER = fileURLToPath(new URL("./worker.ts", import.meta.url));
/** As bin/meseta: a worker is there after a third of the time. */
const COMPILED = fileURLToPath(new URL("../node_modules/.cache/compile", import.meta.url));
/** A history makes much that it soon forgets: with more room for that, MiB, the collector has less to move. */
const YOUNG_SPACE = "--max-semi-space-size=32";

/** Seeds that are to be played, and who wants to know. */
export interface Order {
  /** The first; the others follow it one by one. */
  readonly from: number;
  /** Whether this one is still to be played; asked before it begins. */
  readonly wants: (seed: number) => boolean;
  readonly choice: Choice;
  /** Told what came of each seed, as soon as it is known, in no order. */
  readonly done: (seed: number, played: readonly Played[]) => void;
  /** No further seed is begun after that. */
  readonly signal: AbortSignal;
}

/** Plays all seeds, in so many processes; 1 is this one. Resolves when all are done, or at once when it was aborted: what is under way is then given up. */
export async function playAll(order: Order, processes: number): Promise<void> {
  if (processes > 1) return new Pool(order, processes).run();
  for (let seed = order.from; order.wants(seed) && !order.signal.aborted; seed++)
    order.done(seed, await playSeed(seed, order.choice));
}

class Pool {
  readonly #order: Order;
  readonly #processes: number;
  readonly #workers = new Set<ChildProcess>();
  #next: number;

  constructor(order: Order, processes: number) {
    this.#order = order;
    this.#processes = processes;
    this.#next = order.from;
  }

  run(): Promise<void> {
    return new Promise((resolve) => {
      const over = (): void => {
        if (this.#workers.size === 0) resolve();
      };
      this.#order.signal.addEventListener("abort", () => {
        for (const worker of this.#workers) worker.kill("SIGKILL");
      });
      for (let index = 0; index < this.#processes; index++) this.#start(over);
      over();
    });
  }

  #start(over: () => void): void {
    const seed = this.#take();
    if (seed === undefined) return over();
    const worker = fork(WORKER, {
      execArgv: [...process.execArgv, YOUNG_SPACE],
      env: { NODE_COMPILE_CACHE: COMPILED, ...process.env },
    });
    this.#workers.add(worker);
    let current: number | undefined = seed;
    const play = (next: number | undefined): void => {
      current = next;
      if (next === undefined) worker.disconnect();
      else worker.send({ seed: next, choice: this.#order.choice });
    };
    worker.on("message", (message) => {
      const { seed: done, played } = message as { seed: number; played: Played[] };
      this.#order.done(done, played);
      play(this.#take());
    });
    worker.on("exit", (code, signal) => {
      this.#workers.delete(worker);
      if (current === undefined || this.#order.signal.aborted) return over();
      this.#order.done(current, [died(current, `the process that played it ended by itself: ${signal ?? code}`)]);
      this.#start(over);
    });
    play(seed);
  }

  #take(): number | undefined {
    const { wants, signal } = this.#order;
    return wants(this.#next) && !signal.aborted ? this.#next++ : undefined;
  }
}

function died(seed: number, violation: string): Played {
  const nothing = { events: 0, faults: {}, updates: 0, runs: 0, demanded: 0, simulatedMs: 0 };
  return { seed, isOfJobs: false, ...nothing, violation: `seed ${seed}: ${violation}` };
}
