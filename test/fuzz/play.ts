import type { Answer } from "@meseta/lib/io/http/answer.ts";
import type { Request } from "@meseta/lib/io/http/request.ts";
import { readTarget } from "@meseta/lib/io/http/target.ts";
import { Asked, type Fate } from "./asked.ts";
import type { Bench, Target } from "./bench.ts";
import type { Asking, Step } from "./step.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** What came of one step. `problem`: what may never be. */
export interface Outcome {
  /** The status; 0 of what is no request, 1 of what waits for its answer as it may. */
  readonly status: number;
  /** The sentence of a refusal. */
  readonly text: string;
  readonly problem: string | undefined;
}

/** Longer than that no turn of the daemon may take, and no answer. */
const MOST_MS = 1_000;
/** So often the loop goes round before an answer is looked for by the clock: files are read in threads. */
const TURNS = 200;
const MOST_STREAMS = 12;

/** What was thrown where nobody catches it; in production the process would be gone. */
const thrown: Error[] = [];

/** Keeps this process alive where the daemon's own would end. */
export function catchCrashes(): void {
  process.on("uncaughtException", (error: Error) => thrown.push(error));
  process.on("unhandledRejection", (error: unknown) =>
    thrown.push(error instanceof Error ? error : new Error(String(error))),
  );
}

const realTimeout = globalThis.setTimeout;

/** What the process had used, not long ago: to ask for it costs as much as a case. */
let reading = { atMs: Number.NEGATIVE_INFINITY, used: process.cpuUsage() };
const READING_KEPT_MS = 100;

function usedMs(): number {
  const { user, system } = process.cpuUsage(reading.used);
  return (user + system) / 1_000;
}

/** Does steps to a bench, and looks at what comes of each. */
export class Player {
  readonly bench: Bench;
  readonly #target: Target;
  readonly #time: VirtualTime;
  readonly #streams: Asked[] = [];
  readonly #waiting: Asked[] = [];
  /** Whether the pictures before and after each refusal are compared, and each answer is read. */
  isCareful = false;

  private constructor(bench: Bench, target: Target, time: VirtualTime) {
    this.bench = bench;
    this.#target = target;
    this.#time = time;
  }

  static async open(target: Target, time: VirtualTime): Promise<Player> {
    time.clear();
    time.nowMs = 1_700_000_000_000;
    thrown.length = 0;
    return new Player(await target.open(time), target, time);
  }

  async play(step: Step): Promise<Outcome> {
    const startMs = performance.now();
    if (startMs - reading.atMs > READING_KEPT_MS) reading = { atMs: startMs, used: process.cpuUsage() };
    const outcome = await this.#play(step);
    // Of the processor, not of the clock: others work on this machine too. But who took less by the clock used no more.
    const tookMs = performance.now() - startMs > MOST_MS ? usedMs() : 0;
    const problem = outcome.problem ?? this.#crash() ?? this.bench.misdeeds[0];
    if (problem === undefined && tookMs > MOST_MS)
      return { ...outcome, problem: `hang: it took ${Math.round(tookMs)} ms` };
    return { ...outcome, problem };
  }

  /** What is wrong with a daemon that has been through all this: it has to answer, and to start again from what it stored. */
  async lives(): Promise<string | undefined> {
    const { alive, lively } = this.#target;
    for (const step of [...alive, ...(lively === undefined ? [] : [lively])]) {
      const { status, text, problem } = await this.play(step);
      if (problem !== undefined) return problem;
      if (status !== 200)
        return `no life: ${step.do === "ask" ? step.target : "a connection"} is answered ${status} ${text}`;
    }
    try {
      await this.bench.restart();
      await this.#settle();
    } catch (error) {
      return `no restart: what was stored cannot be read: ${(error as Error).stack}`;
    }
    return this.#crash();
  }

  close(): void {
    for (const one of [...this.#streams, ...this.#waiting]) one.leave();
    this.bench.close();
    this.#time.clear();
  }

  #crash(): string | undefined {
    const [first] = thrown.splice(0);
    return first === undefined ? undefined : `crash: ${first.stack ?? first.message}`;
  }

  async #play(step: Step): Promise<Outcome> {
    switch (step.do) {
      case "ask":
        return this.#ask(step);
      case "send":
        return this.bench.send!(step);
      case "close":
        this.#streams.splice(step.stream % Math.max(1, this.#streams.length), 1)[0]?.leave();
        break;
      case "pass":
        await this.#time.pass(step.ms, () => this.#settle());
        break;
      case "act":
        this.bench.act?.(step.act);
    }
    await this.#settle();
    return { status: 0, text: "", problem: undefined };
  }

