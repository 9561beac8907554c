import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { ProbeResult, ProbeTarget } from "../../core/agent/outside.ts";
import { LinkClient } from "./link-client.ts";
import { MasterRig } from "./master.rig.ts";
import { type Dial, PortProbes } from "./probes.ts";

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function listening(server: Server): Promise<number> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

function probe(target: ProbeTarget, timeoutMs = 60_000): Promise<ProbeResult> {
  return new Promise((resolve) => new PortProbes().probe(target, timeoutMs, resolve));
}

describe("a probe", () => {
  test("by TCP reaches a port that listens, and fails at one that does not", async () => {
    const server = createServer((socket) => socket.destroy());
    const port = await listening(server);
    expect(await probe({ kind: "tcp", host: "127.0.0.1", port })).toEqual({ kind: "reached" });
    await new Promise((resolve) => server.close(resolve));
    expect(await probe({ kind: "tcp", host: "127.0.0.1", port })).toMatchObject({ kind: "failed" });
  });

  test("by HTTP tells the status of the path", async () => {
    const port = await listening(
      createHttpServer(({ url }, response) => response.writeHead(url === "/up" ? 204 : 500).end()),
    );
    const target = { kind: "http" as const, host: "127.0.0.1", port, scheme: "http" as const };
    expect(await probe({ ...target, path: "/up" })).toEqual({ kind: "status", status: 204 });
    expect(await probe({ ...target, path: "down" })).toEqual({ kind: "status", status: 500 });
  });

  test("of a server that says nothing ends with its time", async () => {
    const port = await listening(createServer());
    expect(await probe({ kind: "http", host: "127.0.0.1", port, scheme: "http", path: "/" }, 1)).toEqual({
      kind: "timeout",
    });
  });

  test("of a slow server takes all the time that it was given, however much that is", async () => {
    const slow = createHttpServer((_, response) => void setTimeout(() => response.writeHead(204).end(), 20));
    const port = await listening(slow);
    const target = { kind: "http" as const, host: "127.0.0.1", port, scheme: "http" as const, path: "/" };
    expect(await probe(target, 2 ** 40)).toEqual({ kind: "status", status: 204 });
  });

  test("that never ends does not keep others from theirs", async () => {
    const port = await listening(createServer((socket) => void socket.on("error", () => {})));
    const probes = new PortProbes(undefined, 1, 10);
    const target = { kind: "http" as const, host: "127.0.0.1", port, scheme: "http" as const, path: "/" };
    const endless = new Promise((resolve) => probes.probe(target, 0, resolve));
    const reached = new Promise((resolve) => probes.probe({ kind: "tcp", host: "127.0.0.1", port }, 0, resolve));
    expect(await Promise.race([endless, reached])).toEqual({ kind: "reached" });
  });

  test("of what does not speak HTTP fails", async () => {
    const port = await listening(createServer((socket) => socket.end("SSH-2.0\r\n")));
    expect(await probe({ kind: "http", host: "127.0.0.1", port, scheme: "http", path: "/" })).toMatchObject({
      kind: "failed",
    });
  });
});

describe("a probe of which the answer is wanted", () => {
  const target = { kind: "http" as const, host: "127.0.0.1", scheme: "http" as const, withResponse: true };

  test("tells the type of the answer and at most 1 KiB of it", async () => {
    const port = await listening(
      createHttpServer(({ url }, response) => {
        response.writeHead(url === "/short" ? 503 : 200, url === "/short" ? { "Content-Type": "text/plain" } : {});
        response.end(url === "/short" ? "warming up" : "x".repeat(100_000));
      }),
    );
    expect(await probe({ ...target, port, path: "/short" })).toEqual({
      kind: "status",
      status: 503,
      response: { content_type: "text/plain", body: "warming up" },
    });
    expect(await probe({ ...target, port, path: "/long" })).toEqual({
      kind: "status",
      status: 200,
      response: { body: "x".repeat(1_024) },
    });
  });

  test("does not wait for the end of a body that has none", async () => {
    const port = await listening(createHttpServer((_, response) => void response.writeHead(200).write("still here")));
    expect(await probe({ ...target, port, path: "/" })).toMatchObject({
      status: 200,
      response: { body: "still here" },
    });
  });
});

