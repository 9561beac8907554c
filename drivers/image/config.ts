import type { ImageConfig } from "../container/oci/ports.ts";
import { IMAGE_BOUNDS } from "./bounds.ts";
import { ImageFailed } from "./failure.ts";
import { isDigest, MAX_LAYERS, type Platform, parseObject, platformText } from "./manifest.ts";

/** What we keep of an image's configuration. */
export interface ImageSettings {
  /** "sha256:…" of each layer's unpacked tar, lowest first. */
  readonly diffIds: readonly string[];
  readonly config: ImageConfig;
}

/** What a container's start reads may not be larger, in characters of JSON; the kernel takes no more at exec either. */
const MAX_SETTINGS = IMAGE_BOUNDS.settingsLength.most;

/** Reads an image configuration (image-spec, config.md). Throws ImageFailed when it is not for `platform`. */
export function parseImageConfig(bytes: Uint8Array, platform: Platform): ImageSettings {
  const value = parseObject(bytes, "the image's config");
  const { os, architecture } = value;
  const foreign =
    (typeof os === "string" && os !== "" && os !== platform.os) ||
    (typeof architecture === "string" && architecture !== "" && architecture !== platform.architecture);
  if (foreign)
    throw new ImageFailed(
      `there is no image for ${platformText(platform)}, only for ${String(os).slice(0, 30)}/${String(architecture).slice(0, 30)}`,
    );
  const rootfs = (value["rootfs"] ?? {}) as Record<string, unknown>;
  const diffIds = rootfs["diff_ids"];
  if (!Array.isArray(diffIds) || diffIds.length > MAX_LAYERS || !diffIds.every(isDigest))
    throw new ImageFailed("the image's config does not list its layers by sha256");
  return { diffIds, config: settings((value["config"] ?? {}) as Record<string, unknown>) };
}

function settings(value: Record<string, unknown>): ImageConfig {
  const config: Record<string, unknown> = {};
  for (const key of ["Entrypoint", "Cmd", "Env"]) take(config, key, value[key], isTexts);
  for (const key of ["WorkingDir", "User", "StopSignal"])
    take(config, key, value[key], (one) => typeof one === "string");
  take(
    config,
    "Labels",
    value["Labels"],
    (one) => isObject(one) && Object.values(one).every((text) => typeof text === "string"),
  );
  take(config, "Volumes", value["Volumes"], isObject);
  if (JSON.stringify(config).length > MAX_SETTINGS)
    throw new ImageFailed(`the image's config says more than ${MAX_SETTINGS / 1024} KiB`);
  return config;
}

function take(config: Record<string, unknown>, key: string, value: unknown, fits: (value: unknown) => boolean): void {
  if (value === undefined || value === null || value === "") return;
  if (!fits(value)) throw new ImageFailed(`${key} of the image's config is not what the specification says`);
  config[key] = value;
}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => typeof one === "string" && !one.includes("\0"));
