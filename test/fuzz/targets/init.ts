import type { Fields } from "@meseta/api/json-body/field.ts";
import { CONFIG } from "@meseta/init/core/config.rig.ts";
import { APP_FIELDS, LEGACY_FIELDS, SERVER_FIELDS } from "@meseta/init/core/definition/app-fields.ts";
import { POD_FIELDS } from "@meseta/init/core/definition/pod-fields.ts";
import { ROUTES } from "@meseta/init/core/routes.ts";
import type { InitState } from "@meseta/init/core/state.ts";
import { readQuery } from "@meseta/init/core/views/read.ts";
import type { Front } from "@meseta/init/io/front.ts";
import { initHandler } from "@meseta/init/io/handler.ts";
import { InitLoop } from "@meseta/init/io/loop.ts";
import { Previews } from "@meseta/init/io/preview.ts";
import { silentLog } from "@meseta/lib/core/ports/log.ts";
import { HttpCounts } from "@meseta/lib/io/http/counts.ts";
import { Verbosity } from "@meseta/lib/io/verbosity.ts";
import type { Target } from "../bench.ts";
import { drawFields } from "../grammar/fields.ts";
import { anyValue, once, pick } from "../grammar/odd.ts";
import { drawRest, type Row } from "../grammar/rest.ts";
import type { Drawing, Known } from "../grammar/wire.ts";
import { getOf, postOf, type Step } from "../step.ts";
import { born, DaemonBench, type LifePorts } from "./daemon-bench.ts";
import { drawMasterAct, PlayedMaster } from "./framework-link.ts";

/** Init: Marathon's API. */
export const INIT: Target = {
  name: "init",
  open: (time) => born(new InitBench(time)),
  get setting() {
    return SETTING;
  },
  draw(random, known) {
    if (once(random, 40)) return { do: "pass", ms: pick(random, [1, 1_000, 20_000, 300_000, 3_600_000]) };
    if (once(random, 60)) return { do: "close", stream: random.below(12) };
    if (once(random, 6)) return { do: "act", act: drawMasterAct(random) };
    return drawRest(ROWS, ["", "", "", "", "/service/marathon", "/"], drawBody, random, known);
  },
  alive: ["/v2/apps", "/v2/groups?embed=group.apps&embed=group.apps.tasks", "/v2/queue", "/metrics"].map(getOf),
  mayWait: () => false,
  mayFail: () => false,
};

const ROWS: readonly Row[] = ROUTES.map(({ method, path, query, takesBody }) => ({
  method,
  path,
  query,
  hasBody: takesBody === true,
}));

const APP: Fields = { ...APP_FIELDS, ...LEGACY_FIELDS, ...SERVER_FIELDS };

function drawBody({ path, method }: Row, how: Drawing): unknown {
  const { random } = how;
  if (once(random, 15)) return anyValue(random);
  if (path.startsWith("/v2/apps")) return once(random, 6) ? [app(how), app(how)] : app(how);
  if (path.startsWith("/v2/groups")) return drawGroup(how, 3);
  if (path.includes("::instances")) return ["x", "a.b", pick(random, how.known["instance"] as string[])];
  if (path.startsWith("/v2/pods")) return drawFields(POD_FIELDS, how);
  if (path.endsWith("/delete")) return { ids: [pick(random, how.known["task"] as string[]), "x"] };
  if (method === "POST" && path.includes("logging")) return { level: "debug", logger: "ROOT", durationSeconds: 5 };
  return once(random, 2) ? app(how) : drawGroup(how, 2);
}

function app(how: Drawing): object {
  const drawn = drawFields(APP, how);
  return once(how.random, 3) ? { ...drawn, id: "/g/a", cmd: "sleep 1", instances: 2 } : drawn;
}

function drawGroup(how: Drawing, depth: number): unknown {
  const { random } = how;
  if (once(random, 8)) return { scaleBy: pick(random, [0, 1, 2, -1, 1e9, 0.5]) };
  if (once(random, 8)) return { version: pick(random, how.known["version"] as string[]) };
  const group: Record<string, unknown> = { id: pick(random, how.known["id"]!) };
  if (!once(random, 3)) group["apps"] = Array.from({ length: random.below(3) }, () => app(how));
  if (once(random, 5)) group["pods"] = [drawFields(POD_FIELDS, how)];
  if (depth > 0 && once(random, 3))
    group["groups"] = Array.from({ length: random.below(3) }, () => drawGroup(how, depth - 1));
  if (once(random, 4)) group["dependencies"] = [pick(random, how.known["id"]!), "../x"];
  if (once(random, 8)) group["enforceRole"] = once(random, 2);
  return group;
}

