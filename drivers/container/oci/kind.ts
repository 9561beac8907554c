import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import type { Isolation, NetworkAddress } from "@meseta/kernel/core/agent/isolation.ts";
import type { ContainerSpec } from "@meseta/kernel/core/agent/ports.ts";
import { MemoryFolder } from "@meseta/lib/io/memory-folder.ts";
import type { Relay } from "../../network/relay.ts";
import { rlimitOf } from "../cgroups/limits.ts";
import { type Kind, LaunchRefused, type Preparation } from "../kind.ts";
import { blameOf } from "./blame.ts";
import { type Fetched, writeBundle } from "./bundle.ts";
import type { MachineFacts } from "./config.ts";
import { execText } from "./exec.ts";
import { Filters } from "./filters.ts";
import { Folders } from "./folder.ts";
import { unknownCapabilities } from "./isolators/capabilities.ts";
import type { PidGroups } from "./pid-groups.ts";
import type { Images, JoinedNetwork, Networks, ReadyImage } from "./ports.ts";
import { type RootPlan, rootPlace } from "./root.ts";
import { type Runtime, runtimeArguments, runtimeName } from "./runtime.ts";
import { Secrets } from "./secrets.ts";
import type { UserNamespaces } from "./users.ts";

const arrangeProgram = fileURLToPath(new URL("arrange.pl", import.meta.url));
const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const pidsPreset = 4096;
/** A start that copies the layers of an image takes its time. */
const copyingMs = 600_000;

export interface OciOptions {
  /** Absolute, of this agent alone: `containers` is made in it. What may be secret is in its MemoryFolder. */
  readonly dir: string;
  readonly runtime: Runtime;
  readonly images: Images;
  readonly networks: Networks;
  /** Connects to ports in networks of containers; absent: nobody can. */
  readonly relay?: Relay | undefined;
  readonly pidGroups: PidGroups;
  readonly machine: MachineFacts;
  readonly userNamespaces: UserNamespaces;
  /** "copy": layers are copied for each container, for file systems on which overlayfs cannot be. */
  readonly backend: "overlay" | "copy";
  /** Where profiles lie that tasks name; absent: there are none. */
  readonly seccompDir?: string | undefined;
  readonly perl?: string | undefined;
}

/** Containers with a root, namespaces and rights of their own, made by an OCI runtime that comes and goes. */
export class OciKind implements Kind {
  readonly name = "oci";
  readonly #options: OciOptions;
  readonly #memory: MemoryFolder;
  readonly #folders: Folders;
  readonly #secrets: Secrets;
  readonly #filters: Filters;
  /** Folders on their way out: a container of the same id waits for it. */
  readonly #clearing = new Map<string, Promise<void>>();

  constructor(options: OciOptions) {
    this.#options = options;
    this.#memory = new MemoryFolder(options.dir);
    this.#folders = new Folders(`${options.dir}/containers`, this.#memory);
    mkdirSync(rootPlace, { recursive: true, mode: 0o755 });
    this.#secrets = new Secrets(this.#memory);
    this.#filters = new Filters(this.#state, options.runtime.name === "crun");
  }

  takes(spec: ContainerSpec): boolean {
    return spec.isolation !== undefined;
  }

  async prepare(spec: ContainerSpec, signal: AbortSignal): Promise<Preparation> {
    await this.#clearing.get(spec.id);
    signal.throwIfAborted();
    this.#folders.make(spec.id);
    if (spec.inside !== undefined) return this.#prepareInside(spec, spec.inside);
    refuseWhatCannotBe(spec, spec.isolation!);
    return this.#prepareOwn(spec, await this.#fetch(spec, spec.isolation!, signal));
  }

  started(id: string): void {
    this.#secrets.remove(id);
    this.#folders.removeFromBundle(id, "config.json", "process.json", "arrange");
    this.#filters.started(id);
  }

  failed(_: string, stage: string, message: string): LaunchRefused | undefined {
    if (stage === "mounts") return new LaunchRefused("runtime", `cannot mount ${message}`);
    return stage === "runtime" ? new LaunchRefused(...blameOf(message)) : undefined;
  }

