import { existsSync, readdirSync } from "node:fs";
import { lchown, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { PortMapping } from "@meseta/kernel/core/agent/isolation.ts";
import type { ContainerSpec } from "@meseta/kernel/core/agent/ports.ts";
import type { Programs } from "../../launch/programs.ts";
import type { MountOrder } from "../../launch/protocol.ts";
import { type Kind, LaunchRefused, type Preparation } from "../kind.ts";
import type { Images } from "../oci/ports.ts";
import { type Accelerator, findAccelerator } from "./accelerator.ts";
import { qemuArguments } from "./command.ts";
import { cmdlineOf, findMachine, type MachineFiles } from "./files.ts";
import { pressPowerButton } from "./monitor.ts";
import { machineProblem } from "./refusal.ts";

const prefix = "machine:";
const SIGTERM = 15;
const MS_BIND = 4096;

export interface MachinesOptions {
  /** A folder for the machines of this agent alone. */
  readonly dir: string;
  readonly images: Images;
  readonly programs: Programs;
  /** The address on which mapped ports listen. */
  readonly ip: string;
  /** User name or uid → its numbers; undefined when there is no such user. */
  readonly users: (name: string) => { readonly uid: number; readonly gid: number } | undefined;
  /** A sentence for the agent's log. */
  readonly log: (text: string) => void;
}

/**
 * Virtual machines: an image named `machine:NAME` holds a kernel, an initial RAM disk, a disk, instead of a root (files.ts); NAME is any
 * image's name, or an absolute path of a folder. QEMU runs it as a process of the task's user, with KVM where that works.
 */
export class Machines implements Kind {
  readonly name = "machine";
  readonly #options: MachinesOptions;
  #accelerator: Promise<Accelerator> | undefined;

  static readonly program = "/usr/bin/qemu-system-x86_64";

  constructor(options: MachinesOptions) {
    this.#options = options;
  }

  takes({ isolation }: ContainerSpec): boolean {
    return isolation?.image?.name.startsWith(prefix) === true;
  }

  async prepare(spec: ContainerSpec, signal: AbortSignal): Promise<Preparation> {
    if (!existsSync(Machines.program))
      throw new LaunchRefused("spec", "this agent has no virtual machines: install qemu-system-x86 and qemu-utils");
    const problem = machineProblem(spec, this.#options.ip);
    if (problem !== undefined) throw new LaunchRefused("spec", problem);
    const owner = this.#ownerOf(spec);
    const folder = this.#ownOf(spec.id);
    await mkdir(folder, { recursive: true, mode: 0o711 });
    const image = await this.#imageOf(spec, owner, signal);
    if (image.files.disk !== undefined) await this.#makeOverlay(folder, image.files.disk, signal);
    if (owner !== undefined) {
      // The folder last: from then on its user may put a link in the place of what is in it.
      if (image.files.disk !== undefined) await lchown(join(folder, "overlay"), owner.uid, owner.gid);
      await lchown(folder, owner.uid, owner.gid);
    }
    this.#accelerator ??= findAccelerator(this.#options.programs, Machines.program);
    return { program: this.#program(spec, image, await this.#accelerator, folder) };
  }

  async ended(id: string): Promise<void> {
    this.#options.images.release(id);
    await rm(this.#folder(id), { recursive: true, force: true }).catch(({ message }: Error) =>
      this.#options.log(`the folder of a virtual machine could not be removed: ${message}`),
    );
  }

  /** A SIGTERM is the power button. One that nobody hears is sent as it is, and ends the emulator. */
  signal(id: string, signal: number, otherwise: () => void): boolean {
    if (signal !== SIGTERM) return false;
    pressPowerButton(this.#ownOf(id)).catch(otherwise);
    return true;
  }

  owns(id: string): boolean {
    return existsSync(this.#folder(id));
  }

  async recover(known: ReadonlySet<string>): Promise<void> {
    await this.sweep(known);
  }

  async sweep(known: ReadonlySet<string>): Promise<void> {
    // Read at once: a machine that is begun meanwhile would be taken for one that nobody knows.
    const all = existsSync(this.#options.dir) ? readdirSync(this.#options.dir) : [];
    for (const id of all) if (!known.has(id)) await this.ended(id);
  }

  layers(id: string): readonly string[] {
    return [this.#ownOf(id)];
  }

  #folder(id: string): string {
    return join(this.#options.dir, id);
  }

  // Where its emulator works, with the rights of the machine's user. What root mounts on lies above it, where nobody else can put a link.
  #ownOf(id: string): string {
    return join(this.#folder(id), "own");
  }

  #ownerOf({ user, isolation }: ContainerSpec): Owner | undefined {
    const name = user ?? isolation?.defaultUser;
    const owner = name === undefined ? undefined : this.#options.users(name);
    if (name !== undefined && owner === undefined)
      throw new LaunchRefused("user", `there is no user '${name}' on this machine`);
    const uid = owner?.uid ?? process.getuid?.();
    if (uid === 0 && isolation?.rootAllowed !== true)
      throw new LaunchRefused(
        "user",
        "this agent runs nothing as root: start it with --root-tasks, or name another user",
      );
    return owner;
  }

  async #imageOf(spec: ContainerSpec, owner: Owner | undefined, signal: AbortSignal): Promise<MachineImage> {
    const wish = spec.isolation!.image!;
    const name = wish.name.slice(prefix.length);
    try {
      if (name.startsWith("/")) return await this.#ownFolder(name, owner);
      const { layers } = await this.#options.images.prepare({ ...wish, name }, spec.id, signal, spec.owner);
      return await seenIn(this.#folder(spec.id), await findMachine(layers));
    } catch (error) {
      throw new LaunchRefused("image", (error as Error).message);
    }
  }

  // Whoever names a folder need not be allowed to read what is in it: that is left to the emulator, or done with its user's rights.
  async #ownFolder(folder: string, owner: Owner | undefined): Promise<MachineImage> {
    const files = await findMachine([folder]);
    if (files.cmdline === undefined) return { files, cmdline: undefined, mounts: [] };
    const as = owner ? ["--reuid", `${owner.uid}`, "--regid", `${owner.gid}`, "--clear-groups"] : [];
    const read = { file: "setpriv", arguments: [...as, "cat", "--", files.cmdline] };
    const { waitStatus, stdout, stderr } = await this.#options.programs.run(read);
    if (waitStatus !== 0) throw new Error(`the image's cmdline cannot be read: ${stderr.trim()}`);
    return { files, cmdline: cmdlineOf(stdout), mounts: [] };
  }

  // What the guest writes goes into a file beside, which goes with the machine: images stay what they are.
  async #makeOverlay(folder: string, disk: NonNullable<MachineFiles["disk"]>, signal: AbortSignal): Promise<void> {
    const to = ["create", "-q", "-f", "qcow2", join(folder, "overlay"), String(disk.bytes)];
    const { waitStatus, stderr } = await this.#options.programs.run({ file: "qemu-img", arguments: to, signal });
    if (waitStatus !== 0) throw new LaunchRefused("machine", `the machine's disk could not be made: ${stderr.trim()}`);
  }

  #program(spec: ContainerSpec, image: MachineImage, accelerator: Accelerator, folder: string): Preparation["program"] {
    const { command, limits = {}, user, isolation } = spec;
    const { files, cmdline, mounts } = image;
    const [ports, { ip }] = [portsOf(isolation!.network), this.#options];
    const argv = qemuArguments({ files, cmdline, accelerator, limits, command, ports, ip });
    return {
      file: Machines.program,
      argv: ["qemu-system-x86_64", ...argv],
      environment: { PATH: "/usr/bin:/bin", TMPDIR: folder },
      workingDirectory: folder,
      user: user ?? isolation?.defaultUser,
      rlimits: [],
      ...(mounts.length > 0 && { mounts }),
    };
  }
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

interface MachineImage {
  readonly files: MachineFiles;
  readonly cmdline: string | undefined;
  /** In the emulator's mount namespace. */
  readonly mounts: readonly MountOrder[];
}

// The store of images is entered by nobody but root, so the emulator sees its image's files in the machine's folder, which is root's.
async function seenIn(folder: string, files: MachineFiles): Promise<MachineImage> {
  const mounts: MountOrder[] = [];
  const see = async (path: string) => {
    if (((await stat(path)).mode & 0o004) === 0)
      throw new Error(`the image's ${basename(path)} is not readable by all`);
    const target = join(folder, `image-${basename(path)}`);
    await writeFile(target, "");
    mounts.push({ kind: "mount", type: "", source: path, target, flags: MS_BIND, data: "" });
    return target;
  };
  const { kernel, initrd, disk, cmdline } = files;
  const seen = {
    ...(kernel === undefined ? {} : { kernel: await see(kernel) }),
    ...(initrd === undefined ? {} : { initrd: await see(initrd) }),
    ...(disk === undefined ? {} : { disk: { ...disk, path: await see(disk.path) } }),
  };
  return { files: seen, cmdline: cmdline && cmdlineOf(await readFile(cmdline, "utf8")), mounts };
}

function portsOf(network: NonNullable<ContainerSpec["isolation"]>["network"]): readonly PortMapping[] | undefined {
  return network.kind === "host" ? undefined : network.networks.flatMap(({ portMappings }) => portMappings);
}
