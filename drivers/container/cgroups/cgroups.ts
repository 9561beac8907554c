import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { basename } from "node:path";
import type { ContainerLimits } from "@meseta/kernel/core/agent/ports.ts";
import type { CgroupOrder } from "../../launch/protocol.ts";
import { countBlkio } from "./blkio.ts";
import { deviceFilter } from "./device-filter.ts";
import { type Layout, readLayout } from "./layout.ts";
import { type LimitFile, limitFiles } from "./limits.ts";
import { Readiness } from "./readiness.ts";

// Tells whose a folder is, as its name is a hash: one file for each, in the place for what does not outlive the boot.
const owners = "/run/meseta/cgroups";

/**
 * The cgroups of one agent: which folders a container gets, what is written into them, and how they go away.
 *
 * cgroup v1: a folder per group in each hierarchy, and one per container in the hierarchy that lists and kills it.
 * cgroup v2: one tree, `group/container`, limits on the group.
 */
export class Cgroups {
  readonly layout: Layout;
  /** Below each mount: `meseta/<hash of the agent's folder>`. */
  readonly base: string;
  readonly #agentDir: string;
  readonly #readiness: Readiness;

  /** Undefined where cgroups cannot be written: no root, not mounted, or mounted read-only. */
  static open(agentDir: string, known?: Layout): Cgroups | undefined {
    const layout = known ?? readMachine();
    if (!layout) return undefined;
    const cgroups = new Cgroups(layout, agentDir);
    try {
      cgroups.#prepare();
      return cgroups;
    } catch {
      cgroups.close();
      return undefined;
    }
  }

  constructor(layout: Layout, agentDir: string) {
    this.layout = layout;
    this.#agentDir = agentDir;
    this.#readiness = new Readiness(layout);
    this.base = `meseta/${createHash("sha256").update(agentDir).digest("hex").slice(0, 12)}`;
  }

  /**
   * What the launcher has to do for a container of this group; `limits` are the group's. `devices` says that the container is isolated, and
   * which devices it may use: lines for devices.allow of v1, from which the filter of v2 is made.
   */
  order(id: string, group: string, limits: ContainerLimits, devices?: readonly string[]): CgroupOrder {
    const kill = this.killFolder(id, group);
    const folders = this.#groupFolders(group, devices !== undefined);
    // The pids hierarchy of v1 has its own folder for each container, so that one can be killed without its group.
    const shared = folders.filter((folder) => !this.#isKillMount(folder));
    const own = devices && this.#deviceFolder(id);
    if (own) shared.push(own);
    const all = this.layout.kill.version === 2 ? [...folders, kill] : [...shared, kill];
    const memory = this.layout.memory && `${this.layout.memory.mount}/${this.base}/${group}`;
    return {
      mkdir: all,
      write: [...this.#writes(id, group, limits), ...deviceWrites(own, devices)],
      join:
        this.layout.kill.version === 2
          ? [...shared.filter((folder) => !kill.startsWith(folder + "/")), kill].map(procs)
          : all.map(procs),
      kill,
      shared: group !== id,
      ...this.#deviceFilter(kill, devices),
      ...(memory &&
        this.layout.memory?.version === 1 && {
          oom: `${memory}/memory.oom_control`,
          peak: `${memory}/memory.max_usage_in_bytes`,
        }),
      ...(memory &&
        this.layout.memory?.version === 2 && { oom: `${memory}/memory.events`, peak: `${memory}/memory.peak` }),
    };
  }

  /** A container comes in a moment: the kernel is made ready for its first process to join. */
  expect(): void {
    this.#readiness.expect();
  }

  /** Whether a container opens no device that was not given to it. */
  get refusesDevices(): boolean {
    return this.layout.devices !== undefined || this.layout.kill.version === 2;
  }

  /** The folder that holds this container and no other. */
  killFolder(id: string, group: string): string {
    const { mount, version } = this.layout.kill;
    return version === 2 ? `${mount}/${this.base}/${group}/${id}` : `${mount}/${this.base}/${id}`;
  }

  /** Where the files of a controller stand for this group; undefined without that controller. */
  folder(
    controller: "cpu" | "cpuacct" | "memory" | "blkio",
    group: string,
  ): { readonly path: string; readonly version: 1 | 2 } | undefined {
    const found = this.layout[controller];
    return found && { path: `${found.mount}/${this.base}/${group}`, version: found.version };
  }

  /** Changes the limits of a group that runs. Rejects with the system's error, for example when memory in use exceeds the limit. */
  async update(id: string, group: string, limits: ContainerLimits): Promise<void> {
    for (const [path, value] of this.#writes(id, group, limits)) await writeFile(path, value, { flag: "r+" });
  }

  /** Folders of containers that are not among the known ones: somebody forgot to end them. */
  strays(known: ReadonlySet<string>): string[] {
    const root = `${this.layout.kill.mount}/${this.base}`;
    const folders = foldersIn(root);
    if (this.layout.kill.version === 1) return folders.filter((id) => !known.has(id)).map((id) => `${root}/${id}`);
    return folders.flatMap((group) =>
      foldersIn(`${root}/${group}`).flatMap((id) => (known.has(id) ? [] : [`${root}/${group}/${id}`])),
    );
  }

  /** The cgroups of agents whose folder was removed: nobody comes back for what is in them. */
  abandoned(): Cgroups[] {
    const others = namesIn(owners).flatMap((hash) => ownerIn(`${owners}/${hash}`) ?? []);
    return others.filter((dir) => !existsSync(dir)).map((dir) => new Cgroups(this.layout, dir));
  }

  /** Removes the folders in which nobody is: with the last container the agent's own, and with the last agent `meseta`. */
  close(): void {
    for (const mount of this.#mounts()) {
      for (const group of foldersIn(`${mount}/${this.base}`)) remove(`${mount}/${this.base}/${group}`);
      remove(`${mount}/${this.base}`);
      remove(`${mount}/meseta`);
    }
    if (!this.#mounts().some((mount) => existsSync(`${mount}/${this.base}`)))
      rmSync(this.#ownerFile(), { force: true });
  }

  #ownerFile(): string {
    return `${owners}/${basename(this.base)}`;
  }

  #prepare(): void {
    mkdirSync(owners, { recursive: true });
    writeFileSync(this.#ownerFile(), this.#agentDir);
    for (const mount of this.#mounts()) mkdirSync(`${mount}/${this.base}`, { recursive: true });
    this.#prepareCpuset();
    if (this.layout.blkio?.version === 1) countBlkio(`${this.layout.blkio.mount}/${this.base}`);
    const { mount, version } = this.layout.kill;
    if (version !== 2) return;
    const wanted = (["cpu", "memory", "pids", "blkio", "cpuset"] as const).filter(
      (name) => this.layout[name]?.version === 2,
    );
    for (const folder of [mount, `${mount}/meseta`, `${mount}/${this.base}`])
      for (const name of wanted) enable(folder, name === "blkio" ? "io" : name);
  }

  // In v1 a new folder has no cpus and no memory nodes, and nobody can join it before it has: ours have all, and their children too.
  #prepareCpuset(): void {
    const { cpuset } = this.layout;
    if (cpuset?.version !== 1) return;
    for (const [parent, folder] of [
      [cpuset.mount, `${cpuset.mount}/meseta`],
      [`${cpuset.mount}/meseta`, `${cpuset.mount}/${this.base}`],
    ]) {
      for (const name of ["cpuset.cpus", "cpuset.mems"])
        writeFileSync(`${folder}/${name}`, readFileSync(`${parent}/${name}`, "utf8").trim());
      writeFileSync(`${folder}/cgroup.clone_children`, "1");
    }
  }

  // Of this container alone, as what it may use is its own matter.
  #deviceFolder(id: string): string | undefined {
    return this.layout.devices?.version === 1 ? `${this.layout.devices.mount}/${this.base}/${id}` : undefined;
  }

  // Where version 1 says nothing about devices, the container's folder of version 2 does.
  #deviceFilter(folder: string, devices: readonly string[] | undefined): Pick<CgroupOrder, "devices"> {
    if (!devices || this.layout.devices || this.layout.kill.version === 1) return {};
    const program = deviceFilter(devices);
    return program === undefined ? {} : { devices: { folder, program } };
  }

  #writes(id: string, group: string, limits: ContainerLimits): [string, string][] {
    return limitFiles(limits, this.layout).map((file) => [this.#pathOf(file, id, group), file.value]);
  }

  #pathOf(file: LimitFile, id: string, group: string): string {
    const { mount, version } = this.layout[file.controller] ?? this.layout.kill;
    return file.controller === "pids" && version === 1
      ? `${this.killFolder(id, group)}/${file.name}`
      : `${mount}/${this.base}/${group}/${file.name}`;
  }

  #groupFolders(group: string, isolated: boolean): string[] {
    const { cpu, cpuacct, memory, blkio, cpuset } = this.layout;
    const more = isolated ? [blkio, cpuset] : [];
    const mounts = new Set(
      [cpu, cpuacct, memory, ...more, this.layout.kill.version === 2 ? this.layout.kill : undefined].flatMap(
        (one) => one?.mount ?? [],
      ),
    );
    return [...mounts].map((mount) => `${mount}/${this.base}/${group}`);
  }

  #isKillMount(folder: string): boolean {
    return this.layout.kill.version === 1 && folder.startsWith(this.layout.kill.mount + "/");
  }

