import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { diskOf } from "./disks.ts";
import type { History } from "./history.ts";
import { atPlace } from "./network.ts";
import { commandOf, type Part } from "./parts.ts";

/** As systemd's RestartSec=1, which docs/operate/several-masters.md asks for. */
const RESTART_MS = 1_000;

/** One part of the cluster: started, started again whenever it ends, killed and paused. */
export class PartProcess {
  readonly part: Part;
  readonly #run: number;
  readonly #history: History;
  #child: ChildProcess | undefined;
  #isKilled = false;
  #isOver = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(run: number, part: Part, history: History) {
    this.#run = run;
    this.part = part;
    this.#history = history;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    const { dir } = this.#history;
    const log = openSync(join(dir, "logs", `${this.part.name}.log`), "a");
    const command = commandOf(this.part, diskOf(dir, this.part));
    // When this process is killed, the kernel kills the parts.
    const [program, ...words] = atPlace(this.#run, this.part.name, ["setpriv", "--pdeathsig", "KILL", ...command]);
    const child = spawn(program!, words, { detached: true, stdio: ["ignore", log, log] });
    closeSync(log);
    this.#child = child;
    this.#isKilled = false;
    this.#history.note({ type: "part", name: this.part.name, what: `starts as ${child.pid}`, isOurs: true });
    child.once("exit", (code, signal) => this.#ended(child, signal ?? `exit code ${code}`));
    child.once("error", (error) => this.#ended(child, error.message));
  }

  /** kill -9, or another signal; false where there is no process now. */
  signal(signal: NodeJS.Signals): boolean {
    if (this.#child === undefined) return false;
    if (signal === "SIGKILL") this.#isKilled = true;
    return this.#child.kill(signal);
  }

  /** Stops the process that there is now; what is given lets that one go on, if it still lives. */
  pause(): (() => void) | undefined {
    const child = this.#child;
    if (!this.signal("SIGSTOP")) return undefined;
    return () => void child!.kill("SIGCONT");
  }

  /** It is not started again, and killed. */
  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.signal("SIGKILL");
  }

  #ended(child: ChildProcess, what: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#history.note({ type: "part", name: this.part.name, what, isOurs: this.#isKilled });
    if (!this.#isOver) this.#timer = setTimeout(() => this.start(), RESTART_MS);
  }
}
