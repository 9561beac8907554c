import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

const begun = new WeakMap<Socket, Set<ServerResponse>>();

/** A request begins, and is over with its answer or its client. How many of its connection are under way now, it among them. */
export function begin(response: ServerResponse): number {
  const { socket } = response.req;
  const all = begun.get(socket) ?? new Set();
  begun.set(socket, all.add(response));
  response.once("close", () => all.delete(response));
  return all.size;
}

/** How many requests of a connection are not over. */
export function underWay(socket: Socket): number {
  return begun.get(socket)?.size ?? 0;
}

/** With its connection each request is over. Node forgets those that wait for their turn to be answered when it is a CONNECT that ends it: their streams would stay for ever. */
export function endTogether(socket: Socket): void {
  socket.once("close", () => {
    for (const response of begun.get(socket) ?? []) {
      response.req.destroy();
      response.destroy();
    }
  });
}
