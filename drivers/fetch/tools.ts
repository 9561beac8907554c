import { spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";

const ENVIRONMENT = { PATH: "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C" };
/** What a tool says beyond this is not kept. */
const MOST_CHARACTERS = 16_384;
/** Debian's packages, where they are not named as the tool. */
const PACKAGES: Readonly<Record<string, string>> = { xz: "xz-utils" };

/** One of the system's tools that runs. */
export interface Tool {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** How it ended and what it complained of; rejects when there is no such tool. */
  readonly ended: Promise<Ending>;
  stop(): void;
}

export interface Ending {
  readonly name: string;
  readonly status: number | NodeJS.Signals;
  readonly complaints: string;
}

/** Starts a tool. `input` is a descriptor that becomes its stdin; absent: a pipe. */
export function startTool(name: string, args: readonly string[], input?: number): Tool {
  const child = spawn(name, args, { env: ENVIRONMENT, stdio: [input ?? "pipe", "pipe", "pipe"] });
  let complaints = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    if (complaints.length < MOST_CHARACTERS) complaints += text;
  });
  // Whoever stops reading first tells by its own status why.
  child.stdin?.on("error", () => {});
  const ended = new Promise<Ending>((resolve, reject) => {
    child.once("error", ({ code, message }: NodeJS.ErrnoException) =>
      reject(code === "ENOENT" ? missing(name) : new Error(message)),
    );
    child.once("close", (status, signal) => resolve({ name, status: signal ?? status ?? 0, complaints }));
  });
  return { stdin: child.stdin!, stdout: child.stdout!, ended, stop: () => void child.kill("SIGKILL") };
}

/** Throws a sentence unless the tool ended well. `alsoGood` is a status that means no more than a warning. */
export function mustHaveWorked({ name, status, complaints }: Ending, alsoGood = 0): void {
  if (status === 0 || status === alsoGood) return;
  const words = complaints
    .trim()
    .split("\n")[0]
    ?.replace(/^[a-z0-9]+: /, "");
  throw new Error(`${name} refused it: ${words || `it ended with ${status}`}`);
}

function missing(name: string): Error {
  return new Error(`there is no ${name} on this machine, which Debian has in its package ${PACKAGES[name] ?? name}`);
}
