import { messageOf } from "@meseta/api/mesos/codec/schema.ts";
import { MASTER_DEFAULTS, type MasterConfig } from "@meseta/kernel/core/master/state.ts";
import { Verbosity } from "@meseta/kernel/io/logging.ts";
import { MasterFiles } from "@meseta/kernel/io/master/files.ts";
import type { Front } from "@meseta/kernel/io/master/front.ts";
import { MasterLoop } from "@meseta/kernel/io/master/loop.ts";
import { masterRoutes } from "@meseta/kernel/io/master/server.ts";
import { silentLog } from "@meseta/lib/core/ports/log.ts";
import type { Random } from "@meseta/lib/core/random.ts";
import { HttpCounts } from "@meseta/lib/io/http/counts.ts";
import { route } from "@meseta/lib/io/http/router.ts";
import { seenOfMaster } from "../../wire/readers.ts";
import type { Target } from "../bench.ts";
import { drawOddity, drawPost, drawQuery, drawWord, escaped } from "../grammar/asking.ts";
import { bend } from "../grammar/bytes.ts";
import { printJson } from "../grammar/json.ts";
import { once, pick } from "../grammar/odd.ts";
import { drawMessage, type Known } from "../grammar/wire.ts";
import { type Asking, getOf, postOf, type Step } from "../step.ts";
import { born, DaemonBench, type LifePorts } from "./daemon-bench.ts";
import { RESOURCES, TASKS } from "./things.ts";

const OPERATOR = "/api/v1";
const SCHEDULER = "/api/v1/scheduler";
const LINK = "/api/v1/agent-link";

/** The master's operator API and its older endpoints, with schedulers and agents in between. */
export const MASTER = masterTarget("master", { operator: 6, old: 4, scheduler: 2, link: 1 });
/** The scheduler API. */
export const SCHEDULERS = masterTarget("scheduler", { operator: 1, old: 0, scheduler: 10, link: 2 });
/** The link on which agents call. */
export const LINKS = masterTarget("link", { operator: 1, old: 0, scheduler: 2, link: 10 });

type Weights = Readonly<Record<"operator" | "old" | "scheduler" | "link", number>>;

function masterTarget(name: string, weights: Weights): Target {
  const doors = Object.entries(weights).flatMap(([door, weight]) =>
    Array<keyof Weights>(weight).fill(door as keyof Weights),
  );
  return {
    name,
    open: (time) => born(new MasterBench(time)),
    get setting() {
      return SETTING;
    },
    draw: (random, known) => drawStep(random, known, pick(random, doors)),
    alive: [postOf(OPERATOR, { type: "GET_STATE" }), getOf("/state"), getOf("/metrics/snapshot")],
    mayWait: ({ target }) => /\/__(leader|standby)|watch/.test(target),
    mayFail: (_, status) => status === 501,
  };
}

function drawStep(random: Random, known: Known, door: keyof Weights): Step {
  if (once(random, 40)) return { do: "pass", ms: pick(random, [1, 1_000, 15_000, 80_000, 3_600_000]) };
  if (once(random, 40)) return { do: "close", stream: random.below(12) };
  switch (door) {
    case "operator":
      return drawPost("mesos.v1.master.Call", OPERATOR, random, known);
    case "scheduler":
      return drawPost("mesos.v1.scheduler.Call", SCHEDULER, random, known);
    case "link":
      return drawPost("meseta.link.Call", LINK, random, known);
    case "old":
      return drawOld(random, known);
  }
}

const NAMES = [
  ...[
    "jsonp",
    "limit",
    "offset",
    "order",
    "framework_id",
    "slave_id",
    "task_id",
    "path",
    "length",
    "level",
    "duration",
  ],
  ...["agents", "format", "from", "role", "framework_name", "name", "leader"],
];
const BODIES: Readonly<Record<string, { readonly type: string; readonly isList?: true }>> = {
  "/machine/down": { type: "mesos.v1.MachineID", isList: true },
  "/machine/up": { type: "mesos.v1.MachineID", isList: true },
  "/maintenance/schedule": { type: "mesos.v1.maintenance.Schedule" },
  "/weights": { type: "mesos.v1.WeightInfo", isList: true },
  "/quota": { type: "mesos.v1.quota.QuotaRequest" },
};

