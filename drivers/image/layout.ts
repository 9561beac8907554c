// Images that lie in a folder as an OCI layout (image-spec, image-layout.md), and the same in a tar.
import { constants, createReadStream, openSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { ImageFailed } from "./failure.ts";
import { type Descriptor, MAX_MANIFEST_BYTES, type Manifest, parseManifest } from "./manifest.ts";
import type { Content, Document, Found, Source } from "./source.ts";

const REF_NAME = "org.opencontainers.image.ref.name";

/** The files of a layout, by names such as "index.json" and "blobs/sha256/…". */
export interface Files {
  /** The whole of a small file. Rejects with ImageFailed when it is missing, or larger than `limit`. */
  read(name: string, limit: number): Promise<Buffer>;
  stream(name: string, from: number): AsyncIterable<Buffer>;
  close(): Promise<void>;
}

export class Layout implements Source {
  readonly #files: Files;
  readonly #what: string;
  readonly #tags: readonly string[] | undefined;

  /** `tags`: names by which the image may be called there, any of them; absent: there must be one image alone. `what` is for messages. */
  constructor(files: Files, what: string, tags: readonly string[] | undefined) {
    [this.#files, this.#what, this.#tags] = [files, what, tags];
  }

  async resolve(): Promise<Found> {
    const bytes = await this.#files.read("index.json", MAX_MANIFEST_BYTES);
    const index = parseManifest(bytes, undefined);
    if (index.kind !== "index") throw new ImageFailed(`index.json of ${this.#what} is no index`);
    const names = refNames(bytes);
    const found = index.manifests.filter((_, at) => this.#tags === undefined || this.#tags.includes(names[at] ?? ""));
    if (found.length === 1) return { digest: found[0]!.digest };
    throw new ImageFailed(missing(this.#what, this.#tags, names, index));
  }

  async manifest(digest: string, limit: number): Promise<Document> {
    return { bytes: await this.#files.read(nameOf(digest), limit) };
  }

  async blob(blob: Descriptor, from: number): Promise<Content> {
    return { from, bytes: this.#files.stream(nameOf(blob.digest), from) };
  }

  close(): Promise<void> {
    return this.#files.close();
  }
}

/** A layout that is a folder. */
export function folderFiles(folder: string): Files {
  return {
    async read(name, limit) {
      const path = join(folder, name);
      const found = await stat(path).catch((error) =>
        Promise.reject(new ImageFailed(`${path} cannot be read: ${error.message}`)),
      );
      if (!found.isFile()) throw new ImageFailed(`${path} is no file`);
      if (found.size > limit) throw new ImageFailed(`${path} has more than ${limit} bytes`);
      return readFile(path);
    },
    stream(name, from) {
      const path = join(folder, name);
      try {
        const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
        return createReadStream("", { fd, start: from, highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>;
      } catch (error) {
        throw new ImageFailed(`${path} cannot be read: ${(error as Error).message}`);
      }
    },
    async close() {},
  };
}

const nameOf = (digest: string): string => `blobs/sha256/${digest.slice("sha256:".length)}`;

function refNames(bytes: Buffer): (string | undefined)[] {
  const { manifests } = JSON.parse(bytes.toString("utf8"));
  return manifests.map((one: { annotations?: Record<string, unknown> }) => {
    const name = one.annotations?.[REF_NAME];
    return typeof name === "string" ? name : undefined;
  });
}

function missing(
  what: string,
  tags: readonly string[] | undefined,
  names: (string | undefined)[],
  index: Manifest & { kind: "index" },
): string {
  const there =
    names
      .filter((name) => name !== undefined)
      .slice(0, 12)
      .join(", ") || `${index.manifests.length} without names`;
  if (tags === undefined) return `${what} has not one image but ${index.manifests.length}; say which: ${there}`;
  return `${what} has no image ${tags[0]}; there are: ${there}`;
}