  #mounts(): string[] {
    const { cpu, cpuacct, memory, pids, kill, devices, blkio, cpuset } = this.layout;
    return [...new Set([cpu, cpuacct, memory, pids, kill, devices, blkio, cpuset].flatMap((one) => one?.mount ?? []))];
  }
}

function readMachine(): Layout | undefined {
  return readLayout(readFileSync("/proc/mounts", "utf8"), (mount) =>
    readFileSync(`${mount}/cgroup.controllers`, "utf8"),
  );
}

// A group that has processes gives its controllers to no group below it, unless it is the machine's root. An agent in a container finds
// itself and its neighbours in the topmost group that it sees: they go into one beside ours.
function enable(folder: string, controller: string): void {
  const file = `${folder}/cgroup.subtree_control`;
  try {
    writeFileSync(file, `+${controller}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EBUSY") throw error;
    const beside = `${folder}/meseta-outside`;
    mkdirSync(beside, { recursive: true });
    const inside = readFileSync(procs(folder), "utf8").split("\n").filter(Boolean);
    for (const pid of inside) moveTo(beside, pid);
    writeFileSync(file, `+${controller}`);
  }
}

// It may have ended meanwhile.
function moveTo(folder: string, pid: string): void {
  try {
    writeFileSync(procs(folder), pid);
  } catch {}
}

function deviceWrites(folder: string | undefined, devices: readonly string[] = []): [string, string][] {
  if (!folder) return [];
  return [[`${folder}/devices.deny`, "a"], ...devices.map((one): [string, string] => [`${folder}/devices.allow`, one])];
}

function procs(folder: string): string {
  return `${folder}/cgroup.procs`;
}

// An agent that ends at this moment takes its file with it, and one that starts has not written it yet.
function ownerIn(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8") || undefined;
  } catch {
    return undefined;
  }
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function foldersIn(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return [];
  }
}

// A cgroup folder can only be removed when nobody is in it, which is the point.
function remove(path: string): void {
  try {
    rmdirSync(path);
  } catch {}
}
