import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { decodeProtobuf } from "@meseta/api/mesos/codec/protobuf.ts";
import { readCall } from "@meseta/api/mesos/codec/read-call.ts";
import { messageOf } from "@meseta/api/mesos/codec/schema.ts";
import type { Event as LinkEvent, Message } from "@meseta/api/mesos/generated/link.ts";
import type { Sandbox, Sandboxes } from "@meseta/kernel/core/agent/outside.ts";
import type { ContainerEvent, Containers } from "@meseta/kernel/core/agent/ports.ts";
import { AGENT_DEFAULTS, type AgentConfig } from "@meseta/kernel/core/agent/state.ts";
import { Ends } from "@meseta/kernel/io/agent/ends.ts";
import { noFetcher } from "@meseta/kernel/io/agent/fetches.ts";
import { AgentFiles } from "@meseta/kernel/io/agent/files.ts";
import type { Front } from "@meseta/kernel/io/agent/front.ts";
import { Inputs } from "@meseta/kernel/io/agent/input.ts";
import type { LinkClient } from "@meseta/kernel/io/agent/link-client.ts";
import { AgentLoop } from "@meseta/kernel/io/agent/loop.ts";
import { agentRoutes } from "@meseta/kernel/io/agent/server.ts";
import { Users } from "@meseta/kernel/io/agent/users.ts";
import { Verbosity } from "@meseta/kernel/io/logging.ts";
import { silentLog } from "@meseta/lib/core/ports/log.ts";
import type { Random } from "@meseta/lib/core/random.ts";
import { HttpCounts } from "@meseta/lib/io/http/counts.ts";
import { route } from "@meseta/lib/io/http/router.ts";
import { seenOfAgent } from "../../wire/readers.ts";
import type { Target } from "../bench.ts";
import { drawPost, drawQuery, drawWord, escaped } from "../grammar/asking.ts";
import { once, pick } from "../grammar/odd.ts";
import { printProtobuf } from "../grammar/protobuf.ts";
import { drawRecords } from "../grammar/records.ts";
import { drawMessage, type Known } from "../grammar/wire.ts";
import { type Asking, getOf, postOf, type Step } from "../step.ts";
import { born, DaemonBench, type LifePorts } from "./daemon-bench.ts";
import { RESOURCES, scalar, TASKS } from "./things.ts";

const OPERATOR = "/api/v1";
const EXECUTOR = "/api/v1/executor";
const AGENT_ID = "m-S0";

/** The agent's operator API, its streams of input, and its older endpoints. */
export const AGENT = agentTarget("agent", { operator: 8, old: 3, input: 1, executor: 1, master: 1 });
/** The executor API. */
export const EXECUTORS = agentTarget("executor", { operator: 1, old: 0, input: 0, executor: 10, master: 2 });

type Weights = Readonly<Record<"operator" | "old" | "input" | "executor" | "master", number>>;

function agentTarget(name: string, weights: Weights): Target {
  const doors = Object.entries(weights).flatMap(([door, n]) => Array<keyof Weights>(n).fill(door as keyof Weights));
  return {
    name,
    open: (time) => born(new AgentBench(time)),
    get setting() {
      return SETTING;
    },
    draw: (random, known) => drawStep(random, known, pick(random, doors)),
    alive: [postOf(OPERATOR, { type: "GET_STATE" }), getOf("/state"), getOf("/metrics/snapshot")],
    mayWait,
    mayFail: (asking, status) =>
      status === 501 || (status === 500 && /^REMOVE_(NESTED_)?CONTAINER$/.test(kindOf(asking))),
  };
}

const LONG = /^(WAIT_|ATTACH_|LAUNCH_NESTED_CONTAINER_SESSION)/;

function mayWait(asking: Asking): boolean {
  return asking.headers["content-type"] === "application/recordio" || LONG.test(kindOf(asking));
}

