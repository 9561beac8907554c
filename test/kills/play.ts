import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "@meseta/lib/core/random.ts";
import { freePort } from "@meseta/lib/io/free-port.rig.ts";
import { Lane, type Request } from "./lane.ts";
import { Ledger } from "./ledger.ts";
import { PartProcess } from "./part-process.ts";
import type { Subject } from "./subject.ts";

export interface Kills {
  readonly kills: number;
  readonly random: Random;
  /** The store's URL; a file of SQLite in a temporary folder unless said. */
  readonly store?: string;
  /** Kills, and starts again, what may die in the same moment. */
  readonly alsoDies?: () => Promise<void>;
  /** The longest time of load between a start and a kill. */
  readonly loadMs?: number;
  /** So many writes are acknowledged before, however long that takes. */
  readonly leastWrites?: number;
  /** Called when so many kills are over, with the problems found since. */
  readonly tell?: (kill: number, problems: readonly string[]) => void;
}

export interface Outcome {
  readonly kills: number;
  /** Of them, while the part was starting. */
  readonly whileStarting: number;
  readonly acknowledged: number;
  readonly unanswered: { readonly done: number; readonly notDone: number };
  /** Of load, all lives together. */
  readonly loadedMs: number;
  /** From the start of the process to its first answer. */
  readonly startMs: readonly number[];
  readonly problems: readonly string[];
}

/** Of the kills, so many hit a part that has not answered yet. */
const WHILE_STARTING_PERCENT = 15;
const STARTING_MS = 600;

/** Kills a part again and again under the load of its writers, and compares after each restart what it has with what it said. */
export async function play(subject: Subject, asked: Kills): Promise<Outcome> {
  const dir = mkdtempSync(join(tmpdir(), `meseta-kills-${subject.part}-`));
  const game = new Game(subject, dir, [await freePort(), await freePort()], asked);
  try {
    for (let kill = 1; kill <= asked.kills; kill++) {
      const problems = await game.round();
      asked.tell?.(kill, problems);
    }
    await game.end();
  } finally {
    await game.stop();
  }
  if (game.problems.length === 0) rmSync(dir, { recursive: true });
  else game.problems.push(`all files are in ${dir}`);
  return game.outcome();
}

class Game {
  readonly problems: string[] = [];
  readonly #subject: Subject;
  readonly #asked: Kills;
  readonly #ledger: Ledger;
  readonly #start: () => PartProcess;
  #process: PartProcess | undefined;
  readonly #port: number;
  readonly #startMs: number[] = [];
  #whileStarting = 0;
  #loadedMs = 0;

  constructor(subject: Subject, dir: string, [first, second]: readonly [number, number], asked: Kills) {
    this.#subject = subject;
    this.#asked = asked;
    this.#ledger = new Ledger(subject);
    this.#port = subject.listens === "first" ? first : second;
    const store = asked.store === undefined ? [] : ["--store", asked.store];
    const words = [...subject.flags(first, second), "--dir", join(dir, subject.part), ...store];
    this.#start = () => (this.#process = new PartProcess(words, this.#port, join(dir, "log")));
  }

  /** One life, and its end. */
  async round(): Promise<readonly string[]> {
    const { random, loadMs = 400 } = this.#asked;
    const process = this.#start();
    if (random.below(100) < WHILE_STARTING_PERCENT) {
      this.#whileStarting++;
      await sleep(random.below(STARTING_MS));
      await process.kill();
      return [];
    }
    const problems = await this.#look(process);
    const beganMs = performance.now();
    const least = this.#ledger.acknowledged + (this.#asked.leastWrites ?? 0);
    const lanes = this.#load();
    await sleep(random.below(loadMs));
    while (this.#ledger.acknowledged < least) await sleep(5);
    await this.#asked.alsoDies?.();
    await process.kill();
    this.#loadedMs += performance.now() - beganMs;
    await lanes;
    return problems;
  }

  /** One more life, in which nothing is written. */
  async end(): Promise<void> {
    const process = this.#start();
    await this.#look(process);
    await process.kill();
  }

  /** Whatever happened: no process is left. */
  async stop(): Promise<void> {
    await this.#process?.kill();
  }

  outcome(): Outcome {
    const { acknowledged, unanswered } = this.#ledger;
    return {
      kills: this.#asked.kills,
      whileStarting: this.#whileStarting,
      acknowledged,
      unanswered,
      loadedMs: this.#loadedMs,
      startMs: this.#startMs,
      problems: this.problems,
    };
  }

  async #look(process: PartProcess): Promise<readonly string[]> {
    this.#startMs.push(await process.serves(this.#subject.reads[0]!));
    const answers: string[] = [];
    for (const request of this.#subject.reads) answers.push(await this.#read(request));
    const problems = this.#ledger.compare(this.#subject.found(answers));
    this.problems.push(...problems);
    return problems;
  }

  async #read({ method, path, body }: Request): Promise<string> {
    const headers = { accept: "application/json", "content-type": "application/json" };
    const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    return (await fetch(`http://127.0.0.1:${this.#port}${path}`, init)).text();
  }

  /** All writers write as fast as they are answered, until the connections end. */
  async #load(): Promise<void> {
    await Promise.all(Array.from({ length: this.#subject.writers }, (_, writer) => this.#writeOn(writer)));
  }

  async #writeOn(writer: number): Promise<void> {
    const lane = new Lane(this.#port);
    for (;;) {
      const answer = await lane.ask(this.#subject.write(writer, this.#ledger.ask(writer)));
      if (answer === undefined) return;
      if (answer.status < 300) this.#ledger.acknowledge(writer);
      else {
        this.#ledger.refuse(writer);
        if (answer.status !== 503) this.problems.push(`writer ${writer} was answered ${answer.status} ${answer.body}`);
        return lane.close();
      }
    }
  }
}
