import { randomInt } from "node:crypto";
import { hostAndPort } from "@meseta/lib/core/address.ts";
import type { LoopLimits } from "@meseta/lib/core/bounds.ts";
import type { Clock } from "@meseta/lib/core/ports/clock.ts";
import type { Election } from "@meseta/lib/core/ports/election.ts";
import type { Log } from "@meseta/lib/core/ports/log.ts";
import type { Store } from "@meseta/lib/core/ports/store.ts";
import { admitBy } from "@meseta/lib/io/http/admit.ts";
import { jsonAnswer } from "@meseta/lib/io/http/answer.ts";
import type { Bounds } from "@meseta/lib/io/http/bounds.ts";
import type { HttpCounts } from "@meseta/lib/io/http/counts.ts";
import type { Handler } from "@meseta/lib/io/http/request.ts";
import { type HttpServer, serve } from "@meseta/lib/io/http/server.ts";
import { Place } from "@meseta/lib/io/place.ts";
import { Verbosity } from "@meseta/lib/io/verbosity.ts";
import type { SchedulerClient, SchedulerOptions } from "@meseta/sdk/scheduler/client.ts";
import { connectScheduler } from "@meseta/sdk/scheduler/connect.ts";
import type { CronLimits } from "../core/bounds.ts";
import type { CronConfig } from "../core/config.ts";
import { CHRONOS } from "../core/routes/chronos.ts";
import { METRONOME } from "../core/routes/metronome.ts";
import type { Api } from "../core/routes/route.ts";
import { dressFor } from "./dress.ts";
import type { Front, HttpSettings } from "./front.ts";
import { cronHandler } from "./handler.ts";
import { CronLoop } from "./loop.ts";
import { type Channel, Notifier } from "./notify/notifier.ts";
import { oneOfSeveral } from "./standby.ts";

export interface CronOptions {
  /** Where to listen; ports of 0 take free ones. */
  readonly host: string;
  readonly port: number;
  readonly metronomePort: number;
  /** Base URLs of the masters, any of which may lead. */
  readonly masters: readonly string[];
  /** All settings but the addresses, which follow from the hostname and the ports that are listened on. */
  readonly config: Omit<CronConfig, "address" | "metronomeAddress">;
  readonly http: HttpSettings;
  /** How owners are told. */
  readonly channels: readonly Channel[];
  /** `--limits`; left out, the defaults. */
  readonly limits?: CronLimits | undefined;
  readonly bounds?: Partial<Bounds> | undefined;
}

export interface CronPorts {
  readonly store: Store;
  readonly log: Log;
  readonly clock: Clock;
  /** What `--limits` says of the loop; left out, the defaults. */
  readonly loopLimits?: LoopLimits | undefined;
  /** Which of several crons leads; left out, this one does. */
  readonly election?: Election | undefined;
  /** Instead of HTTP to the masters. */
  readonly connect?: ((options: SchedulerOptions) => SchedulerClient) | undefined;
  /** The seed of the core's randomness; left out, the machine's own. */
  readonly seed?: (() => number) | undefined;
  /** The process must end: the store belongs to another cron or cannot be read, or the master wants us no more. */
  fatal(reason: Error): void;
}

/** A cron that listens, and leads or stands by. */
export interface RunningCron extends AsyncDisposable {
  /** Of Chronos' API. */
  readonly url: string;
  readonly metronomeUrl: string;
  readonly loop: CronLoop;
  /** Resolves when it leads and its records are loaded; rejects when the store cannot be opened. */
  readonly led: Promise<void>;
  /** Stops listening, cuts all connections, closes the store and steps down. What was answered is durable; tasks run on. */
  stop(): Promise<void>;
}

/**
 * Listens at once. Without an election it answers 503 until the records are loaded, and resolves when they are; with one it resolves at once and
 * stands by, see `led`. Rejects when a port is taken, or where it leads alone, when the store cannot be opened.
 */
