import type { History } from "./history.ts";

/** What became of one history: the message of its violation; undefined when none was found. */
export type Try = (history: History) => Promise<string | undefined>;

export interface Shrunk {
  readonly history: History;
  /** Its violation. */
  readonly message: string;
  /** How many histories were played to find it. */
  readonly tries: number;
}

/**
 * Makes a history smaller that breaks a promise, as long as it breaks the same one: faults are left out, as delta debugging does it (Zeller and Hildebrandt, 2002), then
 * frameworks, people and agents, and time; and again, until nothing more can go. `most`: so many histories are played at most. Undefined when the history breaks nothing.
 */
export async function shrink(history: History, play: Try, most = 2_000): Promise<Shrunk | undefined> {
  const message = await play(history);
  if (message === undefined) return undefined;
  const search = new Search({ history, message, tries: 1 }, play, most);
  for (let size = -1; size !== sizeOf(search.best.history); ) {
    size = sizeOf(search.best.history);
    await search.leaveOutFaults();
    for (const part of PARTS) await search.leaveOut(part);
    await search.endEarlier();
  }
  return search.best;
}

/** What kind of violation a message tells: without the seed, time, and all that has a number or an id in it. */
export function kindOf(message: string): string {
  const said = message.replace(/^(jobs of )?seed \d+, at [\d.]+ s: /, "");
  return said
    .split("\n")[0]!
    .replace(/\S*\d\S*/g, "#")
    .replace(/(#\s*)+/g, "# ")
    .slice(0, 80);
}

/** Ways to make a history smaller in one step, the most telling first. */
const PARTS: readonly ((history: History) => History[])[] = [
  (history) => without("tenants", history),
  (history) => without("keepers", history, true),
  (history) => without("wishes", history),
  (history) => (history.hasOperator ? [{ ...history, hasOperator: false }] : []),
  (history) => (history.hasStill === true ? [{ ...history, hasStill: false }] : []),
  (history) => [1, Math.floor(history.agents / 2), history.agents - 1].flatMap((agents) => fewer(history, agents)),
  fewerMasters,
  (history) => history.wishes.flatMap((wish, index) => (wish.tasks > 1 ? [withTasks(history, index, 1)] : [])),
];

function sizeOf({
  faults,
  tenants,
  keepers,
  wishes,
  agents,
  troubleMs,
  hasOperator,
  hasStill = false,
  masters,
  copies,
}: History): number {
  const people = tenants.length + keepers.length + wishes.length + Number(hasOperator) + Number(hasStill);
  return faults.length + people + agents + (masters ?? 0) + (copies ?? 0) + troubleMs / 1000;
}

// Keepers are named by their number, so that those who stay keep their names only if the last goes.
function without(part: "tenants" | "keepers" | "wishes", history: History, isLastOnly = false): History[] {
  const all: readonly unknown[] = history[part];
  const indices = isLastOnly ? [all.length - 1].filter((index) => index >= 0) : all.map((_, index) => index);
  return indices.map((index) => ({ ...history, [part]: all.toSpliced(index, 1) }));
}

function fewer(history: History, agents: number): History[] {
  return agents > 0 && agents < history.agents ? [{ ...history, agents }] : [];
}

// One on a disk of its own, then one and three on etcd; and one process of each framework of the house.
function fewerMasters(history: History): History[] {
  const { masters, copies, isBrisk, ...plain } = history;
  if (masters === undefined) return [];
  const onEtcd = [1, 3].filter((count) => count < masters).map((count) => ({ ...history, masters: count }));
  return [plain, ...onEtcd, ...((copies ?? 1) > 1 ? [{ ...history, copies: 1 }] : [])];
}

function withTasks(history: History, index: number, tasks: number): History {
  return { ...history, wishes: history.wishes.with(index, { ...history.wishes[index]!, tasks }) };
}

class Search {
  best: Shrunk;
  readonly #play: Try;
  readonly #most: number;
  readonly #kind: string;

  constructor(first: Shrunk, play: Try, most: number) {
    this.best = first;
    this.#play = play;
    this.#most = most;
    this.#kind = kindOf(first.message);
  }

  /** Delta debugging: leaves out ever smaller pieces of the list, until each fault is needed. */
  async leaveOutFaults(): Promise<void> {
    if (await this.#isStill({ ...this.best.history, faults: [] })) return;
    let pieces = 2;
    for (let { length } = this.best.history.faults; length > 1 && pieces <= length; ) {
      const smaller = await this.#withoutAPiece(pieces);
      length = this.best.history.faults.length;
      pieces = smaller ? Math.max(2, pieces - 1) : pieces === length ? length + 1 : Math.min(length, pieces * 2);
    }
  }

  async leaveOut(part: (history: History) => History[]): Promise<void> {
    for (let again = true; again; ) {
      again = false;
      for (const smaller of part(this.best.history))
        if (await this.#isStill(smaller)) {
          again = true;
          break;
        }
    }
  }

  /** All comes to rest soon after the last fault. */
  async endEarlier(): Promise<void> {
    const { history } = this.best;
    const lastMs = Math.max(5_000, ...history.faults.map(({ atMs }) => atMs));
    for (const afterMs of [1_000, 10_000, 60_000])
      if (lastMs + afterMs < history.troubleMs && (await this.#isStill({ ...history, troubleMs: lastMs + afterMs })))
        return;
  }

  async #withoutAPiece(pieces: number): Promise<boolean> {
    const { faults } = this.best.history;
    const size = Math.ceil(faults.length / pieces);
    for (let at = 0; at < faults.length; at += size)
      if (await this.#isStill({ ...this.best.history, faults: faults.toSpliced(at, size) })) return true;
    return false;
  }

  async #isStill(history: History): Promise<boolean> {
    if (this.best.tries >= this.#most) return false;
    const tries = this.best.tries + 1;
    const message = await this.#play(history);
    const isSame = message !== undefined && kindOf(message) === this.#kind;
    this.best = isSame ? { history, message, tries } : { ...this.best, tries };
    return isSame;
  }
}
