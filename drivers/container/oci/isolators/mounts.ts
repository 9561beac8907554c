import type { Isolation } from "@meseta/kernel/core/agent/isolation.ts";

/** `mounts` of the runtime's configuration. */
export interface OciMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

/** Something of this machine's files that is to be seen inside. Both paths are absolute, and `source` is the runtime's to open. */
export interface BindMount {
  readonly source: string;
  readonly inside: string;
  readonly readOnly: boolean;
  readonly propagate?: boolean | undefined;
  /** A file, not a folder. */
  readonly file?: boolean | undefined;
  /** No bind at all, but a tmpfs with these options; `source` means nothing. */
  readonly tmpfs?: readonly string[] | undefined;
}

const defaultShmMiB = 64;
const devicesKiB = 65_536;

/**
 * The file systems of the kernel that every container has: its own processes, devices, terminals, shared memory and queues. `processes` is
 * where those of its pid namespace are mounted already.
 */
export function kernelMounts(
  isolation: Pick<Isolation, "image" | "pidNamespace" | "ipc" | "privileged">,
  { userNamespace, processes }: { readonly userNamespace: boolean; readonly processes?: string | undefined },
): OciMount[] {
  // Over the agent's own root the same instance of a file system is there already, and cannot be mounted once more.
  const bound = userNamespace || !isolation.image;
  return [
    procMount(isolation, bound, processes),
    isolation.privileged
      ? bind("/dev", "/dev", ["rbind", "rslave"])
      : kernel("/dev", "tmpfs", ["nosuid", "strictatime", "mode=755", `size=${devicesKiB}k`]),
    kernel("/dev/pts", "devpts", ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
    ...ipcMounts(isolation.ipc),
    ...sysMounts(isolation.privileged === true, bound),
  ];
}

/**
 * Binds in the order in which they have to be made: outer folders before what is mounted below them. A folder that is read-only is so with all
 * that is mounted in it; where the runtime cannot make that (`recursive` false), nothing mounted in it is seen.
 */
export function bindMounts(binds: readonly BindMount[], recursive: boolean): OciMount[] {
  const depth = (path: string) => path.split("/").length;
  return binds
    .toSorted((a, b) => depth(a.inside) - depth(b.inside))
    .map(({ source, inside, readOnly, propagate, file, tmpfs }) => {
      if (tmpfs) return kernel(inside, "tmpfs", [...tmpfs, readOnly ? "ro" : "rw"]);
      const shared = propagate ? "rshared" : "rprivate";
      if (!readOnly) return bind(source, inside, ["rbind", shared, "nodev"]);
      return bind(
        source,
        inside,
        recursive && !file ? ["rbind", shared, "nodev", "rro"] : ["bind", shared, "nodev", "ro"],
      );
    });
}

// A user namespace may only see processes of a pid namespace below its own: the agent's is shown as it is.
function procMount(
  { pidNamespace }: Pick<Isolation, "pidNamespace">,
  bound: boolean,
  processes: string | undefined,
): OciMount {
  if (processes !== undefined) return bind(processes, "/proc", ["bind", "nosuid", "noexec", "nodev"]);
  if (pidNamespace === "agent" && bound) return bind("/proc", "/proc", ["rbind", "nosuid", "noexec", "nodev"]);
  return kernel("/proc", "proc", ["nosuid", "noexec", "nodev"]);
}

function ipcMounts(ipc: Isolation["ipc"]): OciMount[] {
  if (ipc?.mode === "agent") return [bind("/dev/shm", "/dev/shm", ["rbind", "nosuid", "noexec", "nodev"])];
  const size = `size=${(ipc?.shmMiB ?? defaultShmMiB) * 1024}k`;
  return [
    kernel("/dev/shm", "tmpfs", ["nosuid", "noexec", "nodev", "mode=1777", size]),
    kernel("/dev/mqueue", "mqueue", ["nosuid", "noexec", "nodev"]),
  ];
}

// A user namespace cannot mount sysfs of a network that belongs to the machine: there the machine's is shown, without its cgroups.
function sysMounts(privileged: boolean, bound: boolean): OciMount[] {
  const safe = ["nosuid", "noexec", "nodev"];
  if (!bound) return [kernel("/sys", "sysfs", privileged ? safe : [...safe, "ro"])];
  return [
    bind("/sys", "/sys", ["rbind", "rprivate", ...safe, "ro"]),
    kernel("/sys/fs/cgroup", "tmpfs", [...safe, "ro", "size=0k"]),
  ];
}

function kernel(destination: string, type: string, options: readonly string[]): OciMount {
  return { destination, type, source: type, options };
}

function bind(source: string, destination: string, options: readonly string[]): OciMount {
  return { destination, type: "bind", source, options };
}