/** The kind of the call that a request carries; empty when it carries none. */
function kindOf({ headers, body }: Asking): string {
  const type = headers["content-type"];
  if (type !== "application/json" && type !== "application/x-protobuf") return "";
  const read = readCall("mesos.v1.agent.Call", type, body, "agent");
  return read.ok ? (read.call.type ?? "") : "";
}

function drawStep(random: Random, known: Known, door: keyof Weights): Step {
  if (once(random, 40)) return { do: "pass", ms: pick(random, [1, 1_000, 10_000, 60_000, 3_600_000]) };
  if (once(random, 40)) return { do: "close", stream: random.below(12) };
  switch (door) {
    case "operator":
      return drawPost("mesos.v1.agent.Call", OPERATOR, random, known);
    case "executor":
      return drawPost("mesos.v1.executor.Call", EXECUTOR, random, known);
    case "input":
      return drawRecords("mesos.v1.agent.Call", OPERATOR, random, known);
    case "old":
      return drawOld(random, known);
    case "master":
      return { do: "act", act: drawAct(random, known) };
  }
}

function drawOld(random: Random, known: Known): Asking {
  const words = known["word"] as string[];
  const path = pick(random, PATHS).replace("*", () => escaped(drawWord(random, words)));
  const names = ["path", "offset", "length", "container_id", "jsonp", "level", "duration", "format"];
  const target = (once(random, 6) ? "/slave(1)" : "") + path + drawQuery(names, random, words);
  return { ...getOf(target), method: pick(random, ["GET", "GET", "HEAD", "POST", "PUT"]) };
}

/** What its master says, or the end of a container. */
function drawAct(random: Random, known: Known): unknown {
  if (once(random, 4)) return { exited: random.below(10), waitStatus: pick(random, [0, 9, 256, 15]) };
  if (once(random, 3)) return { acknowledge: random.below(10) };
  const tasks = known["mesos.v1.TaskInfo"]!;
  if (once(random, 2)) return { run: pick(random, tasks) };
  const event = drawMessage(messageOf("meseta.link.Event"), 4, { random, known, oddity: 0 });
  return { event: Buffer.from(printProtobuf("meseta.link.Event", event, random, 0)).toString("base64") };
}

const CONFIG: Omit<AgentConfig, "workDir"> = {
  ...AGENT_DEFAULTS,
  ...{ hostname: "host", ip: "127.0.0.1", port: 5051, version: "1.12.0", pid: 42, user: "root", flags: {} },
  ...{ switchUser: true, rootTasks: true },
  resources: [
    { name: "cpus", type: "SCALAR", scalar: { value: 8 } },
    { name: "mem", type: "SCALAR", scalar: { value: 8192 } },
    { name: "disk", type: "SCALAR", scalar: { value: 10_240 } },
    { name: "ports", type: "RANGES", ranges: { range: [{ begin: 31_000, end: 32_000 }] } },
  ],
};

class AgentBench extends DaemonBench<AgentLoop> {
  protected readonly daemon = "the agent";
  readonly #dir = realpathSync(mkdtempSync(join(tmpdir(), "meseta-fuzz-")));
  readonly #running = new Set<string>();
  readonly #told: Message[] = [];
  #link = 0;

