import { count } from "./counters.ts";
import { keys } from "./saved.ts";
import type { Garbage, Turn } from "./state.ts";

/** Nobody uses the tree any more: it is removed when it is old enough. */
export function discard(turn: Turn, id: string, path: string): void {
  const { state, out, nowMs } = turn;
  state.garbage.set(id, { path, sinceMs: nowMs, removing: false });
  out.save(keys.garbage(id), { path, sinceMs: nowMs });
}

/** How old a sandbox may grow: a week while the disk is empty, less the fuller it is, nothing when the headroom is used up. */
export function maxAgeMs({ state }: Pick<Turn, "state">): number {
  const { gcDelayMs, gcDiskHeadroom } = state.config;
  return gcDelayMs * Math.max(0, 1 - gcDiskHeadroom - state.diskUsed);
}

export function diskMeasured(turn: Turn, used: number): void {
  turn.state.diskUsed = used;
  collect(turn);
  turn.out.wake(turn.nowMs + turn.state.config.diskWatchIntervalMs, { for: "disk-watch" });
}

/** A few trees at a time, the oldest first: removing is slow, and tasks need the disk. */
export function collect(turn: Turn): void {
  const { state, out, nowMs } = turn;
  const age = maxAgeMs(turn);
  for (const [id, garbage] of state.garbage) {
    if (state.removing >= MAX_REMOVING || garbage.sinceMs + age > nowMs) return;
    if (garbage.removing) continue;
    state.removing++;
    garbage.removing = true;
    out.push({ type: "remove", id, path: garbage.path });
  }
}

/** One tree is gone, or could not be removed and is tried again later. */
export function removed(turn: Turn, id: string, error: string | undefined): void {
  const { state, out } = turn;
  const garbage = state.garbage.get(id);
  if (garbage === undefined) return;
  state.removing--;
  count(state, error === undefined ? "gc/path_removals_succeeded" : "gc/path_removals_failed");
  if (error !== undefined) {
    out.log("warn", "a sandbox could not be removed", { path: garbage.path, error });
    return putBack(turn, id, garbage);
  }
  state.garbage.delete(id);
  out.erase(keys.garbage(id));
  collect(turn);
}

const MAX_REMOVING = 4;

// At the end of the line, and young again: so one tree that cannot be removed does not hold up the others.
function putBack(turn: Turn, id: string, { path }: Garbage): void {
  turn.state.garbage.delete(id);
  turn.state.garbage.set(id, { path, sinceMs: turn.nowMs, removing: false });
}
