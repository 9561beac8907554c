// Unpacked layers: `<dir>/layers/<24 hexadecimal digits of the diff id>`, and beside each "….json", its marker, without which it does not count.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeFileDurably } from "@meseta/lib/io/files.ts";
import { ImageFailed } from "./failure.ts";
import { isDigest } from "./manifest.ts";

// Short, because all layers of an image stand in one mount's options, which the kernel bounds at 4,096 bytes: 128 names relative to
// their folder fit. The marker has the whole digest.
const NAME_LENGTH = 24;

interface Marker {
  readonly diffId: string;
  /** The start of the machine in which it was unpacked; absent when all of it is known to be on the disk. */
  readonly boot?: string;
}

export class Layers {
  readonly #folder: string;
  readonly #boot: string;
  /** Diff ids whose markers were read and found good. */
  readonly #known = new Set<string>();

  constructor(dir: string, boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()) {
    this.#folder = join(dir, "layers");
    this.#boot = boot;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
  }

  path(diffId: string): string {
    return join(this.#folder, diffId.slice("sha256:".length, "sha256:".length + NAME_LENGTH));
  }

  /** Whether all of it is there. What was not flushed when the machine went down may be empty files, and is not. */
  has(diffId: string): boolean {
    if (!this.#known.has(diffId) && !this.#isMarked(diffId)) return false;
    this.#known.add(diffId);
    return existsSync(this.path(diffId));
  }

  /** Takes an unpacked folder in, unless another was faster. */
  add(diffId: string, unpacked: string): void {
    if (this.has(diffId)) return;
    const path = this.path(diffId);
    const other = read(`${path}.json`)?.diffId ?? diffId;
    if (other !== diffId) throw new ImageFailed(`the layers ${diffId} and ${other} have the same name on the disk`);
    if (existsSync(path)) renameSync(path, `${unpacked}.old`);
    renameSync(unpacked, path);
    writeFileDurably(`${path}.json`, `${JSON.stringify({ diffId, boot: this.#boot })}\n`);
  }

  /** Layers of which some may still be in memory only. */
  unflushed(): string[] {
    const names = readdirSync(this.#folder).filter((name) => name.endsWith(".json"));
    const markers = names.map((name) => read(join(this.#folder, name)));
    return markers.flatMap((marker) => (marker?.boot === this.#boot ? marker.diffId : []));
  }

  /** All that lay in memory was written to the disk since the layer was added. */
  flushed(diffId: string): void {
    if (!this.has(diffId)) return;
    // Were this lost, the layer would be fetched again: nobody need wait for the disk.
    const marker = `${this.path(diffId)}.json`;
    writeFileSync(`${marker}.new`, `${JSON.stringify({ diffId })}\n`);
    renameSync(`${marker}.new`, marker);
  }

  /** What lies there, whole or not: names in the folder, with the diff ids of those that count. */
  all(): { name: string; diffId: string | undefined }[] {
    const names = readdirSync(this.#folder).filter((name) => !name.includes("."));
    return names.map((name) => {
      const diffId = read(join(this.#folder, `${name}.json`))?.diffId;
      return {
        name,
        diffId: diffId !== undefined && this.path(diffId).endsWith(`/${name}`) && this.has(diffId) ? diffId : undefined,
      };
    });
  }

  /** Moves a layer to `trash`, atomically; it does not count from here on. */
  discard(name: string, trash: string): void {
    for (const diffId of this.#known) if (this.path(diffId).endsWith(`/${name}`)) this.#known.delete(diffId);
    rmSync(join(this.#folder, `${name}.json`), { force: true });
    renameSync(join(this.#folder, name), trash);
  }

  #isMarked(diffId: string): boolean {
    const marker = read(`${this.path(diffId)}.json`);
    return marker?.diffId === diffId && (marker.boot === undefined || marker.boot === this.#boot);
  }
}

function read(path: string): Marker | undefined {
  try {
    const { diffId, boot } = JSON.parse(readFileSync(path, "utf8"));
    if (!isDigest(diffId)) return undefined;
    return typeof boot === "string" ? { diffId, boot } : { diffId };
  } catch {
    return undefined;
  }
}