  protected begin(ports: LifePorts): AgentLoop {
    const ends = new Ends();
    const containers = this.#containers((event) => {
      loop.post({ type: "container", event });
      ends.heard(event);
    });
    const config: AgentConfig = { ...CONFIG, workDir: `${this.#dir}/work` };
    const loop: AgentLoop = new AgentLoop(config, {
      ...{ ...ports, link: this.#linkTo(() => loop), containers, sandboxes: this.#sandboxes(), fetcher: noFetcher },
      probes: { probe: (_target, _timeoutMs, done) => done({ kind: "status", status: 200 }) },
      bootId: "boot-1",
      exit: () => {},
    });
    const files = new AgentFiles(loop, undefined, new Users());
    const front: Front = {
      ...{ loop, config, containers, fetcher: noFetcher, ends, inputs: new Inputs(), files, recoveryMs: 0 },
      probes: { underWay: 0, waiting: 0 },
      ...{ verbosity: new Verbosity(silentLog), log: silentLog, http: new HttpCounts() },
    };
    const routes = agentRoutes(front);
    for (const path of Object.keys(routes)) if (!PATHS.includes(path) && !path.startsWith("/api/v1")) PATHS.push(path);
    this.servers = { agent: route(routes, ["/slave(1)"]) };
    return loop;
  }

  act(act: unknown): void {
    const { run, event, exited, waitStatus, acknowledge } = act as Record<string, unknown>;
    if (run !== undefined) this.#hear({ type: "RUN", run: runOf(run, this.loop.state.resourceVersion) } as LinkEvent);
    else if (typeof event === "string") this.#hearBytes(Buffer.from(event, "base64"));
    else if (typeof acknowledge === "number") this.#acknowledge(acknowledge);
    else if (typeof exited === "number") this.#exit(exited, Number(waitStatus));
  }

  known(): Known {
    const { executors, frameworks, standalone } = this.loop.state as unknown as Record<
      string,
      ReadonlyMap<string, unknown> | undefined
    >;
    const held = [...(executors?.keys() ?? []), ...(standalone?.keys() ?? [])].slice(0, 12);
    return {
      ...COMMON,
      "mesos.v1.ContainerID": [...held, "c1", "c2"].flatMap((value) => [
        { value },
        { value: "child", parent: { value } },
        { value: "grandchild", parent: { value: "child", parent: { value } } },
      ]),
      "mesos.v1.FrameworkID": [...(frameworks?.keys() ?? []), "m-0000"].map((value) => ({ value })),
      word: [...held, `${this.#dir}/work`, "/slave/log", "c1", `${this.#dir}/work/../../etc/passwd`],
    };
  }

  picture(): string {
    return JSON.stringify([this.disk.picture(), ...seenOfAgent(this.loop.state)]);
  }

  override close(): void {
    super.close();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  #hear(event: LinkEvent): void {
    this.loop.post({ type: "link-event", link: this.#link, event });
  }

  // What no master could have written its client does not pass on.
  #hearBytes(bytes: Uint8Array): void {
    try {
      const event = decodeProtobuf("meseta.link.Event", bytes);
      const part = event.type?.toLowerCase() as keyof LinkEvent;
      if (event[part] !== undefined && event.type !== "SUBSCRIBED") this.#hear(event);
    } catch {}
  }

  #acknowledge(at: number): void {
    const updates = this.#told.filter(({ type }) => type === "UPDATE");
    const update = updates[at % Math.max(1, updates.length)]?.update;
    if (update?.status.uuid === undefined) return;
    const { framework_id, status } = update;
    this.#hear({ type: "ACKNOWLEDGE", acknowledge: { framework_id, task_id: status.task_id, uuid: status.uuid! } });
  }

  #exit(at: number, waitStatus: number): void {
    const id = [...this.#running][at % Math.max(1, this.#running.size)];
    if (id !== undefined && this.#running.delete(id))
      this.loop.post({ type: "container", event: { type: "exited", id, waitStatus } });
  }

  /** A master that takes the agent in at once. */
  #linkTo(loop: () => AgentLoop): LinkClient {
    const link = {
      farewell: Promise.resolve(),
      connect: (id: number) => {
        this.#link = id;
        const master_info = { id: "m", ip: 0, port: 5050, hostname: "master" };
        const times = { ping_interval_seconds: 15, ping_timeout_seconds: 75 };
        const subscribed = { agent_id: { value: AGENT_ID }, epoch: 1, master_info, ...times };
        queueMicrotask(() => loop().post({ type: "link-event", link: id, event: { type: "SUBSCRIBED", subscribed } }));
      },
      tell: (_: number, message: Message) => {
        this.#told.push(message);
        if (this.#told.length > 40) this.#told.shift();
      },
      unsubscribe() {},
      disconnect() {},
      close() {},
    };
    return link as unknown as LinkClient;
  }

  /** Starts at once what it is told. */
  #containers(tell: (event: ContainerEvent) => void): Containers {
    return {
      launch: ({ id }) => {
        if (!/^[\w-][\w.-]{0,199}$/.test(id)) this.misdeeds.push(`a container's id that no driver takes: ${id}`);
        this.#running.add(id);
        queueMicrotask(() => tell({ type: "started", id, pid: 7, startTimeTicks: 1 }));
      },
      signal() {},
      destroy: (id) =>
        queueMicrotask(() => {
          if (this.#running.delete(id)) tell({ type: "exited", id, waitStatus: 9 });
        }),
      update() {},
      statistics: async () => undefined,
      forget() {},
      recover: async () => [...this.#running].map((id) => ({ id, pid: 7, startTimeTicks: 1 })),
      input: (id) => (id.length % 2 === 0 ? { write: async () => {}, end() {}, resize() {} } : undefined),
      pruneImages: async () => {},
    };
  }

  /** Makes folders only where they may be. */
  #sandboxes(): Sandboxes {
    const check = (path: string) => {
      if (path.startsWith(`${this.#dir}/work/`) && !/\/\.\.?(\/|$)|\0/.test(path)) return true;
      this.misdeeds.push(`it reaches outside of its folder: ${path}`);
      return false;
    };
    const make = (sandbox: Sandbox) => {
      if (!check(sandbox.directory)) return;
      mkdirSync(sandbox.directory, { recursive: true });
      for (const { path } of sandbox.links) check(path);
      for (const file of sandbox.files) {
        if (!check(file)) continue;
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, "");
      }
    };
    return {
      prepare: async (sandbox) => make(sandbox),
      remove: async (path) => void (check(path) && rmSync(path, { recursive: true, force: true })),
      makeVolume: async (path) => void check(path),
      moveVolume: ({ path }) => void check(path),
      emptyTrash: async () => {},
      diskUsage: async () => 0.1,
    };
  }
}

