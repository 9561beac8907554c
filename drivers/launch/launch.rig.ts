import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeBundle } from "./bundle.rig.ts";
import { Heard, until } from "./heard.ts";
import { Launcher, type LauncherEvent, type LauncherOptions } from "./launcher.ts";
import type { CgroupOrder, SpawnOrder } from "./protocol.ts";

const cgroupRoot = "/sys/fs/cgroup";

export type RuntimeName = "crun" | "runc";
export const runtimes: readonly RuntimeName[] = (["crun", "runc"] as const).filter(
  (name) => process.env["CI"] === "true" || ["/usr/bin", "/usr/sbin"].some((dir) => existsSync(join(dir, name))),
);
/** Containers need root, and a busybox that stands alone. */
export const canContain = process.getuid?.() === 0 && existsSync("/usr/bin/busybox");

/** A place for tests of the launcher itself: a folder, a launcher that may die, and a clean end of it all. */
export class LaunchRoom {
  readonly dir = mkdtempSync(join(tmpdir(), "meseta-launch-"));
  readonly #lives: Launcher[] = [];
  /** Ids are also names of control groups, so no other room's may be the same. */
  readonly #name = this.dir.split("-").at(-1);

  constructor() {
    chmodSync(this.dir, 0o755);
  }

  async open(options: Pick<LauncherOptions, "settleMs"> = {}) {
    const heard = new HeardLauncher();
    const launcher = await Launcher.open({ ...options, dir: join(this.dir, "launcher"), on: heard.on });
    this.#lives.push(launcher);
    return { launcher, heard };
  }

  id(name: string): string {
    return `launch-test-${this.#name}-${name}`;
  }

  order(id: string, shell: string, more: Partial<SpawnOrder> = {}): SpawnOrder {
    return {
      id,
      file: "/bin/sh",
      argv: ["sh", "-c", shell],
      environment: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
      workingDirectory: this.dir,
      stdout: join(this.dir, "stdout"),
      stderr: join(this.dir, "stderr"),
      rotateAtBytes: 0,
      keepFiles: 0,
      rlimits: [],
      ...more,
    };
  }

  /** A container of this runtime that runs `args`; `before` and `after` are shell lines around the runtime, which is $RUNTIME with $PID_FILE. */
  container(
    id: string,
    runtime: RuntimeName,
    args: readonly string[],
    { before = "", after = "", console = "", more = {} }: ContainerOptions = {},
  ): SpawnOrder {
    const bundle = join(this.dir, id);
    makeBundle(bundle, { args, terminal: console !== "", ...(runtime === "runc" && { cgroupsPath: `/${id}/inner` }) });
    const pidFile = join(bundle, "pid");
    const log = join(bundle, "log");
    const globals = `--root ${this.dir}/state --log ${log} --log-format json`;
    const call = `${runtime} ${globals} ${runtime === "crun" ? "--cgroup-manager=disabled" : ""} run --detach --pid-file ${pidFile} --bundle ${bundle} ${console && `--console-socket ${console}`} ${id}`;
    const shell = before || after ? `PID_FILE=${pidFile}\n${before}\n${call} || exit $?\n${after}` : `exec ${call}`;
    return this.order(id, shell, {
      runtime: { pidFile, log },
      mounts: [{ kind: "unmount", target: `${cgroupRoot}/unified` }],
      cgroups: cgroupsOf(id),
      ...more,
    });
  }

  /** A process that this runtime starts inside a container that runs. */
  inside(id: string, container: string, runtime: RuntimeName, args: readonly string[]): SpawnOrder {
    const pidFile = this.path(`${id}.pid`);
    const exec = `--root ${this.dir}/state exec --detach --pid-file ${pidFile} ${container}`;
    const call = `exec ${runtime} ${runtime === "crun" ? "--cgroup-manager=disabled" : ""} ${exec} "$@"`;
    const argv = ["sh", "-c", call, "sh", ...args];
    const mounts = [{ kind: "unmount", target: `${cgroupRoot}/unified` } as const];
    return this.order(id, "", { argv, runtime: { pidFile }, mounts });
  }

  pidFileOf(id: string): number {
    return Number(readFileSync(join(this.dir, id, "pid"), "utf8"));
  }

