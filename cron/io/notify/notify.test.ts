import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { silentLog } from "@meseta/lib/core/ports/log.ts";
import { afterEach, describe, expect, it } from "vitest";
import type { Notification } from "../../core/out.ts";
import { addressesIn, mail } from "./mail.ts";
import { type Channel, Notifier } from "./notifier.ts";
import { inFields, inWords, webhook } from "./webhook.ts";

const FAILED: Notification = { job: "tick", owner: "a@b.example, c@d.example", subject: "tick failed", text: "exit 1" };

const servers: { close(): void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

describe("a notifier", () => {
  /** What a channel saw of the notifications whose tries end as `answers` says. */
  function told(answers: (tries: number) => boolean) {
    const tries: string[] = [];
    const rests: number[] = [];
    const lost: unknown[] = [];
    const channel: Channel = {
      name: "ear",
      takes: ({ owner }) => owner !== "",
      async send({ job }) {
        tries.push(job);
        if (!answers(tries.length)) throw new Error("not now");
      },
    };
    const log = { ...silentLog, error: (_: string, fields?: object) => void lost.push(fields) };
    const notifier = new Notifier([channel], log, undefined, async (ms) => void rests.push(ms));
    return { notifier, tries, rests, lost };
  }

  it("tells one after another, and only whom it concerns", async () => {
    const { notifier, tries } = told(() => true);
    for (const job of ["a", "b", "c"]) notifier.tell({ ...FAILED, job, owner: job === "b" ? "" : "x" });
    await expect.poll(() => tries).toEqual(["a", "c"]);
  });

  it("tries again after growing rests, before the next one's turn", async () => {
    const { notifier, tries, rests, lost } = told((n) => n > 2);
    for (const job of ["a", "b"]) notifier.tell({ ...FAILED, job });
    await expect.poll(() => tries).toEqual(["a", "a", "a", "b"]);
    expect([rests, lost]).toEqual([[1000, 2000], []]);
  });

  it("gives one up after five tries, and says so in the log", async () => {
    const { notifier, tries, lost } = told((n) => n === 6);
    for (const job of ["a", "b"]) notifier.tell({ ...FAILED, job });
    await expect.poll(() => tries).toEqual(["a", "a", "a", "a", "a", "b"]);
    expect(lost).toEqual([{ channel: "ear", job: "a", subject: "tick failed", reason: "not now" }]);
  });

  it("keeps a thousand at most, and says once how many it has lost", async () => {
    const { notifier, tries, lost } = told(() => true);
    for (let i = 0; i < 1003; i++) notifier.tell(FAILED);
    await expect.poll(() => tries.length).toBe(1001);
    expect(lost).toEqual([{ channel: "ear", lost: 2 }]);
  });

  it("is silent once it is closed", async () => {
    const { notifier, tries } = told(() => true);
    notifier.close();
    notifier.tell(FAILED);
    expect(tries).toEqual([]);
  });
});

describe("a webhook", () => {
  it("POSTs JSON in the words of whoever listens, with its credentials", async () => {
    const { url, requests } = await hook(204);
    const all = { name: "hook", url, credentials: "me:secret" };
    await webhook({ ...all, words: inFields }).send(FAILED);
    await webhook({ ...all, words: inWords }).send(FAILED);
    const { job, owner, subject, text: message } = FAILED;
    expect(requests).toEqual([
      ["POST", "application/json", `Basic ${btoa("me:secret")}`, { job, owner, subject, message }],
      ["POST", "application/json", `Basic ${btoa("me:secret")}`, { text: "tick failed\nexit 1" }],
    ]);
  });

  it("that is answered with anything but success was not taken", async () => {
    const { url } = await hook(500);
    await expect(webhook({ name: "hook", url, words: inFields }).send(FAILED)).rejects.toThrow(
      "hook answered with 500",
    );
  });
});

describe("mails", () => {
  it("go to each owner, from whom the operator says, in text", async () => {
    const { port, lines } = await postOffice();
    const channel = mail({ host: "127.0.0.1", port, isTls: false, from: "cron@example.com" });
    await channel.send(FAILED);
    channel.close!();
    expect(lines).toEqual(
      expect.arrayContaining([
        "MAIL FROM:<cron@example.com>",
        "RCPT TO:<a@b.example>",
        "RCPT TO:<c@d.example>",
        "Subject: tick failed",
        "exit 1",
      ]),
    );
  });

  it("are not sent to who has no address, and what is in a name does not become another header", async () => {
    const { port, lines } = await postOffice();
    const channel = mail({ host: "127.0.0.1", port, isTls: false, from: "cron@example.com" });
    expect(channel.takes({ ...FAILED, owner: "the night shift" })).toBe(false);
    await channel.send({ ...FAILED, subject: "tick\r\nBcc: x@y.example", owner: "a@b.example" });
    channel.close!();
    expect(lines.filter((line) => /^(Bcc|RCPT TO:<x)/i.test(line))).toEqual([]);
  });

  it("that no server takes are told to be lost", async () => {
    const { port } = await postOffice(() => "550 No such user");
    const channel = mail({ host: "127.0.0.1", port, isTls: false, from: "cron@example.com" });
    await expect(channel.send(FAILED)).rejects.toThrow("550");
  });
});

it("an owner is one address or several with commas between", () => {
  expect(addressesIn("a@b.example")).toEqual(["a@b.example"]);
  expect(addressesIn(" a@b.example ,, me, c@d.example")).toEqual(["a@b.example", "c@d.example"]);
  expect(addressesIn("")).toEqual([]);
  expect(addressesIn("a@b.example,".repeat(50_000))).toHaveLength(100);
});

async function hook(status: number) {
  const requests: unknown[] = [];
  const server = createHttpServer(async (request: IncomingMessage, response) => {
    const { method, headers } = request;
    requests.push([method, headers["content-type"], headers.authorization, JSON.parse(await text(request))]);
    response.writeHead(status).end();
  });
  return { url: `http://127.0.0.1:${await listening(server)}/hook`, requests };
}

/** An SMTP server that takes all that it is sent, but where `refuse` says something else to a recipient. */
async function postOffice(refuse?: () => string) {
  const lines: string[] = [];
  const server = createServer((socket) => converse(socket, lines, refuse));
  return { port: await listening(server), lines };
}

function converse(socket: Socket, lines: string[], refuse?: () => string): void {
  let isData = false;
  let rest = "";
  const say = (line: string) => socket.write(`${line}\r\n`);
  const hear = (line: string) => {
    lines.push(line);
    if (isData && line !== ".") return;
    isData = line === "DATA";
    const refusal = line.startsWith("RCPT") ? refuse?.() : undefined;
    say(refusal ?? (isData ? "354 Go on" : "250 Yes"));
  };
  say("220 post.example");
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    const parts = (rest + chunk.toString()).split("\r\n");
    rest = parts.pop()!;
    for (const line of parts) hear(line);
  });
}

async function listening(server: Server): Promise<number> {
  servers.push(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}
