import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ContainerLimitation, VolumeLimit } from "@meseta/kernel/core/agent/ports.ts";
import { formatBytes } from "@meseta/lib/core/bytes.ts";
import { DiskWatch, type Watched } from "./watch.ts";

/** Who asks for the disk statistics of a container waits so long for the first measurement, and later never. */
const PATIENCE_MS = 200;

export interface DiskQuotasOptions {
  /** What is to be known by the next life of the agent is kept here: one small file for each container with a limit. */
  readonly dir: string;
  readonly intervalMs: number;
  /** False: the limit is soft. It is told, and nobody is ended for it. */
  readonly enforced: boolean;
  /** The container's own folders beside its sandbox. */
  readonly layersOf: (id: string) => readonly string[];
  /** Ends these containers, which together use more than they may. What `limitationOf` says of them is on the disk already. */
  readonly end: (ids: readonly string[]) => void;
}

interface Book {
  readonly group: string;
  readonly sandbox: string;
  readonly limitBytes?: number | undefined;
  readonly volumes?: readonly VolumeLimit[] | undefined;
  /** It was ended for it. */
  readonly limitation?: ContainerLimitation | undefined;
}

/**
 * How much disk containers use, and the end of those that use more than they may. Containers of one group share its limit. The limit
 * outlives the agent, and so does the reason of an end.
 */
export class DiskQuotas {
  readonly #options: DiskQuotasOptions;
  readonly #books = new Map<string, Book>();
  readonly #ended = new Set<string>();
  readonly #watch: DiskWatch;

  constructor(options: DiskQuotasOptions) {
    this.#options = options;
    mkdirSync(options.dir, { recursive: true, mode: 0o700 });
    this.#watch = new DiskWatch({
      intervalMs: options.intervalMs,
      watched: () => this.#groups().flatMap((group) => this.#watched(group)),
      exceeded: (group, used, limit) => this.#exceeded(group, used, limit),
    });
  }

  /** The start: reads the books of containers that run, or of which the end is not stored yet; drops those of others. */
  recover(known: ReadonlySet<string>, running: ReadonlySet<string>): void {
    for (const id of readdirSync(this.#options.dir)) {
      const book = known.has(id) ? readBook(this.#file(id)) : undefined;
      if (book === undefined) rmSync(this.#file(id), { force: true });
      else this.#books.set(id, book);
      if (!running.has(id)) this.#ended.add(id);
    }
    this.#watch.start();
  }

  /** A container is to be started. */
  begin(id: string, book: Omit<Book, "limitation">): void {
    this.#keep(id, book);
  }

  /** Its group may use so much from now on, and so much of each of its volumes; undefined: as much as there is. */
  limit(group: string, limitBytes: number | undefined, volumes: readonly VolumeLimit[] = []): void {
    for (const [id, book] of this.#books)
      if (book.group === group && (book.limitBytes !== limitBytes || volumes.length + (book.volumes?.length ?? 0) > 0))
        this.#keep(id, { ...book, limitBytes, volumes });
  }

  /** It runs no more; why it was ended is known until `forget`. */
  over(id: string): void {
    this.#ended.add(id);
  }

  forget(id: string): void {
    this.#ended.delete(id);
    if (this.#books.delete(id)) rmSync(this.#file(id), { force: true });
  }

  limitationOf(id: string): ContainerLimitation | undefined {
    return this.#books.get(id)?.limitation;
  }

  /** As of the last measurement; a group that nobody has measured yet is measured now, as far as a moment allows. */
  async statistics(group: string): Promise<{ disk_used_bytes?: number; disk_limit_bytes?: number }> {
    const [watched] = this.#watched(group);
    if (watched === undefined) return {};
    const limitBytes = this.#running().find(([, book]) => book.group === group)?.[1].limitBytes;
    const measuring = this.#watch.measure(watched);
    if (this.#watch.used(group) === undefined) await Promise.race([measuring, pause(PATIENCE_MS)]);
    const used = this.#watch.used(group);
    return {
      ...(used !== undefined && { disk_used_bytes: used }),
      ...(limitBytes !== undefined && { disk_limit_bytes: limitBytes }),
    };
  }

  /** Measures all once, now. */
  round(): Promise<void> {
    return this.#watch.round();
  }

  close(): void {
    this.#watch.close();
  }

  #groups(): string[] {
    return [...new Set(this.#running().map(([, { group }]) => group))];
  }

  #running(): [string, Book][] {
    return [...this.#books].filter(([id]) => !this.#ended.has(id));
  }

  #watched(group: string): Watched[] {
    const members = this.#running().filter(([, book]) => book.group === group);
    if (members.length === 0) return [];
    const paths = members.flatMap(([id, { sandbox }]) => [sandbox, ...this.#options.layersOf(id)]);
    const { limitBytes, volumes = [] } = members[0]![1];
    if (!this.#options.enforced) return [{ id: group, paths: outermost(paths) }];
    const own = { id: group, paths: outermost(paths), limitBytes };
    return [own, ...volumes.map(({ path, bytes }) => ({ id: `${group} ${path}`, paths: [path], limitBytes: bytes }))];
  }

  // No container's id has a space: behind it is the path of a volume.
  #exceeded(watched: string, used: number, limit: number): void {
    const [group, ...path] = watched.split(" ");
    const members = this.#running().filter(([, book]) => book.group === group);
    const volume = members[0]?.[1].volumes?.find((one) => one.path === path.join(" "));
    const whose = volume ? ` of the persistent volume '${volume.id}'` : "";
    const message = `Disk usage (${formatBytes(used)})${whose} exceeds quota (${formatBytes(limit)})`;
    const limitation = { reason: "REASON_CONTAINER_LIMITATION_DISK" as const, message, diskBytes: limit };
    for (const [id, book] of members) this.#keep(id, { ...book, limitation });
    this.#options.end(members.map(([id]) => id));
  }

  // Only what has a limit that counts must be known later.
  #keep(id: string, book: Book): void {
    this.#books.set(id, book);
    const hasLimit = book.limitBytes !== undefined || (book.volumes?.length ?? 0) > 0;
    if (!this.#options.enforced || !hasLimit) return rmSync(this.#file(id), { force: true });
    writeFileSync(`${this.#options.dir}/.new`, JSON.stringify(book), { mode: 0o600 });
    renameSync(`${this.#options.dir}/.new`, this.#file(id));
  }

  #file(id: string): string {
    return join(this.#options.dir, id);
  }
}

// A folder within another of them is counted with that one.
function outermost(paths: readonly string[]): string[] {
  const all = [...new Set(paths)];
  return all.filter((path) => !all.some((other) => path.startsWith(`${other}/`)));
}

function readBook(file: string): Book | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Book;
  } catch {
    return undefined;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
