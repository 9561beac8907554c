import { fork } from "node:child_process";
import type { Noticed, Wanted } from "./child.ts";

/** No history takes so long, however busy the machine is: one that does hangs. */
const LONGEST_MS = 600_000;

/** A process with a bug planted in it, or none. */
export class MutantProcess {
  readonly #child;
  #answered: (noticed: Noticed) => void = () => {};
  #died: Noticed | undefined;
  readonly #ready: Promise<Noticed>;

  constructor(id: string | undefined) {
    this.#child = fork(new URL("child.ts", import.meta.url), id === undefined ? [] : [id], { silent: true });
    const said: Buffer[] = [];
    this.#child.stderr!.on("data", (piece: Buffer) => said.push(piece));
    this.#ready = this.#answer();
    // One that has just died is told of by what follows.
    this.#child.on("error", () => {});
    this.#child.on("message", (noticed: Noticed) => this.#answered(noticed));
    this.#child.on("close", (code, signal) => {
      const last = /^\w*(Error|Violation)\b.*/m.exec(Buffer.concat(said).toString())?.[0];
      this.#died = { violation: `the process ended with ${signal ?? code}: ${last ?? ""}` };
      this.#answered(this.#died);
    });
  }

  /** Lives through one history; what was noticed in it. */
  async live(wanted: Wanted): Promise<string | undefined> {
    await this.#ready;
    if (this.#died !== undefined) return this.#died.violation;
    const answer = this.#answer();
    const watch = setTimeout(() => {
      this.#answered({ violation: "the history has no end" });
      this.end();
    }, LONGEST_MS);
    this.#child.send(wanted);
    const noticed = await answer;
    clearTimeout(watch);
    return noticed.violation;
  }

  end(): void {
    this.#child.kill("SIGKILL");
  }

  #answer(): Promise<Noticed> {
    return new Promise((resolve) => {
      this.#answered = resolve;
    });
  }
}
