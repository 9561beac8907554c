import { existsSync, realpathSync, statSync, writeFileSync } from "node:fs";
import type { ContainerMount, Isolation } from "@meseta/kernel/core/agent/isolation.ts";
import type { ContainerSpec } from "@meseta/kernel/core/agent/ports.ts";
import { giveAway } from "@meseta/lib/io/held-folder.ts";
import type { MountOrder } from "../../launch/protocol.ts";
import { LaunchRefused } from "../kind.ts";
import { configText, type MachineFacts, rightsText, seccompSection } from "./config.ts";
import type { Filters } from "./filters.ts";
import { type DeviceNode, deviceRules } from "./isolators/devices.ts";
import type { Identity } from "./isolators/identity.ts";
import type { BindMount } from "./isolators/mounts.ts";
import { argumentsOf, environmentOf } from "./isolators/process.ts";
import { hostId, type IdRange } from "./isolators/user-namespace.ts";
import type { JoinedNetwork, ReadyImage } from "./ports.ts";
import { layeredRoot, machineRoot, type RootPlan, rootPlace } from "./root.ts";
import { RootView } from "./root-view.ts";
import { seccompOf } from "./seccomp-files.ts";
import type { Secrets } from "./secrets.ts";
import { identityOf, idRangeOf, type UserNamespaces } from "./users.ts";
import { bindOf, isPlace, placeOf, sandboxOf, type Volumes } from "./volumes.ts";
import { workingDirectoryOf } from "./working-directory.ts";

/** What a container is made with on this agent. */
export interface BundleSettings {
  readonly machine: MachineFacts;
  readonly userNamespaces: UserNamespaces;
  readonly backend: "overlay" | "copy";
  readonly seccompDir?: string | undefined;
  readonly secrets: Secrets;
  readonly filters: Filters;
}

/** What was fetched and joined for a container. */
export interface Fetched {
  readonly image: ReadyImage | undefined;
  readonly network: JoinedNetwork | undefined;
  /** The images of its mounts, each at the index of its mount. */
  readonly mounted: readonly (ReadyImage | undefined)[];
  /** A pid namespace to join. */
  readonly pidNamespace?: string | undefined;
}

/** A bundle that is written down: how its root and volumes are mounted, and whose it is on this machine. */
export interface Bundle extends RootPlan {
  /** "uid:gid" of the first process, as this machine sees it. */
  readonly owner: string;
  /** Lines for devices.allow. */
  readonly devices: readonly string[];
}

/**
 * Writes config.json, and what a further process inside is to know, into `bundle`; all that it names into the container's `folder`. Throws a
 * LaunchRefused for what cannot be.
 */
export function writeBundle(
  spec: ContainerSpec,
  { folder, bundle }: { readonly folder: string; readonly bundle: string },
  fetched: Fetched,
  settings: BundleSettings,
): Bundle {
  const isolation = spec.isolation!;
  const { image, network } = fetched;
  const view = viewOf(isolation, image);
  const identity = identityOf(spec, view, image?.config.User);
  const idRange = idRangeOf(spec, identity, settings.userNamespaces);
  const owner = ownerOf(identity, idRange);
  const wish: Wish = { ...fetched, spec, isolation, folder, owner, idRange, view, settings };
  const [root, volumes] = [rootOf(wish), volumesOf(wish)];
  const devices = (isolation.devices ?? []).map((one) => deviceAt(one.path));
  const command = argumentsOf(spec.command, image?.config);
  if (!command) throw new LaunchRefused("spec", "neither the image nor the task names a command");
  const processes = idRange && fetched.pidNamespace ? `${folder}/proc` : undefined;
  const preset = { home: identity.home, terminal: spec.terminal !== undefined };
  const plan = {
    isolation,
    arguments: command,
    environment: environmentOf(spec.environment, image?.config, preset),
    workingDirectory: workingDirectoryOf(spec, isolation, image?.config, view),
    identity,
    terminal: spec.terminal,
    rlimits: spec.rlimits,
    root: rootPlace,
    readOnlyRoot: isolation.readOnlyRoot === true || (!image && !isolation.rootAllowed),
    binds: volumes.binds,
    devices,
    idRange,
    networkNamespace: network?.namespace,
    pidNamespace: fetched.pidNamespace,
    processes,
    hostname: isolation.network.kind === "own" ? isolation.network.hostname : undefined,
    seccomp: seccompOf(isolation, settings.seccompDir, settings.machine),
  };
  const seccomp = seccompSection(plan, settings.machine);
  const filter = settings.filters.of(spec.id, seccomp);
  writeFileSync(`${bundle}/config.json`, configText(plan, settings.machine, seccomp, filter), { mode: 0o600 });
  writeFileSync(`${bundle}/rights.json`, rightsText(plan, settings.machine), { mode: 0o600 });
  giveAway(volumes.host, owner.uid, owner.gid);
  return {
    mounts: [...root.mounts, ...volumes.mounts],
    arrange: [...root.arrange, ...volumes.arrange, ...(processes ? [["proc", fetched.pidNamespace!, processes]] : [])],
    owner: `${owner.uid}:${owner.gid}`,
    devices: deviceRules(isolation, devices),
  };
}