test("a server that says no more than 100 or 101 has answered that", async () => {
  for (const status of ["100 Continue", "101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade"]) {
    const server = createServer((socket) => void socket.once("data", () => socket.end(`HTTP/1.1 ${status}\r\n\r\n`)));
    const port = await listening(server);
    expect(await probe({ kind: "http", host: "127.0.0.1", port, scheme: "http", path: "/" })).toEqual({
      kind: "status",
      status: Number(status.slice(0, 3)),
    });
  }
});

test("of many looks only so many are under way at once, and all are answered", async () => {
  let most = 0;
  const busy = new Set<object>();
  const port = await listening(
    createHttpServer((request, response) => {
      busy.add(request);
      most = Math.max(most, busy.size);
      setImmediate(() => {
        busy.delete(request);
        response.end();
      });
    }),
  );
  const probes = new PortProbes(undefined, 3);
  const target = { kind: "http" as const, host: "127.0.0.1", port, scheme: "http" as const, path: "/" };
  const all = Array.from({ length: 20 }, () => new Promise<ProbeResult>((done) => probes.probe(target, 60_000, done)));
  expect((await Promise.all(all)).every((result) => result.kind === "status")).toBe(true);
  expect(most).toBeLessThanOrEqual(3);
});

describe("a probe inside a container", () => {
  const inside = { host: "127.0.0.1", port: 80, inside: "a" };
  const look = (target: ProbeTarget, dial?: Dial, timeoutMs = 60_000): Promise<ProbeResult> =>
    new Promise((resolve) => new PortProbes(dial).probe(target, timeoutMs, resolve));

  // What a container has at its port 80 is here at another.
  const reaching = (port: number, dialled: Socket[] = []): Dial => {
    return async (container, host, wanted) => {
      expect([container, host, wanted]).toEqual(["a", "127.0.0.1", 80]);
      const socket = connect(port);
      dialled.push(socket);
      await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
      return socket;
    };
  };

  test("goes through the dialler, for TCP, HTTP and HTTPS, and leaves no connection open", async () => {
    const fine = await listening(createHttpServer((_, response) => response.writeHead(204).end()));
    const safe = await listening(createHttpsServer({ key, cert }, (_, response) => response.writeHead(203).end()));
    const dialled: Socket[] = [];
    const http = { ...inside, kind: "http" as const, path: "/" };
    expect(await look({ ...inside, kind: "tcp" }, reaching(fine, dialled))).toEqual({ kind: "reached" });
    expect(await look({ ...http, scheme: "http" }, reaching(fine, dialled))).toEqual({ kind: "status", status: 204 });
    expect(await look({ ...http, scheme: "https" }, reaching(safe, dialled))).toEqual({ kind: "status", status: 203 });
    expect(dialled.map(({ destroyed }) => destroyed)).toEqual([true, true, true]);
  });

  test("fails with the dialler's reason, and without a dialler", async () => {
    const refuse = () => Promise.reject(new Error("Connection refused"));
    expect(await look({ ...inside, kind: "tcp" }, refuse)).toEqual({ kind: "failed", reason: "Connection refused" });
    expect(await look({ ...inside, kind: "tcp" })).toMatchObject({ kind: "failed" });
  });

  test("that came too late closes the connection which it gets after all", async () => {
    const port = await listening(createServer());
    let come = (_: Socket) => {};
    const late = new Promise<Socket>((resolve) => void (come = resolve));
    expect(await look({ ...inside, kind: "tcp" }, () => late, 1)).toEqual({ kind: "timeout" });
    const socket = connect(port);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    come(socket);
    await closed;
  });
});

