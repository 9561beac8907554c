import { createHash } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Launcher, LauncherEvent } from "../../launch/launcher.ts";

const program = fileURLToPath(new URL("holder.pl", import.meta.url));
const prefix = "pids-";

/** Pid namespaces that several containers share, each held by a process of its own: no container's end is that of the others. */
export class PidGroups {
  readonly #launcher: Launcher;
  readonly #dir: string;
  readonly #perl: string;
  /** Container → the id of its group's holder. */
  readonly #members = new Map<string, string>();
  readonly #holders = new Map<string, Holder>();

  /** `dir` belongs to nobody else; what is there of an earlier life is found again. */
  constructor(launcher: Launcher, dir: string, perl = "/usr/bin/perl") {
    this.#launcher = launcher;
    this.#dir = dir;
    this.#perl = perl;
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const { tasks, exits } = launcher.claim(prefix, (event) => this.#hear(event));
    for (const { id, pid } of tasks) this.#holders.set(id, settled(pid));
    for (const exit of exits) launcher.acknowledge(exit);
  }

  /** The path of the group's namespace, which is made for its first container. Rejects when it cannot be. */
  async join(container: string, group: string): Promise<string> {
    const id = holderOf(group);
    this.#members.set(container, id);
    if (!this.#holders.has(id)) this.#hold(id);
    return `/proc/${await this.#holders.get(id)!.pid}/ns/pid`;
  }

  /** The namespace goes with its last container. */
  leave(container: string): void {
    const id = this.#members.get(container);
    this.#members.delete(container);
    if (id !== undefined && ![...this.#members.values()].includes(id)) this.#launcher.destroy(id);
  }

  /** These containers live, each in its group: what nobody is in goes. */
  recover(groups: ReadonlyMap<string, string>): void {
    for (const [container, group] of groups) this.#members.set(container, holderOf(group));
    const used = new Set(this.#members.values());
    for (const id of this.#holders.keys()) if (!used.has(id)) this.#launcher.destroy(id);
  }

  #hold(id: string): void {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    promise.catch(() => {});
    this.#holders.set(id, { pid: promise, resolve, reject });
    const pidFile = this.#pidFile(id);
    this.#launcher.spawn({
      id,
      file: this.#perl,
      argv: ["perl", program, pidFile],
      environment: {},
      workingDirectory: "/",
      stdout: "/dev/null",
      stderr: "/dev/null",
      rotateAtBytes: 0,
      keepFiles: 0,
      rlimits: [],
      runtime: { pidFile },
    });
  }

  #hear(event: LauncherEvent): void {
    if (event.type === "trouble") return;
    if (event.type === "started") return this.#holders.get(event.id)?.resolve(event.pid);
    if (event.type === "exit" && event.number >= 0) this.#launcher.acknowledge(event);
    const why = event.type === "failed" ? event.text : "its holder has ended";
    this.#holders.get(event.id)?.reject(new Error(`no shared pid namespace: ${why}`));
    this.#holders.delete(event.id);
    rmSync(this.#pidFile(event.id), { force: true });
  }

  #pidFile(id: string): string {
    return join(this.#dir, id);
  }
}

interface Holder {
  readonly pid: Promise<number>;
  readonly resolve: (pid: number) => void;
  readonly reject: (error: Error) => void;
}

function settled(pid: number): Holder {
  return { pid: Promise.resolve(pid), resolve: () => {}, reject: () => {} };
}

function holderOf(group: string): string {
  return prefix + createHash("sha256").update(group).digest("hex").slice(0, 20);
}
