/** Where a controller is mounted. */
export interface Controller {
  readonly version: 1 | 2;
  readonly mount: string;
}

/**
 * The cgroup hierarchies of this machine; `kill` is the one in which each container has a folder of its own. Only isolated containers join
 * `devices` (v1 alone has it), `blkio` (v2 calls it io) and `cpuset`.
 */
export interface Layout {
  readonly cpu?: Controller;
  readonly cpuacct?: Controller;
  readonly memory?: Controller;
  readonly pids?: Controller;
  readonly devices?: Controller;
  readonly blkio?: Controller;
  readonly cpuset?: Controller;
  readonly kill: Controller;
}

/**
 * Reads the layout out of the text of /proc/mounts: v1, v2 or both at once (hybrid), controller by controller. `controllersOf`
 * gives the text of a v2 mount's cgroup.controllers. Undefined when there is no hierarchy in which a container can be killed whole.
 */
export function readLayout(mounts: string, controllersOf: (mount: string) => string): Layout | undefined {
  const found = new Map<string, Controller>();
  for (const line of mounts.split("\n")) {
    const [, mount = "", type, options = ""] = line.split(" ");
    if (type === "cgroup")
      for (const name of options.split(",")) if (!found.has(name)) found.set(name, { version: 1, mount });
    if (type === "cgroup2" && !found.has("unified")) found.set("unified", { version: 2, mount });
  }
  const unified = found.get("unified");
  if (unified)
    for (const name of controllersOf(unified.mount).trim().split(" ")) if (!found.has(name)) found.set(name, unified);
  if (!found.has("blkio") && found.has("io")) found.set("blkio", unified!);
  // Killing through pids also stops all forks meanwhile; the freezer's folder and the empty v2 tree of a hybrid machine list members too.
  const kill = found.get("pids") ?? found.get("freezer") ?? unified;
  if (!kill) return undefined;
  const controllers = (["cpu", "cpuacct", "memory", "pids", "devices", "blkio", "cpuset"] as const).flatMap((name) =>
    found.has(name) ? [[name, found.get(name)]] : [],
  );
  return { ...Object.fromEntries(controllers), kill } as Layout;
}
