import { randomInt } from "node:crypto";
import type { Clock } from "@meseta/lib/core/ports/clock.ts";
import type { Log } from "@meseta/lib/core/ports/log.ts";
import type { Store } from "@meseta/lib/core/ports/store.ts";
import { textAnswer } from "@meseta/lib/io/http/answer.ts";
import type { Bounds } from "@meseta/lib/io/http/bounds.ts";
import type { Admit, Handler } from "@meseta/lib/io/http/request.ts";
import { type Routes, route } from "@meseta/lib/io/http/router.ts";
import { type HttpServer, serve } from "@meseta/lib/io/http/server.ts";
import type { MasterConfig } from "../../core/master/state.ts";
import { explainCode } from "../error-pages.ts";
import { Verbosity } from "../logging.ts";
import { agentLinkHandler } from "./agent-link.ts";
import { MasterFiles } from "./files.ts";
import type { Front } from "./front.ts";
import type { Leader } from "./leadership.ts";
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
  /** The file that the log goes to, shown as /master/log. */
  readonly logFile?: string | undefined;
  /** Every request passes here before anything else; left out, everybody is admitted. */
  readonly admit?: Admit | undefined;
  /** Who leads; left out, this master does. */
  readonly leader?: (() => Leader) | undefined;
  /** The seed of the core's randomness; left out, the machine's own. */
  readonly seed?: (() => number) | undefined;
  /** The process must end: the store belongs to another master, or it cannot be read. */
  fatal(reason: Error): void;
}

/** A master that listens and leads. */
export interface RunningMaster extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly loop: MasterLoop;
  /** Stops listening, cuts all connections, and closes the store. What was answered is durable. */
  stop(): Promise<void>;
}

/**
 * Listens at once, answering 503 until the records are loaded; resolves when they are. Rejects when the port is taken or the store
 * cannot be opened.
 */
export async function startMaster(options: MasterOptions, ports: MasterPorts): Promise<RunningMaster> {
  const late: { handler: Handler } = { handler: () => textAnswer(503, "Master has not finished recovery") };
  const handler: Handler = (request, reply) => late.handler(request, reply);
  const { host, port, bounds } = options;
  const hostNames = [options.config.hostname, ...(options.hostNames ?? [])];
  const server = await serve({ host, port, handler, log: ports.log, admit: ports.admit, hostNames, bounds });
  const config = { ...options.config, port: server.port };
  const loop = new MasterLoop(config, { ...ports, seed: ports.seed ?? (() => randomInt(2 ** 32)) });
  late.handler = masterHandler(frontOf(config, loop, ports));
  try {
    await loop.start();
  } catch (error) {
    await server.close();
    throw error;
  }
  return running(server, loop, ports.store);
}

/** All that the master answers. */
export function masterHandler(front: Front): Handler {
  return route(masterRoutes(front), ["/master"]);
}

export function masterRoutes(front: Front): Routes {
  return {
    ...legacyRoutes(front),
    "/api/v1": operatorHandler(front),
    "/api/v1/scheduler": schedulerHandler(front),
    "/api/v1/agent-link": agentLinkHandler(front),
    "/docs/errors/*": explainCode,
  };
}

function frontOf(config: MasterConfig, loop: MasterLoop, ports: MasterPorts): Front {
  return {
    loop,
    config,
    files: new MasterFiles(ports.logFile),
    verbosity: new Verbosity(ports.log),
    log: ports.log,
    leader: ports.leader ?? (() => "self"),
  };
}

function running(server: HttpServer, loop: MasterLoop, store: Store): RunningMaster {
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= (async () => {
      loop.stop();
      await server.close();
      await store.close();
    })();
    return stopping;
  };
  return { url: server.url, port: server.port, loop, stop, [Symbol.asyncDispose]: stop };
}
