import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { CommandInfoURI } from "@meseta/api/mesos/generated/mesos.ts";
import type { Fetcher, Sandbox } from "@meseta/kernel/core/agent/outside.ts";
import type { LeastRate } from "@meseta/lib/io/http/paced.ts";
import type { Programs } from "../launch/programs.ts";
import { FetchCache } from "./cache.ts";
import { CachedDownloads } from "./cached-downloads.ts";
import type { FetchUser, Order, Outcome, Step, Validators } from "./order.ts";
import { Slots } from "./slots.ts";
import { nameOf, shown, sourceOf } from "./uri.ts";

const CHILD = fileURLToPath(new URL("child.ts", import.meta.url));
/** After this the longest fetch is given up. */
const LONGEST_MS = 24 * 3_600_000;
/** Each is a process of some 50 MiB; more of them at once would not be faster. */
const AT_ONCE = Math.min(16, 4 * availableParallelism());
const RETRY_MS = 500;
const LEAST_RATE: LeastRate = { bytes: 60 * 1024, windowMs: 60_000 };

export interface FetcherOptions {
  /** Runs the processes that fetch. */
  readonly programs: Programs;
  /** Numbers of a user by name; undefined when there is none. */
  readonly userOf: (name: string) => { readonly uid: number; readonly gid: number } | undefined;
  /** Whether a task may be root; when not, nothing is fetched as root, however its user is called. */
  readonly rootAllowed: boolean;
  /** A folder of its own; emptied at the start. Every user must be able to enter the folders above it. */
  readonly cacheDir: string;
  readonly cacheBytes: number;
  /** Where relative paths begin; absent: there are none. */
  readonly frameworksHome?: string | undefined;
  /** Absent: 60 s. */
  readonly stallMs?: number;
  /** What a server must send to be waited for; absent: 60 KiB in each minute. */
  readonly leastRate?: LeastRate;
  /** Processes that fetch at the same time; absent: four for each of the machine's cores, at most 16. */
  readonly parallel?: number;
  /** The pause before a second try; absent: half a second. */
  readonly retryMs?: number;
}

/**
 * Fetches in a process for each container, as the task's user: that user's rights decide what it may read, and a slow server or a
 * bad archive is not the agent's trouble. A file that is to be cached is brought into the cache first, once for all that want it.
 */
export class SandboxFetcher implements Fetcher {
  readonly #options: FetcherOptions;
  readonly #cache: FetchCache;
  readonly #cached: CachedDownloads;
  readonly #slots: Slots;
  readonly #running = new Map<string, AbortController>();

  constructor(options: FetcherOptions) {
    this.#options = options;
    this.#slots = new Slots(options.parallel ?? AT_ONCE);
    this.#cache = new FetchCache(options.cacheDir, options.cacheBytes);
    this.#cached = new CachedDownloads(this.#cache, this.#stallMs);
  }

  async fetch(id: string, sandbox: Sandbox, uris: readonly CommandInfoURI[]): Promise<void> {
    const stop = new AbortController();
    this.#running.set(id, stop);
    try {
      await this.#fetch(sandbox, uris, stop.signal);
    } finally {
      this.#running.delete(id);
    }
  }

  stop(id: string): void {
    this.#running.get(id)?.abort(new Error("it was stopped"));
  }

