// An init over a master and simulated agents, all in the bench's own process: their real routes, loops, cores and stores on a real disk. Init is reached over
// loopback HTTP, as by its users; master and agents without sockets, with the bytes that init sends and reads in production.
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqlite } from "@meseta/drivers/store/sqlite/store.ts";
import type { InitConfig } from "@meseta/init/core/config.ts";
import { DEFAULT_SETTINGS } from "@meseta/init/core/definition/settings.ts";
import { KILL_SETTINGS } from "@meseta/init/core/instance/kills.ts";
import { TIMEOUTS } from "@meseta/init/core/instance/life.ts";
import { type RunningInit, startInit } from "@meseta/init/io/server.ts";
import type { Store } from "@meseta/lib/core/ports/store.ts";
import { json } from "@meseta/sdk/core/format.ts";
import { SchedulerClient } from "@meseta/sdk/scheduler/client.ts";
import { openMaster, ports, simulateAgent } from "./in-process.ts";
import { MemoryTransport } from "./memory-door.ts";

export interface Asked {
  readonly status: number;
  readonly text: string;
}

export interface InitCluster extends AsyncDisposable {
  readonly init: RunningInit;
  /** What init has had stored so far. */
  readonly stored: { commits: number; bytes: number };
  /** How many updates the simulated agents have sent whose acknowledgements came back. */
  readonly acknowledged: number;
  /** The answer to a request to init; its body as text. */
  ask(method: string, path: string, body?: unknown): Promise<Asked>;
  /** Resolves when so many updates are acknowledged. */
  acknowledgements(count: number): Promise<void>;
  /** Resolves when no deployment runs. */
  settled(): Promise<void>;
}

/** As the flags' defaults make it. */
const config: Omit<InitConfig, "address"> = {
  definitions: DEFAULT_SETTINGS,
  placement: { gpus: "restricted" },
  kills: KILL_SETTINGS,
  timeouts: TIMEOUTS,
  frameworkName: "marathon",
  hostname: "127.0.0.1",
  user: "root",
  failoverTimeoutMs: 604_800_000,
  environmentPrefix: "",
  bridgeName: "mesos-bridge",
  mostInstancesPerOffer: Number.POSITIVE_INFINITY,
  declineMs: 120_000,
  mostDeployments: 100,
  mostVersions: 50,
  reconciliationDelayMs: 15_000,
  reconciliationIntervalMs: 600_000,
  version: "1.11.0",
};

export async function openInitCluster(agents: number): Promise<InitCluster> {
  const master = await openMaster();
  const dir = mkdtempSync(join(tmpdir(), "meseta-bench-"));
  const updates = new Updates();
  await subscribeAgents(master.door, agents, updates);
  const stored = { commits: 0, bytes: 0 };
  const store = counted(await openSqlite(join(dir, "store.db")), stored);
  const transport = () => new MemoryTransport(master.door, "/api/v1/scheduler", json.mediaType);
  const init = await startInit(
    {
      host: "127.0.0.1",
      port: 0,
      masters: [],
      config,
      http: { allowOrigins: [], mostOutstanding: 1024, flags: {} },
      bounds: { bodyBytes: 64 * 1024 * 1024 },
    },
    { ...ports, store, connect: (options) => new SchedulerClient(transport(), options), abdicated() {} },
  );
  const { ask, close: closeClient } = askOf(init.url);
  const close = async () => {
    closeClient();
    await init.stop();
    await master[Symbol.asyncDispose]();
    rmSync(dir, { recursive: true });
  };
  return {
    init,
    ask,
    stored,
    get acknowledged() {
      return updates.count;
    },
    acknowledgements: (count) => updates.reach(count),
    settled: async () => {
      while (init.loop.state.deployments.count > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    [Symbol.asyncDispose]: close,
  };
}

/** Asks an init, over connections that are kept. */
export function askOf(url: string): { ask: InitCluster["ask"]; close(): void } {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  return {
    ask: (method, path, body) => send(`${url}${path}`, method, agent, body),
    close: () => agent.destroy(),
  };
}

function counted(store: Store, stored: { commits: number; bytes: number }): Store {
  return {
    maxRecords: store.maxRecords,
    open: () => store.open(),
    scan: (prefix) => store.scan(prefix),
    close: () => store.close(),
    commit: (change, epoch) => {
      stored.commits++;
      for (const [key, value] of change.puts) stored.bytes += key.length + value.length;
      return store.commit(change, epoch);
    },
  };
}

class Updates {
  count = 0;
  #waiting: { count: number; resolve: () => void }[] = [];

  add(): void {
    this.count++;
    if (this.#waiting.length === 0) return;
    const ready = this.#waiting.filter(({ count }) => count <= this.count);
    if (ready.length === 0) return;
    this.#waiting = this.#waiting.filter(({ count }) => count > this.count);
    for (const { resolve } of ready) resolve();
  }

  reach(count: number): Promise<void> {
    if (this.count >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }
}

function subscribeAgents(door: Parameters<typeof simulateAgent>[0], agents: number, updates: Updates): Promise<void> {
  let subscribed = 0;
  return new Promise((resolve) => {
    for (let i = 0; i < agents; i++)
      simulateAgent(
        door,
        i,
        () => ++subscribed === agents && resolve(),
        ({ acknowledge }) => acknowledge !== undefined && updates.add(),
      );
  });
}

function send(url: string, method: string, agent: Agent, body: unknown): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const headers = bytes && { "Content-Type": "application/json", "Content-Length": bytes.length };
    const sent = request(url, { method, agent, ...(headers && { headers }) }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode!, text: Buffer.concat(chunks).toString() }));
    });
    sent.on("error", reject);
    sent.end(bytes);
  });
}
