import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";

/** What has to be known of a container as long as it runs, also by a later life of the agent. */
export interface ContainerRecord {
  /** The container in which this one runs, itself inside no other. */
  readonly inside?: string;
  /** It shares its pid namespace with those of this group. */
  readonly pidGroup?: string | undefined;
  readonly devices: readonly string[];
  /** The machine's ids of its first process. */
  readonly owner: string;
}

/** The folders of all containers, one each: bundle, root, writable layer, and what is known of it. Nothing else is in there. */
export class Folders {
  readonly dir: string;

  constructor(dir: string) {
    this.dir = dir;
    mkdirSync(dir, { recursive: true, mode: 0o711 });
  }

  /** A file or folder of a container. */
  path(id: string, ...names: string[]): string {
    return join(this.dir, id, ...names);
  }

  /** Makes an empty folder for the container, where nobody but root can enter. */
  make(id: string): void {
    rmSync(this.path(id), { recursive: true, force: true });
    mkdirSync(this.path(id), { mode: 0o700 });
  }

  has(id: string): boolean {
    return lstatSync(this.path(id), { throwIfNoEntry: false }) !== undefined;
  }

  record(id: string): ContainerRecord | undefined {
    try {
      return JSON.parse(readFileSync(this.path(id, "kind.json"), "utf8"));
    } catch {
      return undefined;
    }
  }

  write(id: string, record: ContainerRecord): void {
    writeFileSync(this.path(id, "kind.json"), JSON.stringify(record));
  }

  /** Removes all of a container, following no link. Its mounts were only ever seen in its own namespace. */
  async remove(id: string): Promise<void> {
    await rm(this.path(id), { recursive: true, force: true, maxRetries: 3 });
  }

  /** At once: a container that is begun meanwhile would be taken for one that nobody knows. */
  all(): string[] {
    return readdirSync(this.dir);
  }
}
