// What an image's name means, as Docker and skopeo read it. Pure.

/** Where an image is said to be. Folders and files are absolute paths. */
export type ImageName =
  | {
      readonly kind: "registry";
      /** As in the name: "docker.io" when it has none. */
      readonly registry: string;
      readonly repository: string;
      /** Absent only when there is a digest. */
      readonly tag?: string;
      /** "sha256:" and 64 hexadecimal digits; it wins over the tag. */
      readonly digest?: string;
    }
  | { readonly kind: "oci" | "oci-archive" | "docker-archive"; readonly path: string; readonly tag?: string };

export interface Refusal {
  /** A sentence for people. */
  readonly refusal: string;
}

const LOCAL = /^(oci|oci-archive|docker-archive):(.*)$/s;
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*$/;
const DOMAIN =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(?::[0-9]{1,5})?$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[a-f0-9]{64}$/;
/** Longest repository name, as in the distribution specification. */
const MAX_NAME_LENGTH = 255;

/**
 * Reads "debian:12", "host:5000/team/app@sha256:…", "oci:/folder[:tag]", "oci-archive:/file.tar[:tag]" or
 * "docker-archive:/file.tar[:name]". Names without a registry are docker.io's, those without a slash its library's.
 */
export function parseReference(text: string): ImageName | Refusal {
  const local = LOCAL.exec(text);
  return local ? parseLocal(text, local[1] as "oci", local[2]!) : parseRemote(text);
}

/** One text for all ways to write the same name; the key by which images are remembered. */
export function canonicalName(name: ImageName): string {
  if (name.kind !== "registry") return `${name.kind}:${name.path}${name.tag === undefined ? "" : `:${name.tag}`}`;
  const base = `${name.registry}/${name.repository}`;
  return name.digest === undefined ? `${base}:${name.tag}` : `${base}@${name.digest}`;
}

/** The name within docker.io as people write it: without "library/". */
export function familiarRepository(repository: string): string {
  return repository.startsWith("library/") ? repository.slice("library/".length) : repository;
}

function parseLocal(text: string, kind: "oci" | "oci-archive" | "docker-archive", rest: string): ImageName | Refusal {
  const colon = rest.indexOf(":");
  const path = colon < 0 ? rest : rest.slice(0, colon);
  if (!path.startsWith("/")) return bad(text, `after "${kind}:" comes an absolute path, such as ${kind}:/images/app`);
  if (path.includes("\0")) return bad(text, "a path holds no NUL");
  const tag = colon < 0 ? "" : rest.slice(colon + 1);
  return tag === "" ? { kind, path } : { kind, path, tag };
}

function parseRemote(text: string): ImageName | Refusal {
  const at = text.indexOf("@");
  const [before, digest] = at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
  if (digest !== undefined && !DIGEST.test(digest))
    return bad(text, 'after "@" comes "sha256:" and 64 hexadecimal digits in lower case');
  const { registry, rest } = splitRegistry(before);
  const colon = rest.indexOf(":");
  const tag = colon < 0 ? undefined : rest.slice(colon + 1);
  const repository = inLibrary(registry, colon < 0 ? rest : rest.slice(0, colon));
  const wrong = complaint(registry, repository, tag);
  if (wrong !== undefined) return bad(text, wrong);
  if (digest !== undefined)
    return { kind: "registry", registry, repository, ...(tag !== undefined && { tag }), digest };
  return { kind: "registry", registry, repository, tag: tag ?? "latest" };
}

// The first part is a registry when it cannot be a folder of docker.io: it has a dot, a port or capitals, or is localhost.
function splitRegistry(text: string): { registry: string; rest: string } {
  const slash = text.indexOf("/");
  const first = slash < 0 ? "" : text.slice(0, slash);
  const isRegistry = first === "localhost" || /[.:]/.test(first) || first !== first.toLowerCase();
  if (!isRegistry) return { registry: "docker.io", rest: text };
  return { registry: first === "index.docker.io" ? "docker.io" : first, rest: text.slice(slash + 1) };
}

function inLibrary(registry: string, repository: string): string {
  return registry === "docker.io" && repository !== "" && !repository.includes("/")
    ? `library/${repository}`
    : repository;
}

function complaint(registry: string, repository: string, tag: string | undefined): string | undefined {
  if (!DOMAIN.test(registry)) return `"${registry}" is not a registry's host and port`;
  if (repository === "") return "the name of the repository is missing";
  if (repository.length > MAX_NAME_LENGTH) return `the repository's name is longer than ${MAX_NAME_LENGTH} characters`;
  if (/[A-Z]/.test(repository)) return "a repository's name has no capitals";
  if (!repository.split("/").every((part) => COMPONENT.test(part)))
    return "a repository's name consists of a-z, 0-9 and single separators . _ - between them, in parts divided by /";
  if (tag !== undefined && !TAG.test(tag))
    return "a tag has at most 128 letters, digits, dots, dashes and underscores, and begins with none of . and -";
  return undefined;
}

function bad(text: string, why: string): Refusal {
  const shown = text.length > 300 ? `${text.slice(0, 300)}…` : text;
  return { refusal: `${JSON.stringify(shown)} is not the name of an image: ${why}.` };
}