function drawOld(random: Random, known: Known): Asking {
  const path = pick(random, PATHS).replace("*", () => escaped(drawWord(random, known["word"] as string[])));
  const prefix = once(random, 8) ? pick(random, ["/master", "/master/master", "//", "/slave(1)"]) : "";
  const target = prefix + path + drawQuery(NAMES, random, known["word"] as string[]);
  const isWrite = WRITES.has(path) || path.startsWith("/quota");
  const method =
    isWrite && !once(random, 8)
      ? pick(random, ["POST", "PUT", "DELETE"])
      : pick(random, ["GET", "GET", "HEAD", "POST"]);
  const body = method === "GET" || method === "HEAD" ? new Uint8Array(0) : drawOldBody(path, random, known);
  return { do: "ask", method, target, headers: {}, body };
}

function drawOldBody(path: string, random: Random, known: Known): Uint8Array {
  const oddity = drawOddity(random);
  const how = { random, known, oddity };
  const json = (type: string, isList: boolean) => {
    const value = drawMessage(messageOf(type), 4, how);
    return printJson(isList ? [value] : value, random, oddity);
  };
  const body = BODIES[path];
  const resources = () => encodeURIComponent(json("mesos.v1.Resource", true).toWellFormed());
  const word = () => escaped(drawWord(random, known["word"] as string[]));
  const text =
    oddity > 0 && once(random, 30)
      ? pick(random, ["a&", "&", "slaveId=+", "%41", "="]).repeat(pick(random, [100, 5_000, 60_000]))
      : body === undefined
        ? `slaveId=${word()}&resources=${resources()}&volumes=${resources()}&frameworkId=${word()}`
        : json(body.type, body.isList === true);
  return oddity > 0 && once(random, 5) ? bend(Buffer.from(text), random) : Buffer.from(text);
}

const CONFIG: MasterConfig = {
  ...MASTER_DEFAULTS,
  ...{ hostname: "127.0.0.1", ip: "127.0.0.1", port: 5050, version: "1.12.0", flags: { cluster: "fuzz" } },
};

class MasterBench extends DaemonBench<MasterLoop> {
  protected readonly daemon = "the master";
  readonly #streamIds: string[] = [];

  protected begin(ports: LifePorts): MasterLoop {
    const loop = new MasterLoop(CONFIG, ports);
    const files = new MasterFiles(undefined);
    const front: Front = {
      ...{ loop, config: CONFIG, files, verbosity: new Verbosity(silentLog), log: silentLog },
      http: new HttpCounts(),
      leader: () => "self",
      hears: () => true,
    };
    const routes = masterRoutes(front);
    for (const path of Object.keys(routes)) if (!PATHS.includes(path) && !isStream(path)) PATHS.push(path);
    this.servers = { master: route(routes, ["/master"]) };
    return loop;
  }

  opened(headers: Readonly<Record<string, string>>): void {
    const id = headers["Mesos-Stream-Id"];
    if (id !== undefined) this.#streamIds.push(id);
  }

  known(): Known {
    const { frameworks, agents, offers, operations } = this.loop.state;
    const ids = (keys: Iterable<string>) => [...keys].slice(0, 20).map((value) => ({ value }));
    const epoch = [...agents.values()].flatMap(() => [1, 2]);
    return {
      ...COMMON,
      ...{ "mesos.v1.FrameworkID": ids(frameworks.keys()), "mesos.v1.AgentID": ids(agents.keys()) },
      ...{ "mesos.v1.OfferID": ids(offers.keys()), "mesos.v1.TaskInfo": TASKS([...agents.keys()]) },
      "Mesos-Stream-Id": this.#streamIds.slice(-6),
      epoch: [1, ...epoch],
      word: [...frameworks.keys(), ...agents.keys(), "a", "b", "eng", "ops"],
      operation_uuid: [...operations.keys()].slice(0, 5),
    };
  }

