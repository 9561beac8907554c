// What a manifest says: OCI image-spec (manifest.md, image-index.md) and Docker's schema 2. Pure: bytes in, plain objects or a sentence out.
import { IMAGE_BOUNDS } from "./bounds.ts";
import { ImageFailed } from "./failure.ts";

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

export type Manifest =
  | { readonly kind: "image"; readonly config: Descriptor; readonly layers: readonly Descriptor[] }
  | { readonly kind: "index"; readonly manifests: readonly (Descriptor & { readonly platform?: Platform })[] };

/** Bytes of the largest manifest; what registries take. */
export const MAX_MANIFEST_BYTES = IMAGE_BOUNDS.manifestBytes.most;
export const MAX_CONFIG_BYTES = IMAGE_BOUNDS.configBytes.most;
/** More cannot be laid over one another in one mount. */
export const MAX_LAYERS = IMAGE_BOUNDS.layers.most;

const OCI = "application/vnd.oci.image";
const DOCKER = "application/vnd.docker.distribution.manifest";
export const IMAGE_TYPES = [`${OCI}.manifest.v1+json`, `${DOCKER}.v2+json`];
export const INDEX_TYPES = [`${OCI}.index.v1+json`, `${DOCKER}.list.v2+json`];
const LAYER_TYPES =
  /^application\/vnd\.(oci\.image\.layer\.(nondistributable\.)?v1\.tar(\+gzip|\+zstd)?|docker\.image\.rootfs\.diff\.tar(\.gzip|\.zstd)?)$/;
const CONFIG_TYPES = ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];

/** `mediaType` is what the server called it, which the bytes may not contradict. Throws ImageFailed. */
export function parseManifest(bytes: Uint8Array, mediaType: string | undefined): Manifest {
  const value = parseObject(bytes, "the manifest");
  const type = typeOf(value, mediaType);
  // A text that is both could be checked as one and run as the other.
  if ("manifests" in value && "layers" in value) throw new ImageFailed("the manifest is an image and an index at once");
  if (INDEX_TYPES.includes(type))
    return { kind: "index", manifests: list(value["manifests"], "manifests").map(indexEntry) };
  const layers = list(value["layers"], "layers").map((layer) => descriptor(layer, "a layer"));
  const config = descriptor(value["config"], "the config");
  checkImage(config, layers);
  return { kind: "image", config, layers };
}

/** The entry for this machine. Throws ImageFailed with what there is instead. */
export function choosePlatform(index: Manifest & { kind: "index" }, platform: Platform): Descriptor {
  const fits = index.manifests.filter(({ mediaType, platform: offered }) => {
    if (!IMAGE_TYPES.includes(mediaType) && !INDEX_TYPES.includes(mediaType)) return false;
    return offered === undefined || (offered.os === platform.os && offered.architecture === platform.architecture);
  });
  const rank = variantRank(platform);
  const ranked = fits.map((entry) => ({ entry, rank: rank(entry.platform) })).filter((one) => one.rank >= 0);
  const best = ranked.sort((a, b) => b.rank - a.rank)[0]?.entry;
  if (best !== undefined) return best;
  const offered = [
    ...new Set(index.manifests.flatMap((entry) => (entry.platform ? [platformText(entry.platform)] : []))),
  ];
  throw new ImageFailed(
    `there is no image for ${platformText(platform)}, only for ${offered.slice(0, 12).join(", ") || "nothing"}`,
  );
}

export function platformText({ os, architecture, variant }: Platform): string {
  return variant === undefined ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

/** A JSON object, or ImageFailed naming `what`. */
export function parseObject(bytes: Uint8Array, what: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new ImageFailed(`${what} is not JSON`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new ImageFailed(`${what} is not a JSON object`);
  return value as Record<string, unknown>;
}

export const isDigest = (value: unknown): value is string =>
  typeof value === "string" && /^sha256:[a-f0-9]{64}$/.test(value);

function typeOf(value: Record<string, unknown>, served: string | undefined): string {
  if (value["schemaVersion"] === 1 || (/manifest\.v1\+/.test(served ?? "") && /docker/.test(served ?? "")))
    throw new ImageFailed(
      "the manifest is of Docker's first schema, which was given up in 2019; push the image again with a newer tool",
    );
  const known = [...IMAGE_TYPES, ...INDEX_TYPES];
  const said = typeof value["mediaType"] === "string" ? value["mediaType"] : undefined;
  const header = known.find((type) => type === served);
  if (said !== undefined && header !== undefined && said !== header)
    throw new ImageFailed(`the manifest calls itself ${said}, and the registry calls it ${header}`);
  const type = said ?? header ?? ("manifests" in value ? INDEX_TYPES[0]! : IMAGE_TYPES[0]!);
  if (!known.includes(type))
    throw new ImageFailed(`the manifest is of type ${type.slice(0, 100)}, which is not a container image`);
  return type;
}

function checkImage(config: Descriptor, layers: readonly Descriptor[]): void {
  if (!CONFIG_TYPES.includes(config.mediaType))
    throw new ImageFailed(`the config is of type ${config.mediaType.slice(0, 100)}: this is not a container image`);
  if (config.size > MAX_CONFIG_BYTES)
    throw new ImageFailed(`the config has ${config.size} bytes; the most that is taken are ${MAX_CONFIG_BYTES}`);
  if (layers.length > MAX_LAYERS)
    throw new ImageFailed(`the image has ${layers.length} layers; the most are ${MAX_LAYERS}`);
  const strange = layers.find(({ mediaType }) => !LAYER_TYPES.test(mediaType));
  if (strange)
    throw new ImageFailed(`a layer is of type ${strange.mediaType.slice(0, 100)}, which agents cannot unpack`);
}

function indexEntry(value: unknown): Descriptor & { platform?: Platform } {
  const entry = descriptor(value, "an entry of the index");
  const platform = (value as Record<string, unknown>)["platform"];
  if (typeof platform !== "object" || platform === null) return entry;
  const { os, architecture, variant } = platform as Record<string, unknown>;
  if (typeof os !== "string" || typeof architecture !== "string") return entry;
  return {
    ...entry,
    platform: { os, architecture, ...(typeof variant === "string" && variant !== "" && { variant }) },
  };
}

function descriptor(value: unknown, what: string): Descriptor {
  const { mediaType, digest, size } = (value ?? {}) as Record<string, unknown>;
  if (typeof mediaType !== "string") throw new ImageFailed(`${what} has no media type in the manifest`);
  if (!isDigest(digest)) throw new ImageFailed(`${what} has no sha256 digest in the manifest`);
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0)
    throw new ImageFailed(`${what} has no size in the manifest`);
  return { mediaType, digest, size };
}

function list(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) throw new ImageFailed(`the manifest has no list of ${what}`);
  if (value.length > 1000) throw new ImageFailed(`the manifest lists ${value.length} ${what}`);
  return value;
}

// An arm v7 runs v6 and v5 too, the newest first; an amd64 image of a higher level may use what this cpu lacks.
function variantRank(platform: Platform): (offered: Platform | undefined) => number {
  const level = (variant: string | undefined): number => Number(/^v([0-9]+)$/.exec(variant ?? "")?.[1] ?? Number.NaN);
  const base = platform.architecture === "arm64" ? 8 : platform.architecture === "arm" ? 7 : 1;
  const ours = platform.variant === undefined ? base : level(platform.variant);
  return (offered) => {
    if (offered === undefined) return 0;
    const theirs = offered.variant === undefined ? Math.min(base, ours) : level(offered.variant);
    return theirs <= ours ? theirs + 1 : -1;
  };
}
