/** The timers of this process in the hands of the fuzzer: nothing is due before it lets time pass, so that a run is the same each time. */
export class VirtualTime {
  nowMs = 1_700_000_000_000;
  readonly #timers = new Map<number, Timer>();
  #next = 1;

  /** Takes the place of the global timers; gives them back at the end of the process only. */
  install(): void {
    const add =
      (every: boolean) =>
      (callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) =>
        this.#add(() => callback(...args), ms ?? 0, every);
    const remove = (timer: Handle | undefined) => void this.#timers.delete(timer?.id ?? -1);
    const own = { setTimeout: add(false), setInterval: add(true), clearTimeout: remove, clearInterval: remove };
    Object.assign(globalThis, own);
  }

  /** Forgets what waits: whoever set it is gone. */
  clear(): void {
    this.#timers.clear();
  }

  /** Lets time pass, with each timer at its instant, at most `most` of them. `between` is waited for after each. */
  async pass(ms: number, between: () => Promise<void>, most = 1_000): Promise<void> {
    const untilMs = this.nowMs + ms;
    for (let count = 0; count < most; count++) {
      const due = this.#first();
      if (due === undefined || due.atMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, due.atMs);
      if (due.everyMs === undefined) this.#timers.delete(due.id);
      else due.atMs = this.nowMs + due.everyMs;
      due.callback();
      await between();
    }
    this.nowMs = untilMs;
  }

  #first(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers.values()) if (first === undefined || timer.atMs < first.atMs) first = timer;
    return first;
  }

  #add(callback: () => void, ms: number, every: boolean): Handle {
    const id = this.#next++;
    const waitMs = ms >= 1 && ms < 2 ** 31 ? ms : 1;
    const timer: Timer = { id, atMs: this.nowMs + waitMs, everyMs: every ? waitMs : undefined, callback };
    this.#timers.set(id, timer);
    const handle: Handle = {
      id,
      ref: () => handle,
      unref: () => handle,
      hasRef: () => false,
      refresh: () => {
        timer.atMs = this.nowMs + waitMs;
        this.#timers.set(id, timer);
        return handle;
      },
    };
    return handle;
  }
}

interface Timer {
  readonly id: number;
  atMs: number;
  readonly everyMs: number | undefined;
  readonly callback: () => void;
}

interface Handle {
  readonly id: number;
  ref(): Handle;
  unref(): Handle;
  hasRef(): boolean;
  refresh(): Handle;
}
