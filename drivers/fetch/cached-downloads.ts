import type { Entry, FetchCache } from "./cache.ts";
import { ask, lengthOf, reasonOf } from "./http.ts";
import type { FetchUser, Validators } from "./order.ts";

export interface Wanted {
  readonly url: string;
  readonly user: FetchUser | undefined;
  /** Who wants it, which decides how soon it begins. */
  readonly owners: ReadonlySet<string>;
  /** Fetches so many bytes into a file, for all of these owners. */
  download(bytes: number, into: string, owners: ReadonlySet<string>, signal: AbortSignal): Promise<Validators>;
  /** Others have joined the owners of a download. */
  joined(): void;
}

/** What came of looking in the cache: an entry, which is held; or none, and the file is to be fetched past it. `note` says why. */
export interface Found {
  readonly entry?: Entry;
  readonly note: string;
}

/** What the server says of a file that may be cached. */
type Word =
  | { readonly kind: "unchanged" }
  | { readonly kind: "file"; readonly bytes: number | undefined; readonly validators: Validators }
  | { readonly kind: "refusal" | "silence"; readonly why: string };

interface Loading {
  readonly stop: AbortController;
  readonly done: Promise<Found>;
  readonly owners: Set<string>;
  waiting: number;
}

/** Brings files into the cache, one for each user and URI however many want it at a time, and asks whether those that are there are still good. */
export class CachedDownloads {
  readonly #cache: FetchCache;
  readonly #stallMs: number;
  readonly #loading = new Map<string, Loading>();

  constructor(cache: FetchCache, stallMs: number) {
    this.#cache = cache;
    this.#stallMs = stallMs;
  }

  /** Rejects when the download fails, or `signal` aborts; what others wait for goes on without it. */
  async find(wanted: Wanted, signal: AbortSignal): Promise<Found> {
    signal.throwIfAborted();
    const key = `${wanted.user?.uid ?? "own"} ${wanted.url}`;
    const loading = this.#loading.get(key) ?? this.#load(key, wanted);
    loading.waiting++;
    for (const owner of wanted.owners) loading.owners.add(owner);
    wanted.joined();
    const left = aborted(signal);
    try {
      const found = await Promise.race([loading.done, left.promise]);
      return found.entry === undefined ? found : { ...found, entry: this.#cache.hold(found.entry) };
    } finally {
      left.forget();
      if (--loading.waiting === 0) await this.#nobodyWaits(key, loading);
    }
  }

  #load(key: string, wanted: Wanted): Loading {
    const stop = new AbortController();
    const owners = new Set(wanted.owners);
    const loading = { stop, owners, done: this.#bring(key, wanted, owners, stop.signal), waiting: 0 };
    this.#loading.set(key, loading);
    const over = () => void (this.#loading.get(key) === loading && this.#loading.delete(key));
    loading.done.then(over, over);
    return loading;
  }

  // Ends what is still under way. The load's own hold goes when everybody who waited has one.
  async #nobodyWaits(key: string, loading: Loading): Promise<void> {
    if (this.#loading.get(key) === loading) this.#loading.delete(key);
    loading.stop.abort(new Error("nobody waits for it any more"));
    const found = await loading.done.catch(() => undefined);
    if (found?.entry !== undefined) this.#cache.release(found.entry);
  }

  async #bring(key: string, wanted: Wanted, owners: ReadonlySet<string>, signal: AbortSignal): Promise<Found> {
    const known = this.#cache.look(key);
    if (known !== undefined) this.#cache.hold(known);
    let kept = false;
    try {
      const word = await this.#askServer(wanted.url, known, signal);
      const good = goodOf(word, known);
      if (good !== undefined) {
        kept = true;
        return { entry: known!, note: good };
      }
      if (known !== undefined) this.#cache.drop(known);
      return await this.#renew(key, wanted, owners, word, signal);
    } finally {
      if (known !== undefined && !kept) this.#cache.release(known);
    }
  }

  // What cannot be cached is fetched all the same, and fails then, if it must, with its own reason.
  async #renew(
    key: string,
    wanted: Wanted,
    owners: ReadonlySet<string>,
    word: Word,
    signal: AbortSignal,
  ): Promise<Found> {
    if (word.kind !== "file") return past(word.kind === "unchanged" ? "it is not there any more" : word.why);
    const { bytes } = word;
    if (bytes === undefined) return past("its server does not tell how long it is");
    try {
      const entry = await this.#cache.add(key, bytes, wanted.user, (into) =>
        wanted.download(bytes, into, owners, signal),
      );
      return entry === undefined
        ? past(`${bytes} bytes do not fit`)
        : { entry, note: "Taken from the cache, where it is new" };
    } catch (error) {
      signal.throwIfAborted();
      return past(reasonOf(error));
    }
  }

  async #askServer(url: string, known: Entry | undefined, signal: AbortSignal): Promise<Word> {
    try {
      const answer = await ask({ method: "HEAD", url, headers: conditions(known), stallMs: this.#stallMs, signal });
      answer.resume();
      const { statusCode = 0, headers } = answer;
      if (statusCode === 304 && known !== undefined) return { kind: "unchanged" };
      if (statusCode !== 200)
        return { kind: statusCode >= 500 ? "silence" : "refusal", why: `its server answers HEAD with ${statusCode}` };
      const validators = { etag: headers.etag, lastModified: headers["last-modified"] };
      return { kind: "file", bytes: lengthOf(answer), validators };
    } catch (error) {
      signal.throwIfAborted();
      return { kind: "silence", why: reasonOf(error) };
    }
  }
}

/** Why the known entry is still good, in a sentence; undefined when it is not, or nobody can tell. */
function goodOf(word: Word, known: Entry | undefined): string | undefined {
  if (known === undefined) return undefined;
  if (word.kind === "unchanged") return "Taken from the cache: its server says that it has not changed";
  if (word.kind === "silence") return `Taken from the cache, though its server cannot be asked: ${word.why}`;
  if (word.kind !== "file" || word.bytes !== known.bytes) return undefined;
  const { etag, lastModified } = word.validators;
  if (etag !== known.etag || lastModified !== known.lastModified) return undefined;
  return etag === undefined && lastModified === undefined
    ? "Taken from the cache: it is as long as before, and its server does not tell more"
    : "Taken from the cache: its server has the same version";
}

function past(why: string): Found {
  return { note: `Past the cache: ${why}` };
}

function conditions(known: Entry | undefined): Record<string, string> {
  return {
    ...(known?.etag !== undefined && { "if-none-match": known.etag }),
    ...(known?.lastModified !== undefined && { "if-modified-since": known.lastModified }),
  };
}

function aborted(signal: AbortSignal): { promise: Promise<never>; forget(): void } {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  promise.catch(() => {});
  return { promise, forget: () => signal.removeEventListener("abort", abort) };
}
