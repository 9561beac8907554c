import type { Socket } from "node:net";
import { HTTP_BOUNDS } from "./bounds.ts";

const MOST = HTTP_BOUNDS.requestsPerTurn.most;

interface Line {
  readonly socket: Socket;
  /** The last turn in which one of this connection began. */
  turn: number;
  readonly waiting: (() => void)[];
}

const lines = new WeakMap<Socket, Line>();
/** Those in which somebody waits, in the order in which they are served. */
const queue: Line[] = [];
let turn = 0;
let begun = 0;
let isTurning = false;

/**
 * Begins a request of a connection, after those that came on it before. Of hundreds that come at once, on one connection or on many, only some begin in one turn of the event loop, so that others come in between; who sends one at a time does not
 * wait.
 */
export function inTurn(socket: Socket, begin: () => void): void {
  const line = lineOf(socket);
  nextTurnSoon();
  if (line.waiting.length === 0 && (line.turn !== turn || begun < MOST)) {
    line.turn = turn;
    begun++;
    return begin();
  }
  if (line.waiting.push(begin) === 1) queue.push(line);
}

function lineOf(socket: Socket): Line {
  let line = lines.get(socket);
  if (line === undefined) lines.set(socket, (line = { socket, turn: -1, waiting: [] }));
  return line;
}

function nextTurnSoon(): void {
  if (isTurning) return;
  isTurning = true;
  setImmediate(nextTurn);
}

/** One connection is served in a turn: what its requests cost is over before the next one's begin. */
function nextTurn(): void {
  isTurning = false;
  turn++;
  begun = 0;
  const line = queue.shift();
  if (line === undefined) return;
  line.turn = turn;
  // On a connection that is gone nothing is left to do for any of them.
  const next = line.waiting.splice(0, line.socket.destroyed ? line.waiting.length : MOST);
  begun = next.length;
  if (line.waiting.length > 0) queue.push(line);
  nextTurnSoon();
  for (const begin of next) begin();
}
