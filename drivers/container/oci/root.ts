import { chownSync, mkdirSync } from "node:fs";
import type { MountOrder } from "../../launch/protocol.ts";
import type { IdRange } from "./isolators/user-namespace.ts";

/** How a root file system comes to be: mounts for the launcher's child, and lines for arrange.pl where those are not enough. */
export interface RootPlan {
  readonly mounts: readonly MountOrder[];
  readonly arrange: readonly (readonly string[])[];
}

export interface RootWish {
  /** The container's folder, and what the root's own folders in it are called. */
  readonly folder: string;
  readonly name: string;
  /** Where it is mounted: a folder that is there. Absent: one of that name in the container's folder. */
  readonly place?: string;
  /** Topmost first. */
  readonly layers: readonly string[];
  /** Nothing is ever written to it. */
  readonly readOnly: boolean;
  readonly idRange?: IdRange | undefined;
  readonly backend: "overlay" | "copy";
}

const MS_RDONLY = 1;
const MS_NODEV = 4;
const MS_BIND = 4096;
const MS_REC = 16384;
const pageBytes = 4096;

/**
 * Where the root of every container is mounted, each in its own mount namespace. Root of a user namespace has to reach it, which the
 * agent's folder may not allow.
 */
export const rootPlace = "/run/meseta/root";

/** Layers put together in one place, with a writable layer of its own unless it is read-only. Makes the folders. */
export function layeredRoot(wish: RootWish): RootPlan {
  const { folder, name, layers, idRange, readOnly } = wish;
  const own = `${folder}/${name}`;
  const target = wish.place ?? own;
  if (wish.backend === "copy" || !wish.place) mkdirSync(own, { mode: 0o755 });
  if (wish.backend === "copy") return copied(wish, own, target);
  const writable = readOnly ? undefined : writableLayer(folder, name, idRange);
  // Overlayfs wants two folders: an empty one is the second.
  const lowers = readOnly && layers.length === 1 ? [...layers, emptyFolder(folder, name)] : layers;
  const data = optionsOf(lowers.map(escaped), writable);
  const flags = MS_NODEV | (readOnly ? MS_RDONLY : 0);
  if (!idRange && data.length < pageBytes) return { mounts: [overlay(target, flags, data)], arrange: [] };
  return arranged({ folder, name, lowers, idRange, target, flags, writable });
}

/** The machine's own root as the container's. */
export function machineRoot(target: string): RootPlan {
  return { mounts: [{ kind: "mount", type: "", source: "/", target, flags: MS_BIND | MS_REC, data: "" }], arrange: [] };
}

interface Arranged {
  readonly folder: string;
  readonly name: string;
  readonly lowers: readonly string[];
  readonly idRange: IdRange | undefined;
  readonly target: string;
  readonly flags: number;
  readonly writable: Writable | undefined;
}

// Each layer first at a short name of its own, where its files can belong to other ids; then all are named from there.
function arranged({ folder, name, lowers, idRange, target, flags, writable }: Arranged): RootPlan {
  const here = `${folder}/${name}-layers`;
  const data = optionsOf(
    lowers.map((_, at) => String(at)),
    writable,
  );
  const arrange = [
    ["enter", here],
    ...(idRange ? [["map", String(idRange.first), String(idRange.count)]] : []),
    ...lowers.map((layer, at) => ["layer", layer, `${here}/${at}`]),
    ["mount", "overlay", "overlay", target, String(flags), data],
  ];
  return { mounts: [], arrange };
}

function copied({ layers, idRange }: RootWish, source: string, target: string): RootPlan {
  const first = String(idRange?.first ?? 0);
  const bind = { kind: "mount", type: "", source, target, flags: MS_BIND, data: "" } as const;
  return { mounts: [bind], arrange: layers.toReversed().map((layer) => ["copy", layer, source, first]) };
}

interface Writable {
  readonly upper: string;
  readonly work: string;
}

function writableLayer(folder: string, name: string, idRange: IdRange | undefined): Writable {
  const [upper, work] = [`${folder}/${name}-upper`, `${folder}/${name}-work`];
  mkdirSync(upper, { mode: 0o755 });
  mkdirSync(work, { mode: 0o700 });
  if (idRange) giveRoot(upper, idRange);
  return { upper, work };
}

function emptyFolder(folder: string, name: string): string {
  mkdirSync(`${folder}/${name}-empty`, { mode: 0o755 });
  return `${folder}/${name}-empty`;
}

function giveRoot(path: string, { first }: IdRange): void {
  chownSync(path, first, first);
}

// What a container writes does not outlive it, so it need not be on the disk when it ends: "volatile" spares the sync of it all.
function optionsOf(lowers: readonly string[], writable: Writable | undefined): string {
  const lower = `lowerdir=${lowers.join(":")}`;
  if (!writable) return lower;
  return `${lower},upperdir=${escaped(writable.upper)},workdir=${escaped(writable.work)},volatile`;
}

function overlay(target: string, flags: number, data: string): MountOrder {
  return { kind: "mount", type: "overlay", source: "overlay", target, flags, data };
}

function escaped(path: string): string {
  return path.replaceAll(/[\\:,]/g, "\\$&");
}
