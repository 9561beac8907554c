import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LaunchedContainers } from "@meseta/drivers/container/containers.ts";
import type { ContainerEvent, ContainerSpec } from "@meseta/kernel/core/agent/ports.ts";

const UNDER_WAY = 64;

/** The launcher with nobody above it: orders go straight to the driver, and each end is forgotten when it is told. */
export class LauncherLoop implements AsyncDisposable {
  readonly #containers: LaunchedContainers;
  readonly #dir: string;
  #on: (event: ContainerEvent) => void = () => {};
  #next = 0;

  static async open(cgroups: "off" | "auto"): Promise<LauncherLoop> {
    const dir = mkdtempSync(join(tmpdir(), "meseta-bench-"));
    let hear = (_: ContainerEvent) => {};
    const options = { dir: join(dir, "launcher"), on: (event: ContainerEvent) => hear(event) };
    const containers = await LaunchedContainers.open(cgroups === "off" ? { ...options, cgroups: "none" } : options);
    const loop = new LauncherLoop(containers, dir);
    hear = (event) => loop.#on(event);
    return loop;
  }

  private constructor(containers: LaunchedContainers, dir: string) {
    this.#containers = containers;
    this.#dir = dir;
  }

  /** Commands a second, from order to stored end. */
  async run(commands: number): Promise<number> {
    const startMs = performance.now();
    await new Promise<void>((resolve, reject) => {
      let [started, ended] = [0, 0];
      const launch = () => {
        if (started++ < commands) this.#containers.launch(this.#spec());
      };
      this.#on = (event) => {
        if (event.type === "launch_failed") reject(new Error(event.message));
        if (event.type !== "exited") return;
        this.#containers.forget(event.id);
        if (++ended === commands) resolve();
        launch();
      };
      for (let i = 0; i < UNDER_WAY; i++) launch();
    });
    return (commands * 1000) / (performance.now() - startMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#containers.stop();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  #spec(): ContainerSpec {
    return {
      id: `t${this.#next++}`,
      command: { shell: "true" },
      environment: { PATH: "/usr/bin:/bin", MESOS_SANDBOX: this.#dir },
      workingDirectory: this.#dir,
      stdout: join(this.#dir, "stdout"),
      stderr: join(this.#dir, "stderr"),
      limits: { cpus: 0.01, memoryBytes: 32 << 20 },
    };
  }
}
