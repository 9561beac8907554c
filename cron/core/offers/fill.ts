import { Heap } from "@meseta/lib/core/heap.ts";
import type { CronOut } from "../out.ts";
import type { JobRun } from "../run.ts";
import type { CronState, Entry, RunRef } from "../state.ts";
import { noteUnmet } from "./demand.ts";
import type { HeldOffer } from "./held.ts";
import { launch } from "./launch.ts";
import { isBefore, type Line } from "./lines.ts";
import { type Place, placeOn } from "./place.ts";

/** Launches who waits on the offers at hand, what is urgent first, then who came first. One event stores only so much: lines that stay due have their turn with the next. */
export function fill(state: CronState, nowMs: number, out: CronOut): void {
  lineUp(state);
  const { due } = state.offers.lines;
  if (due.size === 0) return;
  const turns = new Heap<Line>(isBefore);
  for (const line of due) if (firstOf(state, line) !== undefined) turns.push(line);
  const search = new Search(state, nowMs);
  for (let line = turns.pop(); line !== undefined; line = turns.pop()) {
    if (out.puts.size + out.deletes.size >= MOST_RECORDS) return;
    const { entry, run } = firstOf(state, line)!;
    const found = search.placeFor(line);
    if (found === undefined) {
      due.delete(line);
      noteUnmet(state, line.shape);
      continue;
    }
    state.offers.lines.shift(line);
    launch(state, entry, run, found.held, found.place, nowMs, out);
    if (firstOf(state, line) !== undefined) turns.push(line);
  }
}

const MOST_RECORDS = 500;

/** The job was defined anew: its waiting runs may fit now where they did not. */
export function fillAnew(state: CronState, { job, runs }: Entry): void {
  for (const { id } of runs?.values() ?? []) {
    const ref = { job: job.id, run: id };
    if (state.waiting.has(ref)) getInLine(state, ref);
  }
}

/** Who came since the last time gets into line. Those that went away have not left theirs: when there are too many of them, all get into line anew. */
function lineUp(state: CronState): void {
  const { waiting, offers } = state;
  const came = waiting.takeNew();
  if (offers.lines.size + came.length <= 2 * waiting.size + MOST_GONE) {
    for (const ref of came) getInLine(state, ref);
    return;
  }
  offers.lines.clear();
  for (const ref of waiting) getInLine(state, ref);
}

const MOST_GONE = 100;

function getInLine({ entries, offers }: CronState, ref: RunRef): void {
  const job = entries.get(ref.job)?.job;
  if (job !== undefined) offers.lines.add(ref, offers.shapes.of(job), job.isHighPriority);
}

/** The first of the line who still waits; undefined when it is empty then. Those whose job was defined anew go to the line where they belong. */
function firstOf(state: CronState, line: Line): { readonly entry: Entry; readonly run: JobRun } | undefined {
  const { waiting, entries, offers } = state;
  for (let first = line.first; first !== undefined; first = line.first) {
    const { ref } = first;
    const entry = entries.get(ref.job);
    const run = waiting.has(ref) ? entry?.runs?.get(ref.run) : undefined;
    const isHere = entry?.job.isHighPriority === line.isUrgent && offers.shapes.of(entry.job) === line.shape;
    if (entry !== undefined && run !== undefined && isHere) return { entry, run };
    offers.lines.shift(line);
    if (run !== undefined) getInLine(state, ref);
  }
  return undefined;
}

/** Looks through the offers at hand, for each line from where it found its last place. */
class Search {
  readonly #state: CronState;
  readonly #mostTasks: number;
  readonly #turns = new Map<Line, { readonly rest: Iterator<HeldOffer>; here: HeldOffer | undefined }>();

  constructor(state: CronState, nowMs: number) {
    this.#state = state;
    this.#mostTasks = nowMs < state.offers.oneByOneUntilMs ? 1 : Number.POSITIVE_INFINITY;
  }

  placeFor(line: Line): { readonly held: HeldOffer; readonly place: Place } | undefined {
    const turn = this.#turns.get(line) ?? this.#begin(line);
    for (; turn.here !== undefined; turn.here = next(turn.rest)) {
      if (turn.here.tasks.length >= this.#mostTasks) continue;
      const place = placeOn(turn.here, line.shape, this.#state.random);
      if (place !== undefined) return { held: turn.here, place };
    }
    return undefined;
  }

  #begin(line: Line) {
    const rest = this.#state.offers.values()[Symbol.iterator]();
    const turn = { rest, here: next(rest) };
    this.#turns.set(line, turn);
    return turn;
  }
}

function next<T>(rest: Iterator<T>): T | undefined {
  const { done, value } = rest.next();
  return done ? undefined : value;
}
