import type { IncomingMessage } from "node:http";
import { HTTP_BOUNDS } from "./bounds.ts";

const MOST = HTTP_BOUNDS.bodyBytesPerTurn.most;
const REFUSED_BYTES_A_MS = HTTP_BOUNDS.refusedBytesPerSecond.most / 1_000;
/** Nobody waits for less. */
const SHORT_MS = 10;

/** Those that wait for a turn, in the order in which they are served. */
const waiting = new Set<IncomingMessage>();
let left = MOST;
let isTurning = false;
/** When what has come of refused bodies so far is worth its time. */
let evenAtMs = 0;

/**
 * A body has brought so many bytes. A fast sender has megabytes in its connection, and of each connection Node would read two in one turn of the event loop: what bodies bring in a turn has a bound, beyond which they are stopped,
 * and go on in the next turns, one after the other.
 */
export function brought(incoming: IncomingMessage, bytes: number): void {
  left -= bytes;
  nextTurnSoon();
  if (left > 0 || incoming.isPaused()) return;
  incoming.pause();
  waiting.add(incoming);
}

/**
 * So many bytes came of a body that nobody wants. They are let pass for the sake of the sender, who reads its refusal after them, and all of them together no faster than at a bound: each byte costs as much as one that is wanted.
 */
export function passed(incoming: IncomingMessage, bytes: number): void {
  const nowMs = performance.now();
  evenAtMs = Math.max(evenAtMs, nowMs) + bytes / REFUSED_BYTES_A_MS;
  if (evenAtMs - nowMs < SHORT_MS || incoming.isPaused()) return;
  incoming.pause();
  setTimeout(() => incoming.resume(), evenAtMs - nowMs).unref();
}

function nextTurnSoon(): void {
  if (isTurning) return;
  isTurning = true;
  setImmediate(nextTurn);
}

/** One goes on in a turn, and may bring all that the bound leaves. */
function nextTurn(): void {
  isTurning = false;
  left = MOST;
  const [incoming] = waiting;
  if (incoming === undefined) return;
  waiting.delete(incoming);
  nextTurnSoon();
  incoming.resume();
}
