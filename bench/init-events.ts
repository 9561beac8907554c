// 1,000 readers of /v2/events, each with a connection of its own, in a second process: what each costs init in memory, and how long after the notice is made (its timestamp, so to the
// millisecond) all readers have it, while an app of 100 instances is scaled up and down. Beside it as many streams of a bare node:http server, with a write of the same size for each notice.
// `node bench/init-events.ts [READERS [ROUNDS]]`
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createServer, get, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { openInitCluster } from "./load/init-cluster.ts";
import { cpuMs, line, median, millis, quantile, rate } from "./measure/numbers.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const INSTANCES = 100;
/** Readers are told of one another: so long they have to take that. */
const SETTLE_MS = 4000;

/** What all readers together have read so far. */
interface Seen {
  readonly events: number;
  readonly bytes: number;
  /** Of each event at each reader, at most so many: from its timestamp until it was read, in ms. */
  readonly lags: number[];
}

async function main(readers: number, rounds: number): Promise<void> {
  await using cluster = await openInitCluster(100);
  const app = { id: "/watched", cmd: "sleep 1000", cpus: 0.01, mem: 1, portDefinitions: [], instances: 0 };
  await cluster.ask("POST", "/v2/apps", app);
  await cluster.settled();
  const scale = async () => {
    for (let i = 0; i < rounds; i++)
      for (const instances of [INSTANCES, 0]) {
        await cluster.ask("PUT", "/v2/apps//watched", { instances });
        await cluster.settled();
      }
  };
  await scale();
  const alone = await timed(scale);
  const before = restMemory();
  const crowd = new Crowd(`${cluster.init.url}/v2/events`, readers);
  while (cluster.init.loop.readers.size < readers) await pause(20);
  await pause(SETTLE_MS);
  const kib = (restMemory() - before) / readers / 1024;
  await crowd.seen();
  let scalingMs = 0;
  const { result: seen, cpuMs } = await timed(async () => {
    scalingMs = (await timed(scale)).ms;
    return await crowd.settled();
  });
  crowd.end();
  while (cluster.init.loop.readers.size > 0) await pause(20);
  await pause(500);
  const notices = Math.round(seen.events / readers);
  const plain = await bare(readers, Math.round(seen.bytes / seen.events), notices);
  const each = ((cpuMs - alone.cpuMs) * 1000) / seen.events;
  line(`${readers} readers of events`, `${kib.toFixed(1)} KiB each`, `bare node:http ${plain.kib.toFixed(1)} KiB`);
  line("from notice to reader", millis(median(seen.lags)), `p99 ${millis(quantile(seen.lags, 0.99))}`);
  line("events told", rate((seen.events / scalingMs) * 1000), `${notices} to each reader`);
  const ratio = `${(each / plain.each).toFixed(2)} × bare node:http with a write for each, ${plain.each.toFixed(2)} µs`;
  line("CPU for each event and reader", `${each.toFixed(2)} µs`, ratio);
  line("the scalings", millis(scalingMs), `without readers ${millis(alone.ms)}`);
}

/** As many streams of a bare server, with a write of so many bytes for each notice: memory of each, and µs of CPU for each write. */
async function bare(readers: number, bytes: number, notices: number): Promise<{ kib: number; each: number }> {
  const open = new Set<ServerResponse>();
  const before = restMemory();
  const server = createServer((_, response) => {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.flushHeaders();
    open.add(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const crowd = new Crowd(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, readers);
  while (open.size < readers) await pause(20);
  await pause(SETTLE_MS);
  const kib = (restMemory() - before) / readers / 1024;
  const piece = Buffer.alloc(bytes, 0x20);
  const { cpuMs } = await timed(async () => {
    for (let i = 0; i < notices; i++) {
      for (const response of open) response.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    while ([...open].some(({ writableLength }) => writableLength > 0)) await pause(10);
  });
  crowd.end();
  server.closeAllConnections();
  return { kib, each: (cpuMs * 1000) / notices / readers };
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; ms: number; cpuMs: number }> {
  const [ms, usage] = [performance.now(), process.cpuUsage()];
  const result = await work();
  return { result, ms: performance.now() - ms, cpuMs: cpuMs(usage) };
}

/** What lives, on the heap and beside it, in bytes. */
function restMemory(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** So many readers in another process, which is this file. */
class Crowd {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string, undefined>;

  constructor(url: string, readers: number) {
    const args = [fileURLToPath(import.meta.url), "crowd", url, String(readers)];
    this.#child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** What was read since it was last asked. */
  async seen(): Promise<Seen> {
    this.#child.stdin.write("\n");
    return JSON.parse((await this.#lines.next()).value ?? "");
  }

  /** The same, when nothing more comes. */
  async settled(): Promise<Seen> {
    let all: Seen = { events: 0, bytes: 0, lags: [] };
    for (;;) {
      await pause(500);
      const more = await this.seen();
      if (more.events === 0) return all;
      all = { events: all.events + more.events, bytes: all.bytes + more.bytes, lags: [...all.lags, ...more.lags] };
    }
  }

  end(): void {
    this.#child.kill();
  }
}

const MOST_LAGS = 100_000;

function joinCrowd(url: string, readers: number): void {
  let seen: Seen = { events: 0, bytes: 0, lags: [] };
  const read = (text: string, bytes: number) => {
    const nowMs = Date.now();
    let events = 0;
    for (const [, at] of text.matchAll(/"timestamp":"([^"]+)"/g)) {
      events++;
      if (seen.lags.length < MOST_LAGS) seen.lags.push(nowMs - Date.parse(at!));
    }
    seen = { events: seen.events + events, bytes: seen.bytes + bytes, lags: seen.lags };
  };
  for (let i = 0; i < readers; i++)
    get(url, { agent: false, headers: { Accept: "text/event-stream" } }, (response) => {
      response.on("data", (chunk: Buffer) => read(chunk.toString("latin1"), chunk.length));
    });
  process.stdin.on("data", () => {
    console.log(JSON.stringify(seen));
    seen = { events: 0, bytes: 0, lags: [] };
  });
}

const [part, ...rest] = process.argv.slice(2);
if (part === "crowd") joinCrowd(rest[0]!, Number(rest[1]));
else {
  const [readers = 1_000, rounds = 5] = process.argv.slice(2).map(Number);
  await main(readers, rounds);
  process.exit(0);
}
