import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { MASTER_BOUNDS } from "@meseta/kernel/core/master/bounds.ts";
import { MASTER_DEFAULTS, type MasterConfig } from "@meseta/kernel/core/master/state.ts";
import { type RunningMaster, startMaster } from "@meseta/kernel/io/master/server.ts";
import { limitsOf } from "@meseta/lib/core/bound.ts";
import { LOOP_BOUNDS } from "@meseta/lib/core/bounds.ts";
import { steadyClock } from "@meseta/lib/io/clock.ts";
import { electionOf, endOf } from "./etcd/election.ts";
import { listenFailure } from "./failures.ts";
import type { Settings } from "./flags.ts";
import { makeFolder } from "./folder.ts";
import { limitsIn } from "./limits.ts";
import { checkAddress } from "./listen.ts";
import {
  boundsOf,
  countOf,
  domainOf,
  durationOf,
  intervalOf,
  isOn,
  openLog,
  percentOf,
  portOf,
  rateLimitsOf,
  shownFlags,
  wholeOf,
  wordsIn,
} from "./settings.ts";
import { openStoreOf } from "./store/place.ts";
import { listenToSupervisor } from "./up/supervise.ts";
import { MESOS_VERSION } from "./version.ts";

/** `meseta master`: runs until a signal. Everything that must last is in `--dir`. */
export async function master(settings: Settings): Promise<number> {
  const ip = settings["ip"]!;
  checkAddress(ip, isOn(settings, "insecure"));
  const limits = limitsIn(settings, MASTER_BOUNDS);
  const config = { ...configOf(settings), limits: limitsOf(MASTER_BOUNDS, limits) };
  const port = portOf(settings, "port");
  const log = openLog(settings);
  const dir = resolve(settings["dir"]!);
  makeFolder(dir, 0o700);
  const ended = Promise.withResolvers<number>();
  const fatal = (reason: Error): void => {
    log.error("The master must end", { reason: reason.message });
    ended.resolve(1);
  };
  const refused = (error: unknown): never => {
    throw listenFailure(error, "master", port);
  };
  const store = await openStoreOf(settings, { part: "master" }, dir, log).catch(refused);
  const election = await electionOf(settings, { part: "master" }, dir, store, log);
  const running = await startMaster(
    { host: ip, port, config, hostNames: wordsIn(settings["host-names"]), bounds: boundsOf(settings, limits) },
    {
      store,
      election,
      log,
      clock: steadyClock(),
      fatal,
      logFile: settings["log-file"],
      loopLimits: limitsOf(LOOP_BOUNDS, limits),
    },
  ).catch(refused);
  log.info("The master listens", { url: running.url });
  running.led.then(() => log.info("The master leads"), ended.reject);
  if (settings["whitelist"] !== undefined) watchWhitelist(running, settings["whitelist"]);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => ended.resolve(0));
  if (isOn(settings, "supervised")) listenToSupervisor(() => ended.resolve(0)).ready();
  const code = await endOf(ended.promise, () => running.stop()).catch(refused);
  log.info("The master's process ends", { code });
  return code;
}

function configOf(settings: Settings): Omit<MasterConfig, "port"> {
  const offerTimeoutMs = durationOf(settings, "offer-timeout");
  return {
    ...MASTER_DEFAULTS,
    hostname: settings["hostname"] ?? settings["ip"]!,
    ip: settings["ip"]!,
    cluster: settings["cluster"],
    version: MESOS_VERSION,
    pingIntervalMs: durationOf(settings, "agent-ping-timeout"),
    maxPingTimeouts: countOf(settings, "max-agent-ping-timeouts"),
    agentReregisterTimeoutMs: durationOf(settings, "agent-reregister-timeout"),
    agentRemovalIntervalMs: intervalOf(settings, "agent-removal-rate-limit"),
    recoveryRemovalLimit: percentOf(settings, "recovery-agent-removal-limit"),
    requireAgentDomain: isOn(settings, "require-agent-domain"),
    offerTimeoutMs: offerTimeoutMs === 0 ? undefined : offerTimeoutMs,
    allocationIntervalMs: durationOf(settings, "allocation-interval"),
    rateLimits: rateLimitsOf(settings),
    maxFrameworks: countOf(settings, "max-frameworks"),
    maxAgents: countOf(settings, "max-agents"),
    maxTasksPerFramework: countOf(settings, "max-tasks-per-framework"),
    maxSubscribers: countOf(settings, "max-operator-event-stream-subscribers"),
    maxCompletedFrameworks: wholeOf(settings, "max-completed-frameworks"),
    maxCompletedTasksPerFramework: wholeOf(settings, "max-completed-tasks-per-framework"),
    maxUnreachableTasksPerFramework: wholeOf(settings, "max-unreachable-tasks-per-framework"),
    registryMaxAgents: countOf(settings, "registry-max-agent-count"),
    registryMaxAgeMs: durationOf(settings, "registry-max-agent-age"),
    roleWhitelist: settings["roles"]?.split(","),
    rootSubmissions: isOn(settings, "root-submissions"),
    domain: domainOf(settings),
    flags: shownFlags(settings),
  };
}

const WHITELIST_INTERVAL_MS = 5_000;

/** Reads the file of hostnames again and again; a file that cannot be read changes nothing. The core, which may have been loaded afresh, looks whether it is new. */
function watchWhitelist(running: RunningMaster, file: string): void {
  const look = (): void => {
    let text: string;
    try {
      text = readFileSync(file, "utf8");
    } catch {
      return;
    }
    const hostnames = text
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "");
    running.loop.post({ type: "whitelist", hostnames });
  };
  look();
  setInterval(look, WHITELIST_INTERVAL_MS).unref();
}
