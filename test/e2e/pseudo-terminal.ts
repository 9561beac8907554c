import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import type { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const RIG = fileURLToPath(new URL("pseudo-terminal.pl", import.meta.url));

/** A terminal with a command in it, and a test at its keyboard. */
export class PseudoTerminal {
  /** With the command's exit code; 128 + n when signal n ended it. */
  readonly ended: Promise<number>;
  readonly #child: ChildProcess;
  readonly #device: Promise<string>;
  #shown = "";
  #isOver = false;
  #looking: () => void = () => {};

  constructor(command: readonly string[], env: NodeJS.ProcessEnv, rows = 24, columns = 80) {
    this.#child = spawn("perl", [RIG, String(rows), String(columns), ...command], {
      env,
      stdio: ["pipe", "pipe", "pipe", "pipe"],
    });
    this.ended = new Promise((resolve) => this.#child.once("close", (code) => resolve(code ?? -1)));
    this.#device = new Promise((resolve) =>
      this.#child.stderr!.once("data", (bytes) => resolve(String(bytes).split("\n")[0]!)),
    );
    this.#child.stdout!.on("data", (bytes) => {
      this.#shown += String(bytes);
      this.#looking();
    });
    void this.ended.then(() => {
      this.#isOver = true;
      this.#looking();
    });
  }

  type(keys: string): void {
    this.#child.stdin!.write(keys);
  }

  resize(rows: number, columns: number): void {
    (this.#child.stdio[3] as Writable).write(`${rows} ${columns}\n`);
  }

  /** Waits until it shows this, and looks on from behind it. Rejects when the command ends before. */
  async until(text: string | RegExp): Promise<void> {
    for (;;) {
      const at = typeof text === "string" ? this.#shown.indexOf(text) : this.#shown.search(text);
      if (at >= 0) {
        const length = typeof text === "string" ? text.length : text.exec(this.#shown)![0].length;
        this.#shown = this.#shown.slice(at + length);
        return;
      }
      if (this.#isOver) throw new Error(`the command ended before it showed ${text}; it showed ${this.#shown}`);
      await new Promise<void>((resolve) => (this.#looking = resolve));
    }
  }

  /** Waits until keys go to the command as they are, and are not shown by the terminal itself. */
  async untilRaw(): Promise<void> {
    const device = await this.#device;
    while (!execFileSync("stty", ["-a", "-F", device], { encoding: "utf8" }).includes("-icanon")) {
      if (this.#isOver) throw new Error(`the command ended before it took keys; it showed ${this.#shown}`);
      await sleep(20);
    }
  }

  /** Hangs up. */
  close(): void {
    this.#child.stdin!.end();
  }
}
