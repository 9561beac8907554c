import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, type FSWatcher, mkdirSync, mkdtempSync, readFileSync, rmSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ContainerEvent, ContainerSpec } from "@meseta/kernel/core/agent/ports.ts";
import { Heard, until } from "../launch/heard.ts";
import type { Layout } from "./cgroups/layout.ts";
import { LaunchedContainers, type LaunchedContainersOptions } from "./containers.ts";

/** Shell words that keep a cpu busy for a moment. */
export const cpuBusy = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done";

/** A place for tests of real containers: a folder, a sandbox, agents that come and go, and a clean end of it all. */
export class Room {
  dir = "";
  sandbox = "";
  readonly #opened: { containers: LaunchedContainers; heard: HeardContainers }[] = [];

  /** The containers of a new life of the agent in this room. */
  async open(
    options: Omit<Partial<LaunchedContainersOptions>, "cgroups"> & { cgroups?: "none" | Layout | undefined } = {},
  ) {
    this.build();
    const heard = new HeardContainers();
    const { cgroups, ...others } = options;
    const containers = await LaunchedContainers.open({
      dir: join(this.dir, "launcher"),
      on: heard.on,
      ...(cgroups && { cgroups }),
      ...others,
    });
    this.#opened.push({ containers, heard });
    return { containers, heard };
  }

  /** A container that runs this shell text in the sandbox. */
  spec(id: string, shell: string): ContainerSpec {
    const [stdout, stderr] = [join(this.sandbox, "stdout"), join(this.sandbox, "stderr")];
    return {
      id,
      command: { shell },
      environment: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
      workingDirectory: this.sandbox,
      stdout,
      stderr,
    };
  }

  read(name: string): string {
    const path = join(this.sandbox, name);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  /** The lines of a file of the sandbox, once it has so many: as the file system tells of changes. */
  async linesOf(name: string, count: number): Promise<string[]> {
    let watcher: FSWatcher | undefined;
    const lines = () => this.read(name).split("\n").slice(0, -1);
    await new Promise<void>((resolve) => {
      const look = () => lines().length >= count && resolve();
      watcher = watch(this.sandbox, look);
      look();
    });
    watcher?.close();
    return lines();
  }

  ownedBy(user: string): void {
    execFileSync("chown", ["-R", user, this.sandbox]);
  }

  /** The launcher's pid, by its lock. */
  launcherPid(): number {
    const mine = `meseta-launcher ${join(this.dir, "launcher")}`;
    const found = execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" })
      .split("\n")
      .find((line) => line.trim().endsWith(mine));
    return Number(found?.trim().split(" ")[0]);
  }

  spawnerPid(): number {
    const launcher = this.launcherPid();
    return Number(readFileSync(`/proc/${launcher}/task/${launcher}/children`, "utf8").split(" ")[0]);
  }

  /** kill -9, as the agent is gone too: nobody starts another at once. */
  async killLauncher(): Promise<void> {
    for (const { containers } of this.#opened) containers.close();
    process.kill(this.launcherPid(), "SIGKILL");
  }

  forgetRecord(): void {
    rmSync(join(this.dir, "launcher", "launcher.record"));
  }

  /** Ends all that runs here, launcher included. */
  async close(): Promise<void> {
    const lives = this.#opened.splice(0);
    for (const life of lives) life.containers.close();
    const { containers, heard } = await this.open();
    const running = (await containers.recover()).filter((one) => !one.exit);
    for (const { id } of running) containers.destroy(id);
    await Promise.all(running.map(({ id }) => heard.exited(id)));
    await containers.stop();
    for (const life of lives) life.containers.cgroups?.close();
    this.#opened.length = 0;
  }

  /** The same, and removes the folder. */
  async clear(): Promise<void> {
    if (!this.dir) return;
    await this.close();
    rmSync(this.dir, { recursive: true, force: true });
    this.dir = "";
  }

  /** The folder, made if it is not there. */
  build(): string {
    if (this.dir) return this.dir;
    this.dir = mkdtempSync(join(tmpdir(), "meseta-room-"));
    chmodSync(this.dir, 0o755);
    this.sandbox = join(this.dir, "sandbox");
    mkdirSync(this.sandbox);
    return this.dir;
  }
}

type Of<T extends ContainerEvent["type"]> = Extract<ContainerEvent, { type: T }>;

/** What an agent heard of its containers. */
export class HeardContainers extends Heard<ContainerEvent> {
  started(id: string): Promise<Of<"started">> {
    return this.first((event): event is Of<"started"> => event.type === "started" && event.id === id);
  }

  exited(id: string): Promise<Of<"exited">> {
    return this.first((event): event is Of<"exited"> => event.type === "exited" && event.id === id);
  }

  failed(id: string): Promise<Of<"launch_failed">> {
    return this.first((event): event is Of<"launch_failed"> => event.type === "launch_failed" && event.id === id);
  }
}

/** False also for a process that is dead and not yet reaped. */
export function isRunning(pid: number): boolean {
  try {
    return !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

export async function gone(pid: number): Promise<void> {
  await until(() => !isRunning(pid));
}
