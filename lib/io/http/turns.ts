import type { Socket } from "node:net";
import { HTTP_BOUNDS } from "./bounds.ts";

const MOST = HTTP_BOUNDS.requestsPerTurn.most;

interface Line {
  /** How many have begun in this turn of the loop. */
  begun: number;
  readonly waiting: (() => void)[];
}

const lines = new WeakMap<Socket, Line>();

/** Begins a request of a connection, after those that came on it before. Of hundreds that come at once only some begin in one turn of the event loop, so that others come in between. */
export function inTurn(socket: Socket, begin: () => void): void {
  let line = lines.get(socket);
  if (line === undefined) lines.set(socket, (line = { begun: 0, waiting: [] }));
  if (line.begun === 0) setImmediate(endTurn, line);
  if (line.begun++ < MOST) begin();
  else line.waiting.push(begin);
}

function endTurn(line: Line): void {
  const next = line.waiting.splice(0, MOST);
  line.begun = line.waiting.length > 0 ? MOST : next.length;
  if (line.begun > 0) setImmediate(endTurn, line);
  for (const begin of next) begin();
}