  async ended(id: string): Promise<void> {
    if (!this.#folders.has(id)) return;
    this.#secrets.remove(id);
    this.#filters.ended(id);
    this.#options.pidGroups.leave(id);
    await this.#options.networks.leave(id);
    this.#options.images.release(id);
    const clearing = this.#clear(id).finally(() => this.#clearing.delete(id));
    this.#clearing.set(id, clearing);
  }

  owns(id: string): boolean {
    return this.#folders.has(id);
  }

  async recover(known: ReadonlySet<string>): Promise<void> {
    const mine = new Set([...known].filter((id) => this.owns(id)));
    await this.#options.networks.recover(mine);
    // Of all kinds, as virtual machines have images too.
    await this.#options.images.recover(known);
    this.#options.pidGroups.recover(this.#pidGroups(mine));
    this.#memory.sweepOthers();
    await this.sweep(known);
  }

  async sweep(known: ReadonlySet<string>): Promise<void> {
    this.#secrets.sweep(known);
    for (const id of this.#folders.all()) {
      if (known.has(id) || this.#clearing.has(id)) continue;
      await this.#options.networks.leave(id);
      this.#options.images.release(id);
      await this.#clear(id);
    }
    await this.#options.networks.sweep();
  }

  addresses(id: string): readonly NetworkAddress[] | undefined {
    return this.#options.networks.joined(id)?.addresses;
  }

  async dial(id: string, host: string, port: number, timeoutMs: number): Promise<Socket> {
    const { relay } = this.#options;
    if (!relay) throw new Error("this agent cannot look into networks of containers");
    return relay.dial(id, host, port, timeoutMs);
  }

  close(): void {
    this.#options.relay?.close();
  }

  layers(id: string): readonly string[] {
    return [this.#folders.path(id, "root-upper")].filter((path) => existsSync(path));
  }

  pruneImages(excluded: readonly string[]): Promise<void> {
    return this.#options.images.prune(excluded);
  }

  #pidGroups(ids: ReadonlySet<string>): Map<string, string> {
    const found = [...ids].map((id) => [id, this.#folders.record(id)?.pidGroup] as const);
    return new Map(found.filter((one): one is [string, string] => one[1] !== undefined));
  }

  get #state(): string {
    return this.#memory.path("runtime");
  }

  async #clear(id: string): Promise<void> {
    this.#memory.remove("runtime", runtimeName(this.#options.runtime.name, id));
    await this.#folders.remove(id).catch(() => {});
  }

  async #fetch(spec: ContainerSpec, isolation: Isolation, signal: AbortSignal): Promise<Fetched> {
    const { id } = spec;
    const { image, network, mounts } = isolation;
    const pidGroup = pidGroupOf(isolation);
    const [ready, joined, pidNamespace, ...mounted] = await allOf([
      image && this.#image(image, spec, signal),
      network.kind === "own" ? this.#join(id, network) : undefined,
      pidGroup === undefined ? undefined : this.#options.pidGroups.join(id, pidGroup),
      ...mounts.map((mount) => (mount.kind === "image" ? this.#image(mount.image, spec, signal) : undefined)),
    ] as const);
    return { image: ready, network: joined, mounted, pidNamespace };
  }

  async #image(
    wish: Parameters<Images["prepare"]>[0],
    { id, owner }: ContainerSpec,
    signal: AbortSignal,
  ): Promise<ReadyImage> {
    return this.#options.images.prepare(wish, id, signal, owner).catch((error: Error) => {
      throw new LaunchRefused("image", error.message);
    });
  }

