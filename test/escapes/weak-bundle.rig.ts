import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Scene } from "./escapes.rig.ts";

/** A container that a runtime is given by hand, for what the driver cannot be talked into. */
export interface WeakBundle {
  readonly runtime: "crun" | "runc";
  readonly shell: (scene: Scene) => string;
  /** Merged over a bundle that has its own processes and mounts, and all of /proc. */
  readonly config?: (scene: Scene) => Readonly<Record<string, unknown>>;
  readonly process?: (scene: Scene) => Readonly<Record<string, unknown>>;
  /** What the image is made to be like. */
  readonly image?: (root: string) => void;
  /** Arguments of `run`. */
  readonly flags?: readonly string[];
  /** A text for the shell that becomes the runtime. */
  readonly before?: string;
}

/** Runs it to its end, in a mount namespace of its own; what it wrote. `layer` is copied as its root. */
export function runByHand(bundle: WeakBundle, scene: Scene, layer: string): string {
  const folder = join(scene.dir, "bundle");
  const root = join(folder, "rootfs");
  mkdirSync(folder);
  cpSync(layer, root, { recursive: true, verbatimSymlinks: true });
  for (const name of ["dev", "proc", "sys", "sandbox"]) mkdirSync(join(root, name), { recursive: true });
  bundle.image?.(root);
  writeFileSync(join(folder, "config.json"), JSON.stringify(configOf(bundle, scene)));
  const cgroups = bundle.runtime === "crun" ? "--cgroup-manager=disabled" : "--rootless=true";
  const flags = (bundle.flags ?? []).join(" ");
  const hide =
    bundle.runtime === "crun"
      ? "umount -l -t cgroup2 -a"
      : `for one in $(awk '$3 ~ /^cgroup/ {print $2}' /proc/mounts); do mount -o remount,bind,ro $one; done`;
  const script = [
    hide,
    bundle.before ?? "",
    `exec ${bundle.runtime} --root "$1/state" ${cgroups} run ${flags} --bundle "$1" "$2" 2>&1 </dev/null`,
  ].join("\n");
  const { stdout } = spawnSync(
    "unshare",
    ["--mount", "--propagation", "slave", "sh", "-c", script, "weak", folder, scene.id],
    { encoding: "utf8" },
  );
  execFileSync("rm", ["-rf", folder]);
  return stdout;
}

function configOf({ shell, config, process }: WeakBundle, scene: Scene): object {
  return {
    ociVersion: "1.0.2",
    process: {
      user: { uid: 0, gid: 0 },
      args: ["/bin/sh", "-c", `${shell(scene)}\necho tried`],
      env: ["PATH=/bin"],
      cwd: "/",
      ...process?.(scene),
    },
    root: { path: "rootfs" },
    mounts: [{ destination: "/proc", type: "proc", source: "proc" }],
    linux: { namespaces: ["pid", "mount", "ipc", "uts"].map((type) => ({ type })) },
    ...config?.(scene),
  };
}
