import { hostname, userInfo } from "node:os";
import { resolve } from "node:path";
import { INIT_BOUNDS } from "@meseta/init/core/bounds.ts";
import { startInit } from "@meseta/init/io/server.ts";
import { limitsOf } from "@meseta/lib/core/bound.ts";
import { LOOP_BOUNDS } from "@meseta/lib/core/bounds.ts";
import { steadyClock } from "@meseta/lib/io/clock.ts";
import { electionOf, endOf, watchHeaders } from "./etcd/election.ts";
import { listenFailure } from "./failures.ts";
import type { Settings } from "./flags.ts";
import { makeFolder } from "./folder.ts";
import { httpOf, initConfigOf } from "./init-settings.ts";
import { limitsIn } from "./limits.ts";
import { checkAddress } from "./listen.ts";
import { boundsOf, isOn, mastersOf, openLog, portOf } from "./settings.ts";
import { openStoreOf } from "./store/place.ts";
import { listenToSupervisor } from "./up/supervise.ts";

/** `meseta init`: runs until a signal. Everything that must last is in `--dir`; its tasks run on without it. */
export async function init(settings: Settings): Promise<number> {
  const host = settings["ip"]!;
  checkAddress(host, isOn(settings, "insecure") || settings["http-credentials"] !== undefined);
  const port = portOf(settings, "port");
  const limits = limitsIn(settings, INIT_BOUNDS);
  const options = {
    host,
    port,
    masters: mastersOf(settings),
    config: initConfigOf(settings, { user: userInfo().username, hostname: hostname() }),
    http: { ...httpOf(settings), limits: limitsOf(INIT_BOUNDS, limits) },
    bounds: boundsOf(settings, limits),
  };
  const log = openLog(settings);
  const dir = resolve(settings["dir"]!);
  makeFolder(dir, 0o700);
  const ended = Promise.withResolvers<number>();
  const refused = (error: unknown): never => {
    throw listenFailure(error, "init", port);
  };
  const part = { part: "init", name: settings["name"] } as const;
  const store = await openStoreOf(settings, part, dir, log).catch(refused);
  const election = await electionOf(settings, part, dir, store, log, watchHeaders(settings));
  const running = await startInit(options, {
    store,
    election,
    log,
    clock: steadyClock(),
    loopLimits: limitsOf(LOOP_BOUNDS, limits),
    fatal: (reason) => {
      log.error("Init must end", { reason: reason.message });
      ended.resolve(1);
    },
    // As a failure, so that every supervisor starts it again.
    abdicated: () => ended.resolve(1),
  }).catch(refused);
  log.info("Init listens", { url: running.url });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => ended.resolve(0));
  const supervisor = isOn(settings, "supervised")
    ? listenToSupervisor(
        () => ended.resolve(0),
        () => running.loop.daemon.post({ type: "rest" }),
      )
    : undefined;
  running.led.then(() => {
    log.info("Init leads");
    supervisor?.ready();
  }, ended.reject);
  void running.loop.registered.then(() => supervisor?.registered());
  const code = await endOf(ended.promise, () => running.stop()).catch(refused);
  log.info("Init's process ends", { code });
  return code;
}
