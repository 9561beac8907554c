import type { Change } from "@meseta/lib/core/ports/store.ts";
import type { Layout } from "./layout.ts";
import type { Operation } from "./messages.ts";
import { cut, storedPointer, storedRecord } from "./record.ts";

export interface Plan {
  /** Written before, in as many transactions as there are lists; nobody sees them until a record points at them. */
  readonly before: readonly (readonly Operation[])[];
  /** What one transaction does: all of the change. */
  readonly together: readonly Operation[];
  /** Records with pieces, and the names of these, as they are afterwards; undefined for those that have none any more. */
  readonly names: ReadonlyMap<string, string | undefined>;
}

/** What a plan may not go beyond; etcd's own bounds are 1.5 MiB a request and 128 operations a level of a transaction. */
export interface Bounds {
  /** UTF-16 units of a record that stands in one value; each may be three bytes. */
  readonly inlineUnits: number;
  readonly pieceUnits: number;
  readonly requestBytes: number;
  readonly operations: number;
}

export const BOUNDS: Bounds = {
  inlineUnits: 32 * 1024,
  pieceUnits: 256 * 1024,
  requestBytes: 1024 * 1024,
  operations: 60,
};

/**
 * How a change is written so that one transaction of bounded size makes all of it true. Records that are large, and then the largest of the
 * others until the rest fits, go out before in pieces, under names that nobody knows yet. `named` are the records that have pieces now.
 */
export function planCommit(
  { puts, deletes }: Change,
  named: ReadonlyMap<string, string>,
  layout: Layout,
  newName: () => string,
  bounds: Bounds = BOUNDS,
): Plan {
  const apart = tooMuch(puts, deletes, bounds);
  const names = new Map<string, string | undefined>();
  const pieces: Operation[] = [];
  const together: Operation[] = [];
  const leave = (key: string): void => {
    const name = named.get(key);
    if (name === undefined) return;
    together.push({ delete: layout.pieces(name) });
    names.set(key, undefined);
  };
  for (const [key, text] of puts) {
    if (deletes.has(key)) continue;
    leave(key);
    if (!apart.has(key)) {
      together.push({ put: { key: layout.record(key), value: storedRecord(key, text) } });
      continue;
    }
    const [name, parts] = [newName(), cut(text, bounds.pieceUnits)];
    for (const [at, value] of parts.entries()) pieces.push({ put: { key: layout.piece(name, at), value } });
    together.push({ put: { key: layout.record(key), value: storedPointer(key, text, parts.length, name) } });
    names.set(key, name);
  }
  for (const key of deletes) {
    leave(key);
    together.push({ delete: { key: layout.record(key) } });
  }
  return { before: batches(pieces, bounds), together: nested(together, bounds), names };
}

// What an operation costs beside its key and value.
const FRAME_BYTES = 32;
const POINTER_BYTES = 64;

function tooMuch(puts: Change["puts"], deletes: Change["deletes"], bounds: Bounds): ReadonlySet<string> {
  const apart = new Set<string>();
  const inline: [key: string, bytes: number][] = [];
  let total = 0;
  for (const key of deletes) total += FRAME_BYTES + Buffer.byteLength(key);
  for (const [key, text] of puts) {
    total += FRAME_BYTES + POINTER_BYTES + Buffer.byteLength(key);
    if (text.length > bounds.inlineUnits) apart.add(key);
    else {
      const bytes = Buffer.byteLength(text);
      inline.push([key, bytes]);
      total += bytes;
    }
  }
  if (total <= bounds.requestBytes) return apart;
  for (const [key, bytes] of inline.sort(([, a], [, b]) => b - a)) {
    if (total <= bounds.requestBytes) break;
    apart.add(key);
    total -= bytes;
  }
  return apart;
}

function batches(pieces: readonly Operation[], { operations, requestBytes }: Bounds): Operation[][] {
  const lists: Operation[][] = [];
  let room = 0;
  for (const piece of pieces) {
    const bytes = "put" in piece ? FRAME_BYTES + piece.put.key.length + Buffer.byteLength(piece.put.value) : 0;
    const last = lists.at(-1);
    if (last !== undefined && last.length < operations && bytes <= room) last.push(piece);
    else {
      lists.push([piece]);
      room = requestBytes;
    }
    room -= bytes;
  }
  return lists;
}

// etcd bounds the operations of each level, with those above it; so many become a level of lists.
function nested(operations: readonly Operation[], bounds: Bounds): readonly Operation[] {
  if (operations.length <= bounds.operations) return operations;
  const lists: Operation[] = [];
  for (let at = 0; at < operations.length; at += bounds.operations)
    lists.push({ all: operations.slice(at, at + bounds.operations) });
  return lists;
}
