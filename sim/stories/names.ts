/** Short names for ids that nobody remembers: instances of an app in the order in which they are heard of, `/shop/web` → `web-1`; deployments `d1`, `d2`. */
export class Names {
  readonly #startMs: number;
  readonly #instances = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  readonly #deployments = new Map<string, string>();

  /** `startMs`: when the story begins. */
  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  instance(id: string): string {
    const known = this.#instances.get(id);
    if (known !== undefined) return known;
    const short = id.slice(0, id.lastIndexOf(".instance-")).split("_").at(-1)!;
    const number = (this.#counts.get(short) ?? 0) + 1;
    this.#counts.set(short, number);
    this.#instances.set(id, `${short}-${number}`);
    return `${short}-${number}`;
  }

  /** `shop_web.instance-<uuid>._app.2` → `web-1`; the launch is not told. */
  task(id: string): string {
    return this.instance(/^.*\.instance-[\da-f-]{36}/.exec(id)?.[0] ?? id);
  }

  deployment(id: string): string {
    const known = this.#deployments.get(id) ?? `d${this.#deployments.size + 1}`;
    this.#deployments.set(id, known);
    return known;
  }

  #attempt(job: string, dueMs: number, attempt: string): string {
    return `${job} for ${this.clock(dueMs)}${attempt === "0" ? "" : `, attempt ${Number(attempt) + 1}`}`;
  }

  /** An instant as the story counts. */
  clock(atMs: number): string {
    return clockText(atMs - this.#startMs);
  }

  /** A sentence of a framework's, its ids by short names and its times as the story counts them. A job's task is told by its instant, `report for 00:01:00`. */
  readable(sentence: string): string {
    return sentence
      .replaceAll(/[\w-]+\.instance-[\da-f-]{36}(?:\.\w+\.\d+)?/g, (id) => this.task(id))
      .replaceAll(/ct:(\d+):(\d+):([\w-]+):\S*/g, (_, due, attempt, job) => this.#attempt(job, Number(due), attempt))
      .replaceAll(/\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/g, (id) => this.deployment(id))
      .replaceAll(/\d{4}-\d\d-\d\d[T ][\d:.]+(?:Z| UTC)/g, (time) => this.clock(Date.parse(time)));
  }
}

/** Milliseconds since the beginning as `00:01:30`. */
export function clockText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
