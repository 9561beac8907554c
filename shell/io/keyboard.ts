import { execFileSync } from "node:child_process";
import type { TTYInfoWindowSize } from "@meseta/api/mesos/generated/mesos.ts";

/** Who takes what is typed or piped into this process. */
export interface Typist {
  /** Resolves when there is room for more. */
  typed(bytes: Uint8Array): Promise<void>;
  ended(): void;
}

/** This process' stdin, passed on piece by piece; of a terminal every key as it is pressed, Ctrl-C too. */
export class Keyboard implements Disposable {
  readonly #typist: Typist;
  #restore: () => void = () => {};

  /** `raw`: the terminal does nothing with keys and output itself. It is as before after `dispose`, and however the process ends. */
  constructor(raw: boolean, typist: Typist) {
    this.#typist = typist;
    if (raw && process.stdin.isTTY) this.#restore = makeRaw();
    process.on("exit", this.#restore);
    process.stdin.on("data", this.#onData).on("end", this.#onEnd).on("error", this.#onEnd).resume();
  }

  [Symbol.dispose](): void {
    process.stdin.off("data", this.#onData).off("end", this.#onEnd).off("error", this.#onEnd).pause();
    process.off("exit", this.#restore);
    this.#restore();
    process.stdin.unref?.();
  }

  readonly #onData = (bytes: Uint8Array): void => {
    process.stdin.pause();
    void this.#typist.typed(bytes).then(() => process.stdin.resume());
  };

  readonly #onEnd = (): void => this.#typist.ended();
}

/**
 * Node's own raw mode goes on turning line ends into two characters, which upsets programs that draw. Gives what makes the terminal
 * as it was.
 */
function makeRaw(): () => void {
  try {
    const before = stty("-g").trim();
    stty("raw", "-echo");
    return () => void stty(before);
  } catch {
    process.stdin.setRawMode(true);
    return () => void process.stdin.setRawMode(false);
  }
}

function stty(...words: string[]): string {
  return execFileSync("stty", words, { stdio: ["inherit", "pipe", "ignore"], encoding: "utf8" });
}

/** The window in which this process runs, as large as it is now; undefined where there is none. */
export function windowSize(): TTYInfoWindowSize | undefined {
  const shown = [process.stdout, process.stderr].find((stream) => stream.isTTY);
  const [columns, rows] = shown?.getWindowSize() ?? [];
  return rows && columns ? { rows, columns } : undefined;
}
