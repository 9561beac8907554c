import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { expect, test } from "vitest";
import { leaveQuickly } from "./leaving.ts";

test("what a connection leaves behind has errors without stacks, and other errors have theirs", async () => {
  const left: Error[] = [];
  const begun: IncomingMessage[] = [];
  await using server = createServer((incoming) => {
    incoming.on("error", (error) => left.push(error));
    begun.push(incoming);
  });
  server.on("connection", leaveQuickly);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n");
  await once(server, "request");
  socket.resetAndDestroy();
  while (left.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(begun[0]!.destroyed).toBe(true);
  expect(left[0]!.message).toBe("aborted");
  expect(left[0]!.stack).not.toContain("\n");
  expect(new Error("another").stack).toContain("\n");
});
