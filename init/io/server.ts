import { randomInt } from "node:crypto";
import { hostAndPort } from "@meseta/lib/core/address.ts";
import type { LoopLimits } from "@meseta/lib/core/bounds.ts";
import type { Clock } from "@meseta/lib/core/ports/clock.ts";
import type { Election } from "@meseta/lib/core/ports/election.ts";
import type { Log } from "@meseta/lib/core/ports/log.ts";
import type { Store } from "@meseta/lib/core/ports/store.ts";
import { admitBy } from "@meseta/lib/io/http/admit.ts";
import type { Bounds } from "@meseta/lib/io/http/bounds.ts";
import type { HttpCounts } from "@meseta/lib/io/http/counts.ts";
import type { Handler } from "@meseta/lib/io/http/request.ts";
import { type HttpServer, serve } from "@meseta/lib/io/http/server.ts";
import { Place } from "@meseta/lib/io/place.ts";
import { Verbosity } from "@meseta/lib/io/verbosity.ts";
import type { SchedulerClient, SchedulerOptions } from "@meseta/sdk/scheduler/client.ts";
import { connectScheduler } from "@meseta/sdk/scheduler/connect.ts";
import type { InitConfig } from "../core/config.ts";
import { refused } from "./doors.ts";
import { dressFor } from "./dress.ts";
import type { Front, HttpSettings } from "./front.ts";
import { initHandler } from "./handler.ts";
import { InitLoop } from "./loop.ts";
import { measureBy } from "./measure.ts";
import { Previews } from "./preview.ts";
import { Sampler } from "./sampler.ts";
import { oneOfSeveral } from "./standby.ts";

export interface InitOptions {
  /** Where to listen; port 0 takes a free one. */
  readonly host: string;
  readonly port: number;
  /** Base URLs of the masters, any of which may lead. */
  readonly masters: readonly string[];
  /** All settings but the address, which follows from the hostname and the port that is listened on. */
  readonly config: Omit<InitConfig, "address">;
  readonly http: HttpSettings;
  readonly bounds?: Partial<Bounds> | undefined;
}

export interface InitPorts {
  readonly store: Store;
  readonly log: Log;
  readonly clock: Clock;
  /** What `--limits` says of the loop; left out, the defaults. */
  readonly loopLimits?: LoopLimits | undefined;
  /** Which of several inits leads; left out, this one does. */
  readonly election?: Election | undefined;
  /** Instead of HTTP to the masters. */
  readonly connect?: ((options: SchedulerOptions) => SchedulerClient) | undefined;
  /** The seed of the core's randomness; left out, the machine's own. */
  readonly seed?: (() => number) | undefined;
  /** The process must end: the store belongs to another init or cannot be read, or the master wants us no more. */
  fatal(reason: Error): void;
  /** The process is to end a moment after this, and to be started again. */
  abdicated(): void;
}

/** An init that listens, and leads or stands by. */
export interface RunningInit extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly loop: InitLoop;
  /** Resolves when it leads and its records are loaded; rejects when the store cannot be opened. */
  readonly led: Promise<void>;
  /** Stops listening, cuts all connections, closes the store and steps down. What was answered is durable; tasks run on. */
  stop(): Promise<void>;
}

/** How long an answer has to leave before the process of an init that abdicates ends. */
const ABDICATION_MS = 500;

/** How often apps that scale themselves are measured. */
const SAMPLE_MS = 10_000;

/**
 * Listens at once. Without an election it answers 503 until the records are loaded, and resolves when they are; with one it resolves at once and
 * stands by, see `led`. Rejects when the port is taken, or where it leads alone, when the store cannot be opened.
 */
export async function startInit(options: InitOptions, ports: InitPorts): Promise<RunningInit> {
  const { host, port, http, masters, bounds } = options;
  const late: { handler: Handler } = { handler: () => refused(503, "init is starting") };
  const dress = { leader: "", allowOrigins: http.allowOrigins };
  const server = await serve({
    host,
    port,
    handler: (request, reply) => late.handler(request, reply),
    log: ports.log,
    admit: admitBy(http.credentials),
    dress: dressFor(dress),
    allowOrigins: http.allowOrigins,
    hostNames: [options.config.hostname, ...hostOf(options.config.webuiUrl), ...(http.hostNames ?? [])],
    bounds,
  });
  const config = { ...options.config, address: hostAndPort(options.config.hostname, server.port) };
  dress.leader = config.address;
  const connect = ports.connect ?? ((client) => connectScheduler({ masters }, client));
  const seed = ports.seed ?? (() => randomInt(2 ** 32));
  const place = new Place(ports.election);
  const { mostOutstanding, limits } = http;
  const loop = new InitLoop(config, { ...ports, connect, seed, mayAct: place.mayAct }, { mostOutstanding, limits });
  const previews = new Previews(masters, () => loop.state);
  const handler = initHandler(frontOf(loop, config, http, server.counts, dress, previews, ports));
  late.handler = ports.election === undefined ? handler : oneOfSeveral(place, handler, config.address);
  const ends: (() => void)[] = [() => previews.close()];
  const lead = async () => {
    await place.take({ hostname: config.hostname, port: server.port }, ports.fatal);
    await loop.start();
    ends.push(sampling(loop, masters));
  };
  const led = lead();
  const one = running(server, loop, led, ports, () => {
    for (const end of ends) end();
  });
  if (ports.election !== undefined) return one;
  try {
    await led;
    return one;
  } catch (error) {
    await server.close();
    throw error;
  }
}

function hostOf(url: string | undefined): string[] {
  const host = url === undefined ? undefined : URL.parse(url)?.host;
  return host === undefined ? [] : [host];
}

/** Measures apps that scale themselves, as long as init runs. */
function sampling(loop: InitLoop, masters: readonly string[]): () => void {
  const measure = measureBy(masters);
  const sampler = new Sampler({
    ...measure,
    state: () => loop.state,
    sampled: (app, values) => loop.post({ type: "sampled", app, values }),
  });
  const timer = setInterval(() => void sampler.round(), SAMPLE_MS).unref();
  return () => {
    clearInterval(timer);
    measure.close();
  };
}

function frontOf(
  loop: InitLoop,
  config: InitConfig,
  http: HttpSettings,
  counts: HttpCounts,
  dress: Front["dress"],
  previews: Previews,
  ports: InitPorts,
): Front {
  return {
    loop,
    config,
    http,
    counts,
    dress,
    previews,
    verbosity: new Verbosity(ports.log),
    log: ports.log,
    startMs: ports.clock.nowMs(),
    abdicate: () => {
      ports.log.warn("A client asked this init to step down");
      setTimeout(() => ports.abdicated(), ABDICATION_MS);
    },
  };
}

function running(
  server: HttpServer,
  loop: InitLoop,
  led: Promise<void>,
  { store, election }: InitPorts,
  ending: () => void,
): RunningInit {
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= (async () => {
      ending();
      loop.stop();
      await server.close();
      await store.close();
      await election?.resign();
    })();
    return stopping;
  };
  return { url: server.url, port: server.port, loop, led, stop, [Symbol.asyncDispose]: stop };
}
