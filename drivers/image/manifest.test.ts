import fc from "fast-check";
import { expect, it } from "vitest";
import { parseImageConfig } from "./config.ts";
import { ImageFailed } from "./failure.ts";
import { choosePlatform, type Manifest, type Platform, parseManifest } from "./manifest.ts";

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
const OCI = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
const DOCKER = "application/vnd.docker.distribution.manifest.v2+json";
const config = { mediaType: "application/vnd.oci.image.config.v1+json", digest: digest("c"), size: 10 };
const layer = { mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: digest("1"), size: 20 };
const image = { schemaVersion: 2, config, layers: [layer] };
const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
const amd64: Platform = { os: "linux", architecture: "amd64" };

it("OCI and Docker say the same in other words", () => {
  const docker = {
    config: { ...config, mediaType: "application/vnd.docker.container.image.v1+json" },
    layers: [{ ...layer, mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip" }],
  };
  expect(parseManifest(bytes(image), OCI)).toEqual({ kind: "image", config, layers: [layer] });
  expect(parseManifest(bytes({ ...docker, mediaType: DOCKER }), DOCKER)).toEqual({ kind: "image", ...docker });
  expect(parseManifest(bytes({ manifests: [] }), INDEX)).toEqual({ kind: "index", manifests: [] });
  expect(
    parseManifest(
      bytes({ manifests: [], mediaType: "application/vnd.docker.distribution.manifest.list.v2+json" }),
      undefined,
    ).kind,
  ).toBe("index");
});

it.each([
  [{ schemaVersion: 1, fsLayers: [] }, undefined, "Docker's first schema"],
  [image, "application/vnd.docker.distribution.manifest.v1+prettyjws", "Docker's first schema"],
  [{ ...image, mediaType: OCI }, INDEX, "calls itself"],
  [{ ...image, manifests: [] }, undefined, "an image and an index at once"],
  [{ ...image, mediaType: "application/vnd.cncf.helm" }, undefined, "not a container image"],
  [
    { ...image, config: { ...config, mediaType: "application/vnd.cncf.helm.config.v1+json" } },
    OCI,
    "not a container image",
  ],
  [
    { ...image, layers: [{ ...layer, mediaType: "application/vnd.oci.image.layer.v1.tar+encrypted" }] },
    OCI,
    "cannot unpack",
  ],
  [{ ...image, layers: Array(129).fill(layer) }, OCI, "129 layers; the most are 128"],
  [{ ...image, layers: Array(1001).fill(layer) }, OCI, "lists 1001 layers"],
  [{ ...image, layers: [{ ...layer, size: -1 }] }, OCI, "has no size"],
  [{ ...image, layers: [{ ...layer, size: "20" }] }, OCI, "has no size"],
  [{ ...image, layers: [{ ...layer, digest: "sha256:../../etc" }] }, OCI, "no sha256 digest"],
  [{ ...image, config: { ...config, size: 5_000_000 } }, OCI, "the most that is taken"],
  [{ ...image, config: null }, OCI, "no media type"],
  [{ ...image, layers: null }, OCI, "no list of layers"],
  [[], OCI, "not a JSON object"],
])("%j is refused", (value, type, why) => {
  expect(() => parseManifest(bytes(value), type)).toThrow(why);
});

it("whatever a registry sends, it is a manifest or a sentence", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      try {
        parseManifest(Buffer.from(text), undefined);
      } catch (error) {
        expect(error).toBeInstanceOf(ImageFailed);
      }
    }),
  );
});

const indexOf = (...platforms: (Platform | undefined)[]): Manifest & { kind: "index" } => ({
  kind: "index",
  manifests: platforms.map((platform, at) => ({
    mediaType: OCI,
    digest: digest(String(at)),
    size: 1,
    ...(platform && { platform }),
  })),
});

it("of an index the entry for this machine is taken", () => {
  const arm = (variant?: string): Platform => ({ os: "linux", architecture: "arm", ...(variant && { variant }) });
  const index = indexOf({ os: "windows", architecture: "amd64" }, arm("v5"), arm("v6"), arm("v7"), amd64, {
    ...amd64,
    variant: "v3",
  });
  expect(choosePlatform(index, amd64).digest).toBe(digest("4"));
  expect(choosePlatform(index, { ...amd64, variant: "v3" }).digest).toBe(digest("5"));
  expect(choosePlatform(index, arm()).digest).toBe(digest("3"));
  expect(choosePlatform(index, arm("v6")).digest).toBe(digest("2"));
  expect(
    choosePlatform(indexOf({ os: "linux", architecture: "arm64", variant: "v8" }), {
      os: "linux",
      architecture: "arm64",
    }).digest,
  ).toBe(digest("0"));
});

it("an entry that names no platform is taken when nothing better is there", () => {
  expect(choosePlatform(indexOf(undefined, amd64), amd64).digest).toBe(digest("1"));
  expect(choosePlatform(indexOf(undefined), amd64).digest).toBe(digest("0"));
});

it("when there is none, it says what there is", () => {
  const index = indexOf(
    { os: "linux", architecture: "arm64", variant: "v8" },
    { os: "unknown", architecture: "unknown" },
  );
  expect(() => choosePlatform(index, amd64)).toThrow(
    "no image for linux/amd64, only for linux/arm64/v8, unknown/unknown",
  );
  expect(() => choosePlatform(indexOf(), amd64)).toThrow("only for nothing");
});

it("an attestation beside the image is not an image", () => {
  const index = indexOf(amd64);
  const other = { ...index, manifests: [{ ...index.manifests[0]!, mediaType: "application/vnd.in-toto+json" }] };
  expect(() => choosePlatform(other, amd64)).toThrow("no image for");
});

const settings = (value: object, platform = amd64) =>
  parseImageConfig(
    bytes({ architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: [digest("1")] }, ...value }),
    platform,
  );

it("of a config stays what a container needs", () => {
  const kept = {
    Entrypoint: ["/a"],
    Cmd: ["b"],
    Env: ["A=b"],
    WorkingDir: "/w",
    User: "u",
    StopSignal: "SIGINT",
    Labels: { a: "b" },
    Volumes: { "/v": {} },
  };
  expect(settings({ config: { ...kept, Image: "x", Hostname: "" } })).toEqual({ diffIds: [digest("1")], config: kept });
  expect(settings({ config: { Entrypoint: null, Cmd: null, User: "", Labels: null } }).config).toEqual({});
  expect(settings({}).config).toEqual({});
});

it.each([
  [{ os: "windows" }, "no image for linux/amd64, only for windows/amd64"],
  [{ architecture: "s390x" }, "only for linux/s390x"],
  [{ rootfs: {} }, "does not list its layers"],
  [{ rootfs: { diff_ids: ["sha256:1"] } }, "does not list its layers"],
  [{ config: { Cmd: "sh" } }, "Cmd of the image's config"],
  [{ config: { Env: ["A=\0"] } }, "Env of the image's config"],
  [{ config: { Labels: { a: 1 } } }, "Labels of the image's config"],
  [{ config: { Env: ["x".repeat(300_000)] } }, "more than 256 KiB"],
])("a config with %j is refused", (value, why) => {
  expect(() => settings(value)).toThrow(why);
});