interface Wish extends Fetched {
  readonly spec: ContainerSpec;
  readonly isolation: Isolation;
  readonly folder: string;
  readonly owner: { readonly uid: number; readonly gid: number };
  readonly idRange: IdRange | undefined;
  readonly view: RootView;
  readonly settings: BundleSettings;
}

function viewOf(isolation: Isolation, image: ReadyImage | undefined): RootView {
  const paths = isolation.mounts.filter((mount) => mount.kind === "path");
  const bounds = paths.map((mount) => ({ inside: placeOf(mount, isolation), host: mount.host }));
  return new RootView(image?.layers ?? ["/"], [isolation.sandbox, ...bounds]);
}

function rootOf({ folder, image, idRange, settings: { backend } }: Wish): RootPlan {
  if (!image) return machineRoot(rootPlace);
  return layeredRoot({
    folder,
    name: "root",
    place: rootPlace,
    layers: image.layers,
    readOnly: false,
    idRange,
    backend,
  });
}

type Mounted = Volumes & { readonly mounts: readonly MountOrder[] };

function volumesOf(wish: Wish): Mounted & { readonly host: string } {
  const { isolation, view } = wish;
  const sandbox = sandboxOf(isolation, wish.folder);
  const made = isolation.mounts.map((mount, at) => volumeOf(mount, at, wish));
  const binds = [...sandbox.binds, ...networkFiles(wish), ...made.flatMap((one) => one.binds)];
  return {
    binds: lastAtEachPlace(binds.map((bind) => ({ ...bind, inside: withoutLinks(bind.inside, view) }))),
    arrange: [...sandbox.arrange, ...made.flatMap((one) => one.arrange)],
    host: sandbox.host,
    mounts: made.flatMap((one) => one.mounts),
  };
}

function volumeOf(mount: ContainerMount, at: number, wish: Wish): Mounted {
  const { isolation, folder, owner, spec, idRange, settings } = wish;
  const { uid, gid } = owner;
  switch (mount.kind) {
    case "path":
      return { ...bindOf(mount, isolation, { folder, at, owner: `${uid}:${gid}` }), mounts: [] };
    case "secret": {
      const source = settings.secrets.put(spec.id, at, mount.content, uid, gid);
      const bind = { source, inside: placeOf(mount, isolation), readOnly: true, file: true };
      return { binds: [bind], arrange: [], mounts: [] };
    }
    case "tmpfs": {
      const { bytes, mode = 0o1777, exec, readOnly } = mount;
      const size = bytes === undefined ? [] : [`size=${bytes}`];
      const tmpfs = ["nosuid", "nodev", exec ? "exec" : "noexec", `mode=${mode.toString(8)}`, ...size];
      return {
        binds: [{ source: "tmpfs", inside: placeOf(mount, isolation), readOnly, tmpfs }],
        arrange: [],
        mounts: [],
      };
    }
    case "image": {
      const { layers } = wish.mounted[at]!;
      const name = `image-${at}`;
      const root = layeredRoot({ folder, name, layers, readOnly: true, idRange, backend: settings.backend });
      const bind = { source: `${folder}/${name}`, inside: placeOf(mount, isolation), readOnly: true };
      return { binds: [bind], ...root };
    }
  }
}

// The files of a joined network, or the agent's own, which the container may see and not change. Over the agent's own root only those
// that are there.
function networkFiles({ isolation, network, view }: Wish): BindMount[] {
  const files = network
    ? { "/etc/hosts": network.hosts, "/etc/hostname": network.hostname, "/etc/resolv.conf": network.resolvConf }
    : isolation.image
      ? ownFiles()
      : {};
  return Object.entries(files).flatMap(([inside, source]) =>
    isolation.image || view.resolve(inside).found ? [{ source, inside, readOnly: true, file: true }] : [],
  );
}

function ownFiles(): Record<string, string> {
  const there = ["/etc/hosts", "/etc/hostname", "/etc/resolv.conf"].filter((path) => existsSync(path));
  return Object.fromEntries(there.map((path) => [path, realpathSync(path)]));
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
