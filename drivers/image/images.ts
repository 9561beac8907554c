// Images without anybody's daemon: the door `Images` of the container driver. See README.md.
import { mkdirSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { ImageWish } from "@meseta/kernel/core/agent/isolation.ts";
import type { Images, ReadyImage } from "../container/oci/ports.ts";
import { Blobs } from "./blobs.ts";
import { Books, type ImageRecord } from "./books.ts";
import { parseImageConfig } from "./config.ts";
import { Desk } from "./desk.ts";
import { freePart } from "./disk.ts";
import { parseRegistrySetting } from "./endpoint.ts";
import { ImageFailed, sentenceOf } from "./failure.ts";
import { Holders } from "./holders.ts";
import { Layers } from "./layers.ts";
import { parseManifest } from "./manifest.ts";
import { type GcOptions, type ImagesOptions, thisPlatform } from "./options.ts";
import type { Pulled } from "./pull.ts";
import { Pulls } from "./pulls.ts";
import { canonicalName, parseReference } from "./reference.ts";

/** The images of one agent. */
export interface LocalImages extends Images {
  /** Looks at the disk now, and prunes when it is fuller than the setting wants. */
  collect(): Promise<void>;
  /** Ends the pulls that are under way. What is in use stays so. */
  close(): Promise<void>;
}

/** Opens the folder of images; what an earlier life left half done goes. Rejects with a sentence when the folder or a setting is not usable. */
export async function openImages(options: ImagesOptions): Promise<LocalImages> {
  if (process.getuid?.() !== 0)
    throw new ImageFailed("images need an agent that runs as root: their files have owners of their own");
  const setting = options.registry === undefined ? undefined : parseRegistrySetting(options.registry);
  if (setting !== undefined && "refusal" in setting) throw new ImageFailed(setting.refusal);
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  const pulls: Pulls = new Pulls(options, (id) => folder.ended(id));
  const desk = await Desk.open(options.dir, (id, progress) => {
    const name = pulls.nameOf(id) ?? "";
    options.log.debug("an image is under way", { name, ...progress });
    options.progress?.(name, progress);
  });
  const folder = new ImageFolder(options, pulls, desk);
  return folder;
}

/** For trees of millions of files on a slow disk. */
const DELETE_MS = 30 * 60 * 1000;
const FLUSH_MS = 10 * 60 * 1000;
const GC_HEADROOM = 0.1;
const GC_INTERVAL_MS = 60 * 60 * 1000;

class ImageFolder implements LocalImages {
  readonly #options: ImagesOptions;
  readonly #gc: GcOptions | false;
  readonly #pulls: Pulls;
  readonly #desk: Desk;
  readonly #books: Books;
  readonly #holders: Holders;
  readonly #layers: Layers;
  readonly #blobs: Blobs;
  readonly #closed = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;
  /** Deletions and flushes under way. */
  readonly #chores = new Set<Promise<unknown>>();
  #trashed = 0;

  constructor(options: ImagesOptions, pulls: Pulls, desk: Desk) {
    this.#options = options;
    this.#gc = options.gc ?? {};
    [this.#pulls, this.#desk] = [pulls, desk];
    for (const folder of ["temp", "trash", "empty"])
      mkdirSync(join(options.dir, folder), { recursive: true, mode: 0o700 });
    this.#books = new Books(options.dir);
    if (this.#books.damaged)
      options.log.warn("the list of images was damaged and has been put aside; images are asked for anew", {
        dir: options.dir,
      });
    this.#holders = new Holders(options.dir);
    this.#layers = new Layers(options.dir);
    this.#blobs = new Blobs(options.dir);
    this.#rebuild();
    this.#sweep();
    if (this.#gc) this.#timer = setInterval(() => void this.collect(), this.#gc.intervalMs ?? GC_INTERVAL_MS).unref();
  }

  async prepare(wish: ImageWish, holder: string, signal: AbortSignal): Promise<ReadyImage> {
    signal.throwIfAborted();
    const name = parseReference(wish.name);
    if ("refusal" in name) throw new ImageFailed(name.refusal);
    const canonical = canonicalName(name);
    const here = wish.cached ? this.#books.byName(canonical) : undefined;
    if (here !== undefined && this.#isWhole(here)) return this.#ready(here, holder);
    await this.#makeRoom();
    this.#options.log.info("an image is pulled", { name: canonical });
    const key = JSON.stringify([canonical, wish.credentials]);
    const both = AbortSignal.any([signal, this.#closed.signal]);
    const took = (pulled: Pulled): void => this.#took(canonical, pulled);
    try {
      return await this.#pulls.join(key, wish, both, took, ({ digest }) =>
        this.#ready(this.#books.get(digest)!, holder),
      );
    } catch (error) {
      if (signal.aborted) throw error;
      throw new ImageFailed(`the image ${wish.name} cannot be had: ${sentenceOf(error)}`, { cause: error });
    }
  }

  release(holder: string): void {
    this.#holders.release(holder);
  }

  async recover(holders: ReadonlySet<string>): Promise<void> {
    this.#holders.keep(holders);
  }

  async prune(excluded: readonly string[]): Promise<void> {
    const kept = this.#kept(excluded);
    this.#books.remove(this.#books.all().flatMap(({ digest }) => (kept.has(digest) ? [] : [digest])));
    const known = [...this.#holders.held()].every((digest) => this.#books.get(digest));
    // What a container of an earlier life stands on is unknown: then it may be any layer.
    if (known) this.#discardLayers();
    if (!this.#pulls.busy) this.#blobs.keep(new Set(this.#books.all().flatMap(({ documents }) => documents)));
    await this.#emptyTrash();
  }

  async collect(): Promise<void> {
    await this.#makeRoom();
  }

  /** A pull's process is gone: what it left half done goes, too. */
  ended(id: string): void {
    this.#desk.ended(id);
    this.#chore(this.#tidyAfter(id));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#closed.abort(new Error("the agent ends"));
    await this.#pulls.settled();
    await Promise.allSettled(this.#chores);
    this.#desk.close();
  }

  #took(name: string, { digest, layers, config, documents, bytes, dropped, spent }: Pulled): void {
    const record = this.#books.record(name, { digest, layers, config, documents });
    if (!this.#isWhole(record)) throw new ImageFailed("a layer went away while it was pulled; try again");
    this.#options.log.info("an image is here", {
      name,
      digest,
      bytes,
      ...spent,
      setidBitsDropped: dropped.setid,
      attributesDropped: dropped.attributes,
    });
    this.#chore(this.#flush(layers));
  }

  #ready({ digest, layers, config }: ImageRecord, holder: string): ReadyImage {
    this.#holders.hold(holder, digest);
    // Of a layer that is there twice the upper one hides all of the lower; overlayfs refuses to have it twice.
    const folders = [...new Set(layers.toReversed())].map((diffId) => this.#layers.path(diffId));
    return { digest, layers: folders.length > 0 ? folders : [this.#path("empty")], config };
  }

  #isWhole({ layers }: ImageRecord): boolean {
    return layers.every((diffId) => this.#layers.has(diffId));
  }

  /** Digests of the images that stay. */
  #kept(excluded: readonly string[]): Set<string> {
    const names = excluded.flatMap((text) => {
      const name = parseReference(text);
      return "refusal" in name ? [] : [canonicalName(name)];
    });
    const named = names.flatMap((name) => this.#books.byName(name)?.digest ?? []);
    return new Set([...named, ...this.#holders.held(), ...this.#pulls.arrived()]);
  }

  #discardLayers(): void {
    const used = new Set([...this.#books.all().flatMap(({ layers }) => layers), ...this.#desk.wanted()]);
    for (const { name, diffId } of this.#layers.all())
      if (diffId === undefined ? !this.#pulls.busy : !used.has(diffId)) this.#layers.discard(name, this.#trash());
  }

  // What cannot be deleted is no reason to refuse an image that may fit all the same.
  async #makeRoom(): Promise<void> {
    const [gc, { dir, log }] = [this.#gc, this.#options];
    if (!gc) return;
    try {
      const free = freePart(dir);
      if (free >= (gc.headroom ?? GC_HEADROOM)) return;
      log.info("the disk is full enough for images that nobody uses to go", { dir, free: Number(free.toFixed(3)) });
      await this.prune(gc.excluded ?? []);
    } catch (error) {
      log.warn("images that nobody uses could not be removed", { dir, error });
    }
  }

  // A list that was damaged is not believed; but images in use are told again by their own documents, which have digests.
  #rebuild(): void {
    for (const digest of this.#holders.held()) {
      if (this.#books.get(digest)) continue;
      try {
        const manifest = parseManifest(this.#blobs.read(digest) ?? Buffer.alloc(0), undefined);
        if (manifest.kind !== "image") continue;
        const bytes = this.#blobs.read(manifest.config.digest) ?? Buffer.alloc(0);
        const { diffIds, config } = parseImageConfig(bytes, this.#options.platform ?? thisPlatform());
        this.#books.record(undefined, { digest, layers: diffIds, config, documents: [digest, manifest.config.digest] });
      } catch (error) {
        this.#options.log.warn("an image in use is not known any more; no layer goes until nobody uses it", {
          digest,
          error,
        });
      }
    }
  }

  /** What an earlier life left: half a layer, a deletion that was not finished. */
  #sweep(): void {
    for (const name of readdirSync(this.#path("temp"))) this.#discard(this.#path("temp", name));
    for (const { name, diffId } of this.#layers.all())
      if (diffId === undefined) this.#layers.discard(name, this.#trash());
    this.#chore(this.#emptyTrash());
    this.#chore(this.#flush(this.#layers.unflushed()));
  }

  async #tidyAfter(id: string): Promise<void> {
    for (const name of readdirSync(this.#path("temp")))
      if (name.startsWith(id)) this.#discard(this.#path("temp", name));
    await this.#emptyTrash();
  }

  async #emptyTrash(): Promise<void> {
    const names = readdirSync(this.#path("trash")).map((name) => this.#path("trash", name));
    if (names.length === 0) return;
    const { waitStatus, stderr } = await this.#options.programs.run({
      file: "rm",
      arguments: ["-rf", "--one-file-system", "--", ...names.slice(0, 1000)],
      timeoutMs: DELETE_MS,
    });
    if (waitStatus !== 0) throw new Error(stderr.trim());
  }

  // What is in memory only would be empty files after a power cut. Nobody waits for this.
  async #flush(layers: readonly string[]): Promise<void> {
    if (layers.length === 0) return;
    const { dir, programs } = this.#options;
    const signal = this.#closed.signal;
    const { waitStatus } = await programs.run({ file: "sync", arguments: ["-f", dir], timeoutMs: FLUSH_MS, signal });
    if (waitStatus === 0) for (const diffId of layers) this.#layers.flushed(diffId);
  }

  #discard(path: string): void {
    renameSync(path, this.#trash());
  }

  #trash(): string {
    return this.#path("trash", `${Date.now()}-${process.pid}-${this.#trashed++}`);
  }

  #path(...names: string[]): string {
    return join(this.#options.dir, ...names);
  }

  #chore(work: Promise<unknown>): void {
    const { dir } = this.#options;
    const done = work
      .catch((error) => {
        // What is cut off by our own end is done by the next life.
        if (!this.#closed.signal.aborted)
          this.#options.log.warn("the folder of images could not be tidied up", { dir, error });
      })
      .finally(() => this.#chores.delete(done));
    this.#chores.add(done);
  }
}
