import { hostname, userInfo } from "node:os";
import { join, resolve } from "node:path";
import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { isRefusal } from "@meseta/api/mesos/refusal.ts";
import { subtract } from "@meseta/api/mesos/resources/bag.ts";
import { parseAttributes } from "@meseta/api/mesos/resources/parse.ts";
import { readResources } from "@meseta/api/mesos/resources/read.ts";
import type { LaunchedContainers } from "@meseta/drivers/container/containers.ts";
import { SandboxFetcher } from "@meseta/drivers/fetch/fetcher.ts";
import type { Programs } from "@meseta/drivers/launch/programs.ts";
import { secretsApart } from "@meseta/drivers/store/apart.ts";
import { openSqliteInline } from "@meseta/drivers/store/sqlite/inline.ts";
import { openAsSole } from "@meseta/drivers/store/sqlite/sole.ts";
import { AGENT_BOUNDS } from "@meseta/kernel/core/agent/bounds.ts";
import { AGENT_DEFAULTS, type ContainerAbilities } from "@meseta/kernel/core/agent/state.ts";
import { ConfigurationRefused } from "@meseta/kernel/io/agent/loop.ts";
import { type AgentOptions, type RunningAgent, startAgent } from "@meseta/kernel/io/agent/server.ts";
import { Users } from "@meseta/kernel/io/agent/users.ts";
import { limitsOf } from "@meseta/lib/core/bound.ts";
import { LOOP_BOUNDS } from "@meseta/lib/core/bounds.ts";
import type { Log } from "@meseta/lib/core/ports/log.ts";
import type { Store } from "@meseta/lib/core/ports/store.ts";
import { steadyClock } from "@meseta/lib/io/clock.ts";
import { MemoryFolder, memoryProblem } from "@meseta/lib/io/memory-folder.ts";
import { Failure } from "@meseta/shell/core/failure.ts";
import { containerParts } from "./containers.ts";
import { listenFailure } from "./failures.ts";
import { badSetting, type Settings } from "./flags.ts";
import { closedFolder, makeFolder } from "./folder.ts";
import { ofOurFormat } from "./formats.ts";
import { limitsIn } from "./limits.ts";
import { checkAddress } from "./listen.ts";
import {
  boundsOf,
  bytesOf,
  countOf,
  domainOf,
  durationOf,
  isOn,
  leastRateOf,
  listOf,
  mastersOf,
  openLog,
  portOf,
  resourcesIn,
  shownFlags,
  wordsIn,
} from "./settings.ts";
import { waitsIn } from "./store/place.ts";
import { detectMachine, shareOf } from "./up/machine.ts";
import { listenToSupervisor } from "./up/supervise.ts";
import { MESOS_VERSION } from "./version.ts";

/**
 * `meseta agent`: runs until a signal. SIGTERM leaves its tasks running for the next start, SIGUSR1 ends them and leaves
 * the cluster. Returns the exit code.
 */
export async function agent(settings: Settings): Promise<number> {
  checkAddress(settings["ip"]!, isOn(settings, "insecure"));
  const limits = limitsIn(settings, AGENT_BOUNDS);
  const dir = resolve(settings["dir"]!);
  makeFolder(dir, 0o711);
  const log = openLog(settings);
  warnOfClosed(dir, log);
  const parts = await containerParts(settings, dir, log);
  const options = optionsOf(settings, dir, parts.abilities, limits);
  const store = await openStore(dir, options.port, log);
  const ended = Promise.withResolvers<number>();
  let containers: LaunchedContainers | undefined;
  let fetcher: SandboxFetcher | undefined;
  const running = await startAgent(options, {
    store,
    log,
    clock: steadyClock(),
    loopLimits: limitsOf(LOOP_BOUNDS, limits),
    openContainers: async (on) => {
      containers = await parts.open(on);
      return containers;
    },
    openFetcher: () => (fetcher = openFetcher(settings, dir, containers!.programs)),
    left: (reason) => {
      log.info("The agent has ended its tasks", { reason });
      ended.resolve(0);
    },
    fatal: (reason) => {
      log.error("The agent must end", { reason: reason.message });
      ended.resolve(1);
    },
  }).catch((error) => {
    if (error instanceof ConfigurationRefused)
      throw new Failure("bad-setting", { name: "hostname", why: error.message });
    throw listenFailure(error, "agent", options.port);
  });
  log.info("The agent listens", { url: running.url });
  obey(settings, running, log, () => ended.resolve(0));
  const code = await ended.promise;
  fetcher?.close();
  await containers?.stop();
  await running.stop();
  log.info("The agent's process ends", { code });
  return code;
}

