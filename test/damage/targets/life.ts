import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Answer, Request } from "../../kills/lane.ts";
import type { Files } from "../harm.ts";

const MESETA = fileURLToPath(new URL("../../../bin/meseta", import.meta.url));
/** Processes of one more kind than the test's own are none of its business, and all end with this. */
const APART = ["unshare", "--fork", "--pid", "--mount-proc", "--kill-child"];
const MEMORY = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** One life of a part as a process, on a folder of its own. */
export class PartLife {
  /** What it has printed. */
  text = "";
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;

  /** `apart`: in a namespace of processes of its own, which needs root. */
  constructor(words: readonly string[], dir: string, apart = false) {
    const [program, ...rest] = [...(apart ? APART : []), MESETA, ...words, "--dir", dir, "--log-level", "error"];
    this.#child = spawn(program!, rest, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NO_COLOR: "1" } });
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      stream.on("data", (bytes: Buffer) => (this.text += bytes.toString()));
    this.#gone = new Promise((resolve) => this.#child.once("close", () => resolve()));
  }

  /** Its exit code; null when a signal ended it, undefined while it runs. */
  get code(): number | null | undefined {
    const { exitCode, signalCode } = this.#child;
    return exitCode === null && signalCode === null ? undefined : exitCode;
  }

  /** What it answers, as soon as it answers with 200; undefined when it has ended instead. */
  async answer(port: number, request: Request): Promise<string | undefined> {
    for (;;) {
      const answer = await ask(port, request).catch(() => undefined);
      if (answer?.status === 200) return answer.body;
      if (this.code !== undefined) {
        await this.#gone;
        return undefined;
      }
      await sleep(5);
    }
  }

  /** Resolves when it is gone. */
  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    this.#child.kill(signal);
    await this.#gone;
  }
}

export async function ask(port: number, { method, path, body }: Request): Promise<Answer> {
  const headers = { accept: "application/json", "content-type": "application/json", connection: "close" };
  const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
  return { status: response.status, body: await response.text() };
}

/** Does something in a folder in memory that holds these files, and is gone afterwards. */
export async function inFolder<T>(files: Files, work: (dir: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(MEMORY, "meseta-damaged-"));
  try {
    for (const [name, bytes] of files) {
      mkdirSync(dirname(join(dir, name)), { recursive: true });
      writeFileSync(join(dir, name), bytes);
    }
    return await work(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** The files of a store; that of shared memory is made anew by whoever opens it. */
export function storeFiles(dir: string, store: string): Files {
  const folder = dirname(join(dir, store));
  const names = readdirSync(folder).filter((name) => /^store\.db/.test(name) && !name.endsWith("-shm"));
  const prefix = store.slice(0, -"store.db".length);
  return new Map(names.map((name) => [`${prefix}${name}`, readFileSync(join(folder, name))]));
}

/** Throws what a process ended with that refused these files; that it has changed them is told as well. A log that is new and empty is none. */
export function refused(life: PartLife, dir: string, store: string, files: Files): never {
  const after = new Map([...storeFiles(dir, store)].filter(([name, { length }]) => files.has(name) || length > 0));
  const changed = [...new Set([...files.keys(), ...after.keys()])].filter((name) => {
    const [before, now] = [files.get(name), after.get(name)];
    return before === undefined || now === undefined ? before !== now : !before.equals(now);
  });
  const text = life.text.replaceAll(/\s+/g, " ");
  throw new Error(`${changed.length > 0 ? `changed ${changed.join()}; ` : ""}ended with ${life.code}: ${text}`);
}

/** One line for a person, the code, the place, and what to do; and nothing was changed. */
export function isRefusal(message: string): boolean {
  return /^ended with 1: ✗ the state in \S+ is damaged code: damaged-state why .*(store\.db(-wal|-seal)? is damaged|byte \d+|record).* try (meseta store restore|mv) \S+/.test(
    message,
  );
}
