import { Agent, request as httpRequest } from "node:http";
import { connect, type Socket } from "node:net";
import type { Random } from "@meseta/lib/core/random.ts";
import type { Target } from "../bench.ts";
import { drawSending } from "../grammar/framing.ts";
import type { Known } from "../grammar/wire.ts";
import type { Asking } from "../step.ts";
import type { Daemon } from "./daemons.ts";

export interface Attack {
  readonly name: string;
  /** Attacks until `isOver`; `answered` counts what comes back, 0 for what was cut off. */
  run(daemon: Daemon, tools: Tools): Promise<void>;
}

export interface Tools {
  readonly random: Random;
  readonly target: Target;
  isOver(): boolean;
  /** `isDocumented`: an answer of 500 and above that is to be so. */
  answered(status: number, text: string, isDocumented?: boolean): void;
}

const MiB = 1024 * 1024;
const AT_A_TIME = 8;

/** Calls as they are drawn for the daemons on the bench; what would start a process or ask for an image is left out. */
const CALLS: Attack = {
  name: "calls",
  async run(daemon, tools) {
    const agent = new Agent({ keepAlive: true, maxSockets: AT_A_TIME });
    await together(AT_A_TIME, tools, async () => {
      const step = tools.target.draw(tools.random, KNOWN);
      if (step.do === "ask" && !isDeed(step)) await ask(daemon, step, agent, tools);
    });
    agent.destroy();
  },
};

/** Bytes that are no HTTP, or hardly. */
const FRAMES: Attack = {
  name: "frames",
  async run(daemon, tools) {
    await together(AT_A_TIME, tools, () => {
      const { parts, ends } = drawSending(tools.random);
      return converse(daemon, parts, ends === "reset", tools);
    });
  },
};

/** Heads and bodies a byte a second, connections that say nothing, readers who do not read. */
const SLOW: Attack = {
  name: "slow",
  async run(daemon, tools) {
    const sockets = [
      ...many(400, () => open(daemon, "GET /x HTTP/1.1\r\nHost: 127.0.0.1\r\n")),
      ...many(400, () => open(daemon, "POST /api/v1 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n{")),
      ...many(1_000, () => open(daemon, "")),
      ...many(100, () => open(daemon, `GET ${daemon.reading} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`.repeat(50)).pause()),
    ];
    while (!tools.isOver()) {
      for (const socket of sockets.slice(0, 800)) if (socket.writable) socket.write("a");
      await pause(1_000);
    }
    for (const socket of sockets) tools.answered(socket.destroyed || socket.readableEnded ? 408 : 1, "");
    for (const socket of sockets) socket.destroy();
  },
};

/** Bodies as large as they may be and larger, many at a time; requests one behind the other without end. */
const FLOODS: Attack = {
  name: "floods",
  async run(daemon, tools) {
    const agent = new Agent({ keepAlive: false, maxSockets: 16 });
    const body = Buffer.alloc(32 * MiB - 1, " ");
    const larger = Buffer.alloc(33 * MiB, " ");
    await together(10, tools, async (worker) => {
      if (worker < 8) await ask(daemon, posted(tools, worker === 7 ? larger : body), agent, tools);
      else
        await converse(
          daemon,
          [`GET ${daemon.reading} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`.repeat(1_500)],
          false,
          tools,
        );
    });
    agent.destroy();
  },
};

export const ATTACKS: readonly Attack[] = [CALLS, FRAMES, SLOW, FLOODS];

const KNOWN: Known = {
  word: ["a", "b", "eng", "/g/a", "x"],
  ...{
    id: ["/g/a", "/g/b", "/", "n"],
    app: ["/g/a", "/g"],
    group: ["/g", "/"],
    pod: ["/g/p"],
    task: ["x"],
    instance: ["x"],
  },
  ...{
    deployment: ["x"],
    version: ["2023-11-14T22:13:20.000Z"],
    name: ["a", "b"],
    job: ["n"],
    schedule: ["s"],
    run: ["r"],
  },
  "mesos.v1.ContainerID": [{ value: "c1" }, { value: "c2", parent: { value: "c1" } }],
  "mesos.v1.TaskInfo": [],
};

/** An init that steps down ends, as it should; and so does an agent that is to start something. */
function isDeed({ method, target, body }: Asking): boolean {
  return (
    (method === "DELETE" && target.includes("/v2/leader")) || Buffer.from(body).includes("LAUNCH") || isBytes(body)
  );
}

// A launch in protobuf is a number, and cannot be told by looking.
function isBytes(body: Uint8Array): boolean {
  return body.length > 0 && body[0]! < 0x20 && body[0] !== 0x0a;
}

function posted({ target }: Tools, body: Uint8Array): Asking {
  const door = { init: "/v2/apps", cron: "/v1/scheduler/iso8601" }[target.name] ?? "/api/v1";
  return { do: "ask", method: "POST", target: door, headers: { "content-type": "application/json" }, body };
}

/** So many at a time, each again and again. */
async function together(count: number, tools: Tools, once: (worker: number) => Promise<void>): Promise<void> {
  const worker = async (number: number) => {
    while (!tools.isOver()) {
      await once(number);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all(Array.from({ length: count }, (_, number) => worker(number)));
}

function ask(daemon: Daemon, asking: Asking, agent: Agent, tools: Tools): Promise<void> {
  const { method, target, headers, body } = asking;
  return new Promise((resolve) => {
    const done = (status: number, text: string) => {
      tools.answered(status, text, status >= 500 && tools.target.mayFail(asking, status, text));
      resolve();
    };
    try {
      const path = target.startsWith("/") ? target : `/${target}`;
      const options = {
        host: "127.0.0.1",
        port: daemon.port,
        method,
        path,
        headers: { ...headers, "content-length": body.length },
        agent,
        timeout: 5_000,
      };
      const request = httpRequest(options, (answer) => {
        let text = "";
        const isStream = answer.headers["content-length"] === undefined && (answer.statusCode ?? 0) < 300;
        if (isStream) setTimeout(() => request.destroy(), 50);
        answer.on("data", (chunk: Buffer) => (text = text.length > 1_000 ? text : text + chunk.toString()));
        answer.once("close", () => done(answer.statusCode ?? 0, text));
      });
      request.once("timeout", () => request.destroy(new Error("no answer")));
      request.once("error", (error) => done(error.message === "no answer" ? 1 : 0, ""));
      request.end(body);
    } catch {
      // Node's own client does not write everything.
      resolve();
    }
  });
}

/** Writes, and reads what comes until it ends or pauses. */
async function converse(daemon: Daemon, parts: readonly string[], isReset: boolean, tools: Tools): Promise<void> {
  const socket = open(daemon, "");
  let text = "";
  let lastMs = performance.now();
  socket.on("data", (chunk: Buffer) => {
    lastMs = performance.now();
    text = (text + chunk.toString("latin1")).slice(-200_000);
  });
  for (const part of parts) if (part !== "") socket.write(Buffer.from(part, "latin1"));
  if (isReset) socket.resetAndDestroy();
  else socket.end();
  while (!socket.destroyed && performance.now() - lastMs < 500) await pause(5);
  socket.destroy();
  for (const [, status] of text.matchAll(/HTTP\/1\.1 (\d{3}) /g)) tools.answered(Number(status), text.slice(0, 300));
}

function open({ port }: Daemon, first: string): Socket {
  const socket = connect({ host: "127.0.0.1", port });
  socket.on("error", () => {});
  if (first !== "") socket.write(first);
  return socket;
}

function many<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