  cacheSize() {
    return { totalBytes: this.#cache.maxBytes, usedBytes: this.#cache.usedBytes };
  }

  /** Ends all fetches: the agent stops. */
  close(): void {
    for (const id of this.#running.keys()) this.stop(id);
  }

  get #stallMs(): number {
    return this.#options.stallMs ?? 60_000;
  }

  async #fetch(sandbox: Sandbox, uris: readonly CommandInfoURI[], signal: AbortSignal): Promise<void> {
    const { directory } = sandbox;
    const user = this.#userOf(sandbox.user);
    const owners = new Set([sandbox.owner ?? ""]);
    const planned = uris.map((uri) => stepOf(uri, this.#options.frameworksHome));
    const releases: (() => void)[] = [];
    try {
      const steps: Step[] = [];
      for (const [i, step] of planned.entries())
        steps.push(
          uris[i]!.cache === true
            ? await this.#throughCache(step, { directory, user, owners }, signal, releases)
            : step,
        );
      await this.#run({ kind: "fetch", steps, ...this.#common(directory, user) }, owners, signal);
    } finally {
      for (const release of releases) release();
    }
  }

  // A local file is not cached: a copy of a copy gains nothing, and only its owner's rights tell who may read it.
  async #throughCache(
    step: Step,
    { directory, user, owners }: For,
    signal: AbortSignal,
    releases: (() => void)[],
  ): Promise<Step> {
    if (!("url" in step.from)) return step;
    const { url } = step.from;
    const download = (bytes: number, into: string, all: ReadonlySet<string>, ended: AbortSignal) =>
      this.#run({ kind: "cache", url, into, bytes, ...this.#common(directory, user) }, all, ended);
    const joined = () => this.#slots.look();
    const found = await this.#cached.find({ url, user, owners, download, joined }, signal);
    if (found.entry === undefined) return { ...step, notes: [found.note] };
    const { entry, note } = found;
    releases.push(() => this.#cache.release(entry));
    return { ...step, from: { cached: entry.path }, notes: [note] };
  }

  #common(sandbox: string, user: FetchUser | undefined) {
    return {
      sandbox,
      ...(user !== undefined && { user }),
      stallMs: this.#stallMs,
      leastRate: this.#options.leastRate ?? LEAST_RATE,
      retryMs: this.#options.retryMs ?? RETRY_MS,
    };
  }

  /** Rejects with the process's own sentence. */
  async #run(order: Order, owners: ReadonlySet<string>, signal: AbortSignal): Promise<Validators> {
    const program = {
      file: process.execPath,
      arguments: ["--no-warnings", "--max-old-space-size=128", CHILD],
      environment: environment(),
      input: JSON.stringify(order),
      timeoutMs: LONGEST_MS,
      signal,
    };
    const { waitStatus, stdout, stderr } = await this.#slots.use(owners, signal, () =>
      this.#options.programs.run(program),
    );
    const outcome = outcomeIn(stdout);
    if (outcome === undefined)
      throw new Error(`the process that fetches ended with ${waitStatus}: ${lastLine(stderr)}`);
    if ("failed" in outcome) throw new Error(outcome.failed);
    return outcome;
  }

  #userOf(name: string | undefined): FetchUser | undefined {
    if (name === undefined) return undefined;
    const found = this.#options.userOf(name);
    if (found === undefined) throw new Error(`there is no user '${name}' on this machine`);
    if (found.uid === 0 && !this.#options.rootAllowed) throw new Error("this agent fetches nothing as root");
    return found.uid === process.getuid?.() ? undefined : { name, ...found };
  }
}

/** For whom something is fetched. */
interface For {
  readonly directory: string;
  readonly user: FetchUser | undefined;
  readonly owners: ReadonlySet<string>;
}

/** What is to be done with one URI. Throws a sentence that names it when it cannot be fetched at all. */
function stepOf(uri: CommandInfoURI, home: string | undefined): Step {
  const name = shown(uri.value);
  try {
    const then = uri.executable === true ? "executable" : uri.extract === false ? "leave" : "extract";
    return { uri: name, from: sourceOf(uri.value, home), name: nameOf(uri), then, notes: [] };
  } catch (error) {
    throw new Error(`'${name}' could not be fetched: ${(error as Error).message}`);
  }
}

// Nothing of the agent's environment but how to reach servers, and where its modules are compiled already, which saves a third of its time.
function environment(): Record<string, string> {
  const kept = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "NODE_EXTRA_CA_CERTS", "NODE_COMPILE_CACHE"];
  const named = kept.flatMap((name) => [name, name.toLowerCase()]).filter((name) => process.env[name] !== undefined);
  return { NODE_USE_ENV_PROXY: "1", ...Object.fromEntries(named.map((name) => [name, process.env[name]!])) };
}

function outcomeIn(stdout: string): Outcome | undefined {
  try {
    return JSON.parse(stdout) as Outcome;
  } catch {
    return undefined;
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
