import { hostname, userInfo } from "node:os";
import { resolve } from "node:path";
import { CRON_BOUNDS } from "@meseta/cron/core/bounds.ts";
import { startCron } from "@meseta/cron/io/server.ts";
import { limitsOf } from "@meseta/lib/core/bound.ts";
import { LOOP_BOUNDS } from "@meseta/lib/core/bounds.ts";
import { wallClock } from "@meseta/lib/io/clock.ts";
import { channelsOf, cronConfigOf, cronHttpOf } from "./cron-settings.ts";
import { electionOf, endOf, watchHeaders } from "./etcd/election.ts";
import { listenFailure } from "./failures.ts";
import { badSetting, type Settings } from "./flags.ts";
import { makeFolder } from "./folder.ts";
import { limitsIn } from "./limits.ts";
import { checkAddress } from "./listen.ts";
import { boundsOf, isOn, mastersOf, openLog, portOf } from "./settings.ts";
import { openStoreOf } from "./store/place.ts";
import { listenToSupervisor } from "./up/supervise.ts";

/** `meseta cron`: runs until a signal. Everything that must last is in `--dir`; its tasks run on without it. */
export async function cron(settings: Settings): Promise<number> {
  const limits = limitsIn(settings, CRON_BOUNDS);
  const options = optionsOf(settings, limits);
  const log = openLog(settings);
  const dir = resolve(settings["dir"]!);
  makeFolder(dir, 0o700);
  const ended = Promise.withResolvers<number>();
  const refused = (error: unknown): never => {
    throw listenFailure(error, "cron", options.port);
  };
  const part = { part: "cron", name: settings["name"] } as const;
  const store = await openStoreOf(settings, part, dir, log).catch(refused);
  const election = await electionOf(settings, part, dir, store, log, watchHeaders(settings));
  const running = await startCron(options, {
    store,
    election,
    log,
    // Nine o'clock is when the machine says so, also after it was set right or has slept.
    clock: wallClock(),
    loopLimits: limitsOf(LOOP_BOUNDS, limits),
    fatal: (reason) => {
      log.error("Cron must end", { reason: reason.message });
      ended.resolve(1);
    },
  }).catch((error) => {
    const { port } = error as { port?: number };
    if (port !== options.metronomePort) return refused(error);
    throw listenFailure(error, "cron", port, "metronome-port");
  });
  log.info("Cron listens", { chronos: running.url, metronome: running.metronomeUrl });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => ended.resolve(0));
  const supervisor = isOn(settings, "supervised")
    ? listenToSupervisor(
        () => ended.resolve(0),
        () => running.loop.post({ type: "rest" }),
      )
    : undefined;
  running.led.then(() => {
    log.info("Cron leads");
    supervisor?.ready();
  }, ended.reject);
  void running.loop.registered.then(() => supervisor?.registered());
  const code = await endOf(ended.promise, () => running.stop()).catch(refused);
  log.info("Cron's process ends", { code });
  return code;
}

function optionsOf(settings: Settings, limits: ReadonlyMap<string, number>) {
  const host = settings["ip"]!;
  checkAddress(host, isOn(settings, "insecure") || settings["http-credentials"] !== undefined);
  const port = portOf(settings, "port");
  const metronomePort = portOf(settings, "metronome-port");
  if (port === metronomePort && port !== 0)
    throw badSetting("metronome-port", settings["metronome-port"]!, "another port than --port");
  return {
    host,
    port,
    metronomePort,
    masters: mastersOf(settings),
    config: cronConfigOf(settings, { user: userInfo().username, hostname: hostname() }),
    http: cronHttpOf(settings),
    channels: channelsOf(settings),
    limits: limitsOf(CRON_BOUNDS, limits),
    bounds: boundsOf(settings, limits),
  };
}
