// One image from its source into the folder of images. Runs in a process of its own (pull-child.ts).
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ImageConfig } from "../container/oci/ports.ts";
import { Blobs, digestOf } from "./blobs.ts";
import { type ImageSettings, parseImageConfig } from "./config.ts";
import { ImageFailed } from "./failure.ts";
import { Layers } from "./layers.ts";
import {
  choosePlatform,
  type Descriptor,
  MAX_MANIFEST_BYTES,
  type Manifest,
  type Platform,
  parseManifest,
} from "./manifest.ts";
import type { Pause } from "./retry.ts";
import type { Document, Source } from "./source.ts";
import { type Budget, unpackLayer } from "./unpack.ts";

export interface PullOptions {
  /** The folder of images. */
  readonly dir: string;
  /** Unique among pulls: names temporary folders. */
  readonly id: string;
  readonly platform: Platform;
  readonly keepFree: number;
  readonly maxBytes: number;
  readonly maxEntries: number;
  readonly pause: Pause;
  readonly talk: Talk;
}

/** What the pull tells while it goes on, and must ask. */
export interface Talk {
  /** Resolves when none of these layers will be removed. */
  wants(diffIds: readonly string[]): Promise<void>;
  /** Resolves when nobody else works on this blob or layer, with what aborts when others have waited for it long enough. */
  turn(what: string): Promise<AbortSignal>;
  done(what: string): void;
  progress(bytes: number, of: number): void;
}

export interface Pulled {
  readonly digest: string;
  /** Diff ids, lowest first. */
  readonly layers: readonly string[];
  readonly config: ImageConfig;
  /** Digests of what the image is described by: indexes, manifest, config. */
  readonly documents: readonly string[];
  /** Of the layers that were not here, compressed. */
  readonly bytes: number;
  readonly dropped: { readonly setid: number; readonly attributes: number };
  /** Of all layers together, milliseconds of the clock. */
  readonly spent: { readonly downloadMs: number; readonly unpackMs: number };
}

/** Layers of one image that are under way at the same time. */
const PARALLEL = 3;
/** An index may name an index, and so on, but not for ever. */
const MAX_INDEXES = 3;

/** Resolves when all layers are unpacked and the image's documents are stored. Rejects with ImageFailed. */
export async function pull(source: Source, options: PullOptions): Promise<Pulled> {
  const work = new Pull(source, options);
  const found = await source.resolve();
  const { digest, manifest } = await work.image(found.digest, found.document);
  const settings = await work.settings(manifest);
  await options.talk.wants(settings.diffIds);
  await work.layers(manifest, settings);
  return { digest, layers: settings.diffIds, config: settings.config, documents: [...work.documents], ...work.sums };
}

class Pull {
  readonly sums = { bytes: 0, dropped: { setid: 0, attributes: 0 }, spent: { downloadMs: 0, unpackMs: 0 } };
  readonly documents = new Set<string>();
  readonly #source: Source;
  readonly #options: PullOptions;
  readonly #blobs: Blobs;
  readonly #layers: Layers;
  readonly #budget: Budget;
  readonly #progress = { arrived: 0, total: 0 };

  constructor(source: Source, options: PullOptions) {
    this.#source = source;
    this.#options = options;
    this.#blobs = new Blobs(options.dir);
    this.#layers = new Layers(options.dir);
    this.#budget = { bytesLeft: options.maxBytes, entriesLeft: options.maxEntries, keepFree: options.keepFree };
  }

