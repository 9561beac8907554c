import type { SavedProgress } from "@meseta/kernel/core/agent/saved.ts";
import type { Change } from "@meseta/lib/core/ports/store.ts";
import { Violation } from "./violation.ts";

const PREFIX = "progress/";

/** Persist before send, for the updates of one agent: none leaves before it is on the disk, and none after its acknowledgement is. */
export class StoredChecker {
  readonly #pending = new Map<string, readonly string[]>();
  readonly #touched = new Map<string, number>();
  readonly #saved = new Set<string>();
  /** When an update left the disk, by its uuid. */
  readonly #gone = new Map<string, number>();

  committed({ puts, deletes }: Change, step: number): void {
    for (const [key, value] of puts) if (key.startsWith(PREFIX)) this.#become(key, uuidsIn(value), step);
    for (const key of deletes) if (key.startsWith(PREFIX)) this.#become(key, NONE, step);
  }

  told(task: string, uuid: string, step: number): void {
    // In one commit it may have come and gone again: its framework was removed.
    if (!this.#saved.has(uuid) && this.#touched.get(`${PREFIX}${task}`) !== step)
      throw new Violation(`I5: an update of task ${task} was sent before it was stored`);
    if ((this.#gone.get(uuid) ?? step) < step)
      throw new Violation(`I4: an update of task ${task} was sent after it was acknowledged`);
  }

  #become(key: string, uuids: readonly string[], step: number): void {
    this.#touched.set(key, step);
    for (const uuid of this.#pending.get(key) ?? []) if (!uuids.includes(uuid)) this.#gone.set(uuid, step);
    for (const uuid of uuids) {
      this.#saved.add(uuid);
      this.#gone.delete(uuid);
    }
    if (uuids.length === 0) this.#pending.delete(key);
    else this.#pending.set(key, uuids);
  }
}

const NONE: readonly string[] = [];

// Most have nothing pending, and to read them costs more than all the rest: within a text the quotes would be escaped.
function uuidsIn(text: string): readonly string[] {
  if (text.includes('"pending":[]')) return NONE;
  return (JSON.parse(text) as SavedProgress).pending.map(({ uuid }) => uuid ?? "");
}
