import { copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What runs in a bundle, and how: for tests of OCI runtimes. */
export interface BundleOptions {
  readonly args: readonly string[];
  readonly terminal?: boolean;
  /** Where the runtime makes its own cgroup; absent: it is told nothing. */
  readonly cgroupsPath?: string;
  /** Absent: rootfs in the bundle, with busybox and its names. */
  readonly root?: string;
}

const applets = [
  "sh",
  "cat",
  "sleep",
  "echo",
  "kill",
  "true",
  "false",
  "stty",
  "mkdir",
  "mount",
  "ls",
  "setsid",
  "head",
];
const capabilities = ["CAP_KILL", "CAP_CHOWN", "CAP_SETUID", "CAP_SETGID", "CAP_SYS_ADMIN"];

/** Makes an OCI bundle (runtime-spec 1.0) in `dir` out of Debian's busybox-static: an own pid, mount, ipc and uts namespace. */
export function makeBundle(dir: string, options: BundleOptions): void {
  const root = options.root ?? join(dir, "rootfs");
  mkdirSync(dir, { recursive: true });
  makeRoot(root);
  writeFileSync(join(dir, "config.json"), JSON.stringify(configOf(root, options)));
}

/** A root folder in which busybox's common names run. */
function makeRoot(root: string): void {
  for (const name of ["bin", "proc", "dev", "sys", "tmp"]) mkdirSync(join(root, name), { recursive: true });
  copyFileSync("/usr/bin/busybox", join(root, "bin", "busybox"));
  for (const name of applets) if (!existsSync(join(root, "bin", name))) symlinkSync("busybox", join(root, "bin", name));
}

function configOf(root: string, options: BundleOptions): object {
  return {
    ociVersion: "1.0.2",
    process: {
      terminal: options.terminal ?? false,
      // Of its own accord: the keeper of the terminal may come to it later than the container.
      ...(options.terminal && { consoleSize: { height: 30, width: 100 } }),
      user: { uid: 0, gid: 0 },
      args: options.args,
      env: ["PATH=/bin"],
      cwd: "/",
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
    },
    root: { path: root, readonly: false },
    hostname: "box",
    mounts: [
      { destination: "/proc", type: "proc", source: "proc" },
      { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755", "size=64k"] },
      { destination: "/dev/pts", type: "devpts", source: "devpts", options: ["newinstance", "ptmxmode=0666"] },
    ],
    linux: {
      namespaces: [{ type: "pid" }, { type: "ipc" }, { type: "uts" }, { type: "mount" }],
      ...(options.cgroupsPath !== undefined && { cgroupsPath: options.cgroupsPath }),
    },
  };
}
