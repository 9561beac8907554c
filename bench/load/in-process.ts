// A master and an agent in the bench's own process: their real routes, loops, cores and stores on a real disk, reached without sockets.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeProtobuf, encodeProtobuf } from "@meseta/api/mesos/codec/protobuf.ts";
import type { Event as LinkEvent, Message } from "@meseta/api/mesos/generated/link.ts";
import { openSqliteInline } from "@meseta/drivers/store/sqlite/inline.ts";
import { openSqlite } from "@meseta/drivers/store/sqlite/store.ts";
import type { ContainerSpec } from "@meseta/kernel/core/agent/ports.ts";
import { AGENT_DEFAULTS, type AgentConfig } from "@meseta/kernel/core/agent/state.ts";
import type { Front as AgentFront } from "@meseta/kernel/io/agent/front.ts";
import { AgentLoop, type LoopPorts as AgentPorts } from "@meseta/kernel/io/agent/loop.ts";
import { agentHandler } from "@meseta/kernel/io/agent/server.ts";
import { Verbosity } from "@meseta/kernel/io/logging.ts";
import { MasterFiles } from "@meseta/kernel/io/master/files.ts";
import { MasterLoop } from "@meseta/kernel/io/master/loop.ts";
import { masterHandler } from "@meseta/kernel/io/master/server.ts";
import { silentLog } from "@meseta/lib/core/ports/log.ts";
import { RecordDecoder } from "@meseta/lib/core/recordio.ts";
import { HttpCounts } from "@meseta/lib/io/http/counts.ts";
import type { Handler } from "@meseta/lib/io/http/request.ts";
import { bag, callOf, registrationOf, runningMessage } from "./agents.ts";
import { masterConfig } from "./master-config.ts";
import { MemoryDoor } from "./memory-door.ts";

export const ports = {
  log: silentLog,
  clock: { nowMs: () => Date.now() },
  seed: () => 1,
  fatal: (reason: Error) => {
    throw reason;
  },
};

export interface InProcessMaster extends AsyncDisposable {
  readonly loop: MasterLoop;
  readonly door: MemoryDoor;
  /** For those who come by sockets. */
  readonly handler: Handler;
}

/** With a folder of its own, which goes with it. */
export async function openMaster(): Promise<InProcessMaster> {
  const dir = mkdtempSync(join(tmpdir(), "meseta-bench-"));
  const master = await openMasterIn(dir);
  const close = async () => {
    await master[Symbol.asyncDispose]();
    rmSync(dir, { recursive: true });
  };
  return { ...master, [Symbol.asyncDispose]: close };
}

/** With the records that are in the folder. */
export async function openMasterIn(dir: string): Promise<InProcessMaster> {
  const store = await openSqlite(join(dir, "store.db"));
  const config = { ...masterConfig, port: 5050 };
  const loop = new MasterLoop(config, { ...ports, store });
  await loop.start();
  const front = {
    loop,
    config,
    files: new MasterFiles(undefined),
    verbosity: new Verbosity(silentLog),
    log: silentLog,
    http: new HttpCounts(),
  };
  const handler = masterHandler({ ...front, leader: () => "self", hears: () => true });
  const door = new MemoryDoor(handler);
  const close = async () => {
    loop.stop();
    await store.close();
  };
  return { loop, door, handler, [Symbol.asyncDispose]: close };
}

const headers = { "content-type": "application/x-protobuf", accept: "application/x-protobuf" };

/** Agent number `i`, a plain object that speaks the real bytes: it registers, and says of every task that it runs, or is killed; `onEvent` sees what the master says. */
export function simulateAgent(
  door: MemoryDoor,
  i: number,
  onSubscribed: () => void,
  onEvent?: (event: LinkEvent) => void,
): void {
  const bootId = `boot-${i}`;
  const decoder = new RecordDecoder();
  let [agentId, epoch] = ["", 0];
  const hear = (event: LinkEvent) => {
    onEvent?.(event);
    if (event.subscribed !== undefined) {
      [agentId, epoch] = [event.subscribed.agent_id.value, event.subscribed.epoch];
      onSubscribed();
    }
    const message = runningMessage(event, agentId);
    if (message === undefined) return;
    const body = encodeProtobuf("meseta.link.Call", callOf(bootId, agentId, epoch, [message]));
    door.post("/api/v1/agent-link", body, headers, { answered: mustBe202 });
  };
  const subscribe = { link_version: 1, boot_id: bootId, type: "SUBSCRIBE" as const, subscribe: registrationOf(i) };
  door.post("/api/v1/agent-link", encodeProtobuf("meseta.link.Call", subscribe), headers, {
    answered: mustBe202,
    chunk: (bytes) => {
      for (const record of decoder.push(bytes)) hear(decodeProtobuf("meseta.link.Event", record));
    },
  });
}

function mustBe202({ status, body }: { status: number; body?: unknown }): void {
  if (status !== 202) throw new Error(`a call was answered ${status} ${body}`);
}

/** What plays the agent's surroundings: its master, and its launcher. */
export interface Surroundings {
  connected(link: number): void;
  told(link: number, message: Message): void;
  launched(spec: ContainerSpec): void;
}

export interface InProcessAgent extends AsyncDisposable {
  readonly loop: AgentLoop;
  readonly door: MemoryDoor;
}

export async function openAgent(around: Surroundings): Promise<InProcessAgent> {
  const dir = mkdtempSync(join(tmpdir(), "meseta-bench-"));
  const store = openSqliteInline(join(dir, "store.db"));
  const config = { ...agentConfig, workDir: join(dir, "work") };
  const link = { connect: around.connected, tell: around.told, disconnect() {} };
  const containers = { launch: around.launched, recover: async () => [], forget() {}, update() {} };
  const sandboxes = { prepare: async () => {}, diskUsage: async () => 0.5 };
  const played = {
    link,
    containers,
    sandboxes,
    probes: {},
    fetcher: { fetch: async () => {} },
  } as unknown as AgentPorts;
  const loop = new AgentLoop(config, { ...ports, ...played, store, bootId: "boot", exit() {} });
  await loop.start();
  const door = new MemoryDoor(agentHandler({ loop, config, log: silentLog } as AgentFront));
  const close = async () => {
    loop.stop();
    await store.close();
    rmSync(dir, { recursive: true });
  };
  return { loop, door, [Symbol.asyncDispose]: close };
}

const agentConfig: Omit<AgentConfig, "workDir"> = {
  ...AGENT_DEFAULTS,
  hostname: "agent",
  ip: "127.0.0.1",
  port: 5051,
  version: "1.12.0",
  resources: bag({ cpus: 1_000, mem: 1_000_000, disk: 1_000_000 }),
  pid: process.pid,
  rootTasks: true,
  user: "root",
  flags: {},
};
