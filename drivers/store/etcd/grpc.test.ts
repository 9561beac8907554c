import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { createServer } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { afterAll, expect, it } from "vitest";
import { GrpcChannel, GrpcUnanswered } from "./grpc.ts";

const server = createServer();
afterAll(() => void server.close());

it("a channel that is closed at the moment when its connection is made ends its calls, and nothing else", async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const closed = Promise.withResolvers<void>();
  const closeInTime = (message: unknown): void => {
    // Before the session tells that it is connected, which it does in the same turn.
    const close = (): void => process.nextTick(() => closed.resolve(channel.close()));
    (message as { socket: Socket }).socket.once("connect", close);
  };
  subscribe("net.client.socket", closeInTime);
  const channel = new GrpcChannel(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  unsubscribe("net.client.socket", closeInTime);
  const call = channel.call("some.Service/Call", new Uint8Array(), 60_000);
  await expect(call).rejects.toThrow(GrpcUnanswered);
  await closed.promise;
});
