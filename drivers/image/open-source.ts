import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Archive } from "./archive.ts";
import { type Credentials, credentialsFor } from "./credentials.ts";
import { DockerArchive } from "./docker-archive.ts";
import { endpointOf, parseRegistrySetting } from "./endpoint.ts";
import { ImageFailed, sentenceOf } from "./failure.ts";
import { folderFiles, Layout } from "./layout.ts";
import type { Platform } from "./manifest.ts";
import { canonicalName, familiarRepository, type ImageName, parseReference } from "./reference.ts";
import { Registry } from "./registry.ts";
import type { PullRequest } from "./request.ts";
import { type Pause, realPause } from "./retry.ts";
import type { Source } from "./source.ts";

type RegistryName = ImageName & { kind: "registry" };

/** Where the image of the request comes from. Rejects with ImageFailed. */
export async function openSource(request: PullRequest, pause: Pause = realPause): Promise<Source> {
  const name = accepted(parseReference(request.name));
  const setting = request.registry === undefined ? undefined : accepted(parseRegistrySetting(request.registry));
  if (name.kind === "oci")
    return new Layout(folderFiles(name.path), name.path, name.tag === undefined ? undefined : [name.tag]);
  if (name.kind !== "registry")
    return openArchive(name.path, name.tag === undefined ? undefined : [name.tag], request.platform);
  if (setting?.kind === "folder" && name.registry === "docker.io")
    return inFolder(setting.path, name, request.platform);
  const endpoint = endpointOf(name, setting);
  const credentials = findCredentials(endpoint.registry, request);
  const { stallMs, leastRate } = request;
  return new Registry({ endpoint, reference: name.digest ?? name.tag!, credentials, stallMs, leastRate, pause });
}

/** "debian:12" in a folder: debian:12.tar, debian.tar for the tag latest, a layout debian with that tag, or the folder as a layout of many. */
async function inFolder(folder: string, name: RegistryName, platform: Platform): Promise<Source> {
  if (name.tag === undefined)
    throw new ImageFailed(`images of the folder ${folder} have tags and no digests; name the image by its tag`);
  const names = [...new Set([familiarRepository(name.repository), name.repository])];
  const tags = names.map((one) => `${one}:${name.tag}`);
  const files = [...tags, ...(name.tag === "latest" ? names : [])].map((one) => join(folder, `${one}.tar`));
  const file = files.find(existsSync);
  if (file !== undefined) return openArchive(file, undefined, platform);
  const layout = names.map((one) => join(folder, one)).find((path) => existsSync(join(path, "index.json")));
  if (layout !== undefined) return new Layout(folderFiles(layout), layout, [name.tag]);
  if (existsSync(join(folder, "index.json")))
    return new Layout(folderFiles(folder), folder, [...tags, canonicalName(name)]);
  throw new ImageFailed(
    `the folder ${folder} has neither ${tags[0]}.tar nor a layout ${names[0]}; put the image there (docker save -o, skopeo copy)`,
  );
}

// Both kinds are told by what is in them.
async function openArchive(file: string, tags: readonly string[] | undefined, platform: Platform): Promise<Source> {
  const archive = await Archive.open(file);
  if (archive.has("manifest.json")) return new DockerArchive(archive, file, tags?.[0], platform);
  return new Layout(archive, file, tags);
}

function findCredentials(registry: string, { credentials, dockerConfig }: PullRequest): Credentials | undefined {
  try {
    const own = credentials === undefined ? undefined : credentialsFor(registry, credentials);
    if (own !== undefined || dockerConfig === undefined) return own;
    return credentialsFor(registry, dockerConfig.startsWith("/") ? readFileSync(dockerConfig, "utf8") : dockerConfig);
  } catch (error) {
    throw new ImageFailed(sentenceOf(error));
  }
}

function accepted<T extends object>(parsed: T | { readonly refusal: string }): T {
  if ("refusal" in parsed) throw new ImageFailed((parsed as { refusal: string }).refusal);
  return parsed as T;
}
