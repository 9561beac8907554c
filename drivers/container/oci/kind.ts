import { copyFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ContainerMount, Isolation, NetworkAddress } from "@meseta/kernel/core/agent/isolation.ts";
import type { ContainerSpec, LaunchFailure } from "@meseta/kernel/core/agent/ports.ts";
import type { MountOrder } from "../../launch/protocol.ts";
import { rlimitOf } from "../cgroups/limits.ts";
import { type Kind, LaunchRefused, type Preparation } from "../kind.ts";
import { type ContainerPlan, configText, type MachineFacts } from "./config.ts";
import { execText } from "./exec.ts";
import { Folders } from "./folder.ts";
import { unknownCapabilities } from "./isolators/capabilities.ts";
import { type DeviceNode, deviceRules } from "./isolators/devices.ts";
import type { Identity } from "./isolators/identity.ts";
import type { BindMount } from "./isolators/mounts.ts";
import { argumentsOf, environmentOf } from "./isolators/process.ts";
import { hostId, type IdRange } from "./isolators/user-namespace.ts";
import { giveAway } from "./owner.ts";
import type { Images, JoinedNetwork, Networks, ReadyImage } from "./ports.ts";
import { layeredRoot, machineRoot, type RootPlan } from "./root.ts";
import { RootView } from "./root-view.ts";
import { type Runtime, runtimeArguments } from "./runtime.ts";
import { seccompOf } from "./seccomp-files.ts";
import { Secrets } from "./secrets.ts";
import { identityOf, idRangeOf, type UserNamespaces } from "./users.ts";
import { bindOf, isPlace, placeOf, type Volumes } from "./volumes.ts";
import { workingDirectoryOf } from "./working-directory.ts";

const arrangeProgram = fileURLToPath(new URL("arrange.pl", import.meta.url));
const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const pidsPreset = 4096;

export interface OciOptions {
  /** Absolute, of this agent alone: `containers` and `runtime` are made in it. */
  readonly dir: string;
  readonly runtime: Runtime;
  readonly images: Images;
  readonly networks: Networks;
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
  readonly #folders: Folders;
  readonly #secrets: Secrets;
  /** Folders on their way out: a container of the same id waits for it. */
  readonly #clearing = new Map<string, Promise<void>>();

  constructor(options: OciOptions) {
    this.#options = options;
    this.#folders = new Folders(`${options.dir}/containers`);
    this.#secrets = new Secrets(options.dir);
  }

  takes(spec: ContainerSpec): boolean {
    return spec.isolation !== undefined;
  }

