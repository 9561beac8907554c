import { lstatSync, readlinkSync, type Stats } from "node:fs";
import { join, normalize } from "node:path";
import type { ContainerMount, Isolation } from "@meseta/kernel/core/agent/isolation.ts";
import { giveFresh } from "@meseta/lib/io/held-folder.ts";
import { LaunchRefused } from "../kind.ts";
import type { BindMount } from "./isolators/mounts.ts";

/** What is bound into a container, and the lines for arrange.pl that hold what could be changed meanwhile. */
export interface Volumes {
  readonly binds: readonly BindMount[];
  readonly arrange: readonly (readonly string[])[];
}

const linksMax = 40;
const kernelPaths = /^\/(?:proc|sys)(?:\/|$)/;

/** Where a mount is seen: absolute, without dots. Throws a LaunchRefused for a place that no mount may have. */
export function placeOf(mount: Pick<ContainerMount, "inside">, isolation: Isolation): string {
  const place = join(mount.inside.startsWith("/") ? "/" : isolation.sandbox.inside, mount.inside).replace(/\/+$/, "");
  if (mount.inside.split("/").includes(".."))
    throw new LaunchRefused("spec", `a volume's path must not have "..": ${mount.inside}`);
  if (!isPlace(place)) throw new LaunchRefused("spec", `nothing may be mounted on ${place || "/"}`);
  return place;
}

/** Whether something may be mounted there. */
export function isPlace(path: string): boolean {
  return path !== "" && path !== "/" && path !== "/dev" && !kernelPaths.test(path);
}

/** A path of this machine as a source: where it leads, and whether somebody but root could change that. */
export interface Source {
  readonly path: string;
  /** False when a folder on the way is writable by somebody else: then links below were not followed, and must not be. */
  readonly trusted: boolean;
  /** False when it does not exist. */
  readonly exists: boolean;
  /** A file, a socket or whatever is no folder. */
  readonly file: boolean;
}

/**
 * Follows a host path. Links that root alone could make are followed; one in a folder that others can write to is refused (they could
 * lead a mount anywhere: CVE-2021-30465). Throws a LaunchRefused.
 */
export function sourceOf(host: string): Source {
  let open = partsOf(host).reverse();
  let [path, trusted, links] = ["/", isRootsAlone("/"), 0];
  while (open.length > 0) {
    const next = join(path, open.pop()!);
    const stats = lstatSync(next, { throwIfNoEntry: false });
    if (!stats) return { path: join(next, ...open.toReversed()), trusted, exists: false, file: false };
    if (!stats.isSymbolicLink()) {
      path = next;
      if (stats.isDirectory() && open.length > 0) trusted &&= isRoots(stats);
      continue;
    }
    if (!trusted || stats.uid !== 0)
      throw new LaunchRefused("spec", `a volume must not lead through a link that others can change: ${next}`);
    if (++links > linksMax) throw new LaunchRefused("spec", `too many links on the way to ${host}`);
    const target = readlinkSync(next);
    if (target.startsWith("/")) path = "/";
    open = [...open, ...partsOf(normalize(target)).reverse()];
  }
  return { path, trusted, exists: true, file: !lstatSync(path).isDirectory() };
}

/** The bind of one host path. `folder` is the container's, `at` a number of its own there; missing folders are made for `owner` ("uid:gid"). */
export function bindOf(
  mount: ContainerMount & { readonly kind: "path" },
  isolation: Isolation,
  { folder, at, owner }: { readonly folder: string; readonly at: number; readonly owner: string },
): Volumes {
  const inside = placeOf(mount, isolation);
  const source = sourceOf(mount.host);
  if (!source.exists && mount.make === undefined)
    throw new LaunchRefused("spec", `the volume's path ${mount.host} does not exist on this machine`);
  const bind = { inside, readOnly: mount.readOnly, propagate: mount.propagate, file: source.file };
  if (source.exists && source.trusted && mount.make !== undefined && !source.file)
    giveFresh(source.path, ...idsOf(owner));
  return boundFrom(source, bind, `${folder}/held-${at}`, mount.make ? owner : "");
}

/** The bind of the sandbox. One below another sandbox lies where that one's user can put links. Throws a LaunchRefused. */
export function sandboxOf(
  { sandbox }: Pick<Isolation, "sandbox">,
  folder: string,
): Volumes & { readonly host: string } {
  const source = sourceOf(sandbox.host);
  const bind = { inside: sandbox.inside, readOnly: false };
  return { ...boundFrom(source, bind, `${folder}/held-sandbox`, ""), host: source.path };
}

function boundFrom(source: Source, bind: Omit<BindMount, "source">, held: string, make: string): Volumes {
  if (source.exists && source.trusted) return { binds: [{ ...bind, source: source.path }], arrange: [] };
  return { binds: [{ ...bind, source: held }], arrange: [["hold", source.path, held, make]] };
}

function idsOf(owner: string): [uid: number, gid: number] {
  return owner.split(":").map(Number) as [number, number];
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

function isRootsAlone(path: string): boolean {
  return isRoots(lstatSync(path));
}

// A sticky folder such as /tmp counts as everybody's: names that are not taken yet can be made there by all.
function isRoots(stats: Stats): boolean {
  return stats.uid === 0 && (stats.mode & 0o022) === 0;
}
