// Which images are here: `<dir>/images.json`, a checksum and then JSON, replaced as a whole.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { writeFileDurably } from "@meseta/lib/io/files.ts";
import type { ImageConfig } from "../container/oci/ports.ts";

export interface ImageRecord {
  /** "sha256:…" of the manifest. */
  readonly digest: string;
  /** Canonical; several may stand for one image, each for one only. */
  readonly names: readonly string[];
  /** Diff ids, lowest first. */
  readonly layers: readonly string[];
  readonly config: ImageConfig;
  /** Digests of the blobs that describe it: indexes, manifest, config. */
  readonly documents: readonly string[];
  /** Hashes of the credentials of tasks' own that got it; absent: it was had without any, so that all may. */
  readonly credentials?: readonly string[] | undefined;
}

export class Books {
  readonly #path: string;
  #images = new Map<string, ImageRecord>();
  /** The file was damaged and has been put aside: what is in use is not known from it. */
  readonly damaged: boolean;

  constructor(dir: string) {
    this.#path = join(dir, "images.json");
    const found = read(this.#path);
    this.damaged = found === "damaged";
    if (found === "damaged") renameSync(this.#path, `${this.#path}.damaged`);
    else for (const image of found) this.#images.set(image.digest, image);
  }

  byName(name: string): ImageRecord | undefined {
    return [...this.#images.values()].find(({ names }) => names.includes(name));
  }

  get(digest: string): ImageRecord | undefined {
    return this.#images.get(digest);
  }

  all(): ImageRecord[] {
    return [...this.#images.values()];
  }

  /** `name`, when there is one, stands for this image from now on, durably. */
  record(name: string | undefined, image: Omit<ImageRecord, "names">): ImageRecord {
    const before = this.#images.get(image.digest);
    const others = (before?.names ?? []).filter((one) => one !== name);
    const names = name === undefined ? others : [...others, name];
    for (const other of this.all())
      this.#images.set(other.digest, { ...other, names: other.names.filter((one) => one !== name) });
    const { credentials: _, ...facts } = image;
    const credentials = before === undefined ? image.credentials : united(before.credentials, image.credentials);
    const recorded = { ...facts, names, ...(credentials === undefined ? {} : { credentials }) };
    this.#images.set(image.digest, recorded);
    this.#save();
    return recorded;
  }

  remove(digests: readonly string[]): void {
    for (const digest of digests) this.#images.delete(digest);
    if (digests.length > 0) this.#save();
  }

  #save(): void {
    const text = JSON.stringify(this.all());
    writeFileDurably(this.#path, `${checksum(text)}\n${text}\n`);
  }
}

// What one may have without credentials, all may.
function united(one: readonly string[] | undefined, other: readonly string[] | undefined): string[] | undefined {
  return one && other && [...new Set([...one, ...other])];
}

function read(path: string): ImageRecord[] | "damaged" {
  if (!existsSync(path)) return [];
  const [sum, text] = readFileSync(path, "utf8").split("\n");
  return text !== undefined && checksum(text) === sum ? JSON.parse(text) : "damaged";
}

const checksum = (text: string): string => createHash("sha256").update(text).digest("hex");
