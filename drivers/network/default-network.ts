import {
  accessSync,
  constants,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Programs } from "../launch/programs.ts";
import { type NetworkConfig, parseNetwork } from "./config.ts";
import { jsonOf } from "./result.ts";

const name = "meseta";
const needed = ["bridge", "host-local", "portmap"];
/** Versions of the specification that this driver speaks, the best first. */
const versions = ["1.0.0", "0.4.0", "0.3.1"];
/** Private ranges that few networks use, the best first. */
const ranges = [
  "172.30.0.0/16",
  "172.29.0.0/16",
  "172.28.0.0/16",
  "10.213.0.0/16",
  "10.149.0.0/16",
  "192.168.214.0/24",
];

export interface DefaultNetworkOptions {
  /** All agents of a machine share it, one for each bridge; absolute; made when missing. Best where it goes with a reboot, as bridge and rules do. */
  readonly folder: string;
  /** Absent: meseta0. */
  readonly bridge?: string | undefined;
  /** Candidates for the range of addresses, the best first; absent: a few private ones. */
  readonly ranges?: readonly string[] | undefined;
  /** The machine's routes, as in /proc/net/route. */
  readonly routes?: string | undefined;
  readonly pluginsDir: string;
  readonly programs: Programs;
  readonly log: (text: string) => void;
}

/**
 * Makes the network "meseta" unless another agent of the machine has made it: a bridge with addresses of a free private range,
 * outgoing connections by the machine's address, and mapped ports. Resolves with the folder of its configuration; with
 * undefined when the machine lacks the plugins or has no free range, which is logged.
 */
export async function makeDefaultNetwork(options: DefaultNetworkOptions): Promise<string | undefined> {
  const { folder, pluginsDir, programs, bridge = "meseta0", log } = options;
  const missing = needed.filter((plugin) => !isExecutable(join(pluginsDir, plugin)));
  if (missing.length)
    return void log(
      `no network "${name}": ${pluginsDir} has no ${missing.join(", ")} (Debian's containernetworking-plugins)`,
    );
  const config = join(folder, "config");
  const wrong = unwritable(config);
  if (wrong) return void log(`no network "${name}": ${wrong}`);
  const routes = routesOf(options.routes ?? readFileSync("/proc/net/route", "utf8")).filter(
    (one) => one.link !== bridge,
  );
  if (isUsable(folder, routes)) return config;
  const range = (options.ranges ?? ranges).find((one) => !routes.some((route) => overlaps(one, route)));
  if (range === undefined)
    return void log(`no network "${name}": this machine has routes to all private ranges that it would use`);
  const cniVersion = await commonVersion(pluginsDir, programs);
  publish(folder, JSON.stringify(conflist({ cniVersion, bridge, range, folder }), undefined, 2));
  return config;
}

/** The network as it stands in its file, with what its agents share. */
export function asShared(network: NetworkConfig, folder: string): NetworkConfig {
  const { bridge, ipam } = network.plugins[0] as unknown as {
    bridge: string;
    ipam: { ranges: [[{ subnet: string }]] };
  };
  return { ...network, shared: { folder, bridge, range: ipam.ranges[0][0].subnet } };
}

/** The configuration of the network. Outgoing connections get the machine's address by one rule for all, not by the plugin's for each. */
export function conflist(of: { cniVersion: string; bridge: string; range: string; folder: string }): object {
  const ipam = {
    type: "host-local",
    dataDir: join(of.folder, "leases"),
    ranges: [[{ subnet: of.range }]],
    routes: [{ dst: "0.0.0.0/0" }],
  };
  const capabilities = { portMappings: true };
  return {
    cniVersion: of.cniVersion,
    name,
    plugins: [
      {
        type: "bridge",
        bridge: of.bridge,
        isGateway: true,
        hairpinMode: true,
        capabilities: { ips: true },
        ipam,
      },
      { type: "portmap", snat: true, capabilities },
    ],
  };
}

/** A route of the machine: the interface, and the range as numbers. */
export interface Route {
  readonly link: string;
  readonly first: number;
  readonly last: number;
}

/** The routes of a text like /proc/net/route, but for the default one. */
export function routesOf(text: string): Route[] {
  return text
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [link = "", to = "", , , , , , mask = ""] = line.trim().split(/\s+/);
      const [first, ones] = [littleEndian(to), littleEndian(mask)];
      return Number.isFinite(first) && ones > 0 ? [{ link, first, last: first + (2 ** 32 - 1 - ones) }] : [];
    });
}

/** Whether the range "a.b.c.d/n" and the route have an address in common. */
export function overlaps(range: string, route: Route): boolean {
  const [address = "", bits = ""] = range.split("/");
  const start = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  return start <= route.last && route.first < start + 2 ** (32 - Number(bits));
}

// Eight hexadecimal digits in the order of the machine's memory.
function littleEndian(digits: string): number {
  if (!/^[0-9a-fA-F]{8}$/.test(digits)) return Number.NaN;
  return Buffer.from(digits, "hex").readUInt32LE();
}

// Made by another agent or another life: good as long as nothing else has come to use its addresses, or containers have some.
function isUsable(folder: string, routes: readonly Route[]): boolean {
  try {
    const { shared } = asShared(parseNetwork(readFileSync(fileOf(folder), "utf8")), folder);
    const taken = routes.some((route) => overlaps(shared!.range, route));
    return !taken || isInUse(folder);
  } catch {
    return false;
  }
}

function isInUse(folder: string): boolean {
  return readdirSync(join(folder, "leases", name)).some((lease) => /^[\d.]+$/.test(lease));
}

const fileOf = (folder: string) => join(folder, "config", "meseta.conflist");

// The first of several agents wins; a file that is of no use any more is replaced.
function publish(folder: string, text: string): void {
  const fresh = join(folder, `new.${process.pid}`);
  const before = contentOf(fileOf(folder));
  writeFileSync(fresh, text);
  try {
    if (before !== undefined) renameSync(fresh, fileOf(folder));
    else linkSync(fresh, fileOf(folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(fresh, { force: true });
  }
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

async function commonVersion(pluginsDir: string, programs: Programs): Promise<string> {
  const spoken = await Promise.all(needed.map((plugin) => versionsOf(join(pluginsDir, plugin), programs)));
  return versions.find((version) => spoken.every((one) => one.includes(version))) ?? versions.at(-1)!;
}

async function versionsOf(file: string, programs: Programs): Promise<readonly string[]> {
  const environment = { CNI_COMMAND: "VERSION" };
  const { stdout } = await programs.run({ file, arguments: [], environment, input: '{"cniVersion":"1.0.0"}' });
  const said = jsonOf(stdout) as { supportedVersions?: string[] } | undefined;
  return said?.supportedVersions ?? [];
}

// An agent without root has no network of its own making, and is an agent all the same.
function unwritable(folder: string): string | undefined {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
