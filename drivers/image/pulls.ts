// Pulls that are under way: one process each, joined by all that want the same image in the same way.
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { ImageWish } from "@meseta/kernel/core/agent/isolation.ts";
import type { LeastRate } from "@meseta/lib/io/http/paced.ts";
import { Slots } from "../fetch/slots.ts";
import { ImageFailed, sentenceOf } from "./failure.ts";
import { type ImagesOptions, thisPlatform } from "./options.ts";
import type { Pulled } from "./pull.ts";
import type { PullAnswer, PullRequest } from "./request.ts";

const child = fileURLToPath(new URL("pull-child.ts", import.meta.url));
/** For the pull's process: its own heap, beside the buffers of what it unpacks. */
const HEAP_MIB = 512;
const PARALLEL = 4;
const PULL_MS = 60 * 60 * 1000;
const LEAST_RATE: LeastRate = { bytes: 60 * 1024, windowMs: 60_000 };
/** A slow registry is waited for so often, each time behind all others that wait. */
const SLOW_TURNS = 3;
const PASSED_ON = ["NODE_COMPILE_CACHE", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR"];

interface UnderWay {
  readonly id: string;
  readonly name: string;
  readonly abort: AbortController;
  readonly done: Promise<Pulled>;
  /** Who wants it: decides how soon it begins. */
  readonly owners: Set<string>;
  waiting: number;
  /** Known when it is done. */
  pulled: Pulled | undefined;
}

interface Wanted {
  /** Of those that are had by one pull. */
  readonly key: string;
  readonly wish: ImageWish;
  readonly owner: string;
}

/** Writes an image down, before anybody may use it. */
type Took = (pulled: Pulled) => void;

export class Pulls {
  readonly #options: ImagesOptions;
  /** By image, credentials and all; until nobody waits any more. */
  readonly #underWay = new Map<string, UnderWay>();
  /** Pulls that nobody waits for, until their processes are gone. */
  readonly #ending = new Set<Promise<void>>();
  readonly #slots: Slots;
  readonly #ended: (id: string) => void;

  /** `ended`: the process of a pull is gone, and nobody waits for it. */
  constructor(options: ImagesOptions, ended: (id: string) => void) {
    this.#options = options;
    this.#slots = new Slots(options.parallel ?? PARALLEL);
    this.#ended = ended;
  }

  get busy(): boolean {
    return this.#underWay.size > 0 || this.#ending.size > 0;
  }

  /** Resolves when those that nobody waits for are gone. */
  async settled(): Promise<void> {
    await Promise.all(this.#ending);
  }

  /** The name of the pull as its wisher wrote it. */
  nameOf(id: string): string | undefined {
    return [...this.#underWay.values()].find((one) => one.id === id)?.name;
  }

  /** Digests of images that have just arrived, and that nobody holds yet. */
  arrived(): string[] {
    return [...this.#underWay.values()].flatMap(({ pulled }) => pulled?.digest ?? []);
  }

  /**
   * Resolves with what `use` makes of the image, for all who wait for it; `took` is called once, before. When the last of them has gone
   * away, the process is ended.
   */
  async join<T>({ key, wish, owner }: Wanted, signal: AbortSignal, took: Took, use: (pulled: Pulled) => T): Promise<T> {
    const pull = this.#underWay.get(key) ?? this.#begin(key, wish, new Set([owner]), took);
    pull.waiting++;
    pull.owners.add(owner);
    this.#slots.look();
    const left = Promise.withResolvers<never>();
    const leave = (): void => left.reject(signal.reason);
    signal.addEventListener("abort", leave, { once: true });
    if (signal.aborted) leave();
    try {
      return use(await Promise.race([pull.done, left.promise]));
    } finally {
      signal.removeEventListener("abort", leave);
      if (--pull.waiting === 0) this.#end(key, pull);
    }
  }

  #begin(key: string, wish: ImageWish, owners: Set<string>, took: Took): UnderWay {
    const [id, abort] = [randomBytes(8).toString("hex"), new AbortController()];
    const done = this.#run(id, wish, owners, abort.signal).then((pulled) => {
      took(pulled);
      pull.pulled = pulled;
      return pulled;
    });
    const pull: UnderWay = { id, name: wish.name, abort, done, owners, waiting: 0, pulled: undefined };
    this.#underWay.set(key, pull);
    return pull;
  }

  #end(key: string, pull: UnderWay): void {
    this.#underWay.delete(key);
    pull.abort.abort(new Error("nobody waits for the image"));
    const ended = pull.done
      .then(
        () => {},
        () => {},
      )
      .then(() => {
        this.#ending.delete(ended);
        this.#ended(pull.id);
      });
    this.#ending.add(ended);
  }

  // Whom the registry keeps waiting gives its place back and goes on later, with what had come.
  async #run(id: string, wish: ImageWish, owners: ReadonlySet<string>, signal: AbortSignal): Promise<Pulled> {
    let leftMs = this.#options.pullMs ?? PULL_MS;
    for (let turns = 1; ; turns++) {
      const answer = await this.#slots.use(owners, signal, async () => {
        const startMs = performance.now();
        try {
          return await this.#program(this.#request(id, wish), leftMs, signal);
        } finally {
          leftMs -= Math.round(performance.now() - startMs);
        }
      });
      if ("pulled" in answer) return answer.pulled;
      if (answer.slow !== true) throw new ImageFailed(answer.failed);
      if (turns === SLOW_TURNS || leftMs <= 0) throw new ImageFailed(`${answer.failed} (it was tried ${turns} times)`);
      this.#options.log.info("an image comes too slowly and waits for another turn", {
        name: wish.name,
        reason: answer.failed,
      });
    }
  }

  async #program(request: PullRequest, limitMs: number, signal: AbortSignal): Promise<PullAnswer> {
    const result = await this.#options.programs.run({
      file: process.execPath,
      arguments: [`--max-old-space-size=${HEAP_MIB}`, child],
      environment: environment(),
      input: JSON.stringify(request),
      timeoutMs: limitMs,
      signal,
    });
    const answer = parseAnswer(result.stdout);
    if (answer === undefined)
      throw new ImageFailed(
        `its process ended by itself (${result.waitStatus}): ${result.stderr.trim().slice(-500) || "it said nothing"}`,
      );
    return answer;
  }

  #request(id: string, wish: ImageWish): PullRequest {
    const { dir, registry, dockerConfig } = this.#options;
    return {
      dir,
      id,
      name: wish.name,
      platform: this.#options.platform ?? thisPlatform(),
      registry,
      credentials: wish.credentials,
      dockerConfig,
      keepFree: this.#options.keepFree ?? 0.05,
      maxBytes: this.#options.maxBytes ?? 20 * 1024 ** 3,
      maxEntries: this.#options.maxEntries ?? 2_000_000,
      stallMs: this.#options.stallMs ?? 60_000,
      leastRate: this.#options.leastRate ?? LEAST_RATE,
    };
  }
}

function environment(): Record<string, string> {
  const passed = PASSED_ON.flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name]] as const],
  );
  return { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", ...Object.fromEntries(passed) };
}

function parseAnswer(stdout: string): PullAnswer | undefined {
  try {
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw new Error(sentenceOf(error));
    return undefined;
  }
}
