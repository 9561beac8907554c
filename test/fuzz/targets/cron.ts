import { CONFIG } from "@meseta/cron/core/config.rig.ts";
import { CHRONOS_FIELDS } from "@meseta/cron/core/definition/chronos-fields.ts";
import {
  METRONOME_FIELDS,
  SCHEDULE_FIELDS,
  SCHEDULED_JOB_FIELDS,
} from "@meseta/cron/core/definition/metronome-fields.ts";
import { CHRONOS } from "@meseta/cron/core/routes/chronos.ts";
import { METRONOME } from "@meseta/cron/core/routes/metronome.ts";
import { readQuery } from "@meseta/cron/core/views/read.ts";
import type { Front } from "@meseta/cron/io/front.ts";
import { cronHandler } from "@meseta/cron/io/handler.ts";
import { CronLoop } from "@meseta/cron/io/loop.ts";
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

/** Cron: Chronos' and Metronome's APIs. */
export const CRON: Target = {
  name: "cron",
  open: (time) => born(new CronBench(time)),
  get setting() {
    return SETTING;
  },
  draw(random, known) {
    if (once(random, 40)) return { do: "pass", ms: pick(random, [1, 1_000, 60_000, 3_600_000, 86_400_000]) };
    if (once(random, 6)) return { do: "act", act: drawMasterAct(random) };
    const isChronos = once(random, 2);
    const rows = isChronos ? CHRONOS_ROWS : METRONOME_ROWS;
    const prefixes = isChronos
      ? ["/v1/scheduler", "/scheduler", "/service/chronos/v1/scheduler"]
      : ["", "/service/metronome"];
    const asking = drawRest(
      rows,
      once(random, 30) ? ["", "//", "/v1/scheduler/v1/scheduler"] : prefixes,
      drawBody,
      random,
      known,
    );
    return { ...asking, server: isChronos !== once(random, 10) ? "chronos" : "metronome" };
  },
  alive: ["/v1/scheduler/jobs", "/v1/jobs", "/v1/scheduler/graph/csv", "/v1/queue", "/metrics"].map(getOf),
  mayWait: () => false,
  mayFail: () => false,
};

const rowsOf = ({ routes }: typeof CHRONOS): Row[] =>
  routes.map(({ method, path, query, body }) => ({ method, path, query, hasBody: body !== undefined }));
const CHRONOS_ROWS = rowsOf(CHRONOS);
const METRONOME_ROWS = rowsOf(METRONOME);

function drawBody({ path }: Row, how: Drawing): unknown {
  const { random } = how;
  if (once(random, 15)) return anyValue(random);
  if (path.includes("schedules")) return drawFields(SCHEDULE_FIELDS, how);
  if (path.endsWith("/runs")) return { placement: {}, env: {} };
  if (path.startsWith("/v0")) return drawFields(SCHEDULED_JOB_FIELDS, how);
  if (path.startsWith("/v1/jobs")) return drawFields(METRONOME_FIELDS, how);
  if (path.endsWith("/progress")) return { numAdditionalElementsProcessed: pick(random, [1, 0, -1, 1e15, 0.5]) };
  if (path.startsWith("/task")) return { statusCode: pick(random, [0, 1, -1, 1e9]) };
  if (path === "/logging") return { level: "debug", logger: "ROOT", durationSeconds: 5 };
  const job = drawFields(CHRONOS_FIELDS, how);
  return path === "/dependency" ? { ...job, parents: ["a"] } : job;
}

class CronBench extends DaemonBench<CronLoop> {
  protected readonly daemon = "cron";
  #master = new PlayedMaster();

  protected begin(ports: LifePorts): CronLoop {
    this.#master = new PlayedMaster();
    const connect = (options: Parameters<PlayedMaster["connect"]>[0]) => this.#master.connect(options);
    const loop = new CronLoop(CONFIG, { ...ports, connect, notify: () => {} });
    const front: Front = {
      ...{ loop, config: CONFIG, http: { allowOrigins: [], flags: { name: "chronos" } } },
      ...{ verbosity: new Verbosity(silentLog), log: silentLog, startMs: this.nowMs, counts: [new HttpCounts()] },
    };
    this.servers = {
      chronos: cronHandler(front, CHRONOS, METRONOME),
      metronome: cronHandler(front, METRONOME, CHRONOS),
    };
    return loop;
  }

  act(act: unknown): void {
    this.#master.act(act);
  }

  known(): Known {
    const names = [...this.loop.state.entries.keys()].slice(0, 15);
    const tasks = this.#master.tasks.slice(-8);
    return {
      ...COMMON,
      ...{
        name: [...names, "a", "b", "c"],
        id: [...names, "n", "m.k"],
        job: [...names, "n"],
        task: [...tasks, "ct:1:0:a:", "x"],
      },
      ...{ schedule: SCHEDULES, run: tasks.map((id) => id.replace(/^.*?\./, "")), which: ["mean", "99", "x", "count"] },
      ...{ code: ["E1"], word: [...names, ...tasks, "s"], parents: [["a"], ["a", "b"], ["x"]] },
    };
  }

  picture(): string {
    const { state } = this.loop;
    const views = [...readQuery(state, { kind: "chronos-jobs" }, this.nowMs).pieces];
    return JSON.stringify([this.disk.picture(), views]);
  }
}

const SCHEDULES = [
  "R/2023-11-14T22:13:30Z/PT10S",
  "R5/2023-11-15T00:00:00Z/P1D",
  "R//PT1S",
  "R1//PT1M",
  "R/2100-01-01T00:00:00Z/P1Y",
  "R0//P1D",
  "s",
  "R/x/P",
  "R/2023-01-01T00:00:00Z/PT0S",
  "R9999999999//PT0.001S",
  "R/0000-01-01T00:00:00Z/P1M",
];

const COMMON: Known = {
  command: ["true", "date"],
  cmd: ["true"],
  scheduleTimeZone: ["", "UTC", "Europe/Berlin", "Nowhere/At"],
  timezone: ["UTC", "America/New_York", "Nowhere/At"],
  cron: [
    "* * * * *",
    "0 3 * * *",
    "*/5 * * * *",
    "0 0 31 2 *",
    "0 0 30 2 *",
    "59 23 31 12 7",
    "a b c d e",
    "*/0 * * * *",
    "1-100000000 * * * *",
  ],
  cpus: [0.1],
  mem: [32],
  epsilon: ["PT60S", "P1D", "P", "PT-1S"],
  maxLaunchDelay: [3600, 1],
  dependencies: [[{ id: "n" }], []],
};

function ask(server: string, target: string, body: object): Step {
  return { ...postOf(target, body), server };
}

const SETTING: readonly Step[] = [
  { do: "pass", ms: 1 },
  { do: "act", act: { subscribed: true } },
  ask("chronos", "/v1/scheduler/iso8601", {
    name: "a",
    command: "date",
    schedule: "R/2023-11-14T22:13:30Z/PT10S",
    owner: "",
    disabled: false,
  }),
  ask("chronos", "/v1/scheduler/dependency", { name: "b", command: "date", parents: ["a"], owner: "" }),
  ask("metronome", "/v0/scheduled-jobs", {
    id: "n",
    run: { cmd: "date", cpus: 1, mem: 32 },
    schedules: [{ id: "s", cron: "* * * * *" }],
  }),
  { do: "act", act: { offers: 2 } },
  { do: "pass", ms: 11_000 },
  { do: "act", act: { update: 0, state: "TASK_RUNNING" } },
];
