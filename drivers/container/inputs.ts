import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ContainerInput, ContainerSpec } from "@meseta/kernel/core/agent/ports.ts";
import { ConsoleInput, consoleOrder, consoleReady } from "../launch/console.ts";
import type { Launcher, LauncherEvent } from "../launch/launcher.ts";
import { PipeInput } from "../launch/pipe-input.ts";
import type { Preparation } from "./kind.ts";

const prefix = "console-";
const lastWordsMs = 2_000;
const defaultRotation = { maxBytes: 10 * 1024 * 1024, keep: 1 };

/** The terminals and open inputs of containers, of whatever kind. A terminal outlives the agent; an open input ends with it. */
export class Inputs {
  readonly #launcher: Launcher;
  readonly #dir: string;
  readonly #inputs = new Map<string, ConsoleInput | PipeInput>();
  /** Keepers of terminals that run, by the id of their box. */
  readonly #keepers = new Map<string, { readonly gone: AbortController; why: string }>();

  /** Folders that are there, by their names: also those of an earlier life, of containers that run on. */
  readonly #folders = new Set<string>();

  /** `dir` is entered by nobody but root and this agent. */
  constructor(launcher: Launcher, dir: string) {
    this.#launcher = launcher;
    this.#dir = dir;
    const { tasks, exits } = launcher.claim(prefix, (event) => this.#hear(event));
    for (const { id } of tasks) this.#keepers.set(id, { gone: new AbortController(), why: "" });
    for (const exit of exits) launcher.acknowledge(exit);
  }

  /** These containers are known: keepers of all others end, and their folders go. */
  recover(known: ReadonlySet<string>): void {
    const wanted = new Set([...known].map(keeperOf));
    for (const id of this.#keepers.keys()) if (!wanted.has(id)) this.#launcher.destroy(id);
    for (const name of existsSync(this.#dir) ? readdirSync(this.#dir) : [])
      if (wanted.has(prefix + name)) this.#folders.add(name);
      else rmSync(join(this.#dir, name), { recursive: true, force: true });
  }

  /** Makes what the spec asks for, and tells the container's program of it. Rejects when that cannot be, or `signal` aborts. */
  async open(spec: ContainerSpec, prepared: Preparation, signal: AbortSignal): Promise<Preparation> {
    this.#folders.add(shortOf(spec.id));
    mkdirSync(this.#folder(spec.id), { recursive: true, mode: 0o700 });
    return spec.terminal ? this.#terminal(spec, prepared, signal) : this.#pipe(spec, prepared);
  }

  /** The container runs, and has opened its input. */
  started(id: string): void {
    const input = this.#inputs.get(id);
    if (input instanceof PipeInput) input.started();
  }

  /** The container has ended, or never started (`failed`). Resolves when the last words on its terminal are written down. */
  ended(id: string, failed: boolean): Promise<void> | undefined {
    const keeper = this.#keepers.get(keeperOf(id));
    const input = this.#inputs.get(id);
    const wasThere = this.#folders.delete(shortOf(id));
    if (!keeper && !input && !wasThere) return undefined;
    this.#inputs.delete(id);
    if (failed) this.#launcher.destroy(keeperOf(id));
    return this.#finish(id, keeper?.gone.signal, input);
  }

  /** The way in; undefined for a container that has none. */
  of(id: string): ContainerInput | undefined {
    const known = this.#inputs.get(id);
    if (known || !this.#keepers.has(keeperOf(id))) return known;
    const found = new ConsoleInput(this.#folder(id));
    this.#inputs.set(id, found);
    return found;
  }

  /** Lets go of all: terminals stay, open inputs come to their end. */
  close(): void {
    for (const input of this.#inputs.values()) void input.close();
    this.#inputs.clear();
  }

  async #terminal(spec: ContainerSpec, prepared: Preparation, signal: AbortSignal): Promise<Preparation> {
    const [dir, id, mode] = [
      this.#folder(spec.id),
      keeperOf(spec.id),
      prepared.consoleLink ? "socket" : "pts",
    ] as const;
    const outputOwner = prepared.program.outputOwner ?? ownerBeside(spec.stdout);
    const keeper = { gone: new AbortController(), why: "" };
    this.#keepers.set(id, keeper);
    const rotation = spec.rotation ?? defaultRotation;
    this.#launcher.spawn(
      consoleOrder({ id, dir, window: spec.terminal!, mode, output: spec.stdout, outputOwner, rotation }),
    );
    const either = AbortSignal.any([keeper.gone.signal, signal]);
    const path = await consoleReady(dir, mode, either).catch((error: Error) => {
      throw keeper.why ? new Error(keeper.why) : error;
    });
    this.#inputs.set(spec.id, new ConsoleInput(dir));
    if (mode === "pts") return changed(prepared, { stdin: path, terminal: true });
    symlinkSync(path, prepared.consoleLink!);
    return { ...changed(prepared, { outputOwner: undefined }), silent: true };
  }

  async #pipe(spec: ContainerSpec, prepared: Preparation): Promise<Preparation> {
    const input = await PipeInput.make(this.#launcher, join(this.#folder(spec.id), "stdin"));
    this.#inputs.set(spec.id, input);
    return changed(prepared, { stdin: input.path });
  }

  async #finish(id: string, gone: AbortSignal | undefined, input: ConsoleInput | PipeInput | undefined): Promise<void> {
    if (gone && !gone.aborted) await Promise.race([aborted(gone), pause(lastWordsMs)]);
    if (gone && !gone.aborted) this.#launcher.destroy(keeperOf(id));
    await input?.close();
    rmSync(this.#folder(id), { recursive: true, force: true });
  }

  #hear(event: LauncherEvent): void {
    if (event.type !== "failed" && event.type !== "exit") return;
    if (event.type === "exit" && event.number >= 0) this.#launcher.acknowledge(event);
    const keeper = this.#keepers.get(event.id);
    if (!keeper) return;
    keeper.why = event.type === "failed" ? event.text : "";
    this.#keepers.delete(event.id);
    keeper.gone.abort(new Error("the keeper of the terminal has ended"));
  }

  #folder(id: string): string {
    return join(this.#dir, shortOf(id));
  }
}

/** Whether one of those is asked for. */
export function wantsInput(spec: ContainerSpec): boolean {
  return spec.terminal !== undefined || spec.openInput === true;
}

function changed(prepared: Preparation, program: Partial<Preparation["program"]>): Preparation {
  return { ...prepared, program: { ...prepared.program, ...program } };
}

// The keeper is root, and its output lies where a task's user can put links and change names: it is opened and cut with that user's rights.
function ownerBeside(output: string): string | undefined {
  if (output === "/dev/null" || process.getuid?.() !== 0) return undefined;
  const folder = lstatSync(dirname(output), { throwIfNoEntry: false });
  return folder && `${folder.uid}:${folder.gid}`;
}

function keeperOf(id: string): string {
  return prefix + shortOf(id);
}

function shortOf(id: string): string {
  return createHash("sha256").update(id).digest("hex").slice(0, 20);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
