import type { Archive } from "./archive.ts";
import { digestOf } from "./blobs.ts";
import { parseImageConfig } from "./config.ts";
import { ImageFailed } from "./failure.ts";
import { type Descriptor, MAX_CONFIG_BYTES, MAX_MANIFEST_BYTES, type Platform } from "./manifest.ts";
import { canonicalName, parseReference } from "./reference.ts";
import type { Content, Document, Found, Source } from "./source.ts";

interface Saved {
  readonly Config: string;
  readonly RepoTags: readonly string[];
  readonly Layers: readonly string[];
}

/**
 * What `docker save` writes: manifest.json, a config and layers. It has no manifest as registries have; one is made of what is there, so that the
 * image has a digest like all others.
 */
export class DockerArchive implements Source {
  readonly #archive: Archive;
  readonly #file: string;
  readonly #name: string | undefined;
  readonly #platform: Platform;
  /** Where each blob is in the archive. */
  readonly #places = new Map<string, string>();

  constructor(archive: Archive, file: string, name: string | undefined, platform: Platform) {
    [this.#archive, this.#file, this.#name, this.#platform] = [archive, file, name, platform];
  }

  async resolve(): Promise<Found> {
    const saved = this.#choose(parseSaved(this.#file, await this.#archive.read("manifest.json", MAX_MANIFEST_BYTES)));
    const config = await this.#archive.read(saved.Config, MAX_CONFIG_BYTES);
    const { diffIds } = parseImageConfig(config, this.#platform);
    if (diffIds.length !== saved.Layers.length)
      throw new ImageFailed(`${this.#file} has ${saved.Layers.length} layers for an image of ${diffIds.length}`);
    const bytes = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: "application/vnd.docker.distribution.manifest.v2+json",
        config: this.#descriptor("application/vnd.docker.container.image.v1+json", digestOf(config), saved.Config),
        layers: saved.Layers.map((path, at) =>
          this.#descriptor("application/vnd.docker.image.rootfs.diff.tar.gzip", layerDigest(path, diffIds[at]!), path),
        ),
      }),
    );
    return { digest: digestOf(bytes), document: { bytes } };
  }

  async manifest(digest: string): Promise<Document> {
    throw new ImageFailed(`${this.#file} has no manifest ${digest}`);
  }

  async blob(blob: Descriptor, from: number): Promise<Content> {
    return { from, bytes: this.#archive.stream(this.#places.get(blob.digest) ?? "", from) };
  }

  close(): Promise<void> {
    return this.#archive.close();
  }

  #descriptor(mediaType: string, digest: string, path: string): Descriptor {
    this.#places.set(digest, path);
    return { mediaType, digest, size: this.#archive.size(path) };
  }

  #choose(images: readonly Saved[]): Saved {
    const wanted = this.#name === undefined ? undefined : canonical(this.#name);
    const found =
      wanted === undefined
        ? images
        : images.filter(({ RepoTags }) => RepoTags.some((tag) => canonical(tag) === wanted));
    if (found.length === 1) return found[0]!;
    const there =
      images
        .flatMap(({ RepoTags }) => RepoTags)
        .slice(0, 12)
        .join(", ") || "none with a name";
    const what =
      this.#name === undefined ? `not one image but ${images.length}; say which` : `no image ${this.#name}; there are`;
    throw new ImageFailed(`${this.#file} has ${what}: ${there}`);
  }
}

function parseSaved(file: string, bytes: Buffer): Saved[] {
  const wrong = new ImageFailed(`manifest.json of ${file} is not what docker save writes`);
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch {
    throw wrong;
  }
  if (!Array.isArray(value)) throw wrong;
  return value.map((one) => {
    const { Config, RepoTags, Layers } = one ?? {};
    if (
      typeof Config !== "string" ||
      !isTexts(Layers) ||
      !(RepoTags === null || RepoTags === undefined || isTexts(RepoTags))
    )
      throw wrong;
    return { Config, Layers, RepoTags: RepoTags ?? [] };
  });
}

// Newer ones keep layers by the digest of what lies there, which may be compressed; older ones as plain tars.
function layerDigest(path: string, diffId: string): string {
  const hex = /^blobs\/sha256\/([a-f0-9]{64})$/.exec(path)?.[1];
  return hex === undefined ? diffId : `sha256:${hex}`;
}

function canonical(text: string): string {
  const name = parseReference(text);
  return "refusal" in name ? text : canonicalName(name);
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === "string");