class InitBench extends DaemonBench<InitLoop> {
  protected readonly daemon = "init";
  #master = new PlayedMaster();

  protected begin(ports: LifePorts): InitLoop {
    this.#master = new PlayedMaster();
    const connect = (options: Parameters<PlayedMaster["connect"]>[0]) => this.#master.connect(options);
    const loop = new InitLoop(CONFIG, { ...ports, connect }, { mostOutstanding: 1024 });
    const http = { allowOrigins: [], mostOutstanding: 1024, flags: { name: "marathon" } };
    const front: Front = {
      ...{ loop, config: CONFIG, http, dress: { leader: "", allowOrigins: [] }, abdicate: () => {} },
      ...{ previews: new Previews([], () => loop.state), verbosity: new Verbosity(silentLog), log: silentLog },
      ...{ startMs: this.nowMs, counts: new HttpCounts() },
    };
    this.servers = { init: initHandler(front) };
    return loop;
  }

  act(act: unknown): void {
    this.#master.act(act);
  }

  known(): Known {
    const { services } = this.loop.state;
    const paths = [...services.keys(), "/g/a", "/g/p", "/g"].slice(0, 20);
    const { tasks } = this.#master;
    const shown = [...tasks.slice(-8), "g_a.instance-x._app.1", "x"];
    return {
      ...COMMON,
      ...{ id: [...paths, "/g/b", "a", "b", "/", "/new"], app: paths, group: ["/g", "/", "/h", ...paths], pod: paths },
      ...{ task: shown, instance: shown.map((id) => id.replace(/\._app.*/, "")), code: ["E1", "APP_NOT_FOUND"] },
      deployment: [...this.disk.records.keys()].flatMap((key) => /^deployment\/(.+)/.exec(key)?.[1] ?? []).concat("x"),
      version: ["2023-11-14T22:13:20.000Z", "2023-11-14T22:13:21.000Z", "x", "2023-11-14T22:13:20.001Z"],
      word: [...paths, ...shown, "true"],
    };
  }

  picture(): string {
    const { state } = this.loop;
    return JSON.stringify([this.disk.picture(), ...VIEWS.map((view) => seen(state, view, this.nowMs))]);
  }
}

const VIEWS = ["/v2/groups", "/v2/tasks", "/v2/queue", "/v2/deployments", "/v2/pods"];

function seen(state: InitState, view: string, nowMs: number): string {
  const route = ROUTES.find(({ path, method }) => path === view && method === "GET")!;
  const query = new URLSearchParams("embed=group.apps&embed=group.groups&embed=group.pods");
  const asked = { at: {}, query, body: undefined, wantsText: false } as unknown as Parameters<
    NonNullable<typeof route.shows>
  >[0];
  // How long something has been waiting changes by itself, and is told to the millisecond.
  return [...readQuery(state, route.shows!(asked), nowMs).pieces].join("");
}

const COMMON: Known = {
  cmd: ["sleep 1", "true"],
  image: ["alpine", "busybox:1.36", "registry.example:5000/x/y@sha256:00"],
  instances: [1, 2, 3, 0],
  cpus: [0.1, 1],
  mem: [32, 64],
  role: ["*", "dev", "g"],
  acceptedResourceRoles: [["*"]],
  dependencies: [["/g/b"], ["../b"], ["/g/a"]],
  constraints: [
    [["hostname", "UNIQUE"]],
    [["hostname", "LIKE", "h.*"]],
    [["a", "GROUP_BY", "3"]],
    [["hostname", "LIKE", "(a+)+$"]],
  ],
  endpoints: [[{ name: "web", hostPort: 0 }], [{ name: "web", containerPort: 80, hostPort: 0, protocol: ["tcp"] }]],
  networks: [[{ mode: "host" }], [{ mode: "container/bridge" }], [{ mode: "container", name: "net" }]],
  hostname: ["h0"],
  ids: [["x"]],
};

const SETTING: readonly Step[] = [
  { do: "pass", ms: 1 },
  { do: "act", act: { subscribed: true } },
  postOf("/v2/apps", {
    id: "/g/a",
    cmd: "sleep 1",
    instances: 2,
    healthChecks: [{ protocol: "MESOS_HTTP", path: "/", portIndex: 0 }],
  }),
  postOf("/v2/pods", {
    id: "/g/p",
    containers: [{ name: "c", exec: { command: { shell: "true" } }, resources: { cpus: 0.1, mem: 32 } }],
  }),
  { do: "act", act: { offers: 2 } },
  { do: "act", act: { update: 0, state: "TASK_RUNNING" } },
  { do: "act", act: { update: 1, state: "TASK_RUNNING" } },
];
