import { readdir } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { NetworkWish } from "@meseta/kernel/core/agent/isolation.ts";
import type { Programs } from "../launch/programs.ts";
import type { NetworkConfig, PluginConfig } from "./config.ts";
import { failureOf, jsonOf } from "./result.ts";

const bridgeProgram = fileURLToPath(new URL("bridge.pl", import.meta.url));

/** One network of one group: all that its removal needs, also when the file of the network is gone by then. */
export interface Attachment {
  readonly config: NetworkConfig;
  readonly wish: NetworkWish;
  /** eth0, eth1 … */
  readonly interfaceName: string;
  /** The last plugin's result, as JSON; absent: it was not added, or nobody lived to see it. */
  readonly result?: unknown;
}

/** The container as plugins see it. `namespace` is empty when there is none any more. */
export interface Place {
  readonly id: string;
  readonly namespace: string;
}

export interface PluginsOptions {
  readonly programs: Programs;
  /** Absolute. */
  readonly folder: string;
  readonly perl: string;
}

/** Runs the plugins of networks as the CNI specification tells. */
export class Plugins {
  readonly #options: PluginsOptions;

  constructor(options: PluginsOptions) {
    this.#options = options;
  }

  /** Adds the network; resolves with the result. Rejects with a sentence, and then it must be removed all the same. */
  async add({ config, wish, interfaceName }: Attachment, place: Place): Promise<unknown> {
    let result: unknown;
    for (const plugin of needed(config, wish)) {
      const add = () => this.#run("ADD", config, plugin, wish, interfaceName, place, result);
      result = jsonOf(await besideOthers(add)) ?? result;
    }
    if (!result) throw new Error(`network "${config.name}" gave no result`);
    return result;
  }

  /** Takes it away again, as far as it was there. Every plugin has its turn; rejects with the first one's complaint. */
  async remove({ config, wish, interfaceName, result }: Attachment, place: Place): Promise<void> {
    let failed: unknown;
    for (const plugin of needed(config, wish).toReversed()) {
      await this.#run("DEL", config, plugin, wish, interfaceName, place, result).catch((error) => (failed ??= error));
    }
    if (failed) throw failed;
  }

  /** After a removal: takes away what the machine's agents share, when it was the last. */
  async settle({ name, shared }: NetworkConfig): Promise<void> {
    if (!shared) return;
    const leases = join(shared.folder, "leases", name);
    // Looked at again under the lock; without a doubt there is nothing to wait for.
    if ((await readdir(leases).catch(() => [])).some((lease) => isIP(lease))) return;
    const { programs, perl } = this.#options;
    const order = [bridgeProgram, "down", shared.folder, shared.bridge, shared.range, leases];
    const done = await programs.run({ file: perl, arguments: order, environment });
    if (done.waitStatus !== 0) throw new Error(`bridge ${shared.bridge} could not be removed: ${failureOf(done)}`);
  }

  async #run(
    command: "ADD" | "DEL",
    config: NetworkConfig,
    plugin: PluginConfig,
    wish: NetworkWish,
    interfaceName: string,
    { id, namespace }: Place,
    previous: unknown,
  ): Promise<string> {
    const { programs, folder } = this.#options;
    const variables = {
      ...environment,
      CNI_COMMAND: command,
      CNI_CONTAINERID: id,
      CNI_NETNS: namespace,
      CNI_IFNAME: interfaceName,
      CNI_PATH: folder,
      CNI_ARGS: argumentsOf(config, wish),
    };
    const input = JSON.stringify(inputOf(config, plugin, wish, previous));
    const program = { ...this.#program(command, config, plugin), environment: variables, input };
    const done = await programs
      .run(program)
      .catch((error: Error) => ({ waitStatus: "lost", stderr: error.message, stdout: "" }) as const);
    if (done.waitStatus === 0) return done.stdout;
    throw new Error(`network "${config.name}": plugin ${plugin.type} failed: ${failureOf(done)}`);
  }

  // The shared bridge is joined under its lock.
  #program(command: "ADD" | "DEL", { shared }: NetworkConfig, { type }: PluginConfig) {
    const file = join(this.#options.folder, type);
    if (!shared || type !== "bridge") return { file, arguments: [] };
    const verb = command === "ADD" ? "add" : "run";
    return {
      file: this.#options.perl,
      arguments: [bridgeProgram, verb, shared.folder, shared.bridge, shared.range, file],
    };
  }
}

/**
 * The plugin of port mappings looks whether its chains are there, and then makes them, before anything else: of two that do so at once on a machine without any, one is told that they exist, and fails. There are
 * three such chains.
 */
async function besideOthers(add: () => Promise<string>): Promise<string> {
  for (let raced = 0; ; raced++) {
    try {
      return await add();
    } catch (error) {
      if (raced >= CHAINS || !MADE_BY_ANOTHER.test((error as Error).message)) throw error;
    }
  }
}

const CHAINS = 3;
const MADE_BY_ANOTHER = /-N CNI-HOSTPORT-\w+ --wait\]: exit status \d+: .*(File exists|Chain already exists)/s;

// Plugins look for iptables themselves.
const environment = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };

// The plugin of port mappings does nothing without any: then there is no need to start it.
function needed({ plugins }: NetworkConfig, { portMappings }: NetworkWish): readonly PluginConfig[] {
  return portMappings.length ? plugins : plugins.filter(({ type }, at) => at === 0 || type !== "portmap");
}

/** Whether a plugin of the network takes this from the runtime: "portMappings", "ips". */
export function isCapable({ plugins }: NetworkConfig, capability: string): boolean {
  return plugins.some((plugin) => declares(plugin, capability));
}

/** What one plugin reads on stdin. */
export function inputOf(config: NetworkConfig, plugin: PluginConfig, wish: NetworkWish, previous: unknown): object {
  const { portMappings, addresses } = wish;
  const runtimeConfig = {
    ...(portMappings.length && declares(plugin, "portMappings") ? { portMappings } : {}),
    ...(addresses.length && declares(plugin, "ips") ? { ips: addresses } : {}),
  };
  return {
    ...plugin,
    name: config.name,
    cniVersion: config.cniVersion,
    args: { ...(plugin["args"] as object | undefined), "org.apache.mesos": { network_info: networkInfoOf(wish) } },
    ...(Object.keys(runtimeConfig).length ? { runtimeConfig } : {}),
    ...(previous ? { prevResult: previous } : {}),
  };
}

// Plugins that were written for Mesos look here.
function networkInfoOf({ name, labels, portMappings, addresses }: NetworkWish): object {
  const pairs = Object.entries(labels).map(([key, value]) => ({ key, value }));
  const mappings = portMappings.map(({ hostPort, containerPort, protocol }) => ({
    host_port: hostPort,
    container_port: containerPort,
    protocol,
  }));
  return {
    name,
    ...(pairs.length ? { labels: { labels: pairs } } : {}),
    ...(mappings.length ? { port_mappings: mappings } : {}),
    ...(addresses.length ? { ip_addresses: addresses.map((ip_address) => ({ ip_address })) } : {}),
  };
}

// The older way to ask for an address; it holds one.
function argumentsOf(config: NetworkConfig, { addresses: [address] }: NetworkWish): string {
  return address === undefined || isCapable(config, "ips") ? "IgnoreUnknown=1" : `IgnoreUnknown=1;IP=${address}`;
}

function declares(plugin: PluginConfig, capability: string): boolean {
  return (plugin["capabilities"] as Readonly<Record<string, unknown>> | undefined)?.[capability] === true;
}
