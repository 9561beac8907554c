import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { HttpClient } from "./client.ts";

describe("a request on a kept connection that the server breaks before it has answered", () => {
  const server = createServer((socket) => serve(socket));
  const client = new HttpClient(1);
  const heard: string[] = [];
  afterEach(() => {
    client.close();
    server.close();
  });

  /** Answers the first request of each connection, and breaks it at the second: who knows what has been done by then. */
  function serve(socket: Socket): void {
    let requests = 0;
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      heard.push(bytes.toString().split(" ")[0]!);
      if (++requests === 1) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      else socket.resetAndDestroy();
    });
  }

  it("is sent once more when it only reads; otherwise it fails, and nobody says that it was not heard", async () => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const ask = (method: string) =>
      client.exchange({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, method });
    await ask("POST");
    await expect(ask("POST")).rejects.toMatchObject({ name: "CallFailed", unsent: false });
    expect(heard).toEqual(["POST", "POST"]);
    await ask("GET");
    expect((await ask("GET")).status).toBe(200);
    expect(heard).toEqual(["POST", "POST", "GET", "GET", "GET"]);
  });
});