  read(name: string): string {
    const path = join(this.dir, name);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  /** A gate for shell lines: `read _ <gate` waits until it is opened. */
  gate(name: string): { readonly wait: string; open(): void } {
    const path = join(this.dir, name);
    execFileSync("mkfifo", [path]);
    return { wait: `read _ <${path}`, open: () => writeFileSync(path, "\n") };
  }

  /** Lets go of the launcher, and kills it. */
  async killLauncher(launcher: Launcher): Promise<void> {
    launcher.close();
    process.kill(launcher.pid, "SIGKILL");
    await gone(launcher.pid);
  }

  /** Ends all that runs here, launcher included; nothing of it may be left. */
  async clear(): Promise<void> {
    for (const one of this.#lives.splice(0)) one.close();
    const { launcher, heard } = await this.open();
    for (const { id } of launcher.found.tasks) launcher.destroy(id);
    for (const { id } of launcher.found.tasks) await heard.end(id);
    await launcher.stop();
    await gone(launcher.pid);
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** The machine's mounts that concern this room, and those that its containers unmount for themselves. */
  mounts(): string[] {
    const all = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
    return all.flatMap((line) => {
      const point = line.split(" ")[4] ?? "";
      return line.includes(this.dir) || point === "/proc" || point.startsWith(cgroupRoot) ? [point] : [];
    });
  }

  /** The control groups of this room's containers that are still there. */
  leftGroups(): string[] {
    return hierarchies().flatMap((one) =>
      readdirSync(one).flatMap((name) => (name.startsWith(this.id("")) ? [join(one, name)] : [])),
    );
  }
}

export interface ContainerOptions {
  readonly before?: string;
  readonly after?: string;
  /** Where its terminal is taken; absent: it has none. */
  readonly console?: string;
  readonly more?: Partial<SpawnOrder>;
}

export class HeardLauncher extends Heard<LauncherEvent> {
  async started(id: string): Promise<Of<"started">> {
    return (await this.#instead(id, "started")) as Of<"started">;
  }

  async exit(id: string): Promise<Of<"exit">> {
    return (await this.#instead(id, "exit")) as Of<"exit">;
  }

  /** Rejects when it fails from now on, and says why: nobody waits in vain. */
  async #instead(id: string, type: "started" | "exit"): Promise<LauncherEvent> {
    const before = new Set(this.all);
    const told = await this.first(
      (event) => event.type !== "trouble" && event.id === id && (event.type === type || isNew(event)),
    );
    if (told.type === "failed") throw new Error(`${id} did not come to ${type}: ${told.stage}: ${told.text}`);
    return told;

    function isNew(event: LauncherEvent): boolean {
      return event.type === "failed" && !before.has(event);
    }
  }

  failed(id: string) {
    return this.first((event): event is Of<"failed"> => event.type === "failed" && event.id === id);
  }

  end(id: string) {
    return this.first((event): event is Ending => isEnding(event) && event.id === id);
  }

  typesOf(id: string): string[] {
    return this.all.flatMap((event) => (event.type !== "trouble" && event.id === id ? [event.type] : []));
  }
}

type Ending = Of<"exit"> | Of<"failed">;
const isEnding = (event: LauncherEvent): event is Ending => event.type === "exit" || event.type === "failed";

type Of<T extends LauncherEvent["type"]> = Extract<LauncherEvent, { type: T }>;

export async function gone(pid: number): Promise<void> {
  await until(() => !isRunning(pid));
}

/** False also for a process that is dead and not yet reaped. */
export function isRunning(pid: number): boolean {
  try {
    return !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** The control groups of one container in all hierarchies, as runc makes its own in each. */
export function cgroupsOf(id: string): CgroupOrder {
  const folders = hierarchies().map((one) => join(one, id));
  const kill = folders.find((one) => one.startsWith(`${cgroupRoot}/pids/`)) ?? folders[0]!;
  return { mkdir: folders, write: [], join: [`${kill}/cgroup.procs`], kill, shared: false };
}

function hierarchies(): string[] {
  const mounted = readFileSync("/proc/mounts", "utf8").split("\n");
  const v1 = mounted.flatMap((line) => {
    const [, mount = "", type] = line.split(" ");
    return type === "cgroup" ? [mount] : [];
  });
  return v1.length > 0 ? v1 : [cgroupRoot];
}