function warnOfClosed(dir: string, log: Log): void {
  const folder = process.getuid?.() === 0 ? closedFolder(dir) : undefined;
  if (folder !== undefined)
    log.warn("Tasks of other users cannot reach their sandboxes: not everybody may enter a folder above them", {
      folder,
    });
}

function obey(settings: Settings, running: RunningAgent, log: Log, end: () => void): void {
  const leaveTasks = (why: string): void => {
    log.info("The agent stops; its tasks run on until it is started again", { why });
    end();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, leaveTasks);
  process.once("SIGUSR1", () => running.unregister());
  if (!isOn(settings, "supervised")) return;
  const supervisor = listenToSupervisor((command) =>
    command === "leave-tasks" ? leaveTasks("`meseta up` is gone") : running.endTasks("the cluster was stopped"),
  );
  supervisor.ready();
}

// What has ended runs no command any more.
async function openStore(dir: string, port: number, log: Log): Promise<Store> {
  const memory = memoryProblem() === undefined ? new MemoryFolder(dir) : undefined;
  const file = join(dir, "store", "store.db");
  try {
    const store = await openAsSole(file, openSqliteInline, waitsIn(log, { path: file }));
    return ofOurFormat(secretsApart(store, { memory, over: ["completed/"] }), "agent", `sqlite:${file}`, log);
  } catch (error) {
    throw listenFailure(error, "agent", port);
  }
}

function openFetcher(settings: Settings, dir: string, programs: Programs): SandboxFetcher {
  const users = new Users();
  const home = settings["frameworks-home"];
  return new SandboxFetcher({
    programs,
    userOf: (name) => users.find(name),
    rootAllowed: isOn(settings, "root-tasks"),
    cacheDir: resolve(settings["fetcher-cache-dir"] ?? join(dir, "fetch")),
    cacheBytes: bytesOf(settings, "fetcher-cache-size"),
    stallMs: durationOf(settings, "fetcher-stall-timeout"),
    leastRate: leastRateOf(settings),
    frameworksHome: home === undefined ? undefined : resolve(home),
  });
}

function optionsOf(
  settings: Settings,
  dir: string,
  containers: ContainerAbilities,
  limits: ReadonlyMap<string, number>,
): AgentOptions {
  const isRoot = process.getuid?.() === 0;
  const domain = domainOf(settings);
  return {
    host: settings["ip"]!,
    port: portOf(settings, "port"),
    masters: mastersOf(settings),
    hostNames: wordsIn(settings["host-names"]),
    bounds: boundsOf(settings, limits),
    config: {
      ...AGENT_DEFAULTS,
      hostname: settings["hostname"] ?? hostname(),
      ip: settings["advertise-ip"] ?? settings["ip"]!,
      ...(settings["advertise-port"] !== undefined && { port: portOf(settings, "advertise-port") }),
      version: MESOS_VERSION,
      workDir: join(dir, "work"),
      logFile: settings["log-file"],
      attributes: attributesOf(settings),
      resources: resourcesOf(settings, dir),
      domain: domain && { fault_domain: { region: { name: domain.region }, zone: { name: domain.zone } } },
      user: userInfo().username,
      switchUser: isRoot,
      rootTasks: isOn(settings, "root-tasks"),
      registrationBackoffMs: backoffOf(settings),
      maxTasks: countOf(settings, "max-tasks"),
      maxCompletedExecutors: countOf(settings, "max-completed-executors-per-framework"),
      executorRegistrationTimeoutMs: durationOf(settings, "executor-registration-timeout"),
      executorReregistrationTimeoutMs: durationOf(settings, "executor-reregistration-timeout"),
      executorShutdownGraceMs: durationOf(settings, "executor-shutdown-grace-period"),
      recoveryTimeoutMs: durationOf(settings, "recovery-timeout"),
      gcDelayMs: durationOf(settings, "gc-delay"),
      containers,
      limits: limitsOf(AGENT_BOUNDS, limits),
      flags: shownFlags(settings),
    },
  };
}

// A crowd of agents that tried again at once would keep the next master from its work.
function backoffOf(settings: Settings): number {
  const ms = durationOf(settings, "registration-backoff-factor");
  if (ms < 10)
    throw badSetting("registration-backoff-factor", settings["registration-backoff-factor"]!, "10ms or more");
  return ms;
}

function resourcesOf(settings: Settings, dir: string): Resource[] {
  const all = resourcesIn(settings, "resources") ?? detected(dir);
  const reserved = resourcesIn(settings, "reserved");
  return reserved === undefined ? all : subtract(all, reserved);
}

function detected(dir: string): Resource[] {
  const resources = readResources(shareOf(detectMachine(dir), 0, 1));
  if (isRefusal(resources)) throw new Error(resources.message);
  return resources;
}

function attributesOf(settings: Settings) {
  return listOf(settings, "attributes", parseAttributes) ?? [];
}