describe("the agent's link client", () => {
  const SUBSCRIBE = { agent_info: { hostname: "h" }, version: "1", resource_version: "v" };

  function clientOf(masters: string[]) {
    const told: string[] = [];
    let wake = () => {};
    const tell = (what: string) => {
      told.push(what);
      wake();
    };
    const client = new LinkClient({
      masters,
      processId: "p",
      event: (link, event) => tell(`${link} ${event.type}`),
      closed: (link) => tell(`${link} closed`),
    });
    open.push(client);
    const until = async (what: string) => {
      while (!told.includes(what)) await new Promise<void>((resolve) => void (wake = resolve));
    };
    return { client, told, until };
  }

  test("sends the messages of one moment in one call, in order", async () => {
    const master = await MasterRig.open();
    open.push(master);
    const { client, until } = clientOf([master.url]);
    client.connect(1, undefined, 0, SUBSCRIBE);
    await until("1 SUBSCRIBED");
    for (let i = 0; i < 3; i++) client.tell(1, { type: "PONG" });
    await master.until(() => master.messages.length === 3);
    expect(master.calls).toBe(1);
  });

  test("finds the leader through a master that only knows him", async () => {
    const master = await MasterRig.open();
    open.push(master);
    const port = await listening(
      createHttpServer((_, response) =>
        response.writeHead(307, { Location: `${master.url}/api/v1/agent-link`.replace("http:", "") }).end(),
      ),
    );
    const { client, until } = clientOf(["http://127.0.0.1:1", `http://127.0.0.1:${port}`]);
    client.connect(1, "a", 3, SUBSCRIBE);
    await until("1 SUBSCRIBED");
    expect(master.subscriptions[0]).toMatchObject({
      agent_id: { value: "a" },
      epoch: 3,
      boot_id: "p",
      link_version: 1,
    });
  });

  test("tells once that the link is gone, whatever ends it", async () => {
    const master = await MasterRig.open();
    open.push(master);
    const { client, told, until } = clientOf([master.url]);
    client.connect(1, undefined, 0, SUBSCRIBE);
    await until("1 SUBSCRIBED");
    master.breakLink();
    await until("1 closed");
    client.connect(2, undefined, 0, SUBSCRIBE);
    await until("2 SUBSCRIBED");
    master.refuses = 409;
    client.tell(2, { type: "PONG" });
    await until("2 closed");
    expect(told).toEqual(["1 SUBSCRIBED", "1 closed", "2 SUBSCRIBED", "2 closed"]);
  });

  test("says nothing of a link that it was told to let go", async () => {
    const master = await MasterRig.open();
    open.push(master);
    const { client, told, until } = clientOf([master.url]);
    client.connect(1, undefined, 0, SUBSCRIBE);
    await until("1 SUBSCRIBED");
    client.disconnect(1);
    client.connect(2, undefined, 0, SUBSCRIBE);
    await until("2 SUBSCRIBED");
    expect(told).toEqual(["1 SUBSCRIBED", "2 SUBSCRIBED"]);
  });

  test("reports that no master could be reached", async () => {
    const { client, until } = clientOf(["http://127.0.0.1:1"]);
    client.connect(1, undefined, 0, SUBSCRIBE);
    await until("1 closed");
  });
});

// Of nobody, for tests: good until 2126.
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgdgD0PXNiEgii38Kx
UZUzwYRKv/SnLT8DYTsQOHNR9qyhRANCAAQsZ8CXccPG7uGD8XbJARffIoMCGuQp
JptSWkNbOIY4J5cqlrBN8+leQCcSFjCSPLFiwsNyTftPFC+6kq3x+H3f
-----END PRIVATE KEY-----`;
const cert = `-----BEGIN CERTIFICATE-----
MIIBeDCCAR+gAwIBAgIUFxqtV2qehW3tTgaSg4/G6tnibXQwCgYIKoZIzj0EAwIw
ETEPMA0GA1UEAwwGbm9ib2R5MCAXDTI2MTEyMTEyMTc0OFoYDzIxMjYxMDI4MTIx
NzQ4WjARMQ8wDQYDVQQDDAZub2JvZHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AAQsZ8CXccPG7uGD8XbJARffIoMCGuQpJptSWkNbOIY4J5cqlrBN8+leQCcSFjCS
PLFiwsNyTftPFC+6kq3x+H3fo1MwUTAdBgNVHQ4EFgQUaAQaVEVohZAmu5kijBsG
lIQJMOcwHwYDVR0jBBgwFoAUaAQaVEVohZAmu5kijBsGlIQJMOcwDwYDVR0TAQH/
BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiBTxcWYSn2qpGy1KkTiDQVv3VUv/+HX
4LN6zqIhuHZwGQIgeiNpAJffo5ufCwctgrs0lPSaa1u19d8CZaxhHDIvx9M=
-----END CERTIFICATE-----`;
