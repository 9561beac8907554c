// Images without anybody's daemon: the door `Images` of the container driver. See README.md.
import { createHash } from "node:crypto";
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ImageWish } from "@meseta/kernel/core/agent/isolation.ts";
import type { Images, ReadyImage } from "../container/oci/ports.ts";
import { Blobs } from "./blobs.ts";
import { Books, type ImageRecord } from "./books.ts";
import { Desk } from "./desk.ts";
import { freePart } from "./disk.ts";
import { parseRegistrySetting } from "./endpoint.ts";
import { ImageFailed, sentenceOf } from "./failure.ts";
import { Holders } from "./holders.ts";
import { Layers } from "./layers.ts";
import type { GcOptions, ImagesOptions } from "./options.ts";
import type { Pulled } from "./pull.ts";
import { Pulls } from "./pulls.ts";
import { canonicalName, type ImageName, parseReference } from "./reference.ts";
import { Tidy } from "./tidy.ts";

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
  const desk = await Desk.open(
    options.dir,
    (id, progress) => {
      const name = pulls.nameOf(id) ?? "";
      options.log.debug("an image is under way", { name, ...progress });
      options.progress?.(name, progress);
    },
    options.turnMs,
  );
  const folder = new ImageFolder(options, pulls, desk);
  return folder;
}

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
  readonly #tidy: Tidy;
  /** How the file of an image of this machine looked when it was taken in last. */
  readonly #stamps = new Map<string, string>();
  readonly #closed = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(options: ImagesOptions, pulls: Pulls, desk: Desk) {
    this.#options = options;
    this.#gc = options.gc ?? {};
    [this.#pulls, this.#desk] = [pulls, desk];
    for (const folder of ["temp", "trash"]) mkdirSync(join(options.dir, folder), { recursive: true, mode: 0o700 });
    // The one layer of images that have none.
    mkdirSync(join(options.dir, "empty"), { recursive: true, mode: 0o755 });
    this.#books = new Books(options.dir);
    if (this.#books.damaged)
      options.log.warn("the list of images was damaged and has been put aside; images are asked for anew", {
        dir: options.dir,
      });
    this.#holders = new Holders(options.dir);
    this.#layers = new Layers(options.dir);
    const rooms = {
      books: this.#books,
      holders: this.#holders,
      layers: this.#layers,
      blobs: new Blobs(options.dir),
      pulls,
      desk,
    };
    this.#tidy = new Tidy(options, rooms, this.#closed.signal);
    this.#tidy.begin();
    if (this.#gc) this.#timer = setInterval(() => void this.collect(), this.#gc.intervalMs ?? GC_INTERVAL_MS).unref();
  }

  async prepare(wish: ImageWish, holder: string, signal: AbortSignal, owner = ""): Promise<ReadyImage> {
    signal.throwIfAborted();
    const name = parseReference(wish.name);
    if ("refusal" in name) throw new ImageFailed(name.refusal);
    const canonical = canonicalName(name);
    const stamp = localStamp(name);
    const here = wish.cached && stamp === this.#stamps.get(canonical) ? this.#books.byName(canonical) : undefined;
    const credentials = wish.credentials === undefined ? undefined : [hashOf(wish.credentials)];
    if (here !== undefined && this.#isWhole(here) && mayHave(here, credentials)) return this.#ready(here, holder);
    await this.#makeRoom();
    this.#options.log.info("an image is pulled", { name: canonical });
    const key = JSON.stringify([canonical, wish.credentials]);
    const both = AbortSignal.any([signal, this.#closed.signal]);
    const took = (pulled: Pulled): void => {
      this.#took(canonical, { ...pulled, credentials });
      if (stamp !== undefined) this.#stamps.set(canonical, stamp);
    };
    try {
      return await this.#pulls.join({ key, wish, owner }, both, took, ({ digest }) =>
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
    await this.#tidy.prune(this.#kept(excluded));
  }

  async collect(): Promise<void> {
    await this.#makeRoom();
  }

  /** A pull's process is gone: what it left half done goes, too. */
  ended(id: string): void {
    this.#desk.ended(id);
    this.#tidy.afterPull(id);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#closed.abort(new Error("the agent ends"));
    await this.#pulls.settled();
    await this.#tidy.settled();
    this.#desk.close();
  }

  #took(name: string, pulled: Pulled & Pick<ImageRecord, "credentials">): void {
    const { digest, layers, config, documents, credentials, bytes, dropped, spent } = pulled;
    const record = this.#books.record(name, { digest, layers, config, documents, credentials });
    if (!this.#isWhole(record)) throw new ImageFailed("a layer went away while it was pulled; try again");
    this.#options.log.info("an image is here", {
      name,
      digest,
      bytes,
      ...spent,
      setidBitsDropped: dropped.setid,
      attributesDropped: dropped.attributes,
    });
    this.#tidy.flush(layers);
  }

  #ready({ digest, layers, config }: ImageRecord, holder: string): ReadyImage {
    this.#holders.hold(holder, digest);
    // Of a layer that is there twice the upper one hides all of the lower; overlayfs refuses to have it twice.
    const folders = [...new Set(layers.toReversed())].map((diffId) => this.#layers.path(diffId));
    return { digest, layers: folders.length > 0 ? folders : [join(this.#options.dir, "empty")], config };
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
}

// Of what was had with a task's own credentials the registry is asked again by whoever has others.
function mayHave(image: ImageRecord, credentials: readonly string[] | undefined): boolean {
  return image.credentials === undefined || image.credentials.includes(credentials?.[0] ?? "");
}

const hashOf = (credentials: string): string => createHash("sha256").update(credentials).digest("hex");

// Changes with the folder or file of an image of this machine: who built it anew wants the new one, under the name of the old. Undefined
// for images of registries, and where there is nothing: then what is here is good enough.
function localStamp(name: ImageName): string | undefined {
  if (name.kind === "registry") return undefined;
  const file = name.kind === "oci" ? join(name.path, "index.json") : name.path;
  const found = statSync(file, { throwIfNoEntry: false });
  return found && `${found.ino} ${found.size} ${found.mtimeMs}`;
}
