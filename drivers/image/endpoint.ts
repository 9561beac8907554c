import { familiarRepository, type ImageName, type Refusal } from "./reference.ts";

/** The agent's setting: where names without a registry are looked up instead of docker.io. */
export type RegistrySetting =
  | { readonly kind: "url"; readonly origin: string; readonly prefix: string }
  | { readonly kind: "folder"; readonly path: string };

/** Where to ask for an image of a registry. */
export interface Endpoint {
  /** As `https://host:port`. */
  readonly origin: string;
  /** The names under which it may be there, the likeliest first. */
  readonly repositories: readonly string[];
  /** For messages, and the key of credentials: the host and port. */
  readonly registry: string;
}

/** Reads "http(s)://host:port[/prefix]" or an absolute folder. Absent: docker.io itself. */
export function parseRegistrySetting(text: string): RegistrySetting | Refusal {
  if (text.startsWith("/")) return { kind: "folder", path: text };
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "" || url.username !== "")
    return {
      refusal: `${JSON.stringify(text)} is not a registry: write http://host:port, https://host/prefix, or an absolute folder of image archives.`,
    };
  return { kind: "url", origin: url.origin, prefix: url.pathname.replace(/^\/+|\/+$/g, "") };
}

/** Docker Hub's registry by its API's name; a loopback registry, or one that the setting names so, by plain http; all others by https. */
export function endpointOf(name: ImageName & { kind: "registry" }, setting: RegistrySetting | undefined): Endpoint {
  const mirror = setting?.kind === "url" ? setting : undefined;
  if (name.registry === "docker.io" && mirror !== undefined) return mirrored(name.repository, mirror);
  if (name.registry === "docker.io")
    return { origin: "https://registry-1.docker.io", repositories: [name.repository], registry: "docker.io" };
  const origin =
    mirror !== undefined && new URL(mirror.origin).host === name.registry.toLowerCase()
      ? mirror.origin
      : `${isLoopback(name.registry) ? "http" : "https"}://${name.registry}`;
  return { origin, repositories: [name.repository], registry: name.registry };
}

/** Whether nothing but this machine can listen there. `registry` is a host with or without a port. */
export function isLoopback(registry: string): boolean {
  const host = registry.replace(/:[0-9]+$/, "").toLowerCase();
  return host === "localhost" || host === "[::1]" || /^127(\.[0-9]{1,3}){3}$/.test(host);
}

// People push debian to a registry of their own as "debian"; one that mirrors docker.io has it as "library/debian".
function mirrored(repository: string, { origin, prefix }: RegistrySetting & { kind: "url" }): Endpoint {
  const below = (path: string): string => (prefix === "" ? path : `${prefix}/${path}`);
  const repositories = [...new Set([repository, familiarRepository(repository)])].map(below);
  return { origin, repositories, registry: new URL(origin).host };
}