  picture(): string {
    return JSON.stringify([this.disk.picture(), ...seenOfMaster(this.loop.state)]);
  }
}

const PATHS: string[] = [];
const WRITES: ReadonlySet<string> = new Set([
  ...["/teardown", "/reserve", "/unreserve", "/create-volumes", "/destroy-volumes", "/machine/down", "/machine/up"],
  ...["/maintenance/schedule", "/weights", "/logging/toggle"],
]);

// They last until another master leads, or are POSTs of calls, which are drawn on their own.
function isStream(path: string): boolean {
  return path.startsWith("/api/v1") || /watch|lead|standby/.test(path);
}

const ids = (...values: string[]) => values.map((value) => ({ value }));

const COMMON: Known = {
  role: ["eng", "ops", "eng/ads", "*"],
  roles: ["eng", "ops"],
  link_version: [1],
  boot_id: ["boot-1", "boot-2"],
  subscription: [1, 2],
  uuid: ["AAAAAAAAAAAAAAAAAAAAAA==", "AAAAAAAAAAAAAAAAAAAAAQ=="],
  hostname: ["h1", "h2"],
  "mesos.v1.TaskID": ids("a", "b", "new"),
  "mesos.v1.ExecutorID": ids("e", "default", "new"),
  "mesos.v1.OperationID": ids("o", "p"),
  "mesos.v1.Resource": RESOURCES,
  "mesos.v1.MachineID": [{ hostname: "h1" }, { hostname: "h2", ip: "10.0.0.1" }, { ip: "127.0.0.1" }],
};

const CAPABILITIES = ["MULTI_ROLE", "RESERVATION_REFINEMENT", "PARTITION_AWARE", "REGION_AWARE"].map((type) => ({
  type,
}));

function subscribe(name: string, roles: string[]): Step {
  const framework_info = {
    user: "someone",
    name,
    roles,
    checkpoint: true,
    failover_timeout: 3600,
    principal: "p",
    capabilities: CAPABILITIES,
  };
  return postOf(SCHEDULER, { type: "SUBSCRIBE", subscribe: { framework_info } });
}

function agent(hostname: string, port: number): Step {
  const subscribed = {
    agent_info: { hostname, port },
    version: "1.12.0",
    capabilities: [
      "MULTI_ROLE",
      "HIERARCHICAL_ROLE",
      "RESERVATION_REFINEMENT",
      "AGENT_OPERATION_FEEDBACK",
      "AGENT_DRAINING",
    ].map((type) => ({ type })),
    total_resources: [
      { name: "cpus", type: "SCALAR", scalar: { value: 8 } },
      { name: "mem", type: "SCALAR", scalar: { value: 4096 } },
      { name: "disk", type: "SCALAR", scalar: { value: 10_000 } },
      { name: "ports", type: "RANGES", ranges: { range: [{ begin: 31_000, end: 32_000 }] } },
    ],
    resource_version: "v1",
  };
  return postOf(LINK, {
    type: "SUBSCRIBE",
    link_version: 1,
    boot_id: `boot-${port}`,
    subscription: 1,
    subscribe: subscribed,
  });
}

const SETTING: readonly Step[] = [
  agent("h1", 5051),
  agent("h2", 5052),
  subscribe("first", ["eng", "ops"]),
  subscribe("second", ["eng"]),
  postOf(OPERATOR, { type: "SUBSCRIBE" }),
  postOf(OPERATOR, { type: "UPDATE_WEIGHTS", update_weights: { weight_infos: [{ role: "eng", weight: 2 }] } }),
  { do: "pass", ms: 1_500 },
];