export async function startCron(options: CronOptions, ports: CronPorts): Promise<RunningCron> {
  const chronos = await listen(CHRONOS, options.port, options, ports.log);
  const metronome = await listen(METRONOME, options.metronomePort, options, ports.log).catch(async (error) => {
    await chronos.server.close();
    throw error;
  });
  const { hostname } = options.config;
  const config: CronConfig = {
    ...options.config,
    address: hostAndPort(hostname, chronos.server.port),
    metronomeAddress: hostAndPort(hostname, metronome.server.port),
  };
  const notifier = new Notifier(options.channels, ports.log, options.limits);
  const place = new Place(ports.election);
  const loop = loopOf(config, options.masters, notifier, place, ports);
  const front = frontOf(loop, config, options.http, [chronos.server.counts, metronome.server.counts], notifier, ports);
  const several = (api: Api, handler: Handler, address: string) =>
    ports.election === undefined ? handler : oneOfSeveral(place, api, handler, address);
  chronos.late.handler = several(CHRONOS, cronHandler(front, CHRONOS, METRONOME), config.address);
  metronome.late.handler = several(METRONOME, cronHandler(front, METRONOME, CHRONOS), config.metronomeAddress);
  const lead = async () => {
    await place.take({ hostname, port: chronos.server.port, secondPort: metronome.server.port }, ports.fatal);
    await loop.start();
  };
  const led = lead();
  const running = runningOf(chronos.server, metronome.server, loop, led, notifier, ports);
  if (ports.election !== undefined) return running;
  try {
    await led;
    return running;
  } catch (error) {
    await running.stop();
    throw error;
  }
}

interface Listening {
  readonly server: HttpServer;
  /** What answers, once there is something to answer with. */
  readonly late: { handler: Handler };
}

async function listen(api: Api, port: number, options: CronOptions, log: Log): Promise<Listening> {
  const { host, http, bounds } = options;
  const { status, body } = api.refused(503, "cron is starting");
  const late: Listening["late"] = { handler: () => jsonAnswer(body, status) };
  const server = await serve({
    host,
    port,
    handler: (request, reply) => late.handler(request, reply),
    log,
    admit: admitBy(http.credentials),
    dress: dressFor(api, http.allowOrigins),
    // That all may read does not mean that pages of all sites may change something.
    allowOrigins: http.allowOrigins.filter((origin) => origin !== "*"),
    hostNames: [options.config.hostname, ...(http.hostNames ?? [])],
    bounds,
  });
  return { server, late };
}

function loopOf(
  config: CronConfig,
  masters: readonly string[],
  notifier: Notifier,
  { mayAct }: Place,
  ports: CronPorts,
): CronLoop {
  const connect = ports.connect ?? ((client: SchedulerOptions) => connectScheduler({ masters }, client));
  const seed = ports.seed ?? (() => randomInt(2 ** 32));
  return new CronLoop(config, {
    ...ports,
    connect,
    seed,
    mayAct,
    notify: (notification) => notifier.tell(notification),
  });
}

function frontOf(
  loop: CronLoop,
  config: CronConfig,
  http: HttpSettings,
  counts: readonly HttpCounts[],
  notifier: Notifier,
  { log, clock }: CronPorts,
): Front {
  return { loop, config, http, counts, notifier, verbosity: new Verbosity(log), log, startMs: clock.nowMs() };
}

function runningOf(
  chronos: HttpServer,
  metronome: HttpServer,
  loop: CronLoop,
  led: Promise<void>,
  notifier: Notifier,
  { store, election }: CronPorts,
): RunningCron {
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= (async () => {
      loop.stop();
      notifier.close();
      await Promise.all([chronos.close(), metronome.close()]);
      await store.close();
      await election?.resign();
    })();
    return stopping;
  };
  return { url: chronos.url, metronomeUrl: metronome.url, loop, led, stop, [Symbol.asyncDispose]: stop };
}
