import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { memoryProblem } from "@meseta/lib/io/memory-folder.ts";
import type { MountOrder } from "../../launch/protocol.ts";

/** A program that makes containers out of bundles. */
export interface Runtime {
  readonly name: "crun" | "runc";
  /** Absolute. */
  readonly file: string;
  /** What it must not see of this machine, in the container's mount namespace: the cgroups are the launcher's. */
  readonly hide: readonly MountOrder[];
}

/** One start of a runtime: a bundle's container, or with `inside` a further process in a container that runs. */
export interface RuntimeCall {
  readonly id: string;
  /** Where the runtime keeps what it knows of its containers. */
  readonly stateRoot: string;
  readonly pidFile: string;
  readonly log: string;
  /** The container's terminal goes to whoever listens at "console.sock" in the bundle, which the runtime is started in. */
  readonly terminal: boolean;
  readonly work: { readonly bundle: string } | { readonly inside: string; readonly processFile: string };
}

const folders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
const probeMs = 10_000;
const MS_RDONLY = 1;
const MS_NOSUID = 2;
const MS_NODEV = 4;
const MS_NOEXEC = 8;
const MS_REMOUNT = 32;
const MS_BIND = 4096;

/** The command line of it. */
export function runtimeArguments(runtime: Runtime, call: RuntimeCall): string[] {
  const { id, stateRoot, pidFile, log, terminal, work } = call;
  // runc has no way to be told to leave cgroups alone; rootless, it takes those that it cannot write to for granted.
  const cgroups = runtime.name === "crun" ? "--cgroup-manager=disabled" : "--rootless=true";
  const before = [runtime.name, "--root", stateRoot, cgroups, "--log", log, "--log-format", "json"];
  const detached = ["--detach", "--pid-file", pidFile, ...(terminal ? ["--console-socket", "console.sock"] : [])];
  if ("bundle" in work) return [...before, "run", ...detached, "--bundle", work.bundle, runtimeName(runtime.name, id)];
  return [...before, "exec", ...detached, "--process", work.processFile, runtimeName(runtime.name, work.inside)];
}

/**
 * What a runtime calls a container, and its folder below `stateRoot`. In a v2 tree runc looks for a group of that name beside the one that it
 * is in: when it finds the container's own it insists on writing to it, and only when there is none and it cannot make one it goes on without.
 */
export function runtimeName(runtime: Runtime["name"], id: string): string {
  return runtime === "runc" ? `${id}+` : id;
}

/**
 * The runtime that this machine has and that works, each tried with a container of its own; crun before runc, as it is several times
 * faster. `wanted` names the only one to try. Else what to do for one, as an order to people.
 */
export async function findRuntime(wanted: "auto" | "crun" | "runc", dir: string): Promise<Runtime | string> {
  if (process.getuid?.() !== 0) return "install crun or runc and start the agent as root";
  const nowhere = memoryProblem();
  if (nowhere !== undefined) return nowhere;
  const names = wanted === "auto" ? (["crun", "runc"] as const) : [wanted];
  const complaints: string[] = [];
  for (const name of names) {
    const file = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
    if (!file) continue;
    const runtime = { name, file, hide: hiddenFrom(name, readFileSync("/proc/self/mounts", "utf8")) };
    const wrong = await probe(runtime, dir);
    if (wrong === undefined) return runtime;
    complaints.push(`${name}: ${wrong}`);
  }
  const missing = `install ${names.join(" or ")} and start the agent as root`;
  return complaints.length > 0 ? `${missing} (${complaints.join("; ")})` : missing;
}

/** Out of the text of /proc/mounts. crun takes v1 with a v2 tree beside it for a mistake; runc writes to whatever is writable. */
export function hiddenFrom(name: Runtime["name"], mounts: string): MountOrder[] {
  const all = mounts.split("\n").flatMap((line) => {
    const [, target = "", type = ""] = line.split(" ");
    return type === "cgroup" || type === "cgroup2" ? [{ target, type }] : [];
  });
  const hybrid = all.some((one) => one.type === "cgroup");
  if (name === "crun")
    return hybrid ? all.flatMap(({ target, type }) => (type === "cgroup2" ? [{ kind: "unmount", target }] : [])) : [];
  const flags = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
  return all.map(({ target }) => ({ kind: "mount", type: "", source: "", target, flags, data: "" }));
}

// A container that ends at once, over the machine's own root: what the runtime said when that went wrong.
async function probe(runtime: Runtime, dir: string): Promise<string | undefined> {
  mkdirSync(dir, { recursive: true, mode: 0o711 });
  const bundle = mkdtempSync(join(dir, "probe-"));
  try {
    mkdirSync(join(bundle, "rootfs"));
    writeFileSync(join(bundle, "config.json"), JSON.stringify(probeConfig));
    return await run(runtime, bundle);
  } finally {
    rmSync(bundle, { recursive: true, force: true });
  }
}

const probeConfig = {
  ociVersion: "1.0.2",
  process: { terminal: false, user: { uid: 0, gid: 0 }, args: ["/bin/true"], env: ["PATH=/bin"], cwd: "/" },
  root: { path: "rootfs", readonly: true },
  mounts: [{ destination: "/proc", type: "proc", source: "proc" }],
  linux: { namespaces: ["pid", "mount", "ipc", "uts", "cgroup"].map((type) => ({ type })) },
};

function run(runtime: Runtime, bundle: string): Promise<string | undefined> {
  const hidden = runtime.hide.map((one) =>
    one.kind === "unmount" ? `umount -l '${one.target}'` : `mount -o remount,bind,ro '${one.target}'`,
  );
  const cgroups = runtime.name === "crun" ? "--cgroup-manager=disabled" : "--rootless=true";
  const command = `exec ${runtime.file} --root "$1/state" ${cgroups} run --bundle "$1" probe-$$`;
  const script = ["set -e", 'mount --rbind / "$1/rootfs"', ...hidden, command].join("\n");
  const args = ["--mount", "--propagation", "slave", "sh", "-c", script, "probe", bundle];
  return new Promise((resolve) => {
    execFile("unshare", args, { timeout: probeMs, env: { PATH: folders.join(":") } }, (error, _, said) =>
      resolve(error ? said.trim().split("\n").at(-1) || error.message : undefined),
    );
  });
}
