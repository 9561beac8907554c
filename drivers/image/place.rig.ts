// For tests: an agent's images in a folder of their own, and a registry to have them from.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { silentLog } from "@meseta/lib/core/ports/log.ts";
import type { ReadyImage } from "../container/oci/ports.ts";
import {
  type RigEntry,
  type RigImage,
  SpawnedPrograms,
  skopeo,
  type startRegistry,
  temporary,
  writeLayout,
} from "./image.rig.ts";
import { type LocalImages, openImages } from "./images.ts";
import type { ImagesOptions } from "./options.ts";

export type RealRegistry = Awaited<ReturnType<typeof startRegistry>>;

/** An agent's images in a folder of their own, gone with the test. */
export class Place implements AsyncDisposable {
  readonly programs = new SpawnedPrograms();
  readonly folder = temporary("images");
  readonly options: ImagesOptions;
  images!: LocalImages;

  /** Names without a registry are this one's. */
  static async open(registry: RealRegistry, change: Partial<ImagesOptions> = {}): Promise<Place> {
    const place = new Place(registry, change);
    await place.restart();
    return place;
  }

  private constructor(registry: RealRegistry, change: Partial<ImagesOptions>) {
    const defaults = {
      programs: this.programs,
      log: silentLog,
      registry: `http://${registry.host}`,
      gc: false as const,
      keepFree: 0,
    };
    this.options = { dir: this.path("images"), ...defaults, ...change };
  }

  path(...names: string[]): string {
    return join(this.folder.path, ...names);
  }

  /** The names of unpacked layers. */
  layers(): string[] {
    return readdirSync(this.path("images", "layers"))
      .filter((name) => !name.endsWith(".json"))
      .sort();
  }

  async restart(): Promise<void> {
    await this.images?.close();
    this.images = await openImages(this.options);
  }

  prepare(name: string, holder = "c1", cached = true, signal = new AbortController().signal): Promise<ReadyImage> {
    return this.images.prepare({ name, cached }, holder, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.images.close();
    this.folder[Symbol.dispose]();
  }
}

/** Puts an image into the registry as skopeo does. */
export function push(registry: RealRegistry, name: string, image: RigImage): void {
  using folder = temporary("layout");
  writeLayout(folder.path, { it: image });
  skopeo("copy", "--dest-tls-verify=false", `oci:${folder.path}:it`, `docker://${registry.host}/${name}`);
}

/** A layer of one file. */
export const only = (text: string): RigEntry[] => [{ name: "only", data: text }];

/** Bytes of the blob that is on its way. */
export function partLength(dir: string): number {
  const folder = join(dir, "blobs", "sha256");
  const part = readdirSync(folder).find((name) => name.endsWith(".part"));
  return part === undefined ? 0 : readFileSync(join(folder, part)).length;
}

export async function until<T>(look: () => T | undefined | false): Promise<T> {
  for (;;) {
    const found = look();
    if (found) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
