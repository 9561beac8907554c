import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Log } from "@meseta/lib/core/ports/log.ts";
import { Failure } from "@meseta/shell/core/failure.ts";
import { heapFlags } from "../heap.ts";

/** A part of the cluster that runs as a process of its own. */
export interface Part {
  /** Its name in logs and messages: `master`, `agent-1`. */
  name: string;
  /** The arguments of `bin/meseta` that start it. */
  args: readonly string[];
  /** Another program instead, with its arguments; it knows nothing of us, so `serves` resolves when it does. */
  command?: readonly string[];
  serves?(): Promise<void>;
  logFile: string;
}

const FIRST_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 10_000;
/** A part that has run this long is healthy: its next failure starts again at the first back-off. */
const HEALTHY_AFTER_MS = 30_000;
/** How long a part may take until it serves, on a machine that has much else to do. */
const SERVE_MS = 120_000;
/** The descriptor on which a part says that it serves. */
const READY_FD = 3;
const main = fileURLToPath(new URL("../main.ts", import.meta.url));

/**
 * Keeps one part running: starts it, starts it again with a growing delay when it dies, and ends it.
 *
 * The part's standard input is its lifeline: when this process dies, the pipe closes and the part ends by itself,
 * leaving its tasks running. It runs in a session of its own, so that Ctrl-C in the terminal reaches only us.
 */
export class Supervised {
  readonly part: Part;
  restarts = 0;
  #child: ChildProcess | undefined;
  #stopping = false;
  #backoffMs = FIRST_BACKOFF_MS;
  #timer: NodeJS.Timeout | undefined;
  readonly #log: Log;
  readonly #onDown: (part: Part, how: string) => void;
  #ready = Promise.withResolvers<void>();
  #hasServed = false;
  readonly #registered = Promise.withResolvers<void>();

  constructor(part: Part, log: Log, onDown: (part: Part, how: string) => void = () => {}) {
    this.part = part;
    this.#log = log;
    this.#onDown = onDown;
    this.#ready.promise.then(
      () => (this.#hasServed = true),
      () => {},
    );
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when the part, a framework, has said that the kernel knows it. */
  get registered(): Promise<void> {
    return this.#registered.promise;
  }

  get hasServed(): boolean {
    return this.#hasServed;
  }

  /** Starts the part; resolves when it serves, rejects with the end of its log when it cannot start at all, or does not serve within `serveMs`. */
  async start(serveMs = SERVE_MS): Promise<void> {
    this.#spawn();
    const tooLong = (): void =>
      this.#ready.reject(notStarted(this.part, `it did not serve within ${serveMs / 1000} s`));
    const timer = setTimeout(tooLong, serveMs).unref();
    await this.#ready.promise.finally(() => clearTimeout(timer));
  }

  /** Tells the part that the cluster is about to stop; it goes on until `stop`. */
  rest(): void {
    (this.#child?.stdin as Writable | undefined)?.write("rest\n");
  }

  /** Asks the part to end in the given way; resolves when its process is gone. It is killed after `graceMs`. */
  async stop(command: "leave-tasks" | "end-tasks", graceMs: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    (child.stdin as Writable).end(`${command}\n`);
    const kill = setTimeout(() => child.kill("SIGKILL"), graceMs);
    await gone;
    clearTimeout(kill);
  }

  #spawn(): void {
    const log = openSync(this.part.logFile, "a", 0o600);
    const [program, ...words] = commandOf(this.part);
    const child = spawn(program!, words, {
      detached: true,
      stdio: ["pipe", log, log, "pipe"],
    });
    closeSync(log);
    this.#child = child;
    (child.stdin as Writable).on("error", () => {});
    const startedMs = Date.now();
    child.once("error", (error) => this.#ready.reject(error));
    child.once("exit", (code, signal) => this.#ended(startedMs, signal ?? `exit code ${code}`));
    createInterface({ input: child.stdio[READY_FD] as Readable }).on("line", (line) => {
      if (line === "ready") this.#ready.resolve();
      if (line === "registered") this.#registered.resolve();
    });
    void this.part.serves?.().then(() => this.#ready.resolve());
  }

  #ended(startedMs: number, how: string): void {
    if (this.#stopping) return;
    this.#ready.reject(notStarted(this.part, how));
    this.#log.warn("a part of the cluster ended; starting it again", { part: this.part.name, how });
    // What never served is told by who started it.
    if (this.#hasServed) this.#onDown(this.part, how);
    if (Date.now() - startedMs > HEALTHY_AFTER_MS) this.#backoffMs = FIRST_BACKOFF_MS;
    this.#timer = setTimeout(() => this.#spawn(), this.#backoffMs);
    this.#backoffMs = Math.min(2 * this.#backoffMs, MAX_BACKOFF_MS);
    this.restarts++;
  }
}

function commandOf({ args, command }: Part): readonly string[] {
  if (command !== undefined) return ["/bin/sh", "-c", LIFELINE, "sh", ...command];
  return [process.execPath, ...heapFlags(args[0]), main, ...args, "--supervised"];
}

/** Runs a program that does not look at its standard input, and ends it with that. */
const LIFELINE = `exec 4<&0
"$@" </dev/null &
program=$!
(while read -r _ <&4; do :; done; kill "$program") &
lifeline=$!
wait "$program"
code=$?
kill "$lifeline" 2>/dev/null
exit "$code"`;

function notStarted({ name, logFile }: Part, how: string): Failure {
  return new Failure("not-started", {
    part: name,
    why: `${how}; its last words: ${lastWords(readFileSync(logFile, "utf8"))}`,
    again: `less ${logFile}`,
  });
}

/** What a log says last: of a refusal in four lines what was wrong, not where the documentation is. */
export function lastWords(text: string): string {
  const lines = text.trimEnd().split("\n");
  const docs = lines.at(-1)?.trimStart().startsWith("docs ") ?? false;
  const why = docs ? lines.findLast((line) => line.startsWith("  why ")) : undefined;
  return (why ?? lines.at(-1) ?? "").replace(/^ {2}why +/, "");
}

/** The other end, within the part: tells the supervisor that it serves, and hears what it is asked to do. */
export function listenToSupervisor(
  onCommand: (command: "leave-tasks" | "end-tasks") => void,
  onRest: () => void = () => {},
): { ready(): void; registered(): void } {
  let asked = false;
  const ask = (command: "leave-tasks" | "end-tasks"): void => {
    if (!asked) onCommand(command);
    asked = true;
  };
  createInterface({ input: process.stdin }).on("line", (line) => {
    if (line === "rest") onRest();
    else ask(line === "end-tasks" ? "end-tasks" : "leave-tasks");
  });
  process.stdin.once("end", () => ask("leave-tasks"));
  process.stdin.once("error", () => ask("leave-tasks"));
  return { ready: () => tell("ready"), registered: () => tell("registered") };
}

function tell(word: "ready" | "registered"): void {
  try {
    writeSync(READY_FD, `${word}\n`);
  } catch {
    // Started by hand with --supervised: nobody listens.
  }
}
