import type { Socket } from "node:net";

/**
 * Node gives each request that a connection leaves behind an error with a stack of its own, which takes longer than all else about it: a connection with a thousand of them that breaks kept everybody waiting for a tenth of a second.
 * Nobody looks at these errors, so they are made without their stacks.
 */
export function leaveQuickly(socket: Socket): void {
  let limit: number;
  socket.prependListener("close", () => {
    limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
  });
  socket.on("close", () => {
    Error.stackTraceLimit = limit;
  });
}