  async prepare(spec: ContainerSpec, signal: AbortSignal): Promise<Preparation> {
    await this.#clearing.get(spec.id);
    this.#folders.make(spec.id);
    if (spec.inside !== undefined) return this.#prepareInside(spec, spec.inside);
    const isolation = spec.isolation!;
    refuseWhatCannotBe(spec, isolation);
    const [image, network, ...mounted] = await allOf([
      isolation.image && this.#image(isolation.image, spec.id, signal),
      isolation.network.kind === "own" ? this.#join(spec.id, isolation.network) : undefined,
      ...isolation.mounts.map((mount) => mount.kind === "image" && this.#image(mount.image, spec.id, signal)),
    ] as const);
    const found = { image: image || undefined, network: network || undefined };
    return this.#bundle(spec, isolation, found, mounted as (ReadyImage | false)[]);
  }

  started(id: string): void {
    this.#secrets.remove(id);
  }

  failed(_: string, stage: string, message: string): LaunchRefused | undefined {
    if (stage === "mounts") return new LaunchRefused("runtime", `cannot mount ${message}`);
    return stage === "runtime" ? new LaunchRefused(...blameOf(message)) : undefined;
  }

  async ended(id: string): Promise<void> {
    if (!this.#folders.has(id)) return;
    this.#secrets.remove(id);
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
    await this.#options.images.recover(mine);
    await this.sweep(known);
  }

  async sweep(known: ReadonlySet<string>): Promise<void> {
    this.#secrets.sweep(known);
    for (const id of await this.#folders.all()) {
      if (known.has(id) || this.#clearing.has(id)) continue;
      await this.#options.networks.leave(id);
      this.#options.images.release(id);
      await this.#clear(id);
    }
  }

  addresses(id: string): readonly NetworkAddress[] | undefined {
    return this.#options.networks.joined(id)?.addresses;
  }

  layers(id: string): readonly string[] {
    return [this.#folders.path(id, "root-upper")].filter((path) => existsSync(path));
  }

  pruneImages(excluded: readonly string[]): Promise<void> {
    return this.#options.images.prune(excluded);
  }

  get #state(): string {
    return `${this.#options.dir}/runtime`;
  }

  async #clear(id: string): Promise<void> {
    rmSync(`${this.#state}/${id}`, { recursive: true, force: true });
    await this.#folders.remove(id).catch(() => {});
  }

  async #image(wish: Parameters<Images["prepare"]>[0], id: string, signal: AbortSignal): Promise<ReadyImage> {
    return this.#options.images.prepare(wish, id, signal).catch((error: Error) => {
      throw new LaunchRefused("image", error.message);
    });
  }

  async #join(id: string, wish: Isolation["network"] & { kind: "own" }): Promise<JoinedNetwork> {
    return this.#options.networks.join(id, wish).catch((error: Error) => {
      throw new LaunchRefused("network", error.message);
    });
  }

  #bundle(spec: ContainerSpec, isolation: Isolation, found: Joined, mounted: (ReadyImage | false)[]): Preparation {
    const { machine, userNamespaces, seccompDir } = this.#options;
    const folder = this.#folders.path(spec.id);
    const { image, network } = found;
    const view = this.#view(isolation, image);
    const identity = identityOf(spec, view, image?.config.User);
    const idRange = idRangeOf(spec, identity, userNamespaces);
    const owner = ownerOf(identity, idRange);
    if (idRange) this.#folders.letIn(spec.id, idRange.first);
    const root = this.#root(folder, image, idRange);
    const volumes = this.#volumes({ spec, isolation, folder, owner, idRange, mounted, network, view });
    giveAway(isolation.sandbox.host, owner.uid, owner.gid);
    const devices = (isolation.devices ?? []).map((one) => deviceAt(one.path));
    const given = argumentsOf(spec.command, image?.config);
    if (!given) throw new LaunchRefused("spec", "neither the image nor the task names a command");
    const plan: ContainerPlan = {
      isolation,
      arguments: given,
      environment: environmentOf(spec.environment, image?.config, {
        home: identity.home,
        terminal: spec.terminal !== undefined,
      }),
      workingDirectory: workingDirectoryOf(spec, isolation, image?.config, view),
      identity,
      terminal: spec.terminal,
      rlimits: spec.rlimits,
      root: `${folder}/root`,
      readOnlyRoot: isolation.readOnlyRoot === true || (!image && !isolation.rootAllowed),
      binds: volumes.binds,
      devices,
      idRange,
      networkNamespace: network?.namespace,
      hostname: isolation.network.kind === "own" ? isolation.network.hostname : undefined,
      seccomp: seccompOf(isolation, seccompDir, machine),
    };
    writeFileSync(`${folder}/config.json`, configText(plan, machine), { mode: 0o600 });
    const rules = deviceRules(isolation, devices);
    this.#folders.write(spec.id, { devices: rules, owner: `${owner.uid}:${owner.gid}` });
    const plans = { mounts: [...root.mounts, ...volumes.mounts], arrange: [...root.arrange, ...volumes.arrange] };
    return {
      program: this.#program(spec, plans, { bundle: folder }, `${owner.uid}:${owner.gid}`),
      devices: rules,
      consoleLink: this.#folders.path(spec.id, "console.sock"),
      pids: pidsPreset,
      ...(network && { addresses: network.addresses }),
    };
  }

  #view(isolation: Isolation, image: ReadyImage | undefined): RootView {
    const paths = isolation.mounts.filter((mount) => mount.kind === "path");
    const bounds = paths.map((mount) => ({ inside: placeOf(mount, isolation), host: mount.host }));
    const sandbox = { inside: isolation.sandbox.inside, host: isolation.sandbox.host };
    return new RootView(image?.layers ?? ["/"], [sandbox, ...bounds]);
  }

  #root(folder: string, image: ReadyImage | undefined, idRange: IdRange | undefined): RootPlan {
    if (!image) return machineRoot(folder, "root");
    return layeredRoot({
      folder,
      name: "root",
      layers: image.layers,
      readOnly: false,
      idRange,
      backend: this.#options.backend,
    });
  }

  #volumes(wish: VolumesWish): Volumes & { readonly mounts: readonly MountOrder[] } {
    const { isolation, view } = wish;
    const binds: BindMount[] = [
      { source: isolation.sandbox.host, inside: isolation.sandbox.inside, readOnly: false },
      ...this.#networkFiles(wish),
    ];
    const arrange: (readonly string[])[] = [];
    const mounts: MountOrder[] = [];
    for (const [at, mount] of isolation.mounts.entries()) {
      const made = this.#volume(mount, at, wish);
      binds.push(...made.binds);
      arrange.push(...made.arrange);
      mounts.push(...made.mounts);
    }
    return {
      binds: lastAtEachPlace(binds.map((bind) => ({ ...bind, inside: withoutLinks(bind.inside, view) }))),
      arrange,
      mounts,
    };
  }

  #volume(mount: ContainerMount, at: number, wish: VolumesWish): Volumes & { readonly mounts: readonly MountOrder[] } {
    const { isolation, folder, owner, spec, idRange } = wish;
    switch (mount.kind) {
      case "path":
        return { ...bindOf(mount, isolation, { folder, at, owner: `${owner.uid}:${owner.gid}` }), mounts: [] };
      case "secret": {
        const source = this.#secrets.put(spec.id, at, mount.content, owner.uid, owner.gid);
        return {
          binds: [{ source, inside: placeOf(mount, isolation), readOnly: true, file: true }],
          arrange: [],
          mounts: [],
        };
      }
      case "image": {
        const { layers } = wish.mounted[at] as ReadyImage;
        const { backend } = this.#options;
        const root = layeredRoot({ folder, name: `image-${at}`, layers, readOnly: true, idRange, backend });
        const bind = { source: `${folder}/image-${at}`, inside: placeOf(mount, isolation), readOnly: mount.readOnly };
        return { binds: [bind], ...root };
      }
    }
  }

  // The files of a joined network, or copies of the agent's own, which the container may see and not change. Over the agent's own root
  // only those that are there.
  #networkFiles({ isolation, folder, network, view }: VolumesWish): BindMount[] {
    const files = network
      ? { "/etc/hosts": network.hosts, "/etc/hostname": network.hostname, "/etc/resolv.conf": network.resolvConf }
      : isolation.image
        ? copiesOf(["/etc/hosts", "/etc/hostname", "/etc/resolv.conf"], folder)
        : {};
    return Object.entries(files).flatMap(([inside, source]) =>
      isolation.image || view.resolve(inside).found ? [{ source, inside, readOnly: true, file: true }] : [],
    );
  }

  #prepareInside(spec: ContainerSpec, inside: string): Preparation {
    const direct = this.#folders.record(inside);
    if (!direct) throw new LaunchRefused("spec", `the container ${inside} does not run`);
    const root = direct.inside ?? inside;
    const record = this.#folders.record(root);
    if (!record) throw new LaunchRefused("spec", `the container ${root} does not run`);
    const folder = this.#folders.path(spec.id);
    const config = readFileSync(this.#folders.path(root, "config.json"), "utf8");
    const pid = readFileSync(this.#folders.path(root, "pid"), "utf8").trim();
    const { text, owner } = execText(config, spec, `/proc/${pid}/root`);
    writeFileSync(`${folder}/process.json`, text, { mode: 0o600 });
    this.#folders.write(spec.id, { inside: root, devices: record.devices, owner });
    const work = { inside: root, processFile: `${folder}/process.json` };
    return {
      program: this.#program(spec, { mounts: [], arrange: [] }, work, owner),
      devices: record.devices,
      consoleLink: this.#folders.path(spec.id, "console.sock"),
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
    const folder = this.#folders.path(spec.id);
    const [pidFile, log] = [`${folder}/pid`, `${folder}/runtime.log`];
    const argv = runtimeArguments(runtime, {
      id: spec.id,
      stateRoot: this.#state,
      pidFile,
      log,
      work,
      terminal: spec.terminal !== undefined,
    });
    const command =
      arrange.length === 0 ? { file: runtime.file, argv } : this.#arranged(folder, log, arrange, perl, argv);
    return {
      ...command,
      environment: { PATH: systemPath },
      workingDirectory: folder,
      rlimits: [],
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

interface Joined {
  readonly image: ReadyImage | undefined;
  readonly network: JoinedNetwork | undefined;
}

interface VolumesWish {
  readonly spec: ContainerSpec;
  readonly isolation: Isolation;
  readonly folder: string;
  readonly owner: { readonly uid: number; readonly gid: number };
  readonly idRange: IdRange | undefined;
  readonly mounted: readonly (ReadyImage | false)[];
  readonly network: JoinedNetwork | undefined;
  readonly view: RootView;
}

function refuseWhatCannotBe(spec: ContainerSpec, isolation: Isolation): void {
  const rlimit = spec.rlimits?.find((limit) => !rlimitOf(limit));
  if (rlimit) throw new LaunchRefused("spec", `unknown rlimit ${rlimit.type}`);
  const [capability] = unknownCapabilities(isolation);
  if (capability) throw new LaunchRefused("spec", `unknown capability ${capability}`);
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

function ownerOf({ uid, gid }: Identity, idRange: IdRange | undefined): { uid: number; gid: number } {
  return { uid: hostId(uid, idRange) ?? uid, gid: hostId(gid, idRange) ?? gid };
}

function deviceAt(path: string): DeviceNode {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats?.isCharacterDevice() && !stats?.isBlockDevice())
    throw new LaunchRefused("spec", `${path} is no device of this machine`);
  const [major, minor] = numbersOf(stats.rdev);
  return { path, type: stats.isBlockDevice() ? "b" : "c", major, minor, mode: stats.mode };
}

// As gnu_dev_major and gnu_dev_minor of glibc take a device number apart.
function numbersOf(rdev: number): [major: number, minor: number] {
  const high = Math.floor(rdev / 2 ** 32);
  const low = rdev % 2 ** 32;
  return [((low >>> 8) & 0xfff) | (high & ~0xfff), (low & 0xff) | ((low >>> 12) & ~0xff)];
}

function copiesOf(paths: readonly string[], folder: string): Record<string, string> {
  const there = paths.filter((path) => existsSync(path));
  return Object.fromEntries(
    there.map((path) => {
      const copy = `${folder}/${path.slice("/etc/".length)}`;
      copyFileSync(path, copy);
      return [path, copy];
    }),
  );
}

// Where a mount will be, so that no link of the image decides it: a runtime would follow it, or give up.
function withoutLinks(inside: string, view: RootView): string {
  const real = view.resolve(inside).inside;
  if (!isPlace(real)) throw new LaunchRefused("spec", `nothing may be mounted on ${real}, where ${inside} leads`);
  return real;
}

// What the task mounts over one of our own files is meant.
function lastAtEachPlace(binds: readonly BindMount[]): BindMount[] {
  return [...new Map(binds.map((bind) => [bind.inside, bind])).values()];
}

function escaped(field: string): string {
  return field.replace(/[%\t\n\r]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
}

// Whose fault a runtime's complaint is, as far as its words tell.
function blameOf(message: string): [LaunchFailure, string] {
  if (
    /executable file|open executable|exec(?:ve)?[: ].*(?:no such file|permission denied|exec format)|no such file.*\$PATH/i.test(
      message,
    )
  )
    return ["command", message];
  if (/chdir|cwd|working directory/i.test(message)) return ["directory", message];
  return ["runtime", message];
}
