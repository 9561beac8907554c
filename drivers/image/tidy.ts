// What goes: half-done work of earlier lives, layers that nobody uses, what was deleted. Deletions are a rename first, which is at once, and a program's work then.
import { readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { Blobs } from "./blobs.ts";
import type { Books } from "./books.ts";
import { parseImageConfig } from "./config.ts";
import type { Desk } from "./desk.ts";
import type { Holders } from "./holders.ts";
import type { Layers } from "./layers.ts";
import { parseManifest } from "./manifest.ts";
import { type ImagesOptions, thisPlatform } from "./options.ts";
import type { Pulls } from "./pulls.ts";

/** All that lies in the folder of images, and who is at work in it. */
export interface Rooms {
  readonly books: Books;
  readonly holders: Holders;
  readonly layers: Layers;
  readonly blobs: Blobs;
  readonly pulls: Pulls;
  readonly desk: Desk;
}

/** For trees of millions of files on a slow disk. */
const DELETE_MS = 30 * 60 * 1000;
const FLUSH_MS = 10 * 60 * 1000;

export class Tidy {
  readonly #options: ImagesOptions;
  readonly #rooms: Rooms;
  readonly #closed: AbortSignal;
  /** Deletions and flushes under way. */
  readonly #chores = new Set<Promise<unknown>>();
  #trashed = 0;

  constructor(options: ImagesOptions, rooms: Rooms, closed: AbortSignal) {
    [this.#options, this.#rooms, this.#closed] = [options, rooms, closed];
  }

  /** Before anything else is done in the folder. */
  begin(): void {
    this.#rebuild();
    this.#sweep();
  }

  /** A pull's process is gone: what it left half done goes, too. */
  afterPull(id: string): void {
    this.#chore(this.#tidyAfter(id));
  }

  /** In the background: what lies in memory only is written to the disk. */
  flush(layers: readonly string[]): void {
    this.#chore(this.#flush(layers));
  }

  /** Removes all but the images of these digests. Resolves when their files are gone. */
  async prune(kept: ReadonlySet<string>): Promise<void> {
    const { books, holders, pulls, blobs } = this.#rooms;
    books.remove(books.all().flatMap(({ digest }) => (kept.has(digest) ? [] : [digest])));
    const known = [...holders.held()].every((digest) => books.get(digest));
    // What a container of an earlier life stands on is unknown: then it may be any layer.
    if (known) this.#discardLayers();
    if (!pulls.busy) blobs.keep(new Set(books.all().flatMap(({ documents }) => documents)));
    await this.#emptyTrash();
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#chores);
  }

  #discardLayers(): void {
    const used = new Set([...this.#rooms.books.all().flatMap(({ layers }) => layers), ...this.#rooms.desk.wanted()]);
    for (const { name, diffId } of this.#rooms.layers.all())
      if (diffId === undefined ? !this.#rooms.pulls.busy : !used.has(diffId))
        this.#rooms.layers.discard(name, this.#trash());
  }

  // A list that was damaged is not believed; but images in use are told again by their own documents, which have digests.
  #rebuild(): void {
    for (const digest of this.#rooms.holders.held()) {
      if (this.#rooms.books.get(digest)) continue;
      try {
        const manifest = parseManifest(this.#rooms.blobs.read(digest) ?? Buffer.alloc(0), undefined);
        if (manifest.kind !== "image") continue;
        const bytes = this.#rooms.blobs.read(manifest.config.digest) ?? Buffer.alloc(0);
        const { diffIds, config } = parseImageConfig(bytes, this.#options.platform ?? thisPlatform());
        this.#rooms.books.record(undefined, {
          digest,
          layers: diffIds,
          config,
          documents: [digest, manifest.config.digest],
        });
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
    for (const { name, diffId } of this.#rooms.layers.all())
      if (diffId === undefined) this.#rooms.layers.discard(name, this.#trash());
    this.#chore(this.#emptyTrash());
    this.#chore(this.#flush(this.#rooms.layers.unflushed()));
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
    const signal = this.#closed;
    const { waitStatus } = await programs.run({ file: "sync", arguments: ["-f", dir], timeoutMs: FLUSH_MS, signal });
    if (waitStatus === 0) for (const diffId of layers) this.#rooms.layers.flushed(diffId);
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
        if (!this.#closed.aborted)
          this.#options.log.warn("the folder of images could not be tidied up", { dir, error });
      })
      .finally(() => this.#chores.delete(done));
    this.#chores.add(done);
  }
}