  async #join(id: string, wish: Isolation["network"] & { kind: "own" }): Promise<JoinedNetwork> {
    return this.#options.networks.join(id, wish).catch((error: Error) => {
      throw new LaunchRefused("network", error.message);
    });
  }

  #prepareOwn(spec: ContainerSpec, fetched: Fetched): Preparation {
    const settings = { ...this.#options, secrets: this.#secrets, filters: this.#filters };
    const place = { folder: this.#folders.path(spec.id), bundle: this.#folders.bundle(spec.id) };
    const bundle = writeBundle(spec, place, fetched, settings);
    const { owner, devices } = bundle;
    this.#folders.write(spec.id, { devices, owner, pidGroup: pidGroupOf(spec.isolation!) });
    return {
      program: this.#program(spec, bundle, { bundle: place.bundle }, owner),
      devices,
      consoleLink: this.#folders.bundle(spec.id, "console.sock"),
      pids: pidsPreset,
      ...(fetched.network && { addresses: fetched.network.addresses }),
    };
  }

  #prepareInside(spec: ContainerSpec, inside: string): Preparation {
    const direct = this.#folders.record(inside);
    if (!direct) throw new LaunchRefused("spec", `the container ${inside} does not run`);
    const root = direct.inside ?? inside;
    const record = this.#folders.record(root);
    if (!record) throw new LaunchRefused("spec", `the container ${root} does not run`);
    const rights = readFileSync(this.#folders.bundle(root, "rights.json"), "utf8");
    const pid = readFileSync(this.#folders.bundle(root, "pid"), "utf8").trim();
    const { text, owner } = execText(rights, spec, `/proc/${pid}/root`);
    const processFile = this.#folders.bundle(spec.id, "process.json");
    writeFileSync(processFile, text, { mode: 0o600 });
    this.#folders.write(spec.id, { inside: root, devices: record.devices, owner });
    const work = { inside: root, processFile };
    return {
      program: this.#program(spec, { mounts: [], arrange: [] }, work, owner),
      devices: record.devices,
      consoleLink: this.#folders.bundle(spec.id, "console.sock"),
      pids: pidsPreset,
    };
  }

  #program(
    spec: ContainerSpec,
    { mounts, arrange }: RootPlan,
    work: { bundle: string } | { inside: string; processFile: string },
    owner: string,
  ): Preparation["program"] {
    const { runtime, perl = "/usr/bin/perl" } = this.#options;
    const folder = this.#folders.bundle(spec.id);
    const [pidFile, log] = [`${folder}/pid`, `${folder}/runtime.log`];
    const argv = runtimeArguments(runtime, {
      id: spec.id,
      stateRoot: this.#state,
      pidFile,
      log,
      work,
      terminal: spec.terminal !== undefined,
    });
    // Copying may take longer than a child of the launcher has between fork and exec: a program does it.
    const copies = arrange.some(([verb]) => verb === "copy");
    const command = copies ? this.#arranged(folder, log, arrange, perl, argv) : { file: runtime.file, argv };
    return {
      ...command,
      ...(!copies && { arrange }),
      environment: { PATH: systemPath },
      workingDirectory: folder,
      rlimits: [],
      ...(copies && { startMs: copyingMs }),
      mounts: [...runtime.hide, ...mounts],
      runtime: { pidFile, log },
      ...(spec.stdout !== "/dev/null" && { outputOwner: owner }),
    };
  }

  #arranged(folder: string, log: string, arrange: RootPlan["arrange"], perl: string, argv: readonly string[]) {
    const lines = arrange.map((fields) => fields.map(escaped).join("\t")).join("\n");
    writeFileSync(`${folder}/arrange`, `${lines}\n`, { mode: 0o600 });
    return {
      file: perl,
      argv: ["perl", arrangeProgram, `${folder}/arrange`, log, this.#options.runtime.file, ...argv.slice(1)],
    };
  }
}

function refuseWhatCannotBe(spec: ContainerSpec, isolation: Isolation): void {
  const rlimit = spec.rlimits?.find((limit) => !rlimitOf(limit));
  if (rlimit) throw new LaunchRefused("spec", `unknown rlimit ${rlimit.type}`);
  const [capability] = unknownCapabilities(isolation);
  if (capability) throw new LaunchRefused("spec", `unknown capability ${capability}`);
}

// A group of one network; without a network of its own there is none, and the container has a namespace for itself.
function pidGroupOf({ pidNamespace, network }: Isolation): string | undefined {
  return pidNamespace === "group" && network.kind === "own" ? network.group : undefined;
}

// All of them, also when one fails: what the others hold is given back by `ended`, which must not come before they have it.
async function allOf<T extends readonly unknown[]>(waits: T): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const all = await Promise.allSettled(waits);
  const failed = all.find((one) => one.status === "rejected");
  if (failed) throw failed.reason;
  return all.map((one) => (one as PromiseFulfilledResult<unknown>).value) as {
    -readonly [K in keyof T]: Awaited<T[K]>;
  };
}

function escaped(field: string): string {
  return field.replace(/[%\t\n\r]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
}