  async #ask(asking: Asking): Promise<Outcome> {
    const request = requestOf(asking);
    if (request === undefined) return { status: 400, text: "400 Bad Request.", problem: undefined };
    const before = this.isCareful ? this.bench.picture() : undefined;
    const commits = this.bench.commits;
    const asked = new Asked();
    const server = this.bench.servers[asking.server ?? Object.keys(this.bench.servers)[0]!]!;
    try {
      const answer = server(request, asked);
      if (asking.leaves) asked.leave();
      if (answer instanceof Promise)
        answer.then(
          (one) => one && asked.answer(one),
          (error) => thrown.push(error),
        );
      else if (answer !== undefined) asked.answer(answer);
    } catch (error) {
      return { status: 500, text: "", problem: `500: ${(error as Error).stack}` };
    }
    if (asking.leaves) {
      await this.#settle();
      return { status: 0, text: "", problem: undefined };
    }
    await this.#answered(asked, asking);
    const outcome = await this.#outcome(asked, asking);
    await this.#settle();
    const isRefused = outcome.status >= 400 && outcome.problem === undefined;
    const problem = isRefused ? this.#changed(before, commits) : undefined;
    return problem === undefined ? outcome : { ...outcome, problem };
  }

  async #answered(asked: Asked, asking: Asking): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) {
      if (asked.fate.is !== "waiting" || thrown.length > 0) return;
      await turned();
    }
    if (this.#target.mayWait(asking)) return;
    const untilMs = performance.now() + MOST_MS;
    while (asked.fate.is === "waiting" && performance.now() < untilMs && thrown.length === 0)
      await new Promise((resolve) => realTimeout(resolve, 1));
  }

  async #outcome(asked: Asked, asking: Asking): Promise<Outcome> {
    const fate: Fate = asked.fate;
    switch (fate.is) {
      case "waiting":
        this.#keep(this.#waiting, asked);
        return this.#target.mayWait(asking)
          ? { status: 1, text: "", problem: undefined }
          : { status: 0, text: "", problem: thrown.length > 0 ? undefined : `hang: no answer within ${MOST_MS} ms` };
      case "streaming":
        this.bench.opened?.(fate.headers);
        this.#keep(this.#streams, asked);
        return { status: 200, text: "stream", problem: undefined };
      case "answered":
        return this.#judge(fate.answer, asking);
    }
  }

  async #judge(answer: Answer, asking: Asking): Promise<Outcome> {
    const { status } = answer;
    const body = await wholeOf(answer, this.isCareful);
    const text = status >= 400 ? body.slice(0, 400) : "";
    if (status >= 500 && !this.#target.mayFail(asking, status, text))
      return { status, text, problem: `${status}: ${text}` };
    const type = answer.headers?.["Content-Type"] ?? "";
    if (this.isCareful && type.startsWith("application/json") && body !== "" && asking.method !== "HEAD") {
      const problem = jsonProblem(body);
      if (problem !== undefined) return { status, text, problem };
    }
    return { status, text, problem: undefined };
  }

  #changed(before: string | undefined, commits: number): string | undefined {
    if (this.bench.commits !== commits) return "changed: a request that was refused was stored";
    if (before === undefined) return undefined;
    const after = this.bench.picture();
    return before === after ? undefined : `changed by a request that was refused: ${differenceOf(before, after)}`;
  }

  #keep(list: Asked[], asked: Asked): void {
    list.push(asked);
    if (list.length > MOST_STREAMS) list.shift()!.leave();
  }

  /** Until the daemon has nothing left to do: three turns without a commit. */
  async #settle(): Promise<void> {
    for (let quiet = 0, commits = this.bench.commits, left = 100; quiet < 3 && left > 0; left--) {
      await turned();
      quiet = this.bench.commits === commits ? quiet + 1 : 0;
      commits = this.bench.commits;
    }
  }
}

function turned(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function requestOf({ method, target, headers, body }: Asking): Request | undefined {
  const read = readTarget(target);
  if (read === undefined) return undefined;
  const isStream = headers["content-type"] === "application/recordio";
  return {
    ...{ method, ...read, headers, peer: "127.0.0.1", principal: undefined },
    body: isStream ? new Uint8Array(0) : body,
    incoming: isStream ? chunksOf(body) : undefined,
  };
}

/** In pieces of changing length, as a network would bring them. */
async function* chunksOf(body: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0, size = 1; at < body.length; at += size, size = 1 + ((size * 7) % 61))
    yield body.subarray(at, at + size);
}

async function wholeOf({ body, pieces }: Answer, isWanted: boolean): Promise<string> {
  if (typeof body === "string") return body;
  if (body !== undefined) return Buffer.from(body).toString("latin1");
  if (pieces === undefined) return "";
  const all: (string | Uint8Array)[] = [];
  for await (const piece of pieces) if (isWanted) all.push(piece);
  return all.map((piece) => (typeof piece === "string" ? piece : Buffer.from(piece).toString())).join("");
}

function jsonProblem(body: string): string | undefined {
  try {
    JSON.parse(body);
    return undefined;
  } catch (error) {
    return `an answer that says it is JSON is none: ${(error as Error).message}: ${body.slice(0, 200)}`;
  }
}

function differenceOf(before: string, after: string): string {
  let at = 0;
  while (before[at] === after[at]) at++;
  return `${before.slice(Math.max(0, at - 60), at + 120)} became ${after.slice(Math.max(0, at - 60), at + 120)}`;
}