  /** The manifest for this machine, by way of indexes. */
  async image(
    digest: string,
    document: Document | undefined,
  ): Promise<{ digest: string; manifest: Manifest & { kind: "image" } }> {
    let [at, known] = [digest, document];
    for (let indexes = 0; indexes <= MAX_INDEXES; indexes++) {
      const { bytes, mediaType } = await this.#document(at, known);
      const manifest = parseManifest(bytes, mediaType);
      if (manifest.kind === "image") return { digest: at, manifest };
      [at, known] = [choosePlatform(manifest, this.#options.platform).digest, undefined];
    }
    throw new ImageFailed(`the image is behind more than ${MAX_INDEXES} indexes`);
  }

  async settings(manifest: Manifest & { kind: "image" }): Promise<ImageSettings> {
    this.documents.add(manifest.config.digest);
    const bytes = await this.#config(manifest.config);
    const settings = parseImageConfig(bytes, this.#options.platform);
    if (settings.diffIds.length !== manifest.layers.length)
      throw new ImageFailed(
        `the manifest has ${manifest.layers.length} layers, and the config ${settings.diffIds.length}`,
      );
    return settings;
  }

  async layers(manifest: Manifest & { kind: "image" }, { diffIds }: ImageSettings): Promise<void> {
    const missing = new Map<string, Descriptor>();
    diffIds.forEach((diffId, index) => {
      if (!this.#layers.has(diffId)) missing.set(diffId, manifest.layers[index]!);
    });
    const total = [...missing.values()].reduce((sum, { size }) => sum + size, 0);
    if (total > this.#options.maxBytes)
      throw new ImageFailed(
        `the image's layers have ${total} bytes; the most that are taken are ${this.#options.maxBytes}`,
      );
    this.#progress.total = this.sums.bytes = total;
    const queue = [...missing].values();
    await Promise.all(
      Array.from({ length: PARALLEL }, async () => {
        for (const [diffId, blob] of queue) await this.#layer(diffId, blob);
      }),
    );
  }

  // One layer may be there as several blobs, compressed in other ways: so its folder has a turn of its own, which comes before the blob's.
  async #layer(diffId: string, blob: Descriptor): Promise<void> {
    await this.#having(`layer ${diffId}`, async (others) => {
      if (this.#layers.has(diffId)) return this.#arrived(blob.size);
      await this.#having(blob.digest, (more) => this.#make(diffId, blob, AbortSignal.any([others, more])));
    });
  }

  /** Does the deed in its turn. One that gives way to others, by throwing its signal's reason, is done again behind them. */
  async #having<T>(what: string, deed: (others: AbortSignal) => Promise<T>): Promise<T> {
    const { talk } = this.#options;
    for (;;) {
      const others = await talk.turn(what);
      try {
        return await deed(others);
      } catch (error) {
        if (!others.aborted || error !== others.reason) throw error;
      } finally {
        talk.done(what);
      }
    }
  }

  async #make(diffId: string, blob: Descriptor, others: AbortSignal): Promise<void> {
    const startMs = performance.now();
    const file = await this.#blobs.download(blob, this.#source, {
      ...this.#options,
      others,
      arrived: (bytes) => this.#arrived(bytes),
    });
    const arrivedMs = performance.now();
    try {
      await this.#unpack(diffId, blob, file);
    } finally {
      this.#blobs.remove(blob.digest);
    }
    this.sums.spent.downloadMs += arrivedMs - startMs;
    this.sums.spent.unpackMs += performance.now() - arrivedMs;
  }

  async #unpack(diffId: string, blob: Descriptor, file: string): Promise<void> {
    const root = join(this.#options.dir, "temp", `${this.#options.id}-${diffId.slice(7, 31)}`);
    mkdirSync(root, { mode: 0o755 });
    const unpacked = await unpackLayer(file, blob.size, root, this.#budget);
    if (unpacked.diffId !== diffId)
      throw new ImageFailed(
        `the layer ${blob.digest} is not the one of the image's config: unpacked its digest is ${unpacked.diffId}`,
      );
    this.sums.dropped.setid += unpacked.dropped.setid;
    this.sums.dropped.attributes += unpacked.dropped.attributes;
    this.#layers.add(diffId, root);
  }

  async #document(digest: string, known: Document | undefined): Promise<Document> {
    this.documents.add(digest);
    const stored = this.#blobs.read(digest);
    if (stored) return { bytes: stored };
    const document = known ?? (await this.#source.manifest(digest, MAX_MANIFEST_BYTES));
    if (digestOf(document.bytes) !== digest)
      throw new ImageFailed(
        `what came for the manifest ${digest} has another digest; the registry, or somebody before it, is lying or damaged`,
      );
    this.#blobs.write(digest, document.bytes);
    return document;
  }

  async #config(config: Descriptor): Promise<Buffer> {
    return this.#having(config.digest, async (others) => {
      const stored = this.#blobs.read(config.digest);
      if (stored) return stored;
      this.#blobs.remove(config.digest);
      await this.#blobs.download(config, this.#source, { ...this.#options, others, arrived: () => {} });
      const bytes = this.#blobs.read(config.digest);
      if (bytes === undefined) throw new ImageFailed("the image's config did not stay what it was on the disk");
      return bytes;
    });
  }

  #arrived(bytes: number): void {
    this.#progress.arrived += bytes;
    this.#options.talk.progress(this.#progress.arrived, this.#progress.total);
  }
}
