import { mkdirSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { isIP } from "node:net";
import type { ContainerNetwork, NetworkWish } from "@meseta/kernel/core/agent/isolation.ts";
import type { JoinedNetwork, Networks } from "../container/oci/ports.ts";
import type { Programs } from "../launch/programs.ts";
import type { NetworkConfig } from "./config.ts";
import { NetworkConfigs } from "./configs.ts";
import { Construction } from "./construction.ts";
import { asShared, type DefaultNetworkOptions, makeDefaultNetwork } from "./default-network.ts";
import { type ContainerDns, isHostname } from "./files.ts";
import { type Attachment, isCapable, Plugins } from "./plugins.ts";
import { type GroupRecord, idFor, readRecord } from "./record.ts";
import { abandonedGroups } from "./shared.ts";
import { Turns } from "./turns.ts";

/** Groups that come or go at the same time; more would only wait for the machine's locks. */
const atOnce = 8;

export interface NetworksOptions {
  /** Of this agent alone, absolute; made when missing. */
  readonly dir: string;
  /** The operator's network configurations. Absent: the built-in network "meseta" alone, when `shared` is given. */
  readonly configDir?: string | undefined;
  /** Where the plugins lie, absolute; absent: where Debian has them. */
  readonly pluginsDir?: string | undefined;
  readonly programs: Programs;
  /** The built-in network: what the agents of this machine share. */
  readonly shared?: Omit<DefaultNetworkOptions, "programs" | "pluginsDir" | "log"> | undefined;
  /** The part `mesos` of Mesos' --default_container_dns. */
  readonly containerDns?: readonly ContainerDns[] | undefined;
  /** The machine's own files of resolv.conf(5), of which the first with a server outside loopback counts; absent: the usual ones. */
  readonly resolvConf?: readonly string[] | undefined;
  /** A sentence for the agent's log. */
  readonly log?: ((text: string) => void) | undefined;
  readonly perl?: string | undefined;
}

/** Opens the agent's networks. `recover` comes before the first `join`. Rejects when `dir` cannot be made. */
export async function openNetworks(options: NetworksOptions): Promise<CniNetworks> {
  const { dir, programs, shared, log = () => {} } = options;
  const pluginsDir = options.pluginsDir ?? "/usr/lib/cni";
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const settings = { ...options, pluginsDir, log };
  if (options.configDir !== undefined) return new CniNetworks(settings, new NetworkConfigs(options.configDir, log));
  const folder = shared && (await makeDefaultNetwork({ ...shared, programs, pluginsDir, log }));
  if (!shared || folder === undefined) return new CniNetworks(settings);
  return new CniNetworks(settings, new NetworkConfigs(folder, log, (network) => asShared(network, shared.folder)));
}

interface Settings extends NetworksOptions {
  readonly pluginsDir: string;
  readonly log: (text: string) => void;
}

/** Network namespaces of groups of containers, with networks by the plugins of the CNI specification. */
export class CniNetworks implements Networks {
  readonly #settings: Settings;
  readonly #plugins: Plugins;
  readonly #construction: Construction;
  readonly #configs: NetworkConfigs | undefined;
  readonly #groups = new Map<string, GroupRecord>();
  /** Container → group, from the moment that it asked. */
  readonly #members = new Map<string, string>();
  readonly #turns = new Turns(atOnce);
  readonly #told = new Map<string, string>();

  constructor(settings: Settings, configs?: NetworkConfigs) {
    this.#settings = settings;
    const { programs, pluginsDir, perl = "/usr/bin/perl" } = settings;
    const plugins = new Plugins({ programs, folder: pluginsDir, perl });
    const saved = (record: GroupRecord) => void this.#groups.set(record.group, record);
    this.#construction = new Construction({ ...settings, plugins, saved });
    this.#plugins = plugins;
    this.#configs = configs;
  }

  /** The networks that can be joined now, sorted: the files are read anew when they have changed. */
  names(): string[] {
    return [...(this.#configs?.read().keys() ?? [])].sort();
  }

  async join(container: string, wish: ContainerNetwork & { readonly kind: "own" }): Promise<JoinedNetwork> {
    const { group } = wish;
    this.#members.set(container, group);
    return this.#turns.take(group, async () => {
      try {
        const record = await this.#groupFor(container, wish);
        return this.#construction.joinedOf(record);
      } catch (error) {
        this.#members.delete(container);
        throw error;
      }
    });
  }

  async leave(container: string): Promise<void> {
    const group = this.#members.get(container);
    if (group === undefined) return;
    this.#members.delete(container);
    await this.#turns.take(group, () => this.#without(group, (one) => one !== container)).catch(this.#tell(group));
  }

  async recover(containers: ReadonlySet<string>): Promise<void> {
    const folders = await readdir(this.#settings.dir, { withFileTypes: true });
    const groups = folders.filter((one) => one.isDirectory() && !one.name.startsWith(".")).map(({ name }) => name);
    await Promise.all(
      groups.map((group) => this.#turns.take(group, () => this.#recall(group, containers)).catch(this.#tell(group))),
    );
    await this.#settle();
  }

  /** To be called now and then: takes down what could not be taken down before. Never rejects. */
  async sweep(): Promise<void> {
    const left = [...this.#groups.values()].filter(({ state }) => state === "leaving");
    await Promise.all(
      left.map(({ group }) => this.#turns.take(group, () => this.#without(group, () => true)).catch(this.#tell(group))),
    );
    await this.#settle();
  }

  joined(container: string): JoinedNetwork | undefined {
    const record = this.#groups.get(this.#members.get(container) ?? "");
    return record?.state === "joined" && record.containers.includes(container)
      ? this.#construction.joinedOf(record)
      : undefined;
  }

  async #groupFor(container: string, wish: ContainerNetwork & { readonly kind: "own" }): Promise<GroupRecord> {
    const there = this.#groups.get(wish.group);
    if (there?.state === "leaving") await this.#takeDown(there);
    if (there?.state !== "joined") return this.#make(container, wish);
    if (there.containers.includes(container)) return there;
    return this.#construction.save({ ...there, containers: [...there.containers, container] });
  }

  async #make(container: string, wish: ContainerNetwork & { readonly kind: "own" }): Promise<GroupRecord> {
    const { group, hostname, networks } = wish;
    if (!isHostname(hostname))
      throw new Error(`"${hostname}" cannot be a hostname: at most 64 letters, digits, "-", "_" and "."`);
    const known = this.#configs?.read() ?? new Map<string, NetworkConfig>();
    const attachments = networks.map((network, at) => attachmentOf(network, at, known));
    const id = idFor(this.#settings.dir, group);
    const begun: GroupRecord = { version: 1, group, id, state: "joining", containers: [container], attachments };
    try {
      return await this.#construction.build(begun, hostname);
    } catch (error) {
      const record = this.#groups.get(group) ?? begun;
      await this.#takeDown({ ...record, state: "leaving", containers: [] }).catch(this.#tell(group));
      throw error;
    }
  }

  // Of an earlier life: what it had not finished no container has, and goes.
  async #recall(group: string, known: ReadonlySet<string>): Promise<void> {
    const record = await readRecord(this.#construction.folderOf(group));
    if (!record) return this.#construction.remove(group);
    this.#groups.set(group, record);
    const staying = record.state === "joined" ? record.containers.filter((one) => known.has(one)) : [];
    for (const container of staying) this.#members.set(container, group);
    await this.#without(group, (one) => staying.includes(one));
  }

  async #without(group: string, stays: (container: string) => boolean): Promise<void> {
    const record = this.#groups.get(group);
    if (!record) return;
    const containers = record.containers.filter(stays);
    if (record.state === "joined" && containers.length) {
      if (containers.length < record.containers.length) await this.#construction.save({ ...record, containers });
      return;
    }
    await this.#takeDown({ ...record, state: "leaving", containers: [] });
  }

  // The namespace goes last: plugins look into it for what they have to undo outside.
  async #takeDown(record: GroupRecord): Promise<void> {
    const { group } = record;
    // On a full disk the old record serves: a next life would take the same things away.
    await this.#construction.save(record).catch(this.#tell(group));
    this.#groups.set(group, record);
    await this.#construction.undo(record);
    await this.#construction.remove(group);
    this.#groups.delete(group);
    this.#told.delete(group);
    for (const { config } of record.attachments) await this.#plugins.settle(config).catch(this.#tell(config.name));
  }

  // What nobody else will take away any more: what an earlier life was killed in doing last, and what agents left whose folders are gone.
  async #settle(): Promise<void> {
    for (const config of this.#configs?.read().values() ?? []) {
      for (const record of await abandonedGroups(config)) {
        await this.#construction.undoAbandoned(record).catch(this.#tell(record.id));
      }
      if (!this.#groups.size) await this.#plugins.settle(config).catch(this.#tell(config.name));
    }
  }

  // Once for each reason: a sweep comes by again and again.
  #tell(subject: string): (error: Error) => void {
    return (error) => {
      if (this.#told.get(subject) === error.message) return;
      this.#told.set(subject, error.message);
      this.#settings.log(`networks of ${subject}: ${error.message}`);
    };
  }
}

function attachmentOf(wish: NetworkWish, at: number, known: ReadonlyMap<string, NetworkConfig>): Attachment {
  const config = known.get(wish.name);
  if (!config) {
    const names = [...known.keys()].sort().join(", ");
    throw new Error(`there is no network "${wish.name}" on this agent, which has ${names || "none"}`);
  }
  const strange = wish.addresses.find((address) => !isIP(address.split("/")[0]!));
  if (strange !== undefined) throw new Error(`network "${wish.name}" is asked for "${strange}", which is no address`);
  if (wish.portMappings.length && !isCapable(config, "portMappings"))
    throw new Error(`network "${wish.name}" maps no ports: none of its plugins has the capability "portMappings"`);
  if (wish.addresses.length > 1 && !isCapable(config, "ips"))
    throw new Error(`network "${wish.name}" gives one address: none of its plugins has the capability "ips"`);
  return { config, wish, interfaceName: `eth${at}` };
}
