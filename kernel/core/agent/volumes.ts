import type { ContainerInfo, Resource, Volume, VolumeSource } from "@meseta/api/mesos/generated/mesos.ts";
import { isRefusal, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import { imageWish } from "./image.ts";
import type { ContainerMount, ImageWish } from "./isolation.ts";
import type { SandboxLink } from "./outside.ts";
import { linkProblem, volumeFolder } from "./paths.ts";
import { secretBytes, secretProblem } from "./secret.ts";

/** Whose volumes they are. Folders are absolute. */
export interface VolumeOwner {
  readonly workDir: string;
  /** The sandbox. */
  readonly directory: string;
  /** Absolute paths inside mean something only where the root is an image's. */
  readonly hasImage: boolean;
  /** Its own resources: persistent volumes among them are seen inside. */
  readonly resources: readonly Resource[];
  /** The executor of a task in a group, or the container around a nested one: what PARENT means. */
  readonly parent: VolumeParent | undefined;
}

export interface VolumeParent {
  readonly directory: string;
  readonly resources: readonly Resource[];
  readonly container: ContainerInfo | undefined;
}

/** One volume, wherever it comes from. `inside` is absolute, or relative to the sandbox. */
export interface VolumeWish {
  readonly inside: string;
  readonly readOnly: boolean;
  readonly source:
    | { readonly kind: "path"; readonly host: string; readonly make: boolean; readonly propagate: boolean }
    | { readonly kind: "image"; readonly image: ImageWish }
    | { readonly kind: "secret"; readonly content: string };
}

/** Persistent volumes first, then those that the container names; or the first that cannot be had. */
export function volumesOf(owner: VolumeOwner, volumes: readonly Volume[]): VolumeWish[] | Refusal {
  const wishes = [...persistentVolumes(owner)];
  for (const volume of volumes) {
    const source = sourceOf(owner, volume);
    if (isRefusal(source)) return refuse(`volume '${volume.container_path}': ${source.message}`);
    wishes.push({ inside: trimmed(volume.container_path), readOnly: volume.mode === "RO", source });
  }
  for (const { inside } of wishes) {
    const problem = insideProblem(inside, owner.hasImage);
    if (problem !== undefined) return refuse(problem);
  }
  return wishes;
}

/** Whether a link in the sandbox of a plain process is all that the volume needs. */
export function isLink({ readOnly, source }: VolumeWish): boolean {
  return source.kind === "path" && !readOnly && !source.propagate;
}

export function linkOf(directory: string, { inside, source }: VolumeWish): SandboxLink {
  const { host, make } = source as VolumeWish["source"] & { kind: "path" };
  return { path: `${directory}/${inside}`, target: host, makeTarget: make };
}

export function mountOf({ inside, readOnly, source }: VolumeWish): ContainerMount {
  const seen = { inside, readOnly };
  switch (source.kind) {
    case "path":
      return {
        ...seen,
        kind: "path",
        host: source.host,
        ...(source.make ? { make: "directory" } : {}),
        ...(source.propagate ? { propagate: true } : {}),
      };
    case "image":
      return { ...seen, kind: "image", image: source.image };
    case "secret":
      return { ...seen, kind: "secret", content: source.content };
  }
}

function* persistentVolumes({ workDir, resources }: VolumeOwner): Generator<VolumeWish> {
  for (const resource of resources) {
    const volume = resource.disk?.volume;
    if (resource.disk?.persistence === undefined || volume === undefined) continue;
    const source = { kind: "path", host: volumeFolder(workDir, resource), make: true, propagate: false } as const;
    yield { inside: trimmed(volume.container_path), readOnly: volume.mode === "RO", source };
  }
}

function sourceOf(owner: VolumeOwner, { host_path, image, source }: Volume): VolumeWish["source"] | Refusal {
  if (host_path !== undefined) return hostPath(owner, host_path, false);
  if (image !== undefined) {
    const wish = imageWish(image);
    return isRefusal(wish) ? wish : { kind: "image", image: wish };
  }
  switch (source?.type) {
    case "HOST_PATH":
      return hostPath(owner, source.host_path!.path, source.host_path!.mount_propagation?.mode === "BIDIRECTIONAL");
    case "SANDBOX_PATH":
      return sandboxPath(owner, source.sandbox_path!);
    case "SECRET":
      return (
        secretProblem("its content", source.secret) ?? { kind: "secret", content: secretBytes(source.secret) ?? "" }
      );
    case "DOCKER_VOLUME":
      return refuse("this agent has no volume drivers of Docker: use a persistent volume, or a path of the agent");
    case "CSI_VOLUME":
      return refuse("this agent has no CSI plugins: use a persistent volume, or a path of the agent");
    default:
      return refuse("it comes from nowhere: name a host path, an image or a source");
  }
}

// A relative path of the machine lies in the sandbox, as in Mesos.
function hostPath({ directory }: VolumeOwner, path: string, propagate: boolean): VolumeWish["source"] | Refusal {
  if (path.startsWith("/")) return { kind: "path", host: path, make: false, propagate };
  const problem = linkProblem(trimmed(path));
  return problem === undefined
    ? { kind: "path", host: `${directory}/${trimmed(path)}`, make: true, propagate }
    : refuse(problem);
}

function sandboxPath(
  owner: VolumeOwner,
  { type, path }: NonNullable<VolumeSource["sandbox_path"]>,
): VolumeWish["source"] | Refusal {
  const problem = linkProblem(trimmed(path));
  if (problem !== undefined) return refuse(problem);
  if (type !== "PARENT" || owner.parent === undefined)
    return { kind: "path", host: `${owner.directory}/${trimmed(path)}`, make: true, propagate: false };
  return parentPath(owner.workDir, owner.parent, trimmed(path));
}

// What the parent itself has as a volume is not in its sandbox but where the volume is.
function parentPath(workDir: string, parent: VolumeParent, path: string): VolumeWish["source"] | Refusal {
  const { directory, resources, container } = parent;
  const around = { workDir, directory, hasImage: true, resources, parent: undefined };
  const volumes = volumesOf(around, container?.volumes ?? []);
  if (isRefusal(volumes)) return volumes;
  for (const { inside, source } of volumes) {
    if (source.kind !== "path" || (path !== inside && !path.startsWith(`${inside}/`))) continue;
    return { ...source, host: `${source.host}${path.slice(inside.length)}`, make: source.make || path !== inside };
  }
  return { kind: "path", host: `${directory}/${path}`, make: true, propagate: false };
}

function insideProblem(inside: string, hasImage: boolean): string | undefined {
  if (!inside.startsWith("/") || !hasImage) return linkProblem(inside);
  const parts = inside.slice(1).split("/");
  if (parts.some((part) => part === "" || part === "." || part === ".."))
    return `container path '${inside}' does not lead anywhere inside`;
  if (parts[0] === "proc" || parts[0] === "sys")
    return `container path '${inside}' would hide what the kernel shows there`;
  return undefined;
}

function trimmed(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, "") : path;
}
