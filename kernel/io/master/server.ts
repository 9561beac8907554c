import { randomInt } from "node:crypto";
import type { LoopLimits } from "@meseta/lib/core/bounds.ts";
import type { Clock } from "@meseta/lib/core/ports/clock.ts";
import type { Election } from "@meseta/lib/core/ports/election.ts";
import type { Log } from "@meseta/lib/core/ports/log.ts";
import type { Store } from "@meseta/lib/core/ports/store.ts";
import { textAnswer } from "@meseta/lib/io/http/answer.ts";
import type { Bounds } from "@meseta/lib/io/http/bounds.ts";
import type { Admit, Handler } from "@meseta/lib/io/http/request.ts";
import { type Routes, route } from "@meseta/lib/io/http/router.ts";
import { type HttpServer, serve } from "@meseta/lib/io/http/server.ts";
import { type Known, LEADER_WATCH, LeaderWatch } from "@meseta/lib/io/leader-watch.ts";
import { type Leader, Place } from "@meseta/lib/io/place.ts";
import { STANDBY_WATCH, standbyWatch } from "@meseta/lib/io/standby-watch.ts";
import type { MasterConfig } from "../../core/master/state.ts";
import { explainCode } from "../error-pages.ts";
import { Verbosity } from "../logging.ts";
import { agentLinkHandler } from "./agent-link.ts";
import { CallRates } from "./call-rates.ts";
import { MasterFiles } from "./files.ts";
import type { Front } from "./front.ts";
import { legacyRoutes } from "./legacy.ts";
import { MasterLoop } from "./loop.ts";
import { operatorHandler } from "./operator.ts";
import { schedulerHandler } from "./scheduler.ts";

export interface MasterOptions {
  /** Where to listen; port 0 takes a free one. */
  readonly host: string;
  readonly port: number;
  /** All settings but the port, which is the one that is listened on; `flags` are shown as given. */
  readonly config: Omit<MasterConfig, "port">;
  /** `--host-names`: further names that clients call it by where it listens on loopback only. */
  readonly hostNames?: readonly string[] | undefined;
  readonly bounds?: Partial<Bounds>;
}

export interface MasterPorts {
  readonly store: Store;
  readonly log: Log;
  readonly clock: Clock;
  /** What `--limits` says of the loop; left out, the defaults. */
  readonly loopLimits?: LoopLimits | undefined;
  /** The file that the log goes to, shown as /master/log. */
  readonly logFile?: string | undefined;
  /** Every request passes here before anything else; left out, everybody is admitted. */
  readonly admit?: Admit | undefined;
  /** Which of several masters leads; left out, this one does. */
  readonly election?: Election | undefined;
  /** Who leads, instead of what the election says. */
  readonly leader?: (() => Leader) | undefined;
  /** The seed of the core's randomness; left out, the machine's own. */
  readonly seed?: (() => number) | undefined;
  /** The process must end: the store belongs to another master, or it cannot be read. */
  fatal(reason: Error): void;
}

/** A master that listens, and leads or stands by. */
export interface RunningMaster extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly loop: MasterLoop;
  /** Resolves when it leads and its records are loaded; rejects when the store cannot be opened. */
  readonly led: Promise<void>;
  /** Stops listening, cuts all connections, closes the store and steps down. What was answered is durable. */
  stop(): Promise<void>;
}

/**
 * Listens at once. Without an election it answers 503 until the records are loaded, and resolves when they are; with one it resolves at once and
 * stands by, see `led`. Rejects when the port is taken, or where it leads alone, when the store cannot be opened.
 */
export async function startMaster(options: MasterOptions, ports: MasterPorts): Promise<RunningMaster> {
  const late: { handler: Handler } = { handler: () => textAnswer(503, "Master has not finished recovery") };
  const handler: Handler = (request, reply) => late.handler(request, reply);
  const { host, port, bounds } = options;
  const { election } = ports;
  const hostNames = [options.config.hostname, ...(options.hostNames ?? [])];
  const bodyBytesFor = (path: string) => (path === LINK ? options.config.limits.linkBytes : undefined);
  const http = { handler, log: ports.log, admit: ports.admit, hostNames, bounds, bodyBytesFor };
  const server = await serve({ host, port, ...http });
  const config = { ...options.config, port: server.port };
  const seed = ports.seed ?? (() => randomInt(2 ** 32));
  const place = new Place(election);
  const loop = new MasterLoop(config, { ...ports, seed, mayAct: place.mayAct });
  late.handler = masterHandler(frontOf(config, loop, server, ports, place));
  const led = lead(config, loop, place, ports);
  const running = runningOf(server, loop, led, ports);
  if (election !== undefined) return running;
  try {
    await led;
    return running;
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** Whose bodies have a bound of their own: an agent that comes back tells all its tasks in one call, and could never come back if that were refused. */
const LINK = "/api/v1/agent-link";

async function lead(config: MasterConfig, loop: MasterLoop, place: Place, ports: MasterPorts): Promise<void> {
  const { hostname, port } = config;
  await place.take({ hostname, port }, (reason) => ports.fatal(reason));
  await loop.start();
}

/** All that the master answers. */
export function masterHandler(front: Front): Handler {
  return route(masterRoutes(front), ["/master"]);
}

export function masterRoutes(front: Front): Routes {
  const watch = new LeaderWatch(() => knownLeader(front));
  return {
    ...legacyRoutes(front),
    "/api/v1": operatorHandler(front),
    "/api/v1/scheduler": schedulerHandler(front),
    [LINK]: agentLinkHandler(front),
    [LEADER_WATCH]: watch.handler,
    [STANDBY_WATCH]: standbyWatch(() => front.leader() === "self"),
    "/docs/errors": explainCode,
    "/docs/errors/*": explainCode,
  };
}

function knownLeader({ leader, hears, loop, config }: Front): Known | undefined {
  const one = leader();
  // Who hears nothing may know the one before: clients would be sent back to it.
  if (one !== "self") return one && hears() ? { leader: one, isSelf: false } : undefined;
  return loop.ready ? { leader: { hostname: config.hostname, port: config.port }, isSelf: true } : undefined;
}

function frontOf(
  config: MasterConfig,
  loop: MasterLoop,
  { counts }: HttpServer,
  ports: MasterPorts,
  place: Place,
): Front {
  return {
    loop,
    config,
    files: new MasterFiles(ports.logFile),
    verbosity: new Verbosity(ports.log),
    log: ports.log,
    http: counts,
    rates: config.rateLimits && new CallRates(config.rateLimits),
    leader: ports.leader ?? (() => place.leader),
    hears: () => place.hears,
  };
}

function runningOf(server: HttpServer, loop: MasterLoop, led: Promise<void>, ports: MasterPorts): RunningMaster {
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= (async () => {
      loop.stop();
      await server.close();
      await ports.store.close();
      await ports.election?.resign();
    })();
    return stopping;
  };
  return { url: server.url, port: server.port, loop, led, stop, [Symbol.asyncDispose]: stop };
}
