import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

const counts = new WeakMap<Socket, number>();

/** A request begins, and is over with its answer or its client. How many of its connection are under way now, it among them. */
export function begin(response: ServerResponse): number {
  const { socket } = response.req;
  const count = underWay(socket) + 1;
  counts.set(socket, count);
  response.once("close", () => counts.set(socket, underWay(socket) - 1));
  return count;
}

/** How many requests of a connection are not over. */
export function underWay(socket: Socket): number {
  return counts.get(socket) ?? 0;
}
