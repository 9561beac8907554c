// A store's life seen from the kernel: every write, flush and removal that it asks for, in order, by strace. From that the files can be made as
// they were between any two calls, and as they may be after a power cut there.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Random } from "@meseta/lib/core/random.ts";

const STRACE = "/usr/bin/strace";

export const hasStrace = existsSync(STRACE);

export type Step =
  | { readonly type: "make" | "flush" | "failed flush" | "remove"; readonly file: string }
  | { readonly type: "write"; readonly file: string; readonly at: number; readonly bytes: Buffer }
  | { readonly type: "cut"; readonly file: string; readonly length: number }
  | { readonly type: "name"; readonly file: string; readonly of: string }
  | { readonly type: "say"; readonly text: string };

/**
 * Runs a program of ours, and gives all that it did to files of `dir` and said on its standard output. `fault` is what goes wrong on the way, as
 * `strace -e inject=` takes it: `fdatasync:error=EIO:when=3`.
 */
export function traced(program: string, args: readonly string[], dir: string, fault?: string): Step[] {
  const log = join(dir, "trace.log");
  const calls = "openat,write,pwrite64,ftruncate,fdatasync,fsync,unlink,link";
  const strace = ["-f", "-y", "-xx", "-s", "10000000", "-e", `trace=${calls}`, "-e", "signal=none", "-o", log];
  if (fault !== undefined) strace.push("-e", `inject=${fault}`);
  execFileSync(STRACE, [...strace, process.execPath, "--no-warnings", program, ...args], {
    stdio: ["ignore", "ignore", "inherit"],
    timeout: 60_000,
  });
  return [...whole(readFileSync(log, "latin1"))].flatMap((call) => stepOf(call, dir) ?? []);
}

/** The files after the first `count` steps, for whoever was only killed there. */
export function killedAfter(steps: readonly Step[], count: number): Files {
  const files: Files = new Map();
  for (const step of steps.slice(0, count)) carryOut(files, step);
  return files;
}

/**
 * The files after a power cut there: of what was not flushed, each write may be lost, and one may be torn within a sector's bounds; what was
 * flushed is there. A flush that failed loses what it was to write, and the next one knows nothing of it, as Linux has it.
 */
export function cutOffAfter(steps: readonly Step[], count: number, random: Random): Files {
  const [durable, pending] = [new Map() as Files, [] as Step[]];
  for (const step of steps.slice(0, count)) {
    if (step.type !== "flush" && step.type !== "failed flush") {
      pending.push(step);
      continue;
    }
    // A flushed file has its name as well; a flushed folder has its names.
    const isOf = (one: Step) =>
      "file" in one && (one.file === step.file || (step.file === "." && one.type !== "write"));
    if (step.type === "flush") for (const one of pending.filter(isOf)) carryOut(durable, one);
    const rest = pending.filter((one) => !isOf(one));
    pending.splice(0, pending.length, ...rest);
  }
  for (const one of pending) {
    if (random.below(2) === 0) continue;
    if (one.type === "write" && random.below(4) === 0) carryOut(durable, torn(one, random));
    else if (one.type !== "write" || durable.has(one.file)) carryOut(durable, one);
  }
  return durable;
}

/** Writes them where a store can be opened on them. */
export function layOut(files: Files, dir: string): void {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  for (const [name, bytes] of files) writeFileSync(join(dir, name), bytes);
}

export type Files = Map<string, Buffer>;

const SECTOR = 512;

function torn(step: Step & { type: "write" }, random: Random): Step {
  return { ...step, bytes: step.bytes.subarray(0, random.below(Math.ceil(step.bytes.length / SECTOR) + 1) * SECTOR) };
}

function carryOut(files: Files, step: Step): void {
  switch (step.type) {
    case "make":
      if (!files.has(step.file)) files.set(step.file, Buffer.alloc(0));
      return;
    case "remove":
      return void files.delete(step.file);
    case "name": {
      const bytes = files.get(step.of);
      if (bytes !== undefined) files.set(step.file, bytes);
      return;
    }
    case "write": {
      const old = files.get(step.file) ?? Buffer.alloc(0);
      const bytes = Buffer.alloc(Math.max(old.length, step.at + step.bytes.length));
      old.copy(bytes);
      step.bytes.copy(bytes, step.at);
      return void files.set(step.file, bytes);
    }
    case "cut": {
      const bytes = Buffer.alloc(step.length);
      files.get(step.file)?.copy(bytes);
      return void files.set(step.file, bytes);
    }
    case "flush":
    case "failed flush":
    case "say":
  }
}

// What another thread did in between stands between the two halves of a call; it counts when it is done.
function* whole(log: string): Generator<string> {
  const begun = new Map<string, string>();
  for (const line of log.split("\n")) {
    const [, thread, text] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    if (text === undefined) continue;
    const unfinished = text.indexOf(" <unfinished ...>");
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(text);
    if (unfinished >= 0) begun.set(thread!, text.slice(0, unfinished));
    else yield resumed === null ? text : `${begun.get(thread!)}${resumed[1]}`;
  }
}

function stepOf(call: string, dir: string): Step | undefined {
  const [, name, rest, result] = /^(\w+)\((.*)\)\s+= (-?\d+)/.exec(call) ?? [];
  if (name === undefined) return undefined;
  const failed = result!.startsWith("-");
  if (failed && !name.endsWith("sync")) return undefined;
  const texts = [...rest!.matchAll(/<((?:\\x..)*)>|"((?:\\x..)*)"/g)].map(([, fd, text]) => decoded(fd ?? text!));
  if (name === "write" && rest!.startsWith("1<")) return { type: "say", text: texts[1]!.toString() };
  const path = (name === "openat" ? texts[1]! : texts[0]!).toString();
  const file = path === dir ? "." : dirname(path) === dir ? basename(path) : undefined;
  // What is mapped into memory is made anew by whoever comes next.
  if (file === undefined || file.endsWith("-shm") || file === "trace.log") return undefined;
  const numbers = rest!.split(", ");
  switch (name) {
    case "openat":
      return rest!.includes("O_CREAT") ? { type: "make", file } : undefined;
    case "pwrite64":
      return { type: "write", file, at: Number(numbers.at(-1)), bytes: texts[1]!.subarray(0, Number(result)) };
    case "ftruncate":
      return { type: "cut", file, length: Number(numbers.at(-1)) };
    case "unlink":
      return { type: "remove", file };
    case "link":
      return { type: "name", file: basename(texts[1]!.toString()), of: file };
    default:
      return { type: failed ? "failed flush" : "flush", file };
  }
}

function decoded(hex: string): Buffer {
  return Buffer.from(hex.replaceAll("\\x", ""), "hex");
}
