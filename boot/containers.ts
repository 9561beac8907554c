import { join, resolve } from "node:path";
import { type KindMachine, LaunchedContainers } from "@meseta/drivers/container/containers.ts";
import type { Kind } from "@meseta/drivers/container/kind.ts";
import { Machines } from "@meseta/drivers/container/machine/kind.ts";
import { parseIdRange } from "@meseta/drivers/container/oci/isolators/user-namespace.ts";
import { OciKind } from "@meseta/drivers/container/oci/kind.ts";
import { machineFacts } from "@meseta/drivers/container/oci/machine.ts";
import { PidGroups } from "@meseta/drivers/container/oci/pid-groups.ts";
import { findRuntime, type Runtime } from "@meseta/drivers/container/oci/runtime.ts";
import { openImages } from "@meseta/drivers/image/images.ts";
import { type CniNetworks, openNetworks } from "@meseta/drivers/network/networks.ts";
import { Relay } from "@meseta/drivers/network/relay.ts";
import type { ContainerEvent } from "@meseta/kernel/core/agent/ports.ts";
import { type ContainerAbilities, PLAIN_PROCESSES } from "@meseta/kernel/core/agent/state.ts";
import { Users } from "@meseta/kernel/io/agent/users.ts";
import type { Log } from "@meseta/lib/core/ports/log.ts";
import { badSetting, type Settings } from "./flags.ts";
import { durationOf, isOn, leastRateOf } from "./settings.ts";

/** What this machine's containers can be, and how they are opened. */
export interface ContainerParts {
  readonly abilities: ContainerAbilities;
  open(on: (event: ContainerEvent) => void): Promise<LaunchedContainers>;
}

/** Finds out which containers this agent can run: its runtime is tried. Refuses settings that cannot be. */
export async function containerParts(settings: Settings, dir: string, log: Log): Promise<ContainerParts> {
  const wanted = oneOf(settings, "runtime", ["auto", "crun", "runc", "none"]);
  const cgroups = oneOf(settings, "cgroups", ["auto", "off"]);
  oneOf(settings, "user-namespaces", ["root", "always", "never"]);
  oneOf(settings, "image-backend", ["overlay", "copy"]);
  const runtime =
    wanted === "none" ? "start the agent without --runtime none" : await findRuntime(wanted, join(dir, "probe"));
  if (typeof runtime === "string") log.info("tasks are plain processes, without images", { containers: runtime });
  else log.info("containers can be run", { runtime: runtime.file });
  const opened: { networks?: CniNetworks } = {};
  const abilities = abilitiesOf(settings, runtime, () => opened.networks?.names() ?? []);
  const diskWatchMs = durationOf(settings, "container-disk-watch-interval");
  const kinds = async (machine: KindMachine): Promise<readonly Kind[]> =>
    typeof runtime === "string" ? [] : kindsOf({ settings, dir, log, runtime, opened }, machine);
  return {
    abilities,
    open: (on) =>
      LaunchedContainers.open({
        dir: join(dir, "launcher"),
        on,
        log: (text) => log.warn(text),
        kinds,
        diskWatchMs,
        enforceDisk: abilities.diskQuota,
        rootTasks: isOn(settings, "root-tasks"),
        ...(abilities.missing && { missing: `this agent has no container runtime: ${abilities.missing}` }),
        ...(cgroups === "off" && { cgroups: "none" as const }),
      }),
  };
}

// Names of networks are looked up when they are asked for: configurations can come while the agent runs.
function abilitiesOf(settings: Settings, runtime: Runtime | string, networks: () => string[]): ContainerAbilities {
  const sandboxInside = settings["sandbox-directory"]!;
  if (!/^\/[^/]/.test(sandboxInside)) throw badSetting("sandbox-directory", sandboxInside, "an absolute path");
  const diskQuota = isOn(settings, "enforce-container-disk-quota");
  if (typeof runtime === "string") return { ...PLAIN_PROCESSES, sandboxInside, diskQuota, missing: runtime };
  const { missing: _, ...plain } = PLAIN_PROCESSES;
  return {
    ...plain,
    images: true,
    get networks() {
      return networks();
    },
    privileged: isOn(settings, "allow-privileged"),
    hostNamespaces: isOn(settings, "allow-host-namespaces"),
    devices: devicesOf(settings),
    diskQuota,
    sandboxInside,
  };
}

interface Parts {
  readonly settings: Settings;
  readonly dir: string;
  readonly log: Log;
  readonly runtime: Runtime;
  readonly opened: { networks?: CniNetworks };
}

async function kindsOf({ settings, dir, log, runtime, opened }: Parts, machine: KindMachine): Promise<readonly Kind[]> {
  const { programs } = machine;
  const images = await openImages({
    dir: storeOf(settings, dir),
    programs,
    log,
    leastRate: leastRateOf(settings),
    ...registryOf(settings),
  });
  const networks = await openNetworks({
    dir: join(dir, "networks"),
    programs,
    log: machine.log,
    configDir: pathOf(settings, "network-cni-config-dir"),
    pluginsDir: pathOf(settings, "network-cni-plugins-dir"),
    shared: { folder: "/run/meseta/network" },
  });
  opened.networks = networks;
  const oci = new OciKind({
    dir,
    runtime,
    images,
    networks,
    relay: new Relay({
      dir: join(dir, "relay"),
      programs,
      namespaceOf: (container) => networks.joined(container)?.namespace,
    }),
    pidGroups: new PidGroups(machine.launcher, join(dir, "launcher", "pids")),
    machine: machineFacts(runtime.name, machine.cgroups),
    userNamespaces: {
      mode: settings["user-namespaces"] as "root" | "always" | "never",
      range: idsOf(settings),
    },
    backend: settings["image-backend"] as "overlay" | "copy",
    seccompDir: pathOf(settings, "seccomp-config-dir"),
  });
  const users = new Users();
  const machines = new Machines({
    dir: join(dir, "machines"),
    images,
    programs,
    ip: settings["ip"]!,
    users: (name) => users.find(name),
    log: machine.log,
  });
  return [machines, oci];
}

function registryOf(settings: Settings): { registry?: string; dockerConfig?: string } {
  const [registry, config] = [settings["docker-registry"], settings["docker-config"]];
  return {
    ...(registry !== undefined && { registry }),
    ...(config !== undefined && { dockerConfig: config.trimStart().startsWith("{") ? config : resolve(config) }),
  };
}

function storeOf(settings: Settings, dir: string): string {
  return pathOf(settings, "docker-store-dir") ?? join(dir, "images");
}

function idsOf(settings: Settings) {
  const text = settings["user-namespace-ids"]!;
  const range = parseIdRange(text);
  if (!range) throw badSetting("user-namespace-ids", text, "FIRST:COUNT with ids from 65536");
  return range;
}

function devicesOf(settings: Settings): string[] {
  const all = (settings["allowed-devices"] ?? "").split(",").filter(Boolean);
  const bad = all.find((path) => !path.startsWith("/dev/"));
  if (bad !== undefined) throw badSetting("allowed-devices", bad, "a path below /dev");
  return all;
}

function pathOf(settings: Settings, name: string): string | undefined {
  const value = settings[name];
  return value === undefined ? undefined : resolve(value);
}

function oneOf<const T extends string>(settings: Settings, name: string, values: readonly T[]): T {
  const value = settings[name] as T;
  if (!values.includes(value)) throw badSetting(name, value, values.join(", ").replace(/, ([^,]*)$/, " or $1"));
  return value;
}
