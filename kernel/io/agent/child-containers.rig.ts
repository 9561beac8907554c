import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { constants } from "node:os";
import type { ContainerEvent, ContainerInput, ContainerSpec, Containers, Window } from "../../core/agent/ports.ts";

/** Containers that are child processes of the test, with a pipe as their input where that was asked for. A terminal is only noted. For tests only. */
export class ChildContainers implements Containers {
  readonly specs: ContainerSpec[] = [];
  readonly windows: Window[] = [];
  readonly #children = new Map<string, ChildProcess>();
  #tell: (event: ContainerEvent) => void = () => {};

  readonly open = async (tell: (event: ContainerEvent) => void): Promise<ChildContainers> => {
    this.#tell = tell;
    return this;
  };

  launch(spec: ContainerSpec): void {
    this.specs.push(spec);
    const { id, command, environment: env, workingDirectory: cwd, stdout, stderr } = spec;
    const [file, argv] = "shell" in command ? ["/bin/sh", ["-c", command.shell]] : ["/bin/false", []];
    const wantsInput = spec.openInput === true || spec.terminal !== undefined;
    const files = [openSync(stdout, "a"), openSync(spec.terminal === undefined ? stderr : stdout, "a")] as const;
    const child = spawn(file, argv, { cwd, env, detached: true, stdio: [wantsInput ? "pipe" : "ignore", ...files] });
    for (const fd of files) closeSync(fd);
    child.stdin?.on("error", () => {});
    this.#children.set(id, child);
    child.once("spawn", () => this.#tell({ type: "started", id, pid: child.pid!, startTimeTicks: 0 }));
    child.once("exit", (code, signal) => {
      this.#children.delete(id);
      const waitStatus = signal === null ? (code ?? 0) << 8 : constants.signals[signal];
      this.#tell({ type: "exited", id, waitStatus });
    });
  }

  signal(id: string, signal: number): void {
    const child = this.#children.get(id);
    if (child?.pid !== undefined) process.kill(-child.pid, signal);
  }

  destroy(id: string): void {
    this.signal(id, constants.signals.SIGKILL);
  }

  input(id: string): ContainerInput | undefined {
    const stdin = this.#children.get(id)?.stdin;
    if (stdin === undefined || stdin === null) return undefined;
    return {
      write: (bytes) => new Promise((resolve) => stdin.write(bytes, () => resolve())),
      end: () => void stdin.end(),
      resize: (window) => void this.windows.push(window),
    };
  }

  update(): void {}
  forget(): void {}
  statistics = async () => undefined;
  recover = async () => [];
  pruneImages = async () => {};

  close(): void {
    for (const id of this.#children.keys()) this.destroy(id);
  }
}