const PATHS: string[] = [];

const ids = (...values: string[]) => values.map((value) => ({ value }));
const FRAMEWORK = {
  ...{ user: "root", name: "test", id: { value: "m-0000" }, checkpoint: true, roles: ["eng"] },
  capabilities: ["MULTI_ROLE", "PARTITION_AWARE", "RESERVATION_REFINEMENT"].map((type) => ({ type })),
};

function runOf(task: unknown, resource_version: string): object {
  const { executor } = task as { executor?: object };
  return { framework_info: FRAMEWORK, task, executor, launch_executor: true, resource_version };
}

const COMMON: Known = {
  uuid: ["AAAAAAAAAAAAAAAAAAAAAA==", "AAAAAAAAAAAAAAAAAAAAAQ=="],
  "mesos.v1.AgentID": ids(AGENT_ID),
  "mesos.v1.TaskID": ids("a", "b", "custom", "new"),
  "mesos.v1.ExecutorID": ids("e", "a", "default"),
  "mesos.v1.TaskInfo": TASKS([AGENT_ID]),
  "mesos.v1.Resource": [...RESOURCES, scalar("cpus", 0.1), scalar("mem", 32)],
  "mesos.v1.FrameworkInfo": [FRAMEWORK],
};

const [FIRST, , , , , , , , CUSTOM] = TASKS([AGENT_ID]);
const nested = (type: string, part: string, more: object = {}): Step =>
  postOf(OPERATOR, { type, [part]: { container_id: { value: "c1" }, ...more } });

const SETTING: readonly Step[] = [
  { do: "pass", ms: 2_000 },
  { do: "act", act: { run: FIRST } },
  { do: "act", act: { run: CUSTOM } },
  nested("LAUNCH_CONTAINER", "launch_container", {
    command: { value: "true" },
    resources: [scalar("cpus", 0.1), scalar("mem", 32)],
  }),
  { do: "pass", ms: 1_000 },
];
