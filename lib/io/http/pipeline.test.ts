import { createServer, type Server, type Socket } from "node:net";
import { silentLog } from "@meseta/lib/core/ports/log.ts";
import { afterEach, expect, test, vi } from "vitest";
import { accepted, textAnswer } from "./answer.ts";
import { Pipeline } from "./pipeline.ts";
import type { Handler, Request } from "./request.ts";
import { serve } from "./server.ts";

const closing: { close(): unknown }[] = [];

afterEach(async () => {
  vi.useRealTimers();
  for (const one of closing.splice(0).reverse()) await one.close();
});

async function start(handler: Handler): Promise<string> {
  const server = await serve({ host: "127.0.0.1", port: 0, handler, log: silentLog });
  closing.push(server);
  return server.url;
}

/** A server that answers as the test says; `number` counts its connections. */
async function bare(onData: (socket: Socket, text: string, number: number) => void): Promise<string> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    const number = ++connections;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", (bytes) => onData(socket, bytes.toString(), number));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

function pipeline(mayRepeat = true, answerTimeoutMs = 30_000): Pipeline {
  const made = new Pipeline(mayRepeat, { answerTimeoutMs });
  closing.push(made);
  return made;
}

const text = (value: Uint8Array) => new TextDecoder().decode(value);
const OK = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";
/** How many requests there are in what has come. */
const requestsIn = (sent: string) => sent.split("POST ").length - 1;

test("each request gets its own answer, in text and in bytes, and thousands at once", async () => {
  const asked: Request[] = [];
  const url = await start((request) => {
    asked.push(request);
    return textAnswer(200, `echo ${text(request.body)}`);
  });
  const line = pipeline();
  const bodies = Array.from({ length: 2000 }, (_, i) => (i % 3 === 0 ? new TextEncoder().encode(`ö${i}`) : `ö${i}`));
  const headers = { "Content-Type": "text/plain", "X-Own": "yes" };
  const answers = await Promise.all(
    bodies.map((body) => line.exchange({ url: `${url}/api?a=b`, method: "POST", headers, body })),
  );
  expect(answers.map(({ body }) => text(body))).toEqual(bodies.map((_, i) => `echo ö${i}`));
  expect(asked[0]).toMatchObject({ method: "POST", path: "/api", headers: { "x-own": "yes" } });
  expect(asked[0]!.query.get("a")).toBe("b");
});

test("requests do not wait for answers, and share a write", async () => {
  const url = await bare((socket, sent) => {
    if (requestsIn(sent) === 5) socket.write(OK.repeat(5));
  });
  const line = pipeline();
  const asked = Array.from({ length: 5 }, () => line.exchange({ url, method: "POST", body: "x" }));
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
});

test("where nobody listens, it says that nothing was sent", async () => {
  const asked = pipeline().exchange({ url: "http://127.0.0.1:1/", method: "POST", body: "x" });
  await expect(asked).rejects.toMatchObject({ name: "CallFailed", unsent: true });
});

test("what was under way on a kept connection that broke is sent once more", async () => {
  const url = await bare((socket, _, number) => {
    if (number === 1 && !answered) {
      answered = true;
      socket.write(OK);
    } else if (number === 1) socket.destroy();
    else socket.write(OK);
  });
  let answered = false;
  const line = pipeline();
  const ask = () => line.exchange({ url, method: "POST", body: "x" });
  expect([(await ask()).status, (await ask()).status]).toEqual([202, 202]);
});

test("what may be done only once is not sent again, and nobody knows what became of it", async () => {
  let count = 0;
  const url = await bare((socket) => (count++ === 0 ? socket.write(OK) : socket.destroy()));
  const line = pipeline(false);
  const ask = () => line.exchange({ url, method: "POST", body: "x" });
  await ask();
  await expect(ask()).rejects.toMatchObject({ name: "CallFailed", unsent: false });
  expect(count).toBe(2);
});

test("what is not answered on a new connection either has failed, and nobody knows what became of it", async () => {
  let count = 0;
  const url = await bare((socket) => (count++ === 0 ? socket.write(OK) : socket.destroy()));
  const line = pipeline();
  const ask = () => line.exchange({ url, method: "POST", body: "x" });
  await ask();
  await expect(ask()).rejects.toMatchObject({ name: "CallFailed", unsent: false });
});

test.each([true, false])(
  "a server that closes after each answer is asked by one connection after another",
  async (mayRepeat) => {
    const url = await bare((socket) =>
      socket.write(OK.replace("Content-Length", "Connection: close\r\nContent-Length")),
    );
    const line = pipeline(mayRepeat);
    const asked = Array.from({ length: 4 }, () => line.exchange({ url, method: "POST", body: "x" }));
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([202, 202, 202, 202]);
  },
);

test("who never answers is given up", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const heard = Promise.withResolvers<unknown>();
  const url = await bare(() => heard.resolve(undefined));
  const asked = pipeline(true, 20).exchange({ url, method: "POST", body: "x" });
  const failed = expect(asked).rejects.toMatchObject({ message: expect.stringContaining("no answer within 20 ms") });
  await heard.promise;
  vi.advanceTimersByTime(20);
  await failed;
});

test("what is no answer ends the connection", async () => {
  const url = await bare((socket) => socket.write("220 mail.example\r\n\r\n"));
  await expect(pipeline().exchange({ url, method: "POST", body: "x" })).rejects.toMatchObject({ unsent: false });
});

test("another server has a connection of its own, and the first one's answers are still waited for", async () => {
  let answer = () => {};
  const slow = await start(
    (_, reply) =>
      void (answer = () => {
        reply.answer(accepted);
      }),
  );
  const quick = await start(() => textAnswer(200, "quick"));
  const line = pipeline();
  const first = line.exchange({ url: slow, method: "POST", body: "x" });
  expect((await line.exchange({ url: quick, method: "POST", body: "x" })).status).toBe(200);
  while (!(await arrived(() => answer())));
  expect((await first).status).toBe(202);

  async function arrived(run: () => void): Promise<boolean> {
    await new Promise((resolve) => setImmediate(resolve));
    run();
    return Promise.race([
      first.then(() => true),
      new Promise<boolean>((resolve) => setImmediate(() => resolve(false))),
    ]);
  }
});

test("closed, it fails what waits", async () => {
  const url = await bare(() => {});
  const line = pipeline();
  const asked = line.exchange({ url, method: "POST", body: "x" });
  line.close();
  await expect(asked).rejects.toMatchObject({ name: "CallFailed" });
});

test("a header in which a line ends is refused", async () => {
  const headers = { "X-Own": "a\r\nX-Other: b" };
  await expect(pipeline().exchange({ url: "http://127.0.0.1:1/", method: "POST", headers })).rejects.toThrow(TypeError);
});
